"""Pages of JSON -> typed Arrow tables, one per table of the dataset."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from stitchhouse.batch import Batch, Rejected
from stitchhouse.columns import as_text
from stitchhouse.dataset import ACCOUNT, Kind
from stitchhouse.hashes import row_hashes, signed
from stitchhouse.layout import NUMBERED, ROW_HASH, Layout, layouts, new_table
from stitchhouse.links import Found, Unfold, Unfolded, snake
from stitchhouse.typed import typed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from stitchhouse.dataset import Dataset
    from stitchhouse.links import Object
    from stitchhouse.walk.page import Page

MOST_SEEN = 50_000
"""Side-loaded objects remembered per table, so that the same copy is not loaded with every order."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """What to load of the objects that come side-loaded: `wanted(table, object)` tells. `layouts` are all tables."""

    layouts: Mapping[str, Layout]
    wanted: Callable[[str, Object], bool] = lambda table, row: True  # noqa: ARG005 - the shape of the question
    seen: dict[str, dict[str, Object]] = field(default_factory=dict)

    def fresh(self, table: str, key: str, row: Object, leave_out: Collection[str]) -> bool:
        """Whether this copy of an object differs from the last one seen. Remembers so many only, to stay small."""
        aside = {name: row.pop(name) for name in leave_out if name in row}
        seen = self.seen.setdefault(table, {})
        same = seen.get(key) == row
        if not same:
            if len(seen) >= MOST_SEEN:
                seen.clear()
            seen[key] = row.copy()
        row.update(aside)
        return not same and self.wanted(table, row)


class Building:
    """A batch in the making: takes pages one by one, and keeps only what is bound for a table."""

    def __init__(self, dataset: Dataset, account: str, zone: str, side: Side | None) -> None:
        self.dataset = dataset
        self.zone = zone
        self.side = side
        self.pages = 0
        self.date: datetime | None = None
        """The source's clock at the earliest of the pages."""
        self._unfolded = Unfolded()
        self._batch = Batch(dataset, account, unsaid=self._unfolded.unsaid, layouts=dict(layouts(dataset)))

    def add(self, page: Page) -> None:
        self.pages += 1
        self.date = min(filter(None, (self.date, page.date)), default=None)
        unfold = Unfold(self.dataset, page.blocks, self._unfolded)
        unfold.rows(page.rows)
        if self.side is not None:
            _take_side(self._batch, unfold, self.side)

    def finish(self) -> Batch:
        """The typed tables of all pages."""
        batch, unfolded = self._batch, self._unfolded
        _take_new_links(batch, unfolded)
        for name, found in unfolded.found.items():
            if found.objects or name == self.dataset.table.name:
                batch.tables[name] = typed(batch, batch.layouts[name], found, self.zone)
        for table, key, column, reason, raw in unfolded.odd:
            batch.rejected.append(Rejected(None, table, str(key), column, reason, as_text(raw) or ""))
        batch.strays = unfolded.strays
        batch.leave_unsaid()
        add_hashes(batch, with_children=not self.dataset.detail)
        return batch


def build(dataset: Dataset, account: str, pages: Sequence[Page], zone: str = "UTC", side: Side | None = None) -> Batch:
    """The typed tables of the pages' rows and of the side-loaded objects that `side` wants."""
    building = Building(dataset, account, zone, side)
    for page in pages:
        building.add(page)
    return building.finish()


def listing_hashes(dataset: Dataset, rows: Sequence[Object], zone: str) -> dict[int, int]:
    """Id -> the hash that the row will have when it is read in detail."""
    batch = Batch(dataset, "", layouts=dict(layouts(dataset)))
    name = dataset.table.name
    batch.tables[name] = typed(batch, batch.layouts[name], Found(list(rows)), zone)
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
    values = [signed(totals[key]) for key in root["id"].to_pylist()]
    batch.tables[batch.dataset.table.name] = root.append_column(ROW_HASH, pa.array(values, pa.int64()))


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
            rows = [without_links(row, dataset.links_in) for row in objects.values()]
            unfold.out.found[name].objects += rows
        elif batch.layouts[table.name].side:
            leave_out = {dataset.links_in, *table.pair_columns}
            fresh = [row for key, row in objects.items() if side.fresh(table.name, key, row, leave_out)]
            unfold.side(table, fresh)
        else:
            unfold.out.strays += len(objects.keys() - unfold.reached[block])


def _take_new_links(batch: Batch, unfolded: Unfolded) -> None:
    """Links that no declaration names get link tables of their own."""
    dataset = batch.dataset
    for name, link in unfolded.new_links.items():
        parent = dataset.by_name[name.split("__")[0]]
        columns = dict.fromkeys((dataset.table.foreign, parent.foreign, link.column), Kind.ID)
        batch.layouts[name] = Layout(
            name=name,
            columns={ACCOUNT: Kind.TEXT} | columns | {"type": Kind.TEXT} | NUMBERED,
            key=(ACCOUNT, parent.foreign, link.column, "type"),
            scope=dataset.table.foreign,
            tombstone=link.column,
        )
        batch.new.add(name)


def without_links(row: Object, links_in: str) -> Object:
    """The fields of a row that are its own."""
    return {name: value for name, value in row.items() if name != links_in}
