"""The `status` command: the last walk of every dataset, what was rejected or is gone, and rows per table."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pendulum

from pipelines.durations import duration
from pipelines.project import SOURCES, Project
from stitchhouse.errors import OK, UNCERTAIN, ConfigurationError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipelines.standing import Row, Standing


def run_status(names: Sequence[str], destination: str, max_age: str, *, ack: bool, as_json: bool) -> int:
    """10 if anything is open or a dataset was not certified within `max_age`. `ack` closes what is open first."""
    oldest = pendulum.now("UTC") - duration(max_age, "--max-age", "age") if max_age else None
    project = Project.find()
    project.enter()
    for name in names:
        if name not in SOURCES:
            raise UsageError(f"no source {name!r}; there are: {', '.join(SOURCES)}")
    sources = list(dict.fromkeys(names)) or list(SOURCES)

    from pipelines.acknowledge import acknowledge
    from pipelines.standing import Asking

    closed = {source: acknowledge(project, source, destination) for source in sources} if ack else {}
    asked = {source: Asking(project, source, destination).standing(oldest) for source in sources}
    found = {source: standing for source, standing in asked.items() if standing.walks}
    if not found:
        raise ConfigurationError("nothing was loaded yet; run stitchhouse sync first")
    code = UNCERTAIN if any(standing.open or standing.stale for standing in found.values()) else OK
    if as_json:
        told: dict[str, Any] = {"exit_code": code, "sources": {name: one.as_object() for name, one in found.items()}}
        told |= {"closed": {name: closed[name].as_object() for name in found}} if ack else {}
        print(json.dumps(told, default=datetime.isoformat))  # noqa: T201 - the command line speaks
        return code
    for name in closed.keys() & found.keys():
        print("\n".join(closed[name].lines(name)) + "\n")  # noqa: T201 - as above
    _show(found)
    return code


def _show(found: Mapping[str, Standing]) -> None:
    """One table for each kind of thing, those that have no row left out."""
    walks = [(source, walk) for source, standing in found.items() for walk in standing.walks]
    _print(
        ("dataset", "account", "last walk", "certified", "plan", "read", "cursor", "rejected", "figures, or why not"),
        [
            (
                *(f"{source}.{walk['dataset']}", walk["account"], _time(walk["ended_at"]), _verdict(walk)),
                *(walk["plan"], walk.get("asked") or "all", _time(walk["cursor_after"]), str(walk["rejected"])),
                _split(walk)[1],
            )
            for source, walk in walks
        ],
    )
    proofs = {walk["plan"]: _split(walk)[0] for _, walk in walks if walk["certified"]}
    _print(("plan", "why nothing can have been missed"), [*proofs.items()])
    _print(
        ("not finished", "account", "rows so far", "goes on from id"),
        [
            (f"{source}.{one['dataset']}", one["account"], f"{one['rows']:,}", str(one["through"]))
            for source, standing in found.items()
            for one in standing.unfinished
        ],
    )
    _print(
        ("rejected in", "column", "reason", "values", "open", "such as"),
        [
            (
                *(f"{source}.{one['table_name']}", one["column_name"] or "(the row)", one["reason"]),
                *(f"{one['values']:,}", f"{one['open']:,}" if one["open"] else "closed", one["raw"]),
            )
            for source, standing in found.items()
            for one in standing.rejected
        ],
    )
    _print(
        ("gone from the source", "rows"),
        [
            (f"{source}.{one['table_name']}", f"{one['rows']:,}")
            for source, standing in found.items()
            for one in standing.deleted
        ],
    )
    _print(
        ("table", "rows", "last loaded"),
        [
            (f"{source}.{table['table']}", f"{table['rows']:,}", _time(table["last_loaded"]))
            for source, standing in found.items()
            for table in standing.tables
            if table["rows"]
        ],
    )


def _print(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.table import Table

    from pipelines.terminal import wide_console

    if not rows:
        return
    table = Table(*names, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*row)
    console = wide_console()
    console.print(table)
    console.print()


def _verdict(walk: Row) -> str:
    closed = ", closed" if walk["acknowledged_at"] else ", as reported before" if walk.get("reported") else ""
    return ("yes" if walk["certified"] else f"no{closed}") + (", stale" if walk["stale"] else "")


def _split(walk: Row) -> tuple[str, str]:
    """(the reason that all walks of the plan share, what is said of this one alone)."""
    if not walk["certified"]:
        return "", walk["why"]
    proof, _, figures = walk["why"].partition("; ")
    return proof, figures


def _time(value: datetime | None) -> str:
    return "" if value is None else pendulum.instance(value).in_timezone("UTC").format("YYYY-MM-DD HH:mm:ss")
