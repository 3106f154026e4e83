"""Content hashes of typed rows: equal rows hash equal, whatever form the API sent them in and in whatever order."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from stitchhouse.columns import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BETWEEN = "\x1f"


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
