"""Content hashes of typed rows: equal rows hash equal, whatever form the API sent them in and in whatever order."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from stitchhouse.columns import as_text
from stitchhouse.dataset import ACCOUNT
from stitchhouse.layout import ROW_HASH
from stitchhouse.schema import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from stitchhouse.batch import Batch

BETWEEN = "\x1f"


def add_hashes(batch: Batch, *, with_children: bool) -> None:
    """Fill `_row_hash`: of the root's own columns, and of what hangs on it where that comes with the row."""
    root, layout = batch.root, batch.layouts[batch.dataset.table.name]
    aside = {ACCOUNT}
    if not with_children:
        # A listed row may lack the links that its detailed read shows.
        aside |= layout.columns.keys() - batch.dataset.table.columns.keys() - {"id"}
    own = root.drop_columns([name for name in root.column_names if name in aside])
    totals = dict(zip(root["id"].to_pylist(), row_hashes(own), strict=True))
    for pairs in _below(batch) if with_children else [batch.rejected_hashes(own.column_names)]:
        for key, value in pairs:
            if key in totals:
                totals[key] += value
    values = [signed(totals[key]) for key in root["id"].to_pylist()]
    batch.tables[batch.dataset.table.name] = root.append_column(ROW_HASH, pa.array(values, pa.int64()))


def _below(batch: Batch) -> Iterator[Iterable[tuple[int, int]]]:
    """(root id, hash) of what hangs on a root, table by table, and of what did not fit."""
    yield batch.rejected_hashes()
    for name, table in batch.tables.items():
        layout = batch.layouts[name]
        if layout.owner == batch.dataset.table.name and not layout.asked:
            yield zip(numbers(table[layout.scope]), row_hashes(table.drop_columns([ACCOUNT])), strict=True)
    for objects in batch.shared.values():
        yield ((key, object_hash(row)) for key, row in objects)


def row_hashes(table: pa.Table) -> Sequence[int]:
    """64 bits per row, of the columns by name. A null counts like a column that is not there."""
    if not table.num_rows:
        return []
    parts = [
        pc.binary_join_element_wise(pa.scalar(name), _text(table[name]), "=")  # type: ignore[call-overload] # stubs lack mixed arguments
        for name in sorted(table.column_names)
    ]
    rows = pc.binary_join_element_wise(*parts, BETWEEN, null_handling="skip") if len(parts) > 1 else parts[0]
    return [int.from_bytes(blake2b((row or "").encode(), digest_size=8).digest(), "big") for row in rows.to_pylist()]


def object_hash(row: Mapping[str, Any]) -> int:
    """64 bits of an object as it was sent, whatever the order of its fields."""
    parts = [f"{name}={as_text(value)}" for name, value in sorted(row.items()) if value is not None]
    return int.from_bytes(blake2b(BETWEEN.join(parts).encode(errors="replace"), digest_size=8).digest(), "big")


def signed(number: int) -> int:
    """The low 64 bits of `number` as a BIGINT."""
    return (number + 2**63) % 2**64 - 2**63


def _text(column: pa.ChunkedArray[Any]) -> pa.ChunkedArray[Any]:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    return column.cast(pa.string())
