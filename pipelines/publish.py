"""A copy of the warehouse for readers, who may then keep it open while the next load runs."""

from __future__ import annotations

from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from pipelines import locks
from pipelines.failures import HOLDER, holder
from pipelines.hidden import private
from pipelines.project import SOURCES
from pipelines.words import one_line
from stitchhouse.errors import LocalError, TryLaterError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.project import Project
    from pipelines.warehouse import Target


def check_publish(target: Target, file: Path) -> None:
    """Raises `UsageError`, before anything is read, where no such copy can be made."""
    if target.file is None:
        raise UsageError(
            "--publish copies a DuckDB file; this destination is a server, which readers may ask at any time"
        )
    if file.resolve() == target.file.resolve():
        raise UsageError(f"--publish needs another file than the warehouse itself, {target.file}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=file.parent):
            pass
    except OSError as error:
        raise LocalError(f"cannot write to {file.parent}: {error.strerror}; nothing was read") from None
    if file.is_dir():
        raise UsageError(f"--publish needs a file, and {file} is a folder")


def publish(project: Project, target: Target, file: Path) -> None:
    """Copy the warehouse to `file` and put it in place in one step: whoever has the old one open goes on reading it.

    Nothing of ours is loaded meanwhile. Raises `TryLaterError` where another program writes to the warehouse.
    """
    with ExitStack() as stack:
        for source in SOURCES:
            stack.enter_context(locks.loading(project, target.place, source))
        _copy(target.file, file, f"the warehouse is loaded, but not published to {file}")


def rewrite(file: Path) -> None:
    """Write a DuckDB file anew: the blocks that it no longer uses still hold what was erased."""
    file = file.resolve()
    _copy(file, file, f"all is erased, but {file} still holds old bytes in blocks that it no longer uses")


def _copy(whole: Path | None, file: Path, failed: str) -> None:
    """A copy of a DuckDB file, put in place in one step. `failed` says what it means where that cannot be done."""
    import duckdb

    fresh = file.with_name(f".{file.name}.new")
    try:
        fresh.unlink(missing_ok=True)
        # Never open to others, not while it is written either. An empty file made before would be no database.
        with private(), duckdb.connect() as connection:
            connection.execute(f"attach '{_quoted(whole)}' as warehouse (read_only)")
            connection.execute(f"attach '{_quoted(fresh)}' as copy")
            connection.execute("copy from database warehouse to copy")
        fresh.replace(file)
    except (duckdb.Error, OSError) as error:
        if (found := HOLDER.search(str(error))) is not None:
            raise TryLaterError(f"{failed}: {holder(found)} has it open; close it there and run again") from None
        raise LocalError(f"{failed}: {one_line(error, 160)}") from None
    finally:
        fresh.unlink(missing_ok=True)


def _quoted(file: Path | None) -> str:
    return str(file).replace("'", "''")
