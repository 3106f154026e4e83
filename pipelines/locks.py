"""Two locks: one per destination and schema, so that loads never meet; one per host and login, so that walks never do.

The second lies in the user's own folder, because a login is shared by all checkouts.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
from filelock import FileLock, Timeout

from stitchhouse.errors import LocalError, TryLaterError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from pipelines.project import Project

LOOK_EVERY = 0.2
"""Seconds between two looks at a lock that another run holds."""


class Patience:
    """How long a run waits for others, over all its locks together. `say` is told once, when waiting begins."""

    def __init__(self, seconds: float = 0, say: Callable[[str], None] = lambda line: None) -> None:  # noqa: ARG005
        self.left = seconds
        self._say = say
        self._said = False

    def acquire(self, lock: FileLock, taken: str) -> None:
        """Raises `Timeout` once the patience is at its end."""
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if self.left <= 0:
                raise
            if not self._said:
                self._said = True
                self._say(f"{taken}; waiting up to {self.left:.0f} seconds for it")
            began = time.monotonic()
            try:
                lock.acquire(timeout=self.left, poll_interval=LOOK_EVERY)
            finally:
                self.left = max(0.0, self.left - (time.monotonic() - began))


_patience: ContextVar[Patience] = ContextVar("patience")


@contextmanager
def waiting(seconds: float, say: Callable[[str], None]) -> Iterator[None]:
    """While it lasts, a lock that is held is waited for; `seconds` is for all of them together."""
    token = _patience.set(Patience(seconds, say))
    try:
        yield
    finally:
        _patience.reset(token)


@contextmanager
def loading(project: Project, place: str, schema: str) -> Iterator[None]:
    """Only one load into `schema` of the destination at `place`."""
    with _held(project.state / "locks", f"{place}\n{schema}", f"{schema} in {place} is being loaded by another run"):
        yield


@contextmanager
def walking(host: str, logins: Collection[str]) -> Iterator[None]:
    """Only one walk with each of these logins, whichever checkout it runs in."""
    folder = Path(platformdirs.user_state_dir("stitchhouse")) / "locks"
    with ExitStack() as stack:
        # Two names of one token are one login, which would wait for itself.
        for login in sorted(set(logins)):
            taken = f"another run reads {host} with the same login"
            stack.enter_context(_held(folder, f"{host}\n{login}", taken))
        yield


@contextmanager
def _held(folder: Path, name: str, taken: str) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f"{sha256(name.encode()).hexdigest()[:32]}.lock")
        _patience.get(Patience()).acquire(lock, taken)
    except Timeout:
        raise TryLaterError(f"{taken}; nothing was read, run again when it is done") from None
    except OSError as error:
        raise LocalError(f"cannot write to {folder}: {error.strerror}; nothing was read") from None
    try:
        yield
    finally:
        lock.release()
