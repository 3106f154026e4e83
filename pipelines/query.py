"""The `query` command: one question to the warehouse in SQL, read-only."""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.hidden import as_they_are
from pipelines.project import Project
from pipelines.words import one_line
from stitchhouse.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

SAFE = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "enable_external_access": "false",
}
"""A question must not reach beyond the file: no other files, no network, no extensions."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def run_query(sql: str, destination: str, file: Path | None, form: str) -> None:
    project = Project.find(anywhere=file is not None)
    project.enter()
    names, rows = ask(project, sql, destination, file)
    with as_they_are():
        _print(names, rows, form)


def _print(names: Sequence[str], rows: Sequence[tuple[Any, ...]], form: str) -> None:
    if form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(map(harmless, names))
        writer.writerows([map(harmless, row) for row in rows])
    elif form == "json":
        print(json.dumps([dict(zip(names, row, strict=True)) for row in rows], default=str))  # noqa: T201 - the answer
    else:
        show(names, rows)


def harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets a quote in front, which it does not show."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def ask(project: Project, sql: str, destination: str, file: Path | None) -> tuple[list[str], list[tuple[Any, ...]]]:
    """(column names, rows). Times are shown in UTC."""
    from pipelines.warehouse import Target

    target = Target(project, destination, file)
    if target.file is not None:
        return _duckdb(sql, target.file)
    return _other(sql, project, target)


def _duckdb(sql: str, file: Path) -> tuple[list[str], list[tuple[Any, ...]]]:
    import duckdb

    from pipelines.warehouse import file_error

    if not file.exists():
        raise ConfigurationError(f"there is no warehouse at {file} yet; run stitchhouse sync first")
    try:
        connection = duckdb.connect(str(file), read_only=True, config=dict(SAFE))
    except duckdb.Error as error:
        raise file_error(file, error) from None
    with connection:
        try:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute("set lock_configuration = true")
            result = connection.execute(sql)
            rows = result.fetchall()
        except duckdb.Error as error:
            raise UsageError(f"the query failed: {one_line(error, 300)}") from None
        return [column[0] for column in result.description or []], rows


def _other(sql: str, project: Project, target: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Any other destination has no read-only door of its own, so the statement itself must be one select."""
    import sqlglot
    from dlt.common.destination.exceptions import DestinationException
    from sqlglot import exp

    from pipelines.load import pipeline_of

    # A select is a DDL to sqlglot too, because it can make a table.
    writes = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter, exp.Into, exp.Command)
    try:
        parsed = [statement for statement in sqlglot.parse(sql) if statement is not None]
    except sqlglot.errors.SqlglotError:
        raise UsageError("the query failed: it cannot be read as SQL; nothing was asked") from None
    if len(parsed) != 1 or not isinstance(parsed[0], sqlglot.exp.Query) or any(parsed[0].find_all(*writes)):
        raise UsageError("the query must be one select, and write nothing")
    try:
        with tempfile.TemporaryDirectory() as folder:
            pipeline = pipeline_of(project, "stitchlabs", target, Path(folder))
            with pipeline.sql_client() as client, client.execute_query(sql) as cursor:
                rows = cursor.fetchall()
                return [column[0] for column in cursor.description], rows
    except DestinationException as error:
        raise UsageError(f"the query failed: {one_line(error, 300)}") from None


def show(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    from rich.table import Table

    from pipelines.terminal import wide_console

    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, name in enumerate(names):
        number = bool(rows) and isinstance(rows[0][place], int | float) and not isinstance(rows[0][place], bool)
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*["" if value is None else str(value) for value in row], style=None)
    wide_console().print(table)
