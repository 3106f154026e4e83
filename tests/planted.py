"""Bugs planted on purpose, one at a time, and what of our tests finds each.

`python -m tests.planted [NAME...]` prints for each who killed it and in how many seconds, and the score. A bug counts
as killed if the place where it was planted was reached, and its hunter, content without it, is not content with it.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import pkgutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.simulation.kinds import KINDS
from tests.simulation.schedule import play
from tests.torture import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
SIMULATED = 400
"""Simulated schedules: what none of them finds is not found."""
FOUND, CONTENT, NOT_REACHED = "killed", "survived", "was not reached"
Right = Any
"""The function whose place a faulty one takes."""


@dataclass(frozen=True)
class Bug:
    """`faulty` names the functions that are replaced: each is called with the right one before its own arguments.

    `hunter` is a test by its node, `schedule N` of the torture, or `simulated PLAN`: a few hundred simulated schedules.
    """

    name: str
    hunter: str
    faulty: dict[str, Callable[..., Any]]


class Verdict(NamedTuple):
    what: str
    said: str
    seconds: float


@contextlib.contextmanager
def planted(bug: Bug) -> Iterator[Counter[str]]:
    """The product with a bug in it; counts how often each of its places was reached."""
    reached: Counter[str] = Counter()
    with pytest.MonkeyPatch.context() as patch:
        for seam, faulty in bug.faulty.items():
            above, _, name = seam.rpartition(".")
            holder = pkgutil.resolve_name(above)
            patch.setattr(holder, name, _replaced(vars(holder)[name], faulty, seam, reached))
        yield reached


def _replaced(right: Any, faulty: Callable[..., Any], seam: str, reached: Counter[str]) -> Any:
    plain = right.__func__ if isinstance(right, staticmethod) else right

    @functools.wraps(plain, updated=())
    def wrong(*args: Any, **named: Any) -> Any:
        reached[seam] += 1
        return faulty(plain, *args, **named)

    return staticmethod(wrong) if isinstance(right, staticmethod) else wrong


def always(value: Any) -> Callable[..., Any]:
    """A faulty function that answers this whatever it is asked."""
    return lambda *_, **__: value


def bugs() -> dict[str, Bug]:
    from tests.planted_in_loads import IN_LOADS  # noqa: PLC0415 - they name `Bug`
    from tests.planted_in_walks import IN_WALKS  # noqa: PLC0415

    return {bug.name: bug for bug in (*IN_WALKS, *IN_LOADS)}


def hunted(hunter: str) -> str:
    """What a hunter has to complain of in this process; empty if it is content."""
    if hunter.startswith("schedule "):
        with tempfile.TemporaryDirectory() as folder:
            try:
                return "; ".join(told(int(hunter.split()[1]), Path(folder)).problems[:1])
            except Exception as error:  # noqa: BLE001 - whatever it is, it is not what should happen
                return f"{type(error).__name__}: {error}"
    if hunter.startswith("simulated "):
        kind = KINDS[hunter.removeprefix("simulated ")]
        return next((f"seed {seed}" for seed in range(SIMULATED) if play(kind, seed).wrong), "")
    arguments = ["-q", "-x", "--no-header", "--tb=line", "-p", "no:cacheprovider", str(ROOT / hunter)]
    code = pytest.main(arguments)
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        raise SystemExit(f"{hunter} cannot be run: {code}")
    return "" if code is pytest.ExitCode.OK else "failed"


def judged(bug: Bug) -> Verdict:
    """Whether the hunter of a bug finds it, each tried in a process of its own."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "tests.planted", "--inside", bug.name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    seconds = time.monotonic() - began
    try:
        last: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        return Verdict(CONTENT, f"the hunter could not be run: {done.stderr.strip()[-300:]}", seconds)
    what, said = verdict(bug, last["reached"], last["said"])
    return Verdict(what, said, seconds)


def verdict(bug: Bug, reached: Mapping[str, int], said: str) -> tuple[str, str]:
    """What a hunter's words mean, where a bug was `reached` so often."""
    if missed := [seam for seam in bug.faulty if not reached.get(seam)]:
        return NOT_REACHED, ", ".join(missed)
    return (FOUND if said else CONTENT), said


def _inside(name: str) -> int:
    bug = bugs()[name]
    with planted(bug) as reached:
        said = hunted(bug.hunter)
    _say("\n" + json.dumps({"reached": reached, "said": said[:300]}))
    return 0


def content_without(chosen: Sequence[Bug]) -> list[str]:
    """Hunters that complain although nothing is planted."""
    hunters = {bug.hunter for bug in chosen}
    nodes = sorted(hunter for hunter in hunters if hunter.startswith("tests/"))
    wrong = [hunter for hunter in sorted(hunters - set(nodes)) if hunted(hunter)]
    if nodes:
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", *nodes]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        wrong += [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        wrong += [] if done.returncode == 0 or wrong else [done.stdout[-500:]]
    return wrong


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - this is a command


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="bugs to plant, by default all")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.inside:
        return _inside(given.inside)
    known = bugs()
    if unknown := [name for name in given.names if name not in known]:
        parser.error(f"no bug {unknown[0]!r}; there are: {', '.join(known)}")
    chosen = [known[name] for name in given.names or known]
    if wrong := content_without(chosen):
        _say("\n  ".join(["Hunters that complain although nothing is planted:", *wrong]))
        return 1
    verdicts = []
    for bug in chosen:
        judgement = judged(bug)
        verdicts.append(judgement)
        said = "" if judgement.what == FOUND else f": {judgement.said}"
        _say(f"{bug.name:48} {judgement.what:16} {judgement.seconds:5.1f} s  {bug.hunter}{said}")
    killed = sum(judgement.what == FOUND for judgement in verdicts)
    _say(f"{killed} of {len(verdicts)} killed")
    return int(killed < len(verdicts))


if __name__ == "__main__":
    sys.exit(main())
