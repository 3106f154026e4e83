"""One batch of pages -> typed Arrow tables, one per table of the dataset; what does not fit is set aside as rejected."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from stitchhouse.columns import TYPES, as_text, cast
from stitchhouse.dataset import ACCOUNT, Kind, Relation
from stitchhouse.hashes import row_hashes
from stitchhouse.layout import ROW_HASH, Layout, layouts, new_table
from stitchhouse.links import Found, Unfold, Unfolded, snake

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from stitchhouse.dataset import Dataset
    from stitchhouse.links import Object
    from stitchhouse.walk.page import Page

ROW = "_row"
MOST_SEEN = 50_000
"""Side-loaded objects remembered per table, so that the same copy is not loaded with every order."""


class Rejected(NamedTuple):
    """A value, or with an empty `column` a whole row, that could not be loaded as it came."""

    root: int | None
    table: str
    key: str
    column: str
    reason: str
    raw: str


@dataclass
class Batch:
    """Typed tables of one batch. `fresh` are the roots in it; `new` names tables and columns nobody declared."""

    dataset: Dataset
    account: str
    tables: dict[str, pa.Table] = field(default_factory=dict)
    layouts: dict[str, Layout] = field(default_factory=dict)
    unsaid: Mapping[str, set[Any]] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    new: set[str] = field(default_factory=set)

    @property
    def root(self) -> pa.Table:
        return self.tables[self.dataset.table.name]

    def holds_rows(self) -> bool:
        return any(map(len, self.tables.values())) or bool(self.rejected)

    def hashes(self) -> dict[int, int]:
        """Root id -> `_row_hash`."""
        return dict(zip(self.root["id"].to_pylist(), self.root[ROW_HASH].to_pylist(), strict=True))

    def keep(self, ids: Iterable[int]) -> None:
        """Leave out every root but `ids`, with all that hangs on it."""
        kept = pa.array(sorted(ids), pa.int64())
        for name, table in self.tables.items():
            layout = self.layouts[name]
            column = layout.scope or ("id" if name == self.dataset.table.name else "")
            if column:
                self.tables[name] = table.filter(pc.is_in(table[column], value_set=kept))
        wanted = set(kept.to_pylist())
        self.rejected = [reject for reject in self.rejected if reject.root is None or reject.root in wanted]

    def bury(self, wanted: Callable[[str], bool]) -> None:
        """Add a tombstone for every root that has no row in a replaced table; `wanted` tells which tables need any."""
        roots = self.root["id"].combine_chunks()
        for name, layout in self.layouts.items():
            if layout.scope and wanted(name):
                unsaid = {int(key) for key in self.unsaid.get(name, ()) if str(key).isdecimal()}
                present = self.tables[name][layout.scope] if name in self.tables else pa.array([], pa.int64())
                spoken = set(roots.to_pylist()) - unsaid - set(pc.unique(present).to_pylist())
                if spoken:
                    self._append(layout, _tombstones(layout, sorted(spoken), self.account))

    def changed_since(self, time: datetime) -> set[int]:
        """Roots that, or of which anything, changed at `time` or later."""
        roots: set[int] = set()
        for name, table in self.tables.items():
            layout = self.layouts[name]
            if layout.sort and not layout.side:
                late = pc.greater_equal(table[layout.sort], pa.scalar(time, TYPES[Kind.TIME]))
                roots |= set(table.filter(late)[layout.scope or "id"].to_pylist())
        return roots - {None}

    def contents(self, ids: Iterable[int]) -> dict[int, int]:
        """Root id -> a hash of the root and of all that hangs on it."""
        totals = dict.fromkeys(ids, 0)
        wanted = pa.array(sorted(totals), pa.int64())
        for name, table in self.tables.items():
            column = self.layouts[name].scope or ("id" if name == self.dataset.table.name else "")
            if column and totals:
                rows = table.filter(pc.is_in(table[column], value_set=wanted))
                for key, value in zip(rows[column].to_pylist(), row_hashes(rows), strict=True):
                    totals[key] = _signed(totals[key] + value)
        return totals

    def forget_hashes(self) -> None:
        """Make sure that the next run takes these rows for changed."""
        place = self.root.schema.get_field_index(ROW_HASH)
        self.tables[self.dataset.table.name] = self.root.set_column(
            place, ROW_HASH, pa.nulls(len(self.root), pa.int64())
        )

    def _append(self, layout: Layout, rows: pa.Table) -> None:
        had = self.tables.get(layout.name)
        tables = [rows] if had is None else [had, rows]
        self.tables[layout.name] = pa.concat_tables(tables, promote_options="default")


@dataclass(frozen=True, kw_only=True)
class Side:
    """What to load of the objects that come side-loaded: `wanted(table, object)` tells. `layouts` are all tables."""

    layouts: Mapping[str, Layout]
    wanted: Callable[[str, Object], bool] = lambda table, row: True  # noqa: ARG005 - the shape of the question
    seen: dict[str, dict[str, Object]] = field(default_factory=dict)

    def fresh(self, table: str, key: str, row: Object, leave_out: Collection[str]) -> bool:
        """Whether this copy of an object differs from the last one seen. Remembers so many only, to stay small."""
        slim = {name: value for name, value in row.items() if name not in leave_out}
        seen = self.seen.setdefault(table, {})
        if seen.get(key) == slim:
            return False
        if len(seen) >= MOST_SEEN:
            seen.clear()
        seen[key] = slim
        return self.wanted(table, row)


def build(
    dataset: Dataset, account: str, pages: Sequence[Page], zone: str = "UTC", side: Side | None = None
) -> Batch:
    """The typed tables of the pages' rows and of the side-loaded objects that `side` wants."""
    unfolded = Unfolded()
    batch = Batch(dataset, account, unsaid=unfolded.unsaid, layouts=dict(layouts(dataset)))
    for page in pages:
        unfold = Unfold(dataset, page.blocks, unfolded)
        unfold.rows(page.rows)
        if side is not None:
            _take_side(batch, unfold, side)
    _take_new_links(batch, unfolded)
    for name, found in unfolded.found.items():
        if found.objects or name == dataset.table.name:
            batch.tables[name] = _typed(batch, batch.layouts[name], found, zone)
    for table, key, column, reason, raw in unfolded.odd:
        batch.rejected.append(Rejected(None, table, str(key), column, reason, as_text(raw) or ""))
    add_hashes(batch, with_children=not dataset.detail)
    return batch


