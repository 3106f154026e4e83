"""One dataset of one account, read once: pages -> batches of what is new or changed, and a certificate at the end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from stitchhouse import outcome
from stitchhouse.bounds import REREAD, bounded
from stitchhouse.deletes import Deletes
from stitchhouse.errors import StitchhouseError
from stitchhouse.picking import PAGES, Picking
from stitchhouse.walk import Ask, Capabilities, Certificate, KeysetOnId, Page, Walk, WholeList, Window, probe
from stitchhouse.walk.choice import plans
from stitchhouse.walk.page import row_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import timedelta

    from stitchhouse.batch import Batch
    from stitchhouse.begun import Begun
    from stitchhouse.dataset import Dataset
    from stitchhouse.links import Object
    from stitchhouse.memory import Known, Memory
    from stitchhouse.personal import Personal
    from stitchhouse.tables import Side
    from stitchhouse.walk import Plan, Reader


class Reading:
    """Iterate over `batches`; then `certificate()` says what was read, and `remember()` keeps the state.

    `side` is what to load of side-loaded objects, `window` what to read at all. `progress` is told the certificate as
    it would stand now. A reading may be left between two batches and gone on with in the next load: `kept` is the
    state of the load at hand.
    """

    def __init__(  # noqa: PLR0913 - one reading has these parts, all named
        self,
        dataset: Dataset,
        account: str,
        reader: Reader,
        kept: Memory,
        *,
        side: Side,
        window: Window = Window(),  # noqa: B008 - frozen
        known: Known | None = None,
        zone: str = "UTC",
        personal: Personal | None = None,
        run: str = "",
        reread: timedelta = REREAD,
        pages: int = PAGES,
        most_deletes: int = 0,
        progress: Callable[[Certificate], None] | None = None,
    ) -> None:
        self.dataset, self.account, self.reader, self.kept = dataset, account, reader, kept
        self.known, self.zone, self.run, self.progress = known, zone, run, progress
        self.window, self.reread, self.pages = window, reread, pages
        # Lines can change without their row, so a read of everything looks at each row in detail.
        afresh = bool(window.ids) or (window.full and dataset.detail)
        self.picking = Picking(
            dataset, account, reader, kept, side=side, known=known, zone=zone, personal=personal, afresh=afresh
        )
        self.deletes = Deletes(dataset, account, reader, known, most_deletes)
        self.cursor_before = kept.cursor
        self.able = Capabilities()
        self.walk: Walk | None = None
        self.asked = window
        """The window with the bounds that this walk has."""
        self.told: set[str] = set()
        """Tables and columns that nobody declared."""
        self.rejected_new = 0
        self.batches = iter(self)
        self.loads = False
        """Whether any batch held something to load."""
        self._number = 0
        self.begun: Begun | None = None
        self.through: int | None = None
        self._spent = reader.requests

    def _picked(self, pages: list[Page], walk: Walk) -> Iterator[Batch]:
        """What is to be loaded of these pages; with the last batch of them, the walk can go on behind them."""
        held: Batch | None = None
        try:
            for batch in self.picking.batches(pages, walk.server_time, self._tell):
                if held is not None:
                    yield held
                held = batch
        except StitchhouseError:
            if held is not None:
                yield held
            raise
        self.through = self._place(walk)
        if held is not None:
            yield held

    def marks(self) -> pa.Table:
        """What is to be noted in `_deleted` so far."""
        return self.deletes.rows(self.walk.server_time if self.walk else None, self.run)

    def go_on(self, kept: Memory) -> None:
        """In the load whose state is `kept`."""
        self.kept = kept
        self.picking.go_on()

    def next_batch(self) -> int:
        """The number of a batch, counted through all loads of the reading."""
        self._number += 1
        return self._number

    def not_rejected_yet(self, rows: pa.Table) -> pa.Table:
        """Those of the rejected values that the warehouse does not hold: only these are news."""
        if self.known is not None:
            held = self.known.rejected([str(key) for key in rows["id"].to_pylist()])
            rows = rows.filter(pc.invert(pc.is_in(rows["id"], value_set=pa.array(sorted(held), pa.string()))))
        self.rejected_new += len(rows)
        return rows

    @property
    def requests(self) -> int:
        """Requests of this reading so far."""
        return self.reader.requests - self._spent

    @property
    def ended(self) -> bool:
        """Whether the list was read to its end."""
        return self.walk is not None and self.walk.ended

    def __iter__(self) -> Iterator[Batch]:
        self.walk = walk = self.start()
        tally, tell = self.picking.tally, self._tell
        pages: list[Page] = []
        for page in walk:
            rows = self._inside(tally.once(page, repeats=walk.plan.repeats or walk.passes > 1))
            self.deletes.saw(page.ids())
            # What comes beside a row that is read in detail comes with its detail too.
            pages.append(Page(rows=rows) if self.dataset.detail else replace(page, rows=rows))
            tell()
            if len(pages) == self.pages:
                yield from self._picked(pages, walk)
                pages = []
        yield from self.picking.batches(pages, walk.server_time, tell)
        if self.dataset.detail:
            yield from self.picking.detailed([], list(self.picking.waiting), {}, tell)
        # A walk that went on where an earlier run ended did not see what that one saw.
        if self.window.full and not walk.why and self.begun is None:
            self.deletes.look(tally.ids, self.picking.details.several)
        tell()

    def certificate(self) -> Certificate:
        """What was read so far. Before the walk has ended, it is not certified."""
        return outcome.certificate(self)

    def remember(self, certificate: Certificate) -> None:
        """Move the cursor after a certified walk; after any other, forget nothing that is still to be looked at."""
        outcome.remember(self, certificate)

    def leave(self, certificate: Certificate) -> None:
        """Keep where to go on, and what is still to be looked at, of a read that has not ended well, or not yet."""
        outcome.leave(self, certificate)

    def start(self) -> Walk:
        """The walk, not begun. A list that fits one answer needs no plan, so that is found out before anything else."""
        dataset = self.dataset
        first: Page | None = None
        if self.kept.capabilities and not self.window.full:
            self.able = Capabilities.kept(self.kept.capabilities)
        elif dataset.paged:
            first = self.reader.page(Ask())
            if not first.more:
                return Walk(WholeList(), self.reader, self.zone, first, self._paged())
            self.able = probe(self.reader, dataset.cursor, sorted_by_id=dataset.sorted_by_id)
        self.asked, self.begun = bounded(self.window, dataset, self.account, self.kept, self.known, self.reread)
        if self.begun is not None:
            self.begun.take(self.picking.tally)
            self.through = self.begun.through
        chosen = plans(dataset, self.able, self.asked)
        plan = next(chosen)
        # A list that is sorted by nature answers the plan's first question just as it answered ours.
        same = plan.first() in ((Ask(), Ask(order="id")) if dataset.sorted_by_id else (Ask(),))
        return Walk(plan, self.reader, self.zone, first if same else None, chosen)

    def _paged(self) -> Iterator[Plan]:
        """What to fall back to where a list seemed to come in one answer, but goes on."""
        self.able = probe(self.reader, self.dataset.cursor, sorted_by_id=self.dataset.sorted_by_id)
        yield from plans(self.dataset, self.able, self.window)

    def _inside(self, rows: list[Object]) -> list[Object]:
        """The rows that the window asks for; a plan may bring their neighbours too."""
        window = self.window
        if window.ids:
            wanted = set(window.ids)
            return [row for row in rows if row_id(row) in wanted]
        if window.since is None and window.until is None:
            return rows
        return [row for row in rows if window.holds(self.picking.tally.stamp(row))]

    def _place(self, walk: Walk) -> int | None:
        """The last id of which everything is loaded, where a later walk can go on behind it."""
        return walk.plan.last if isinstance(walk.plan, KeysetOnId) and walk.passes == 1 else None

    def _tell(self) -> None:
        if self.progress is not None:
            self.progress(self.certificate())
