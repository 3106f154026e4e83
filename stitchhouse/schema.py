"""The Arrow schema of a table: the types of its layout, keys not null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from stitchhouse.columns import TYPES
from stitchhouse.layout import BATCH

if TYPE_CHECKING:
    from stitchhouse.layout import Layout


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
