"""Words in whatever a run leaves behind: in the bytes of every file, in every cell of the warehouse, in packages."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path


def traces(folder: Path, words: Collection[str]) -> dict[str, set[str]]:
    """The words that were found, by the place where they were: a file of the folder, or a table of the warehouse.

    Files that are packed are unpacked, because their bytes would tell nothing.
    """
    forms = {word: {word.encode(), json.dumps(word)[1:-1].encode()} for word in words}
    found = {}
    for place, data in _places(folder):
        held = {word for word in words if any(form in data for form in forms[word])}
        if held:
            found[place] = held
    return found


def _places(folder: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(folder.rglob("*")):
        if not file.is_file():
            continue
        name = str(file.relative_to(folder))
        yield name, file.read_bytes()
        if file.suffix == ".parquet":
            yield f"{name} (unpacked)", repr(pq.read_table(file).to_pylist()).encode()
        elif file.suffix == ".gz":
            yield f"{name} (unpacked)", gzip.decompress(file.read_bytes())
        elif file.suffix == ".duckdb":
            with duckdb.connect(str(file), read_only=True) as connection:
                tables = connection.execute("select table_schema, table_name from information_schema.tables").fetchall()
                for schema, table in tables:
                    rows = connection.execute(f'select r::varchar from "{schema}"."{table}" r').fetchall()
                    yield f"{schema}.{table}", "\n".join(str(row[0]) for row in rows).encode()
