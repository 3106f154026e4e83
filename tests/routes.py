"""Two warehouses of one source, and where they differ."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import duckdb

from pipelines.project import Project
from tests.contents import DATASETS
from tests.kept import KeptShop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from random import Random

    from sandbox import Sandbox

OURS = {"_batch", "_dlt_load_id"}
"""Columns that tell of the load and not of the source: which load brought the row, and in which batch of it."""


def warehouse(box: Sandbox, folder: Path, api: str) -> KeptShop:
    """An empty warehouse of a project of its own."""
    (folder / ".dlt").mkdir(parents=True)
    return KeptShop(box, Project(folder), api=api)


def parts(random: Random, names: list[str], number: int) -> list[list[str]]:
    """The names in a random order, cut into so many runs."""
    shuffled = random.sample(names, len(names))
    cuts = [0, *sorted(random.sample(range(1, len(names)), number - 1)), len(names)]
    return [shuffled[start:end] for start, end in pairwise(cuts)]


def names(api: str) -> list[str]:
    return [dataset.name for dataset in DATASETS[api]]


def apart(one: KeptShop, other: KeptShop) -> dict[str, list[tuple[Any, ...]]]:
    """Table -> some of the rows that only one of two warehouses has."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for place, shop in (("one", one), ("other", other)):
            connection.execute(f"attach '{shop.file}' as {place} (read_only)")
        columns = {place: dict(_columns(connection, place, one.api)) for place in ("one", "other")}
        if differing := columns["one"].keys() ^ columns["other"].keys():
            return {name: [("only in one of them",)] for name in differing}
        found = {}
        for name, listed in columns["one"].items():
            if listed != columns["other"][name]:
                found[name] = [tuple(listed ^ columns["other"][name])]
                continue
            shown = ", ".join(f'"{column}"' for column in sorted(listed))
            held = [f'select {shown} from {place}.{one.api}."{name}"' for place in ("one", "other")]
            for here, there in (held, held[::-1]):
                if rows := connection.execute(f"({here}) except all ({there}) limit 3").fetchall():
                    found.setdefault(name, []).extend(rows)
        return found


def _columns(connection: duckdb.DuckDBPyConnection, place: str, api: str) -> Iterator[tuple[str, set[str]]]:
    """The columns of every table that tells of the source."""
    asked = f"""select table_name, list(column_name) from duckdb_columns()
                where database_name = '{place}' and schema_name = '{api}' group by all"""
    for name, columns in connection.execute(asked).fetchall():
        if name != "_walks" and not name.startswith("_dlt"):
            yield name, set(columns) - OURS
