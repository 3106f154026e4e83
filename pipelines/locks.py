"""Two locks: one per destination and schema, so that loads never meet; one per host and login, so that walks never do.

The second lies in the user's own folder, because a login is shared by all checkouts.
"""

from __future__ import annotations

from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
from filelock import FileLock, Timeout

from stitchhouse.errors import LocalError, TryLaterError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.project import Project


@contextmanager
def loading(project: Project, place: str, schema: str) -> Iterator[None]:
    """Only one load into `schema` of the destination at `place`."""
    with _held(project.state / "locks", f"{place}\n{schema}", f"{schema} in {place} is being loaded by another run"):
        yield


@contextmanager
def walking(host: str, login: str) -> Iterator[None]:
    """Only one walk with this login, whichever checkout it runs in."""
    folder = Path(platformdirs.user_state_dir("stitchhouse")) / "locks"
    with _held(folder, f"{host}\n{login}", f"another run reads {host} with the same login"):
        yield


@contextmanager
def _held(folder: Path, name: str, taken: str) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f"{sha256(name.encode()).hexdigest()[:32]}.lock", timeout=0)
        lock.acquire()
    except Timeout:
        raise TryLaterError(f"{taken}; nothing was read, run again when it is done") from None
    except OSError as error:
        raise LocalError(f"cannot write to {folder}: {error.strerror}; nothing was read") from None
    try:
        yield
    finally:
        lock.release()
