"""Thousands of schedules of a source that changes while it is read; `python -m tests.simulation` plays more of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.kinds import BEYOND, KINDS, NAIVE, OURS, Kind
from tests.simulation.schedule import play
from tests.simulation.score import score

ROOT = Path(__file__).resolve().parents[1]
SEEDS = 300
FEW = 150
HASH = """
from hashlib import sha256
from tests.simulation.kinds import KINDS
from tests.simulation.schedule import play
logs = [play(kind, seed).log for kind in KINDS.values() for seed in range(10)]
print(len(logs), sha256("".join(logs).encode()).hexdigest())
"""


def replays(plan: str, seeds: list[int]) -> list[str]:
    return [f"python -m tests.simulation --plan '{plan}' --seed {seed}" for seed in seeds[:3]]


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: str(kind.name))
def test_our_walks(kind: Kind) -> None:
    """Whatever happens while our walks read, nothing is lost, old for ever, doubled or falsely certified or deleted."""
    made = score(kind.name, range(SEEDS))
    assert made.wrong == [], replays(kind.name, made.wrong)
    assert (made.schedules, made.false, made.lost, made.doubled) == (SEEDS, 0, 0, 0)
    assert (made.cursor, made.deletes, made.unsure) == (0, 0, 0)
    assert made.walks > made.certified > 0


@pytest.mark.parametrize("kind", NAIVE, ids=lambda kind: str(kind.name))
def test_naive_walks(kind: Kind) -> None:
    """The usual ways to sync do lose rows for ever in the same kind of schedules, so a loss of ours would be seen."""
    made = score(kind.name, range(FEW))
    assert made.lost > 0
    assert made.false > 0


def test_a_list_that_breaks_what_a_plan_rests_on() -> None:
    """Rows that come back into the middle of a list read from its end are seen to make certificates false."""
    kind = next(one for one in BEYOND if one.name == "last page first, rows come back")
    assert score(kind.name, range(SEEDS)).false > 0


def test_every_hazard_happens() -> None:
    """The schedules hold what they promise: changes, late commits, faults, crashes, reads in several loads, deletes."""
    told = "".join(play(KINDS["keyset on updated_at"], seed).log for seed in range(200))
    hazards = (
        *("added id", "edited id", "edited together", "deleted: id", "archived: id", "taken back", "visible only now"),
        *("no answer", "the process ends", "the process ends while it loads", "another organisation was set"),
        *(
            "keyset on updated_at certified",
            "keyset on id certified",
            "as many requests as were allowed",
            "quiet from here",
        ),
    )
    assert [words for words in hazards if words not in told] == []


def test_a_seed_replays() -> None:
    """The same seed gives the same event log, byte for byte, and another seed another one."""
    for kind in KINDS.values():
        assert play(kind, 7).log == play(kind, 7).log
        assert play(kind, 7).log != play(kind, 8).log


def test_seeds_replay_in_another_process() -> None:
    """Many seeds give the same logs in two processes that hash and order differently."""
    said = [
        subprocess.run(
            [sys.executable, "-c", HASH],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    ]
    assert said[0] == said[1]
    assert said[0].startswith(f"{10 * len(KINDS)} ")


def test_the_command(capfd: pytest.CaptureFixture[str]) -> None:
    """The command prints a row of figures per plan, and replays one seed request by request."""
    command = [sys.executable, "-m", "tests.simulation", "--plan", "naive: updated asc, >= max"]
    assert subprocess.run([*command, "--seeds", "50", "--workers", "1"], cwd=ROOT, check=False).returncode == 0
    (figures,) = (line.split("max", 1)[1].split() for line in capfd.readouterr().out.splitlines() if ">= max" in line)
    assert figures[0] == "50"
    assert int(figures[4]) > 0
    assert subprocess.run([*command, "--seed", "3"], cwd=ROOT, check=False).returncode == 0
    assert capfd.readouterr().out == play(KINDS["naive: updated asc, >= max"], 3).log
