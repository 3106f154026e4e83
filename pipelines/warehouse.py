"""The destination: which one, and whether it can be used now."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
from dlt.common.destination.exceptions import (
    DestinationException,
    UnknownDestinationModule,
)
from dlt.common.destination.reference import Destination

from stitchhouse.errors import ConfigurationError, DestinationError, LocalError, TryLaterError, UsageError

if TYPE_CHECKING:
    from pipelines.project import Project

HOLDER = re.compile(r"held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")


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
        if self.file is None:
            return
        import duckdb

        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LocalError(f"cannot write to {self.file.parent}: {error.strerror}; nothing was read") from None
        fresh = not self.file.exists()
        try:
            duckdb.connect(str(self.file)).close()
            if fresh:
                self.file.chmod(0o600)
        except (duckdb.Error, OSError) as error:
            raise file_error(self.file, error) from None


def file_error(file: Path, error: Exception) -> Exception:
    """What is wrong with a DuckDB file, in one line."""
    text = str(error)
    if "lock" in text.lower():
        held = HOLDER.search(text)
        holder = f"{Path(held['program']).name} (process {held['pid']})" if held else "another process"
        return TryLaterError(f"{file} is open in {holder}; close it there and run again; nothing was read")
    if "version" in text and "storage" in text.lower():
        return ConfigurationError(f"{file} was written by another version of DuckDB: {_short(text)}")
    if "permission" in text.lower() or "read-only" in text.lower():
        return LocalError(f"{file} cannot be written; nothing was read")
    return DestinationError(f"{file} cannot be opened: {_short(text)}; move it away and sync again to rebuild it")


def _named(name: str) -> Any:
    try:
        destination = Destination.from_reference(name)
        kind = destination.destination_type if destination else ""
    except (UnknownDestinationModule, DestinationException, ImportError, ValueError):
        raise UsageError(f"no destination {name!r}; name one that dlt knows, such as duckdb or postgres") from None
    if kind.endswith("filesystem"):
        raise ConfigurationError("plain files cannot be merged into: rows would double; choose a database")
    return destination


def _short(text: str) -> str:
    return " ".join(text.split())[:160]
