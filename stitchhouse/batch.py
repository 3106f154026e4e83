"""One batch of a dataset as typed tables, ready to be compared with the warehouse and loaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from stitchhouse.columns import TYPES, as_text
from stitchhouse.dataset import ACCOUNT, Kind
from stitchhouse.hashes import object_hash, row_hashes, signed
from stitchhouse.layout import MORE, ROW_HASH
from stitchhouse.schema import narrowed, numbers, written

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from stitchhouse.dataset import Dataset
    from stitchhouse.layout import Layout
    from stitchhouse.links import Object

NO_KEY, NOT_POSITIVE = "no key", "a key of zero or less"
SAME_AGE = "other copies of the same key say something else, and none is newer; the last one is loaded"


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
    """Typed tables of one batch.

    `unsaid` are owners, by table, of which the reply did not speak; `new` names tables and columns nobody declared;
    `strays` counts owned objects that no row led to.
    """

    dataset: Dataset
    account: str
    tables: dict[str, pa.Table] = field(default_factory=dict)
    layouts: dict[str, Layout] = field(default_factory=dict)
    unsaid: dict[str, set[int]] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    new: set[str] = field(default_factory=set)
    strays: int = 0
    shared: Mapping[str, list[tuple[Any, Object]]] = field(default_factory=dict)
    """Nested objects that have a list of their own: table -> (id of the row, object)."""

    @property
    def root(self) -> pa.Table:
        return self.tables[self.dataset.table.name]

    def reject(self, root: int | None, table: str, key: Any, column: str, reason: str, raw: Any) -> None:
        self.rejected.append(Rejected(root, table, as_text(key) or "", column, reason, as_text(raw) or ""))

    def reject_row(self, root: int | None, table: str, row: Any, reason: str) -> None:
        """With all that it held. That, and whose it is, stands for its key."""
        raw = as_text(row) or ""
        digest = blake2b(raw.encode(errors="replace"), digest_size=8).hexdigest()
        self.reject(root, table, digest if root is None else f"{root} {digest}", "", reason, raw)

    def rejected_hashes(self, columns: Collection[str] | None = None) -> Iterator[tuple[int, int]]:
        """(root id, hash) of what did not fit, so that one bad value in place of another is a change too.

        With `columns`, only of values of the root's own columns among these.
        """
        root = self.dataset.table.name
        for one in self.rejected:
            counts = (
                not self.layouts[one.table].asked if columns is None else one.table == root and one.column in columns
            )
            if one.root is not None and counts:
                yield one.root, object_hash(one._asdict())

    def holds_rows(self) -> bool:
        return any(map(len, self.tables.values())) or bool(self.rejected)

    def hashes(self) -> dict[int, int]:
        """Root id -> `_row_hash`."""
        return dict(zip(numbers(self.root["id"]), numbers(self.root[ROW_HASH]), strict=True))

    def partly_said(self) -> set[int]:
        """Roots whose reply said nothing about one of their tables."""
        return {key for name in self.unsaid if self._root_column(name) for key in self.silent(name)}

    def silent(self, table: str) -> set[int]:
        """The owners whose reply said nothing, or only a part, of this table."""
        return self.unsaid.get(table, set())

    def _root_column(self, table: str) -> str:
        """The column of a table that holds the root's id; empty where rows are no root's own."""
        layout = self.layouts[table]
        return "" if layout.side else layout.scope or ("id" if table == self.dataset.table.name else "")

    def include(self, other: Batch) -> None:
        """Add the tables of another batch that has none of this one's."""
        self.tables |= other.tables
        self.layouts |= other.layouts
        self.unsaid |= other.unsaid
        self.rejected += other.rejected
        self.new |= other.new
        self.strays += other.strays

    def narrow(self, name: str, held: Collection[str]) -> None:
        """Keep a table that the destination `held` with these columns from becoming wider than it can take."""
        self.tables[name], beyond = narrowed(self.tables[name], self.layouts[name], held)
        if beyond:
            self.new -= {f"{name}.{column}" for column in beyond}
            self.new.add(f"{name}.{MORE}")

    def leave_unsaid(self) -> None:
        """Leave out of each table the owners whose reply was silent about a part of it: all of it would be replaced."""
        for name in self.unsaid:
            if name in self.tables and (owners := self.silent(name)):
                layout = self.layouts[name]
                silent = pa.array(sorted(owners), pa.int64())
                table = self.tables[name]
                aside = pc.is_in(table[layout.scope], value_set=silent)
                left_out = table.filter(aside)
                for key in sorted(set(numbers(left_out[layout.scope]))):
                    told = written(left_out.filter(pc.equal(left_out[layout.scope], pa.scalar(key, pa.int64()))))
                    self.reject(None if layout.side else key, name, key, "", "the reply told only a part of it", told)
                self.tables[name] = table.filter(pc.invert(aside))

    def keep(self, ids: Iterable[int]) -> None:
        """Leave out every root but `ids`, with all that hangs on it."""
        kept = pa.array(sorted(ids), pa.int64())
        for name, table in self.tables.items():
            if column := self._root_column(name):
                self.tables[name] = table.filter(pc.is_in(table[column], value_set=kept))
        wanted = set(kept.to_pylist())
        self.rejected = [reject for reject in self.rejected if reject.root is None or reject.root in wanted]

    def bury(self, wanted: Callable[[str], bool]) -> None:
        """Add a tombstone for every owner that has no row in a replaced table; `wanted` tells which tables need any."""
        for name, layout in self.layouts.items():
            if layout.owner in self.tables and wanted(name):
                owners = set(numbers(self.tables[layout.owner]["id"]))
                present = set(numbers(self.tables[name][layout.scope])) if name in self.tables else set()
                spoken = owners - self.silent(name) - present
                if spoken:
                    self._append(layout, _tombstones(layout, sorted(spoken), self.account))

    def changed_since(self, time: datetime) -> set[int]:
        """Roots that, or of which anything, changed at `time` or later."""
        roots: set[int] = set()
        for name, table in self.tables.items():
            layout = self.layouts[name]
            if layout.stamp and not layout.side:
                late = pc.greater_equal(table[layout.stamp], pa.scalar(time, TYPES[Kind.TIME]))
                roots |= set(numbers(table.filter(late)[layout.scope or "id"].drop_null()))
        return roots

    def contents(self, ids: Iterable[int]) -> dict[int, int]:
        """Root id -> a hash of the root and of all that hangs on it."""
        totals = dict.fromkeys(ids, 0)
        wanted = pa.array(sorted(totals), pa.int64())
        for name, table in self.tables.items():
            column = self._root_column(name)
            if column and totals:
                rows = table.filter(pc.is_in(table[column], value_set=wanted))
                for key, value in zip(numbers(rows[column]), row_hashes(rows), strict=True):
                    totals[key] = signed(totals[key] + value)
        for key, value in self.rejected_hashes():
            if key in totals:
                totals[key] = signed(totals[key] + value)
        return totals

    def untold(self) -> Iterator[tuple[str, str, list[int]]]:
        """(table, link column, ids) of the copies that came beside other rows and do not tell that link."""
        for name, table in self.tables.items():
            layout = self.layouts[name]
            for column in layout.links if layout.side and not layout.scope else ():
                if missing := numbers(table.filter(pc.is_null(table[column]))["id"]):
                    yield name, column, missing

    def tell(self, name: str, column: str, values: Mapping[int, Any]) -> None:
        """Fill what is missing in a column, by id."""
        table = self.tables[name]
        pairs = zip(numbers(table["id"]), table[column].to_pylist(), strict=True)
        told = [values.get(key) if value is None else value for key, value in pairs]
        place = table.schema.get_field_index(column)
        self.tables[name] = table.set_column(place, column, pa.array(told, table.schema.field(column).type))

    def forget_hashes(self, ids: Iterable[int | None] | None = None) -> None:
        """Make sure that the next run takes these rows, or all, for changed."""
        place = self.root.schema.get_field_index(ROW_HASH)
        forgotten = set(self.hashes() if ids is None else ids)
        kept = [None if key in forgotten else value for key, value in self.hashes().items()]
        self.tables[self.dataset.table.name] = self.root.set_column(place, ROW_HASH, pa.array(kept, pa.int64()))

    def _append(self, layout: Layout, rows: pa.Table) -> None:
        had = self.tables.get(layout.name)
        tables = [rows] if had is None else [had, rows]
        self.tables[layout.name] = pa.concat_tables(tables, promote_options="default")


def _tombstones(layout: Layout, roots: list[int], account: str) -> pa.Table:
    """Rows that say "this root has none": never loaded, they only widen what is deleted."""
    below = [-root for root in roots]
    columns: dict[str, pa.Array[Any]] = {}
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
