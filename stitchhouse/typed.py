"""The objects bound for one table -> one typed Arrow table, one row per key; what does not fit is rejected."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from stitchhouse.batch import NO_KEY, NOT_POSITIVE, SAME_AGE
from stitchhouse.columns import Misfit, as_text, cast
from stitchhouse.dataset import ACCOUNT, Kind, Relation
from stitchhouse.layout import BATCH, ROW_HASH
from stitchhouse.spelling import new_column

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from stitchhouse.batch import Batch
    from stitchhouse.layout import Layout
    from stitchhouse.links import Found, Object

ROW, PLACE = "_row", "_place"
OTHERWISE = "other than the row that holds it"


def typed(batch: Batch, layout: Layout, found: Found, zone: str) -> pa.Table:
    objects, given = found.objects, found.columns
    columns: dict[str, pa.Array[Any]] = {}
    misfits = []
    declared = batch.dataset.by_name[layout.name].columns if layout.name in batch.dataset.by_name else {}
    for name, kind in layout.columns.items():
        if name == ACCOUNT:
            columns[name] = pa.repeat(pa.scalar(batch.account), len(objects))
        elif name not in {ROW_HASH, BATCH}:
            values = given[name] if name in given else [row.get(name) for row in objects]
            columns[name], odd = cast(values, kind, zone)
            odd += _otherwise(name, objects, values) if name in given and name in declared else []
            misfits += [(name, misfit) for misfit in odd]
    table = pa.table(columns)
    lost = _keyless(batch, layout, table)
    _reject(batch, layout, table, [(name, misfit) for name, misfit in misfits if misfit.place not in lost])
    if lost:
        for place, reason in lost.items():
            root = table[layout.scope][place].as_py() if layout.scope and not layout.side else None
            key = {name: given[name][place] for name in layout.key if name in given}
            batch.reject_row(root, layout.name, key | objects[place], reason)
        kept = [place for place in range(len(objects)) if place not in lost]
        table, objects = table.take(pa.array(kept, pa.int64())), [objects[place] for place in kept]
    for name, source in _undeclared(batch, layout, objects, given).items():
        table = table.append_column(name, cast([row.get(source) for row in objects], Kind.TEXT)[0])
    numbered = table.append_column(ROW, pa.array(range(len(table)), pa.int64()))
    return _unique(batch, layout, numbered, objects).drop_columns([ROW])


def _otherwise(name: str, objects: Sequence[Object], given: Sequence[Any]) -> list[Misfit]:
    """Values that an object has for a column that is filled from where it was found."""
    pairs = enumerate((as_text(row.get(name)), as_text(value)) for row, value in zip(objects, given, strict=True))
    return [Misfit(place, OTHERWISE, own) for place, (own, value) in pairs if own and own != value]


def _undeclared(batch: Batch, layout: Layout, objects: Sequence[Object], given: Collection[str]) -> dict[str, str]:
    """Column -> field of the fields that no declaration names; two fields never share a column."""
    dataset = batch.dataset
    table = dataset.by_name.get(layout.name)
    # A field called like a column that is ours, or comes from elsewhere, is another thing.
    known = layout.columns.keys() - {ACCOUNT, ROW_HASH, BATCH, *given}
    known |= {dataset.links_in} if dataset.links_in else set()
    if table is not None:
        known |= table.columns.keys()
        if table is not dataset.table:
            known |= table.pair_columns.keys()
        if not dataset.links_in:
            known |= {link.name for link in table.links if link.relation is not Relation.BACK}
    columns: dict[str, str] = {}
    for source in sorted(set().union(*objects) - known):
        name = new_column(source, layout.columns)
        while name in columns or name in layout.columns:
            name += "x"
        columns[name] = source
        batch.new.add(f"{layout.name}.{name}")
    return columns


def _reject(batch: Batch, layout: Layout, table: pa.Table, misfits: list[tuple[str, Any]]) -> None:
    for name, misfit in misfits:
        row = {column: table[column][misfit.place].as_py() for column in {*layout.key, layout.scope or "id"}}
        root = None if layout.side else row[layout.scope or "id"]
        key = " ".join(str(row[column]) for column in layout.key if column != ACCOUNT)
        batch.reject(root, layout.name, key, name, misfit.reason, misfit.raw)


def _keyless(batch: Batch, layout: Layout, table: pa.Table) -> dict[int, str]:
    """Place -> reason of the rows whose key is not whole."""
    whole = pc.is_valid(table[layout.key[-1]])
    for name in {*layout.key, layout.scope or ACCOUNT} - {ACCOUNT}:
        whole = pc.and_(whole, pc.is_valid(table[name]))
    positive = layout.tombstone or ("id" if layout.name == batch.dataset.table.name else "")
    # What is zero or less would be taken for a tombstone.
    fits = pc.and_kleene(whole, pc.greater(table[positive], pa.scalar(0, pa.int64()))) if positive else whole
    if pc.all(fits, min_count=0).as_py():
        return {}
    pairs = enumerate(zip(fits.to_pylist(), whole.to_pylist(), strict=True))
    return {place: NOT_POSITIVE if key else NO_KEY for place, (fit, key) in pairs if not fit}


def _unique(batch: Batch, layout: Layout, table: pa.Table, objects: Sequence[Object]) -> pa.Table:
    """One row per key: the newest by `updated_at`, then the one that was read last."""
    key = [name for name in layout.key if name != ACCOUNT]
    last = table.select([*key, ROW]).group_by(key).aggregate([(ROW, "max")])
    if len(last) == len(table):
        return table
    if layout.stamp:
        order = pc.sort_indices(table, [(layout.stamp, "descending"), (ROW, "descending")])
        # Turned round, so that what has no stamp comes first.
        table = table.take(order[::-1])
    placed = table.select(key).append_column(PLACE, pa.array(range(len(table)), pa.int64()))
    chosen = placed.group_by(key).aggregate([(PLACE, "max")])[f"{PLACE}_max"].combine_chunks().sort()
    kept = table.take(chosen)
    if not layout.side:
        dropped = table.filter(pc.invert(pc.is_in(table[ROW], value_set=kept[ROW].combine_chunks())))
        _reject_ties(batch, layout, kept, dropped, objects)
    return kept


def _reject_ties(batch: Batch, layout: Layout, kept: pa.Table, dropped: pa.Table, objects: Sequence[Object]) -> None:
    """Two copies of one key that say different things, of which neither is newer: all that they said is kept."""
    key = [name for name in layout.key if name != ACCOUNT]
    told = list(dict.fromkeys([*key, *filter(None, (layout.scope, layout.stamp))]))
    rivals = kept.filter(pc.is_in(kept[key[-1]], value_set=dropped[key[-1]].combine_chunks()))
    winners = {tuple(row[name] for name in key): row for row in rivals.select([*told, ROW]).to_pylist()}
    ties: dict[tuple[Any, ...], list[Object]] = defaultdict(list)
    for row in dropped.select([*told, ROW]).to_pylist():
        place = tuple(row[name] for name in key)
        winner = winners[place]
        if all(row[name] == winner[name] for name in told) and objects[row[ROW]] != objects[winner[ROW]]:
            ties[place].append(objects[row[ROW]])
    for place, others in ties.items():
        winner = winners[place]
        root = winner[layout.scope or "id"]
        raw = [*others, objects[winner[ROW]]]
        batch.reject(root, layout.name, " ".join(map(str, place)), "", SAME_AGE, raw)
