"""The objects bound for one table -> one typed Arrow table, one row per key; what does not fit is rejected."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from stitchhouse.batch import Rejected
from stitchhouse.columns import as_text, cast
from stitchhouse.dataset import ACCOUNT, Kind, Relation
from stitchhouse.layout import BATCH, ROW_HASH
from stitchhouse.links import snake

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stitchhouse.batch import Batch
    from stitchhouse.layout import Layout
    from stitchhouse.links import Found, Object

ROW = "_row"


def typed(batch: Batch, layout: Layout, found: Found, zone: str) -> pa.Table:
    objects, given = found.objects, found.columns
    columns: dict[str, pa.Array[Any]] = {}
    misfits = []
    for name, kind in layout.columns.items():
        if name == ACCOUNT:
            columns[name] = pa.repeat(pa.scalar(batch.account), len(objects))
        elif name not in {ROW_HASH, BATCH}:
            values = given[name] if name in given else [row.get(name) for row in objects]
            columns[name], odd = cast(values, kind, zone)
            misfits += [(name, misfit) for misfit in odd]
    for name, source in _undeclared(batch, layout, objects).items():
        columns[name], _ = cast([row.get(source) for row in objects], Kind.TEXT)
    table = pa.table(columns)
    _reject(batch, layout, table, misfits)
    return _unique(_with_keys(batch, layout, table, objects), layout)


def _undeclared(batch: Batch, layout: Layout, objects: Sequence[Object]) -> dict[str, str]:
    """Column -> field of the fields that no declaration names; two fields never share a column."""
    dataset = batch.dataset
    table = dataset.by_name.get(layout.name)
    known = {"id", dataset.links_in}
    if table is None:
        known |= layout.columns.keys()
    else:
        known |= table.columns.keys()
        if table is not dataset.table:
            known |= table.pair_columns.keys()
        if not dataset.links_in:
            known |= {link.name for link in table.links if link.relation is not Relation.BACK}
    columns: dict[str, str] = {}
    for source in sorted(set().union(*objects) - known):
        name = snake(source) if not source.startswith("_dlt") else f"src_{snake(source)}"
        while name in columns or name in layout.columns:
            name += "_x"
        columns[name] = source
        batch.new.add(f"{layout.name}.{name}")
    return columns


def _reject(batch: Batch, layout: Layout, table: pa.Table, misfits: list[tuple[str, Any]]) -> None:
    for name, misfit in misfits:
        row = {column: table[column][misfit.place].as_py() for column in {*layout.key, layout.scope or "id"}}
        root = None if layout.side else row[layout.scope or "id"]
        key = " ".join(str(row[column]) for column in layout.key if column != ACCOUNT)
        batch.rejected.append(Rejected(root, layout.name, key, name, misfit.reason, misfit.raw))


def _with_keys(batch: Batch, layout: Layout, table: pa.Table, objects: Sequence[Object]) -> pa.Table:
    """The rows whose key is whole; the others are rejected as rows, with all that they held."""
    keys = [name for name in layout.key if name != ACCOUNT]
    whole = pc.is_valid(table[keys[0]])
    for name in keys[1:]:
        whole = pc.and_(whole, pc.is_valid(table[name]))
    positive = layout.tombstone or ("id" if layout.name == batch.dataset.table.name else "")
    if positive:
        # What is zero or less would be taken for a tombstone.
        whole = pc.and_kleene(whole, pc.greater(table[positive], pa.scalar(0, pa.int64())))
    if pc.all(whole, min_count=0).as_py():
        return table
    for index, fits in enumerate(whole.to_pylist()):
        if not fits:
            raw = as_text(objects[index]) or ""
            root = table[layout.scope][index].as_py() if layout.scope and not layout.side else None
            digest = blake2b(raw.encode(errors="replace"), digest_size=8).hexdigest()
            missing = any(table[name][index].as_py() is None for name in keys)
            reason = "no key" if missing else "a key of zero or less"
            batch.rejected.append(Rejected(root, layout.name, digest, "", reason, raw))
    return table.filter(whole)


def _unique(table: pa.Table, layout: Layout) -> pa.Table:
    """One row per key: the newest by `updated_at`, then the one that was read last."""
    key = [name for name in layout.key if name != ACCOUNT]
    numbered = table.append_column(ROW, pa.array(range(len(table)), pa.int64()))
    last = numbered.select([*key, ROW]).group_by(key).aggregate([(ROW, "max")])
    if len(last) == len(table):
        return table
    if layout.stamp:
        numbered = numbered.sort_by([(layout.stamp, "ascending"), (ROW, "ascending")])
        missing = numbered[layout.stamp].is_null()
        numbered = pa.concat_tables([numbered.filter(missing), numbered.filter(pc.invert(missing))])
        table = numbered.drop_columns([ROW])
        numbered = table.append_column(ROW, pa.array(range(len(table)), pa.int64()))
        last = numbered.select([*key, ROW]).group_by(key).aggregate([(ROW, "max")])
    return table.take(last[f"{ROW}_max"].combine_chunks().sort())
