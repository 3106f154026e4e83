"""A batch as it may be loaded: personal columns treated as the settings say, and nothing of whom was forgotten."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from stitchhouse.dataset import ACCOUNT
from stitchhouse.personal import columns_of
from stitchhouse.ties import spread

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from stitchhouse.batch import Batch, Rejected
    from stitchhouse.personal import Personal
    from stitchhouse.ties import Ids, Ties


def veil(batch: Batch, personal: Personal) -> None:
    """Changes the tables and rejected values of the batch. What is found to speak of a forgotten person is noted."""
    if personal.idle:
        return
    ties = {name: personal.names.ties(name, table.column_names) for name, table in batch.tables.items()}
    found = _found(batch, personal, ties) if personal.forgotten else {}
    erased = {name: _marked(table, ties[name], found, name) for name, table in batch.tables.items()} if found else {}
    gone = {name: _keys(batch, name, mark) for name, mark in erased.items()}
    batch.rejected = [_rejected(batch, personal, reject, gone.get(reject.table, set())) for reject in batch.rejected]
    for name, table in batch.tables.items():
        batch.tables[name] = personal.table(table, batch.layouts[name], erased.get(name))


def _found(batch: Batch, personal: Personal, ties: Mapping[str, Ties]) -> Ids:
    """The rows of this batch that speak of somebody forgotten, and the ids that they refer to."""
    forgotten, account = personal.forgotten, batch.account
    seeds: Ids = {}
    for name, table in batch.tables.items():
        named = [("id", name)] if ties[name].identified else []
        for column, target in [*named, *ties[name].refers]:
            known = forgotten.of(target, account, _ids(table[column]))
            seeds[target] = seeds.get(target, set()) | known

    def select(table: str, column: str, where: str, ids: Collection[int]) -> set[int]:
        rows = batch.tables[table]
        return _ids(rows.filter(pc.is_in(rows[where], value_set=pa.array(sorted(ids), pa.int64())))[column])

    found = spread({table: ids for table, ids in seeds.items() if ids}, ties, select)
    alone = {name for name, layout in batch.layouts.items() if not layout.scope}
    forgotten.add(account, {name: ids for name, ids in found.items() if name in alone})
    return found


def _marked(table: pa.Table, ties: Ties, found: Ids, name: str) -> Any:
    """Which rows of a table speak of one of `found`."""
    mark: Any = pa.array([False] * len(table))
    for column, target in [*([("id", name)] if ties.identified else []), *ties.refers]:
        if target in found:
            speaks = pc.is_in(table[column], value_set=pa.array(sorted(found[target]), pa.int64()))
            mark = pc.or_(mark, speaks)
    return mark


def _keys(batch: Batch, name: str, mark: Any) -> set[str]:
    """The keys of the marked rows, as `_rejected` writes them."""
    key = [column for column in batch.layouts[name].key if column != ACCOUNT]
    rows = batch.tables[name].filter(mark).select(key).to_pylist()
    return {" ".join(str(row[column]) for column in key) for row in rows}


def _rejected(batch: Batch, personal: Personal, reject: Rejected, gone: set[str]) -> Rejected:
    layout = batch.layouts.get(reject.table)
    declared = set().union(*(held.personal for held in batch.layouts.values()))
    if reject.column and layout is not None:
        declared = columns_of(layout, [*layout.columns, reject.column])
    if reject.key in gone or _speaks(batch, personal, reject):
        return reject._replace(raw="")
    return reject._replace(raw=personal.raw(reject.raw, reject.column, declared))


def _speaks(batch: Batch, personal: Personal, reject: Rejected) -> bool:
    """Whether a rejected value hangs on somebody forgotten, or a rejected row names such an id."""
    forgotten, account = personal.forgotten, batch.account
    if not forgotten:
        return False
    root = {reject.root} - {None}
    if forgotten.of(batch.dataset.table.name, account, root):  # type: ignore[arg-type]
        return True
    try:
        row = json.loads(reject.raw) if reject.raw.startswith("{") else {}
    except (ValueError, RecursionError):
        return True
    named = {"id": reject.table, **personal.names.named}
    return any(forgotten.of(named[name], account, _whole(value)) for name, value in row.items() if name in named)


def _whole(value: object) -> list[int]:
    return [int(str(value))] if str(value).isdecimal() else []


def _ids(column: pa.ChunkedArray[Any]) -> set[int]:
    return {key for key in pc.unique(column).to_pylist() if key is not None}
