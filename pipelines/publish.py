"""A copy of the warehouse for readers, who may then keep it open while the next load runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stitchhouse.errors import LocalError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.warehouse import Target


def check_publish(target: Target, file: Path) -> None:
    """Raises `UsageError`, before anything is read, where no such copy can be made."""
    if target.file is None:
        raise UsageError(
            "--publish copies a DuckDB file; this destination is a server, which readers may ask at any time"
        )
    if file.resolve() == target.file.resolve():
        raise UsageError(f"--publish needs another file than the warehouse itself, {target.file}")


def publish(target: Target, file: Path) -> None:
    """Copy the warehouse to `file` and put it in place in one step: whoever has the old one open goes on reading it."""
    import duckdb

    fresh = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)
        with duckdb.connect() as connection:
            connection.execute(f"attach '{_quoted(target.file)}' as warehouse (read_only)")
            connection.execute(f"attach '{_quoted(fresh)}' as copy")
            connection.execute("copy from database warehouse to copy")
        fresh.chmod(0o600)
        fresh.replace(file)
    except (duckdb.Error, OSError) as error:
        words = " ".join(str(error).split())[:160]
        raise LocalError(f"the warehouse is loaded, but not published to {file}: {words}") from None
    finally:
        fresh.unlink(missing_ok=True)


def _quoted(file: Path | None) -> str:
    return str(file).replace("'", "''")