def listing_hashes(dataset: Dataset, rows: Sequence[Object], zone: str) -> dict[int, int]:
    """Id -> the hash that the row will have when it is read in detail."""
    batch = Batch(dataset, "", layouts=dict(layouts(dataset)))
    name = dataset.table.name
    batch.tables[name] = _typed(batch, batch.layouts[name], Found(list(rows)), zone)
    add_hashes(batch, with_children=False)
    return batch.hashes()


def add_hashes(batch: Batch, *, with_children: bool) -> None:
    """Fill `_row_hash`: of the root's own columns, and of what hangs on it where that comes with the row."""
    root, layout = batch.root, batch.layouts[batch.dataset.table.name]
    linked = {name for name, kind in layout.columns.items() if name not in batch.dataset.table.columns and name != "id"}
    own = root.drop_columns([name for name in root.column_names if name in linked])
    totals = dict(zip(root["id"].to_pylist(), row_hashes(own), strict=True))
    if with_children:
        for name, table in batch.tables.items():
            if scope := batch.layouts[name].scope:
                below = row_hashes(table.drop_columns([ACCOUNT]))
                for key, value in zip(table[scope].to_pylist(), below, strict=True):
                    totals[key] = totals.get(key, 0) + value
    values = [_signed(totals[key]) for key in root["id"].to_pylist()]
    batch.tables[batch.dataset.table.name] = root.append_column(ROW_HASH, pa.array(values, pa.int64()))


def _signed(number: int) -> int:
    """The low 64 bits of `number` as a BIGINT."""
    return (number + 2**63) % 2**64 - 2**63


def _take_side(batch: Batch, unfold: Unfold, side: Side) -> None:
    """The side-loaded objects of one page; a block that no declaration names gets a table of its own."""
    dataset = batch.dataset
    for block, objects in unfold.blocks.items():
        table = dataset.by_block.get(block)
        if table is None:
            name = snake(block)
            name = f"new_{name}" if name in layouts(dataset) else name
            batch.layouts.setdefault(name, new_table(name))
            batch.new.add(name)
            rows = [_without_links(row, dataset.links_in) for row in objects.values()]
            unfold.out.found[name].objects += rows
        elif batch.layouts[table.name].side:
            leave_out = {dataset.links_in, *table.pair_columns}
            fresh = [row for key, row in objects.items() if side.fresh(table.name, key, row, leave_out)]
            unfold.side(table, fresh)
        elif unreached := objects.keys() - unfold.reached[block]:
            unfold.side(table, [objects[key] for key in sorted(unreached)])


