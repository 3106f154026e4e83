"""One dataset of one account, read once: pages -> batches of what is new or changed, and a certificate at the end."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pendulum

from stitchhouse import memory
from stitchhouse.detail import Details
from stitchhouse.tables import Building, Side, build, listing_hashes, without_links
from stitchhouse.tally import SETTLED, Tally
from stitchhouse.walk import Capabilities, Certificate, Page, Walk, probe
from stitchhouse.walk.choice import choose
from stitchhouse.walk.page import row_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from stitchhouse.batch import Batch
    from stitchhouse.dataset import Dataset
    from stitchhouse.links import Object
    from stitchhouse.memory import Known, Memory
    from stitchhouse.walk import Reader

PAGES = 10
"""Pages per batch: fewer make small tables, which cost more than their rows."""


class Reading:
    """Iterate over it for batches; then `certificate()` says what was read, and `remember()` keeps the state.

    `side` is what to load of side-loaded objects. `progress` is told the certificate as it would stand now.
    """

    def __init__(  # noqa: PLR0913 - one reading has these parts, all named
        self,
        dataset: Dataset,
        account: str,
        reader: Reader,
        kept: Memory,
        *,
        side: Side,
        known: Known | None = None,
        zone: str = "UTC",
        run: str = "",
        progress: Callable[[Certificate], None] | None = None,
    ) -> None:
        self.dataset, self.account, self.reader, self.kept = dataset, account, reader, kept
        self.side, self.known, self.zone, self.run, self.progress = side, known, zone, run, progress
        self.cursor_before = kept.cursor
        self.able = Capabilities()
        self.walk: Walk | None = None
        self.details = Details(reader, several=kept.several)
        self.waiting = kept.unsettled
        self.whole = True
        self.tally = Tally(dataset.cursor, zone)
        self.rows: Counter[str] = Counter()
        """Rows to load by table, tombstones not counted."""
        self._window = kept.window
        self._filled: set[str] | None = None

    def __iter__(self) -> Iterator[Batch]:
        self.walk = walk = self.start()
        rows: list[Object] = []
        for number, page in enumerate(walk, 1):
            rows += self.tally.once(page, repeats=walk.plan.repeats)
            self._tell()
            if number % PAGES == 0:
                yield from self._batch(rows, walk.server_time)
                rows = []
        yield from self._batch(rows, walk.server_time)
        if self.dataset.detail:
            yield from self._detailed([], list(self.waiting), {})
        self._tell()

    def certificate(self) -> Certificate:
        """What was read so far. Before the walk has ended, it is not certified."""
        tally, walk, compared = self.tally, self.walk, self.known is not None
        bare = Certificate(
            run=self.run,
            dataset=self.dataset.name,
            account=self.account,
            ended_at=pendulum.now("UTC"),
            requests=self.reader.requests,
            distinct=tally.distinct,
            doubled=tally.doubled,
            loaded=tally.loaded,
            new=tally.new if compared else None,
            changed=tally.changed if compared else None,
            unchanged=tally.unchanged if compared else None,
            rejected=tally.rejected,
            note="; ".join([*tally.notes(), *self._gone()]),
            cursor_before=self.cursor_before,
            cursor_after=self.cursor_before,
        )
        return bare if walk is None else bare.of_walk(walk, self._cursor(walk))

    def remember(self, certificate: Certificate) -> None:
        """Move the cursor after a certified walk; after any other, forget nothing that is still to be looked at."""
        again = {str(key): value for key, value in sorted(self.tally.again.items())}
        broken = self.walk is None or bool(self.walk.plan.verdict())
        self.kept.keep(capabilities={} if broken else self.able.known(), several=self.details.several)
        if not certificate.certified:
            waiting = {str(key): value for key, value in self.waiting.items()}
            self.kept.keep(unsettled=waiting | again)
            return
        cursor = certificate.cursor_after
        self.kept.keep(window=self.tally.window(cursor), unsettled=again, certified=True)
        if self.whole:
            self.kept.keep(unstamped=bool(self.dataset.cursor and self.tally.unstamped))
        if cursor is not None:
            self.kept.move(cursor)

    def start(self) -> Walk:
        dataset = self.dataset
        if self.kept.capabilities:
            self.able = Capabilities.kept(self.kept.capabilities)
        elif dataset.paged:
            self.able = probe(self.reader, dataset.cursor, sorted_by_id=dataset.sorted_by_id)
        cursor = None if self.kept.unstamped else self.cursor_before
        since = cursor - memory.LOOKBACK if cursor else None
        self.whole = since is None
        return Walk(choose(dataset, self.able, since), self.reader, self.zone)

    def _cursor(self, walk: Walk) -> datetime | None:
        return memory.next_cursor(self.cursor_before, walk.server_time, self.tally.newest)

    def _tell(self) -> None:
        if self.progress is not None:
            self.progress(self.certificate())

    def _gone(self) -> list[str]:
        gone = self.details.gone
        return [f"{len(gone)} listed but not answered in detail: id {', '.join(map(str, gone[:5]))}"] if gone else []

    def _batch(self, rows: list[Object], server: datetime | None) -> Iterator[Batch]:
        if not rows:
            return
        if self.dataset.detail:
            keyless = [row for row in rows if row_id(row) is None]
            if keyless:
                yield self._counted(build(self.dataset, self.account, [Page(rows=keyless)], self.zone))
            hashes = listing_hashes(self.dataset, rows, self.zone)
            self.tally.stamps(rows, hashes, server)
            asked = self._differing(hashes, self._held(hashes))
            yield from self._detailed(rows, asked, hashes)
        else:
            batch = build(self.dataset, self.account, [Page(rows=rows)], self.zone)
            hashes = batch.hashes()
            self.tally.stamps(rows, hashes, server)
            held = self._held(hashes)
            batch.keep(self._differing(hashes, held))
            yield from self._loaded(batch, held)

    def _held(self, ids: Sequence[int] | Mapping[int, int]) -> Mapping[int, int | None]:
        if self.known is None or not ids:
            return {}
        return self.known.hashes(self.dataset.table.name, self.account, list(ids))

    def _differing(self, hashes: Mapping[int, int], held: Mapping[int, int | None]) -> list[int]:
        """Ids whose rows are not known in this very form."""
        differing = [key for key, value in hashes.items() if value not in {self._window.get(key), held.get(key)}]
        self.tally.unchanged += len(hashes) - len(differing)
        return differing

    def _detailed(self, rows: list[Object], asked: list[int], listed: Mapping[int, int]) -> Iterator[Batch]:
        """Read `asked` in detail; `listed` are the hashes of the rows as the list showed them.

        What the source does not answer keeps its listed columns, if it is new, and is asked once more by the next run.
        """
        building = self._building()
        gone = len(self.details.gone)
        for page in self.details.read(asked):
            building.add(page)
            self._tell()
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
            batch = build(self.dataset, self.account, [Page(rows=own)])
            batch.forget_hashes()
            yield from self._loaded(batch, held, bury=False)

    def _building(self) -> Building:
        return Building(self.dataset, self.account, self.zone, self.side)

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
        if bury and len(batch.root):
            batch.bury(self._needs_tombstones)
        yield self._counted(batch)

    def _counted(self, batch: Batch) -> Batch:
        self.tally.rejected += len(batch.rejected)
        return batch

    def _needs_tombstones(self, table: str) -> bool:
        """A table without any row of this account needs none; without a warehouse to ask, every table does."""
        if self.known is None:
            return True
        if self._filled is None:
            scoped = [name for name, layout in self.side.layouts.items() if layout.scope]
            self._filled = set(self.known.filled(scoped, self.account))
        return table in self._filled or table not in self.side.layouts
