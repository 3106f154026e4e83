"""Rows as they were listed -> batches of what is new or changed, with all that hangs on it and comes beside it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from stitchhouse.daily import Daily
from stitchhouse.detail import Details
from stitchhouse.layout import layouts
from stitchhouse.tables import Building, Side, build, listing_hashes, without_links
from stitchhouse.tally import SETTLED, Tally
from stitchhouse.walk.page import Page, row_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from stitchhouse.batch import Batch
    from stitchhouse.dataset import Dataset
    from stitchhouse.links import Object
    from stitchhouse.memory import Known, Memory
    from stitchhouse.personal import Personal
    from stitchhouse.walk import Reader

PAGES = 10
"""Pages per batch: fewer make small tables, which cost more than their rows."""


class Picking:
    """What one reading loads. `waiting` are rows that an earlier run left to be looked at again, with their content."""

    def __init__(  # noqa: PLR0913 - what it is made of, all named
        self,
        dataset: Dataset,
        account: str,
        reader: Reader,
        kept: Memory,
        *,
        side: Side,
        known: Known | None,
        zone: str,
        personal: Personal | None = None,
        afresh: bool = False,
    ) -> None:
        """`afresh` loads whatever is listed, whether or not it is known in this form."""
        self.dataset, self.account, self.reader = dataset, account, reader
        self.side, self.known, self.zone, self.personal = side, known, zone, personal
        self.details = Details(reader, several=kept.several)
        self.waiting = kept.unsettled
        self.tally = Tally(dataset.cursor, zone)
        self.daily = Daily(dataset, kept.day, zone)
        self.rows: Counter[str] = Counter()
        """Rows to load by table, tombstones not counted."""
        self._afresh = afresh or kept.afresh
        self._window = kept.window
        self._filled: set[str] | None = None

    def go_on(self) -> None:
        """A new load begins, which finds what the last one wrote."""
        self._filled = None

    def batches(self, pages: Sequence[Page], server: datetime | None, tell: Callable[[], None]) -> Iterator[Batch]:
        """What is to be loaded of these pages. `tell` is called after every further answer."""
        rows = [row for page in pages for row in page.rows]
        if not rows:
            return
        if not self.dataset.detail:
            yield from self._listed(pages, rows, server)
            return
        keyless = [row for row in rows if row_id(row) is None]
        if keyless:
            batch = build(self.dataset, self.account, [Page(rows=keyless)], self.zone, personal=self.personal)
            yield self._counted(batch)
        hashes = listing_hashes(self.dataset, self.account, rows, self.zone, self.personal)
        self.tally.stamps(rows, hashes, server)
        asked = self._differing(hashes, self._held(hashes))
        yield from self.detailed(rows, asked, hashes, tell)

    def detailed(
        self, rows: Sequence[Object], asked: list[int], listed: Mapping[int, int], tell: Callable[[], None]
    ) -> Iterator[Batch]:
        """Read `asked` in detail; `listed` are the hashes of the rows as the list showed them.

        What the source does not answer keeps its listed columns, if it is new, and is asked once more by the next run.
        """
        building = self._building()
        gone = len(self.details.gone)
        for page in self.details.read(asked):
            building.add(page)
            self.tally.mended.update(page.mended)
            tell()
            if building.pages == PAGES:
                yield from self._details(building, listed)
                building = self._building()
        if building.pages:
            yield from self._details(building, listed)
        lost = set(self.details.gone[gone:])
        for key in lost - self.waiting.keys():
            self.tally.doubt(key, 0)
        for key in lost & self.waiting.keys():
            del self.waiting[key]
        if lost:
            held = self._held(list(lost))
            fresh = [row for row in rows if row_id(row) in lost and row_id(row) not in held]
            # The links of a listed row say nothing about what only a detailed read shows.
            own = [without_links(row, self.dataset.links_in) for row in fresh]
            batch = build(self.dataset, self.account, [Page(rows=own)], self.zone, personal=self.personal)
            batch.forget_hashes()
            yield from self._loaded(batch, held, bury=False)

    def gone(self) -> list[str]:
        gone = self.details.gone
        return [f"{len(gone)} listed but not answered in detail: id {', '.join(map(str, gone[:5]))}"] if gone else []

    def _listed(self, pages: Sequence[Page], rows: Sequence[Object], server: datetime | None) -> Iterator[Batch]:
        """Rows that the list shows whole."""
        batch = build(self.dataset, self.account, pages, self.zone, personal=self.personal)
        hashes = batch.hashes()
        self.tally.stamps(rows, hashes, server)
        held = self._held(hashes)
        differing = set(self._differing(hashes, held))
        snapshot = self.daily.of(batch.root, differing, server)
        asked = [link.name for link in self.dataset.table.links if link.asked]
        if differing and asked:
            # A row without an id is in no set; it is rejected with what it was.
            given = [row for row in rows if (key := row_id(row)) is None or key in differing]
            more = self.reader.more(given)
            if more is not given:
                batch = build(self.dataset, self.account, [Page(rows=more)], self.zone, personal=self.personal)
                # What was not answered is asked for again by the next run.
                batch.forget_hashes(row_id(row) for row in more if any(name not in row for name in asked))
        batch.keep(differing)
        self.tally.strays += batch.strays
        if differing:
            batch.include(self._beside(pages, batch, differing))
        batch.tables |= snapshot
        yield from self._loaded(batch, held)

    def _beside(self, pages: Sequence[Page], batch: Batch, differing: set[int]) -> Batch:
        """What came beside rows that are loaded. What is beside unchanged rows only was loaded with them."""
        building = self._building()
        for page in pages:
            if page.blocks and not differing.isdisjoint(page.ids()):
                building.beside(page)
        building.shared(batch.shared, differing)
        return building.finish()

    def _building(self) -> Building:
        return Building(self.dataset, self.account, self.zone, self.side, self.personal)

    def _held(self, ids: Sequence[int] | Mapping[int, int]) -> Mapping[int, int | None]:
        if self.known is None or not ids:
            return {}
        return self.known.hashes(self.dataset.table.name, self.account, list(ids))

    def _differing(self, hashes: Mapping[int, int], held: Mapping[int, int | None]) -> list[int]:
        """Ids whose rows are not known in this very form, or all if nothing that is known counts."""
        if self._afresh:
            return list(hashes)
        differing = [key for key, value in hashes.items() if value not in {self._window.get(key), held.get(key)}]
        self.tally.unchanged += len(hashes) - len(differing)
        return differing

    def _details(self, building: Building, listed: Mapping[int, int]) -> Iterator[Batch]:
        batch = building.finish()
        hashes = batch.hashes()
        self.tally.strays += batch.strays
        hot = batch.changed_since(building.date - SETTLED) if building.date else set()
        hot |= {key for key, value in hashes.items() if listed.get(key, value) != value} | batch.partly_said()
        waited = self.waiting.keys() & hashes.keys()
        contents = batch.contents(hot | waited)
        for key in hot:
            self.tally.doubt(key, contents.get(key, 0))
        same = {key for key in waited if self.waiting.pop(key) == contents[key]}
        held = self._held(hashes)
        if same:
            self.tally.unchanged += len(same)
            if same == hashes.keys():
                self.side.seen.clear()
                return
            batch.keep(hashes.keys() - same)
        yield from self._loaded(batch, held)

    def _loaded(self, batch: Batch, held: Mapping[int, int | None], *, bury: bool = True) -> Iterator[Batch]:
        self.tally.compared(batch.hashes(), held)
        self.rows.update({name: len(table) for name, table in batch.tables.items() if len(table)})
        self._tell_known_links(batch)
        if bury:
            batch.bury(self._needs_tombstones)
        yield self._counted(batch)

    def _counted(self, batch: Batch) -> Batch:
        self.tally.rejected += len(batch.rejected)
        return batch

    def _tell_known_links(self, batch: Batch) -> None:
        """A copy that comes beside other rows may not tell a link that is known: a missing one overwrites nothing."""
        if self.known is not None:
            for table, column, ids in batch.untold():
                batch.tell(table, column, self.known.values(table, column, self.account, ids))

    def _needs_tombstones(self, table: str) -> bool:
        """A table without any row of this account needs none; without a warehouse to ask, every table does."""
        if self.known is None:
            return True
        if self._filled is None:
            scoped = [name for name, layout in layouts(self.dataset).items() if layout.scope]
            self._filled = set(self.known.filled(scoped, self.account))
        return table in self._filled or table not in layouts(self.dataset)
