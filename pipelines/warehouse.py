"""The destination: which one, and whether it can be used now."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
from dlt.common.destination.exceptions import (
    DestinationException,
    UnknownDestinationModule,
)
from dlt.common.destination.reference import Destination

from pipelines.failures import FULL, HOLDER, holder, room
from pipelines.words import one_line
from stitchhouse.errors import ConfigurationError, DestinationError, LocalError, TryLaterError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.project import Project

FORMAT = re.compile(r"version number (?P<theirs>\S+), .*(?P<ours>versions? (between \S+ and )?\S+)\.")


class Target:
    """A destination by its name; `file` is the DuckDB file, if it is one."""

    def __init__(self, project: Project, name: str = "duckdb", file: Path | None = None) -> None:
        self.name = name
        self.file: Path | None = None
        self.destination: Any = self._duckdb(project, file) if name == "duckdb" else _named(name)

    def _duckdb(self, project: Project, file: Path | None) -> Any:
        held: object = dlt.secrets.get("destination.duckdb.credentials")
        if file is None and held is not None and not isinstance(held, str):
            return dlt.destinations.duckdb()
        path = Path(file or (str(held).removeprefix("duckdb:///") if held else project.warehouse))
        self.file = path if path.is_absolute() else project.folder / path
        return dlt.destinations.duckdb(str(self.file))

    @property
    def place(self) -> str:
        """Where the rows go, for a lock and for a person."""
        return str(self.file or self.name)

    def ready(self) -> None:
        """Raise now what would else fail after everything was read: a file that is locked, broken or read-only."""
        with self.held():
            pass

    @contextmanager
    def held(self) -> Iterator[None]:
        """The same, and the file stays open for so long: closed and opened by each step, DuckDB may crash."""
        if self.file is None:
            yield
            return
        import duckdb

        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LocalError(f"cannot write to {self.file.parent}: {error.strerror}; nothing was read") from None
        made = self.file if self.file.exists() else self.file.with_name(f".{self.file.name}.new")
        try:
            if made is not self.file:
                # A file that was cut off while it was made could never be opened again.
                made.unlink(missing_ok=True)
                duckdb.connect(str(made)).close()
                made.chmod(0o600)
                made.replace(self.file)
            connection = duckdb.connect(str(self.file))
        except (duckdb.Error, OSError) as error:
            raise file_error(self.file, error) from None
        finally:
            if made is not self.file:
                made.unlink(missing_ok=True)
        with connection:
            yield


def file_error(file: Path, error: Exception) -> Exception:
    """What is wrong with a DuckDB file, in one line."""
    text = str(error)
    if "lock" in text.lower():
        held = HOLDER.search(text)
        where = holder(held) if held else "another process"
        return TryLaterError(f"{file} is open in {where}; close it there and run again; nothing was read")
    if (found := FORMAT.search(text)) is not None:
        import duckdb

        return ConfigurationError(
            f"{file} has DuckDB's storage version {found['theirs']}, but DuckDB {duckdb.__version__} here reads "
            f"{found['ours']}; install the version that wrote it, or move it away and sync again; nothing was read"
        )
    if FULL.search(text):
        return DestinationError(f"{file} cannot be written: {one_line(text, 160)}; {room(file.parent)}; run again")
    if "permission" in text.lower() or "read-only" in text.lower():
        return LocalError(f"{file} cannot be written; nothing was read")
    return DestinationError(
        f"{file} cannot be opened, and was not touched: {one_line(text, 160)}; "
        "move it (and its .wal) away and sync again, which reads everything and rebuilds it"
    )


def _named(name: str) -> Any:
    try:
        destination = Destination.from_reference(name)
        kind = destination.destination_type if destination else ""
    except (UnknownDestinationModule, DestinationException, ImportError, ValueError):
        raise UsageError(f"no destination {name!r}; name one that dlt knows, such as duckdb or postgres") from None
    if kind.endswith("filesystem"):
        raise ConfigurationError("plain files cannot be merged into: rows would double; choose a database")
    return destination