def _take_new_links(batch: Batch, unfolded: Unfolded) -> None:
    """Links that no declaration names get link tables of their own."""
    dataset = batch.dataset
    for name, link in unfolded.new_links.items():
        parent = dataset.by_name[name.split("__")[0]]
        columns = dict.fromkeys((dataset.table.foreign, parent.foreign, link.column), Kind.ID)
        batch.layouts[name] = Layout(
            name=name,
            columns={ACCOUNT: Kind.TEXT} | columns | {"type": Kind.TEXT},
            key=(ACCOUNT, parent.foreign, link.column, "type"),
            scope=dataset.table.foreign,
            tombstone=link.column,
        )
        batch.new.add(name)


def _without_links(row: Object, links_in: str) -> Object:
    return {name: value for name, value in row.items() if name != links_in}


def _typed(batch: Batch, layout: Layout, found: Found, zone: str) -> pa.Table:
    objects, given = found.objects, found.columns
    columns: dict[str, pa.Array] = {}
    misfits = []
    for name, kind in layout.columns.items():
        if name == ACCOUNT:
            columns[name] = pa.repeat(pa.scalar(batch.account), len(objects))
        elif name != ROW_HASH:
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
    known = {*layout.columns, dataset.links_in}
    if table is not None:
        known |= table.pair_columns.keys()
        if not dataset.links_in:
            known |= {link.name for link in table.links if link.relation is Relation.OWNED}
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
        row = {column: table[column][misfit.index].as_py() for column in {*layout.key, layout.scope or "id"}}
        root = row[layout.scope] if layout.scope else None if layout.side else row["id"]
        key = " ".join(str(row[column]) for column in layout.key if column != ACCOUNT)
        batch.rejected.append(Rejected(root, layout.name, key, name, misfit.reason, misfit.raw))


def _with_keys(batch: Batch, layout: Layout, table: pa.Table, objects: Sequence[Object]) -> pa.Table:
    """The rows whose key is whole; the others are rejected as rows, with all that they held."""
    whole = table[layout.key[0]].is_valid()
    for name in layout.key[1:]:
        whole = pc.and_(whole, table[name].is_valid())
    if pc.all(whole, min_count=0).as_py():
        return table
    for index, fits in enumerate(whole.to_pylist()):
        if not fits:
            raw = as_text(objects[index]) or ""
            root = table[layout.scope][index].as_py() if layout.scope else None
            digest = blake2b(raw.encode(errors="replace"), digest_size=8).hexdigest()
            batch.rejected.append(Rejected(root, layout.name, digest, "", "no key", raw))
    return table.filter(whole)


def _unique(table: pa.Table, layout: Layout) -> pa.Table:
    """One row per key: the newest by `updated_at`, then the one that was read last."""
    key = [name for name in layout.key if name != ACCOUNT]
    numbered = table.append_column(ROW, pa.array(range(len(table)), pa.int64()))
    last = numbered.select([*key, ROW]).group_by(key).aggregate([(ROW, "max")])
    if len(last) == len(table):
        return table
    if layout.sort:
        order = [(layout.sort, "ascending"), (ROW, "ascending")]
        numbered = numbered.sort_by(order)
        missing = numbered[layout.sort].is_null()
        numbered = pa.concat_tables([numbered.filter(missing), numbered.filter(pc.invert(missing))])
        table = numbered.drop_columns([ROW])
        numbered = table.append_column(ROW, pa.array(range(len(table)), pa.int64()))
        last = numbered.select([*key, ROW]).group_by(key).aggregate([(ROW, "max")])
    return table.take(last[f"{ROW}_max"].combine_chunks().sort())


def _tombstones(layout: Layout, roots: list[int], account: str) -> pa.Table:
    """Rows that say "this root has none": never loaded, they only widen what is deleted."""
    below = [-root for root in roots]
    columns: dict[str, pa.Array] = {}
    for name in {ACCOUNT: None, layout.scope: None} | dict.fromkeys(layout.key):
        if name == ACCOUNT:
            columns[name] = pa.repeat(pa.scalar(account), len(roots))
        elif name == layout.scope:
            columns[name] = pa.array(roots, pa.int64())
        elif layout.columns[name] is Kind.TEXT:
            columns[name] = pa.repeat(pa.scalar(""), len(roots))
        else:
            columns[name] = pa.array(below, pa.int64())
    return pa.table(columns)


def shaped(table: pa.Table, layout: Layout) -> pa.Table:
    """The table with all columns of its layout in order, keys not null, and undeclared columns at the end."""
    declared = schema(layout)
    fields, arrays = [], []
    for part in declared:
        fields.append(part)
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
