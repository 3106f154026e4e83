"""Bugs planted on purpose are found; `python -m tests.planted` plants all thirty."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.planted import CONTENT, FOUND, NOT_REACHED, Bug, bugs, hunted, judged, planted, verdict

SIMULATED = [bug for bug in bugs().values() if bug.hunter.startswith("simulated ")]


def test_thirty_bugs() -> None:
    """There are thirty bugs with a name and a place each, no two of them the same."""
    assert len(bugs()) == 30
    assert len({(*bug.faulty, *map(id, bug.faulty.values())) for bug in bugs().values()}) == 30


def test_every_hunter_is_there() -> None:
    """Each test that is to find a bug can be collected; a renamed one would find none."""
    hunters = {bug.hunter for bug in bugs().values() if bug.hunter.startswith("tests/")}
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", *hunters]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("bug", SIMULATED, ids=lambda bug: bug.name)
def test_a_simulated_source_finds_it(bug: Bug) -> None:
    """A bug in a walk or a cursor is found by a few hundred simulated schedules, which find nothing without it."""
    with planted(bug) as reached:
        said = hunted(bug.hunter)
    assert verdict(bug, reached, said)[0] == FOUND
    assert hunted(bug.hunter) == ""


def test_a_test_finds_it() -> None:
    """A bug elsewhere is found by a test of ours, run in a process that has the bug."""
    judgement = judged(bugs()["redirects are followed"])
    assert (judgement.what, judgement.said) == (FOUND, "failed")


def test_what_is_no_bug_survives() -> None:
    """A change that changes nothing is found by nobody, and one in a place that is not reached does not count."""
    (whole,) = (hunter for hunter in {bug.hunter for bug in SIMULATED} if hunter.endswith("keyset on updated_at"))
    harmless = Bug("harmless", whole, {"stitchhouse.memory.next_cursor": lambda right, *times: right(*times)})
    aside = Bug("aside", whole, {"pipelines.locks.Patience.acquire": lambda *_: None})
    for bug, expected in ((harmless, CONTENT), (aside, NOT_REACHED)):
        with planted(bug) as reached:
            said = hunted(bug.hunter)
        assert verdict(bug, reached, said)[0] == expected
