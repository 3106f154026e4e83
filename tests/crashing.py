"""A command in a process of its own that may be killed at a named point: it kills itself there, as `kill -9` would."""

from __future__ import annotations

import os
import resource
import signal
import sys
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
from dlt.load.load import Load

import stitchhouse.resource
from pipelines.cli import main
from pipelines.watch import Watch
from stitchhouse.http import Http

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from multiprocessing.sharedctypes import Synchronized

LOADING = 3
"""The step during which rows reach the destination; extract is 1, normalize 2, and 4 is after all of them."""


@dataclass(frozen=True)
class Point:
    """A call of `name` of `owner` at which a run dies: before it, or right after; there are up to `most` in a run."""

    owner: Any
    name: str
    after: bool = False
    most: int = 1
    torn: bool = False
    """Die with the file of certificates cut off in the middle of its last line."""


POINTS = {
    "after a page": Point(Http, "send", after=True, most=40),
    "before rows are handed over": Point(stitchhouse.resource, "shaped", most=40),
    "after extract": Point(dlt.Pipeline, "extract", after=True),
    "after normalize": Point(dlt.Pipeline, "normalize", after=True),
    "before a job of the load": Point(Load, "submit_job", most=60),
    "between the jobs and their completion": Point(Load, "complete_jobs", most=20),
    "before the load counts": Point(Load, "complete_package"),
    "after the load counts": Point(Load, "complete_package", after=True),
    "after load": Point(dlt.Pipeline, "load", after=True),
    "while a certificate is written": Point(Watch, "walked", after=True, most=12, torn=True),
    "before kept certificates are let go": Point(Watch, "loaded"),
    "after kept certificates are let go": Point(Watch, "loaded", after=True),
}


def command(  # noqa: PLR0913, PLR0917 - the arguments of a process
    words: Sequence[str],
    variables: Mapping[str, str],
    folder: Path,
    step: Synchronized[int],
    point: str = "",
    call: int = 1,
    number: int = signal.SIGKILL,
    memory: int = 0,
) -> None:
    """Run a command in `folder`, silently; the n-th `call` of a point gets it a signal. `step` tells how far it is.

    `memory` is all that it gets beyond what it takes at its beginning, in bytes.
    """
    os.chdir(folder)
    os.environ.update(variables)
    silence = os.open(os.devnull, os.O_WRONLY)
    errors = os.open(folder / "errors.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(silence, 1)
    os.dup2(errors, 2)
    for place, name in enumerate(("extract", "normalize", "load"), 1):
        _wrap(dlt.Pipeline, name, before=partial(_tell, step, place), after=partial(_tell, step, place + 1))
    if memory:
        held = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (held + memory, held + memory))
    if point:
        _arm(POINTS[point], call, number)
    sys.argv = ["stitchhouse", *words]
    main()


def _tell(step: Synchronized[int], number: int) -> None:
    step.value = number


def _arm(point: Point, call: int, number: int) -> None:
    calls = 0

    def count() -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            if point.torn:
                _tear()
            os.kill(os.getpid(), number)

    _wrap(point.owner, point.name, **{"after" if point.after else "before": count})


def _tear() -> None:
    for file in Path(".stitchhouse", "certificates").glob("*.jsonl"):
        os.truncate(file, max(0, file.stat().st_size - 40))


def _wrap(
    owner: Any, name: str, *, before: Callable[[], None] | None = None, after: Callable[[], None] | None = None
) -> None:
    inner = getattr(owner, name)

    @wraps(inner)
    def outer(*arguments: Any, **named: Any) -> Any:
        if before:
            before()
        result = inner(*arguments, **named)
        if after:
            after()
        return result

    setattr(owner, name, outer)
