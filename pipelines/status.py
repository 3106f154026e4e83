"""The `status` command: the last walk of every dataset, what was rejected, and rows per table."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pendulum

from pipelines.durations import duration
from pipelines.project import SOURCES, Project
from stitchhouse.errors import OK, UNCERTAIN, ConfigurationError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


def run_status(names: Sequence[str], destination: str, max_age: str, *, as_json: bool) -> int:
    """10 if a dataset was not certified within `max_age`, or its last walk was not certified."""
    oldest = pendulum.now("UTC") - duration(max_age, "--max-age", "age") if max_age else None
    project = Project.find()
    project.enter()
    for name in names:
        if name not in SOURCES:
            raise UsageError(f"no source {name!r}; there are: {', '.join(SOURCES)}")
    found = {source: _source(project, source, destination) for source in names or SOURCES}
    if not any(found.values()):
        raise ConfigurationError("nothing was loaded yet; run stitchhouse sync first")
    code = OK
    for held in found.values():
        for walk in held.get("walks", []):
            walk["stale"] = oldest is not None and (walk["certified_at"] is None or walk["certified_at"] < oldest)
            if walk["stale"] or not walk["certified"]:
                code = UNCERTAIN
    if as_json:
        print(json.dumps({"exit_code": code, "sources": found}, default=datetime.isoformat))  # noqa: T201
    else:
        _show(found)
    return code


def _source(project: Project, source: str, destination: str) -> dict[str, Any]:
    """Walks and tables of one source; empty if it was never loaded."""
    from pipelines.load import certificates_file
    from pipelines.warehouse import Target
    from pipelines.watch import kept

    target = Target(project, destination)
    carried = [_walk(one.row()) for one in kept(certificates_file(project, target, source))]
    if target.file is not None and not target.file.exists():
        return {}
    names = f"select table_name from information_schema.tables where table_schema = '{source}'"  # noqa: S608 - our own
    there = _ask(project, destination, names)
    tables = sorted(str(row["table_name"]) for row in there)
    if "_walks" not in tables:
        return {}
    walks = _ask(project, destination, f"select * from {source}._walks")  # noqa: S608
    return {
        "walks": _last([*map(_walk, walks), *carried]),
        "rejected": _ask(project, destination, f"select count(*) as n from {source}._rejected")[0]["n"],  # noqa: S608
        "tables": _tables(project, destination, source, [name for name in tables if not name.startswith("_")]),
    }


def _walk(row: dict[str, Any]) -> dict[str, Any]:
    names = ("dataset", "account", "ended_at", "plan", "certified", "why", "rows", "cursor_after", "rejected")
    return {name: row[name] for name in names}


def _last(walks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last walk of each dataset and account, with the time of the last certified one.

    A run that did not get as far as the accounts names none: it counts until a later one does.
    """
    last: dict[tuple[str, str], dict[str, Any]] = {}
    for walk in sorted(walks, key=lambda walk: walk["ended_at"]):
        place = (walk["dataset"], walk["account"])
        before = last.get(place, {}).get("certified_at")
        last[place] = walk | {"certified_at": walk["ended_at"] if walk["certified"] else before}
    latest = {dataset: max(w["ended_at"] for (d, _), w in last.items() if d == dataset) for dataset, _ in last}
    return [last[place] for place in sorted(last) if place[1] or last[place]["ended_at"] == latest[place[0]]]


def _tables(project: Project, destination: str, source: str, names: Sequence[str]) -> list[dict[str, Any]]:
    marked = _ask(
        project,
        destination,
        f"select table_name from information_schema.columns where table_schema = '{source}' "  # noqa: S608
        "and column_name = '_dlt_load_id'",
    )
    loads = {str(row["table_name"]) for row in marked}
    parts = [
        f"select '{name}' as name, count(*) as n, "  # noqa: S608
        f"{'max(_dlt_load_id)' if name in loads else 'null'} as load_id from {source}.{name}"
        for name in names
    ]
    rows = _ask(project, destination, " union all ".join(parts) + " order by 1") if parts else []
    return [
        {
            "table": row["name"],
            "rows": row["n"],
            "last_loaded": pendulum.from_timestamp(float(row["load_id"])) if row["load_id"] else None,
        }
        for row in rows
    ]


def _ask(project: Project, destination: str, sql: str) -> list[dict[str, Any]]:
    from pipelines.query import ask

    names, rows = ask(project, sql, destination, None)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _show(found: dict[str, dict[str, Any]]) -> None:
    from rich.table import Table

    from pipelines.terminal import wide_console

    console = wide_console()
    walks = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("dataset", "account", "last walk", "certified", "cursor", "rejected", "why not"):
        walks.add_column(name)
    tables = Table("table", "rows", "last loaded", box=None, pad_edge=False, header_style="bold")
    for source, held in found.items():
        for walk in held.get("walks", []):
            verdict = ("yes" if walk["certified"] else "no") + (", stale" if walk["stale"] else "")
            cells = [_time(walk["ended_at"]), verdict, _time(walk["cursor_after"]), str(walk["rejected"])]
            walks.add_row(f"{source}.{walk['dataset']}", walk["account"], *cells, walk["why"])
        for table in held.get("tables", []):
            if table["rows"]:
                tables.add_row(f"{source}.{table['table']}", f"{table['rows']:,}", _time(table["last_loaded"]))
    console.print(walks)
    console.print()
    console.print(tables)


def _time(value: datetime | None) -> str:
    return "" if value is None else pendulum.instance(value).in_timezone("UTC").format("YYYY-MM-DD HH:mm:ss")
