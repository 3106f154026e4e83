"""From an object that came beside rows back to the row that brings it: what to read again to get it again."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from stitchhouse.schema import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stitchhouse.batch import Batch


def row_behind(batch: Batch, table: str, key: int) -> int | None:
    """The id of a row of the batch from which links lead to this object; None where none can be followed."""
    root = batch.dataset.table.name
    waiting, seen = deque([(table, key)]), {(table, key)}
    while waiting:
        place = waiting.popleft()
        if place[0] == root:
            return place[1]
        for following in _beside(batch, *place):
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return None


def _beside(batch: Batch, table: str, key: int) -> Iterator[tuple[str, int]]:
    """The objects that name this one, then those that it names."""
    dataset = batch.dataset
    column = dataset.foreign(table)
    for name, rows in batch.tables.items():
        layout = batch.layouts[name]
        if column in rows.column_names:
            where = layout.scope or "id"
            found = rows.filter(pc.equal(rows[column], pa.scalar(key, pa.int64())))
            if where in found.column_names:
                yield from ((layout.owner or name, one) for one in numbers(found[where]))
    tables = {dataset.foreign(name): name for name in dataset.by_name}
    own = batch.tables.get(table)
    if own is not None and "id" in own.column_names:
        row = own.filter(pc.equal(own["id"], pa.scalar(key, pa.int64())))
        for link in tables.keys() & set(row.column_names):
            yield from ((tables[link], one) for one in numbers(row[link].drop_null()))
