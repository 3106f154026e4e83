"""The Arrow schema of a table: the types of its layout, keys not null, and no wider than a destination can take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from stitchhouse.columns import TYPES, as_text
from stitchhouse.layout import BATCH, MORE

if TYPE_CHECKING:
    from collections.abc import Collection

    from stitchhouse.layout import Layout

WIDEST = 1_000
"""Columns of a table. What nobody declared may be without end, such as objects by id that were not known as such."""


def narrowed(table: pa.Table, layout: Layout, held: Collection[str]) -> tuple[pa.Table, list[str]]:
    """The table, and which of its columns stand in `_more` instead. `held` are those that the destination has."""
    room = max(WIDEST - len({*held, *layout.columns}), 0)
    beyond = [name for name in table.column_names if name not in layout.columns and name not in held][room:]
    if not beyond:
        return table, []
    more = pa.array([as_text(row) if row else None for row in written(table.select(beyond))], pa.string())
    return table.drop_columns(beyond).append_column(MORE, more), beyond


def written(table: pa.Table) -> list[dict[str, str]]:
    """The rows as text, without what is null."""
    texts = pa.table({name: table[name].cast(pa.string()) for name in table.column_names})
    return [{name: value for name, value in row.items() if value is not None} for row in texts.to_pylist()]


def shaped(table: pa.Table, layout: Layout, batch: int) -> pa.Table:
    """The table with all columns of its layout in order, keys not null, and undeclared columns at the end."""
    declared = schema(layout)
    fields, arrays = [], []
    for part in declared:
        fields.append(part)
        if part.name == BATCH:
            arrays.append(pa.repeat(pa.scalar(batch, part.type), len(table)))
        else:
            held = part.name in table.column_names
            arrays.append(table[part.name] if held else pa.nulls(len(table), part.type))
    for part in table.schema:
        if part.name not in layout.columns:
            fields.append(part)
            arrays.append(table[part.name])
    return pa.table(arrays, schema=pa.schema(fields))


def empty(layout: Layout) -> pa.Table:
    """The table without rows, so that it exists with its types before its first row comes."""
    return schema(layout).empty_table()


def schema(layout: Layout) -> pa.Schema:
    return pa.schema(
        [pa.field(name, TYPES[kind], nullable=name not in layout.key) for name, kind in layout.columns.items()]
    )


def numbers(column: pa.ChunkedArray[Any]) -> list[int]:
    """The values of a column of whole numbers that is not null."""
    values: list[Any] = column.to_pylist()
    return values
