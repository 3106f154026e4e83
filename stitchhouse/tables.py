"""Pages of JSON -> typed Arrow tables, one per table of the dataset."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stitchhouse.batch import Batch
from stitchhouse.dataset import Relation
from stitchhouse.hashes import add_hashes
from stitchhouse.layout import layouts, link_layout, new_table
from stitchhouse.links import Found, Unfold, Unfolded
from stitchhouse.rows import usable
from stitchhouse.spelling import new_table_name
from stitchhouse.typed import typed
from stitchhouse.veil import veil
from stitchhouse.walk.page import row_id

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from stitchhouse.dataset import Dataset, Table
    from stitchhouse.links import Object
    from stitchhouse.personal import Personal
    from stitchhouse.walk.page import Page

MOST_SEEN = 50_000
"""Side-loaded objects remembered per table, so that the same copy is not loaded with every order."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """What to load of the objects that stand alone beside the rows: `wanted(table, object)` tells.

    `taken` are names that no table of an undeclared block may have.
    """

    wanted: Callable[[str, Object], bool] = lambda table, row: True  # noqa: ARG005 - the shape of the question
    taken: Collection[str] = ()
    seen: dict[str, dict[str, tuple[Object, list[Any], list[Any]]]] = field(default_factory=dict)

    def fresh(self, table: str, key: str, row: Object, links: list[Any], below: list[Any]) -> bool:
        """Whether this copy of an object tells more than the last one seen. Remembers so many only, to stay small.

        `links` are its links to one: of two copies that differ only in them, one that names none tells less. `below`
        is what hangs on it.
        """
        seen = self.seen.setdefault(table, {})
        before = seen.get(key)
        if before is not None and before[0] == row and before[2] == below and (before[1] == links or not any(links)):
            return False
        if len(seen) >= MOST_SEEN:
            seen.clear()
        seen[key] = (row.copy(), links, below)
        return True


class Building:
    """A batch in the making: takes pages one by one, and keeps only what is bound for a table.

    With `side` it takes what comes beside the rows too.
    """

    def __init__(
        self, dataset: Dataset, account: str, zone: str, side: Side | None = None, personal: Personal | None = None
    ) -> None:
        self.dataset = dataset
        self.zone = zone
        self.personal = personal
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
        unfold.stand(self.dataset.table, usable(self._batch, page.rows, self.zone))
        for block, objects in page.blocks.items():
            table = self.dataset.by_block.get(block)
            if table is not None and self._batch.layouts[table.name].owner == self.dataset.table.name:
                self._unfolded.strays += len(objects.keys() - unfold.reached[block])
        if self.side is not None:
            take_side(self._batch, unfold, self.side)

    def beside(self, page: Page) -> None:
        """Take only what comes beside the rows of a page."""
        if self.side is not None:
            take_side(self._batch, Unfold(self.dataset, page.blocks, self._unfolded), self.side)

    def shared(self, found: Mapping[str, list[tuple[Any, Object]]], roots: Collection[int]) -> None:
        """Take what was nested in the rows with these ids, and has a list of its own."""
        for name, objects in found.items():
            rows = [row for root, row in objects if root in roots and self.side and self.side.wanted(name, row)]
            Unfold(self.dataset, {}, self._unfolded).stand(self.dataset.by_name[name], rows)

    def finish(self) -> Batch:
        """The typed tables of all pages."""
        batch, unfolded = self._batch, self._unfolded
        _take_new_links(batch, unfolded)
        for name, found in unfolded.found.items():
            if found.objects or name == self.dataset.table.name:
                batch.tables[name] = typed(batch, batch.layouts[name], found, self.zone)
        for table, key, column, reason, raw in unfolded.odd:
            root = row_id({"id": key}) if table == self.dataset.table.name else None
            batch.reject(root, table, key, column, reason, raw)
        batch.strays, batch.shared = unfolded.strays, unfolded.shared
        batch.leave_unsaid()
        if self.personal is not None:
            veil(batch, self.personal)
        if self.dataset.table.name in batch.tables:
            add_hashes(batch, with_children=not self.dataset.detail)
        return batch


def build(
    dataset: Dataset,
    account: str,
    pages: Sequence[Page],
    zone: str = "UTC",
    side: Side | None = None,
    personal: Personal | None = None,
) -> Batch:
    """The typed tables of the pages' rows and of the side-loaded objects that `side` wants."""
    building = Building(dataset, account, zone, side, personal)
    for page in pages:
        building.add(page)
    return building.finish()


def listing_hashes(
    dataset: Dataset, account: str, rows: Sequence[Object], zone: str, personal: Personal | None = None
) -> dict[int, int]:
    """Id -> the hash that the row will have when it is read in detail."""
    batch = Batch(dataset, account, layouts=dict(layouts(dataset)))
    name = dataset.table.name
    batch.tables[name] = typed(batch, batch.layouts[name], Found(list(rows)), zone)
    if personal is not None:
        veil(batch, personal)
    add_hashes(batch, with_children=False)
    return batch.hashes()


def take_side(batch: Batch, unfold: Unfold, side: Side) -> None:
    """The side-loaded objects of one page; a block that no declaration names gets a table of its own."""
    dataset = batch.dataset
    for block, objects in unfold.blocks.items():
        table = dataset.by_block.get(block)
        if table is None:
            name = new_table_name(block)
            name = f"new_{name}" if name in side.taken or name in layouts(dataset) else name
            batch.layouts.setdefault(name, new_table(name))
            batch.new.add(name)
            rows = [without_links(row, dataset.links_in) for row in objects.values()]
            unfold.out.found[name].objects += rows
        elif not batch.layouts[table.name].scope:
            unfold.stand(table, list(_fresh(unfold, table, objects, side)))


def _fresh(unfold: Unfold, table: Table, objects: Mapping[str, Object], side: Side) -> Iterator[Object]:
    """The objects of a block that are wanted and tell something new.

    One that belongs to a row of the dataset comes with that row alone. If neither it nor a row of this reply names the
    other, its own row's read has it.
    """
    dataset = unfold.dataset
    by = {relation: [link for link in table.links if link.relation is relation] for relation in Relation}
    home = next((link for link in by[Relation.ONE] if link.table == dataset.table.name), None)
    aside = (dataset.links_in, *table.pair_columns)
    for key, row in objects.items():
        if not side.wanted(table.name, row):
            continue
        if home is not None:
            if unfold.row_of(table, home, row):
                yield row
            else:
                unfold.out.strays += 1
            continue
        links = [unfold.linked(row, link) for link in by[Relation.ONE]]
        below: list[Any] = [unfold.linked(row, link) for link in by[Relation.MANY]]
        for link in by[Relation.OWNED]:
            below += unfold.held(row, link)
        left_out = {name: row.pop(name) for name in aside if name in row}
        fresh = side.fresh(table.name, key, row, links, below)
        row.update(left_out)
        if fresh:
            yield row


def _take_new_links(batch: Batch, unfolded: Unfolded) -> None:
    """Links that no declaration names get link tables of their own."""
    dataset = batch.dataset
    for name, link in unfolded.new_links.items():
        parent = dataset.by_name[name.split("__")[0]]
        batch.layouts[name] = link_layout(dataset, dataset.table, parent, link)
        batch.new.add(name)


def without_links(row: Object, links_in: str) -> Object:
    """The fields of a row that are its own."""
    return {name: value for name, value in row.items() if name != links_in}
