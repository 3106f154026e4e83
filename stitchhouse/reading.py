"""One dataset of one account, read once: pages -> batches of what is new or changed, and a certificate at the end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pendulum

from stitchhouse import memory
from stitchhouse.picking import PAGES, Picking
from stitchhouse.walk import Ask, Capabilities, Certificate, Page, Walk, WholeList, probe
from stitchhouse.walk.choice import choose
from stitchhouse.walk.plans import ID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from stitchhouse.batch import Batch
    from stitchhouse.dataset import Dataset
    from stitchhouse.memory import Known, Memory
    from stitchhouse.tables import Side
    from stitchhouse.walk import Reader


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
        self.compared, self.zone, self.run, self.progress = known is not None, zone, run, progress
        self.picking = Picking(dataset, account, reader, kept, side=side, known=known, zone=zone)
        self.cursor_before = kept.cursor
        self.able = Capabilities()
        self.walk: Walk | None = None
        self.whole = True

    def __iter__(self) -> Iterator[Batch]:
        self.walk = walk = self.start()
        pages: list[Page] = []
        for page in walk:
            rows = self.picking.tally.once(page, repeats=walk.plan.repeats)
            # What comes beside a row that is read in detail comes with its detail too.
            pages.append(Page(rows=rows) if self.dataset.detail else replace(page, rows=rows))
            self._tell()
            if len(pages) == PAGES:
                yield from self.picking.batches(pages, walk.server_time, self._tell)
                pages = []
        yield from self.picking.batches(pages, walk.server_time, self._tell)
        if self.dataset.detail:
            yield from self.picking.detailed([], list(self.picking.waiting), {}, self._tell)
        self._tell()

    def certificate(self) -> Certificate:
        """What was read so far. Before the walk has ended, it is not certified."""
        tally, walk, compared = self.picking.tally, self.walk, self.compared
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
            note="; ".join([*tally.notes(), *self.picking.gone()]),
            cursor_before=self.cursor_before,
            cursor_after=self.cursor_before,
        )
        return bare if walk is None else bare.of_walk(walk, self._cursor(walk))

    def remember(self, certificate: Certificate) -> None:
        """Move the cursor after a certified walk; after any other, forget nothing that is still to be looked at."""
        tally = self.picking.tally
        again = {str(key): value for key, value in sorted(tally.again.items())}
        broken = self.walk is None or bool(self.walk.plan.verdict())
        self.kept.keep(capabilities={} if broken else self.able.known(), several=self.picking.details.several)
        if not certificate.certified:
            waiting = {str(key): value for key, value in self.picking.waiting.items()}
            self.kept.keep(unsettled=waiting | again)
            return
        cursor = certificate.cursor_after
        self.kept.keep(
            window=tally.window(cursor), unsettled=again, certified=True, day=self.picking.daily.day, afresh=False
        )
        if self.whole:
            self.kept.keep(unstamped=bool(self.dataset.cursor and tally.unstamped))
        if cursor is not None:
            self.kept.move(cursor)

    def start(self) -> Walk:
        """The walk, not begun. A list that fits one answer needs no plan, so that is found out before anything else."""
        dataset = self.dataset
        first: Page | None = None
        if self.kept.capabilities:
            self.able = Capabilities.kept(self.kept.capabilities)
        elif dataset.paged:
            first = self.reader.page(Ask())
            if not first.more:
                return Walk(WholeList(), self.reader, self.zone, first)
            self.able = probe(self.reader, dataset.cursor, sorted_by_id=dataset.sorted_by_id)
        cursor = None if self.kept.unstamped else self.cursor_before
        since = cursor - memory.LOOKBACK if cursor else None
        self.whole = since is None
        plan = choose(dataset, self.able, since)
        # A list that is sorted by nature answers the plan's first question just as it answered ours.
        same = plan.first() == (Ask(order=ID) if dataset.sorted_by_id else Ask())
        return Walk(plan, self.reader, self.zone, first if same else None)

    def _cursor(self, walk: Walk) -> datetime | None:
        return memory.next_cursor(self.cursor_before, walk.server_time, self.picking.tally.newest)

    def _tell(self) -> None:
        if self.progress is not None:
            self.progress(self.certificate())
