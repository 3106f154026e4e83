"""The loop of every walk: ask, check what no plan need know about, hand the page on, ask the plan what is next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stitchhouse.errors import ContractError, RefusedError
from stitchhouse.walk.page import row_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from stitchhouse.walk.page import Ask, Page, Reader
    from stitchhouse.walk.plans import Plan


class Walk:
    """One walk. Iterate over it for its pages; afterwards `why` tells why a row can have been missed, if one can.

    Where the source breaks what the plan rests on, the first of `others` begins anew: the rows read so far stay, and
    `broke` tells what happened.
    """

    def __init__(
        self, plan: Plan, reader: Reader, zone: str = "UTC", first: Page | None = None, others: Iterable[Plan] = ()
    ) -> None:
        """`first` is the answer to the plan's first question, where it was asked already."""
        self.plan = plan
        self.reader = reader
        self.zone = zone
        self.pages = 0
        self.rows = 0
        self.passes = 1
        self.server_time: datetime | None = None
        self.total_first: int | None = None
        self.total_last: int | None = None
        self.ended = False
        self.broke: list[str] = []
        self._others = iter(others)
        self._contradiction = ""
        self._first = first
        self._begins = True
        self._pass = _Pass()

    @property
    def why(self) -> str:
        return (self.plan.verdict() or self._contradiction) if self.ended else "the walk did not end"

    def __iter__(self) -> Iterator[Page]:
        ask: Ask | None = self.plan.first()
        while ask is not None:
            try:
                page = self._page(ask)
            except RefusedError as refused:
                # One question of a plan may be refused though others were answered, such as an id within one stamp.
                if (ask := self._fall_back(str(refused))) is None:
                    raise
                continue
            passes = self.plan.passes
            counts = self.plan.takes(page)
            if counts:
                self._count(page, ask)
            following = self.plan.next(page)
            if following == ask and self.plan.passes == passes:
                raise ContractError(f"page {page.number} leads back to itself; the cursor stays")
            if counts:
                self.rows += len(page.rows)
                yield page
            if following is None and self.plan.verdict():
                following = self._fall_back(self.plan.verdict())
            elif self.plan.passes > passes:
                self.passes += 1
                self._pass = _Pass()
                self._contradiction = ""
            ask = following
        self._contradiction = self._contradiction or self._pass.miscounted(self.plan)
        self.ended = True

    def _page(self, ask: Ask) -> Page:
        page, self._first = self._first or self.reader.page(ask), None
        if page.more and not page.rows:
            # Once more, in case it was a slip.
            page = self.reader.page(ask)
        page.zone = self.zone
        if not self.pages:
            self.server_time = page.date
        self._pass.saw(page)
        if not page.more and page.rows and len(page.rows) >= self._pass.size(page):
            page.more = self._goes_on(ask, page)
        if page.number != ask.page:
            raise ContractError(f"page {ask.page} was asked for, page {page.number} came; the cursor stays")
        if self._begins:
            self.total_first, self._begins = page.total, False
        self.pages += 1
        self.total_last = page.total
        return page

    def _goes_on(self, ask: Ask, page: Page) -> bool:
        """Whether rows follow a full page that is called the last one, as its count may be of another moment.

        Behind a key nothing can hide. A page number says nothing if rows went meanwhile: what that page held can have
        moved up, to where the first page shows it now.
        """
        behind = self.plan.beyond(ask, page)
        beyond = self.reader.page(behind)
        self.pages += 1
        follows = self._pass.goes_on(page, beyond)
        if follows or behind.page == ask.page:
            return follows
        if None not in {page.total, beyond.total} and (beyond.total or 0) < (page.total or 0):
            return True
        if ask.page > 1:
            return False
        self.pages += 1
        return self._pass.holds_other(page, self.reader.page(ask))

    def _fall_back(self, why: str) -> Ask | None:
        """The first question of the next plan, if there is one."""
        plan = next(self._others, None)
        if plan is None:
            return None
        self.broke.append(f"{self.plan.name} ended ({why}), so all was read again")
        self.plan = plan
        self.passes += 1
        self._begins = True
        self._pass = _Pass()
        self._contradiction = ""
        return plan.first()

    def _count(self, page: Page, ask: Ask) -> None:
        if page.last is not None and page.number < page.last and not page.more:
            self._contradiction = f"page {page.number} says that none follows, but also that there are {page.last}"
        if page.more and not page.rows:
            self._contradiction = f"page {page.number} says that more follow, but holds no row"
        whole = page.number == 1 and not page.more and page.total is not None
        if whole and page.total != len(page.rows):
            self._contradiction = f"the only page left holds {len(page.rows)} rows, the source counts {page.total}"
        self._contradiction = self._contradiction or self._pass.short(page, ask)
        self._pass.add(page)


class _Pass:
    """What one reading of the list held: its rows beside what the source counts."""

    def __init__(self) -> None:
        self.rows = 0
        self.pages = 0
        self.totals: set[int | None] = set()
        self.full = 0
        self._seen = 0
        self._first: list[int] = []

    def saw(self, page: Page) -> None:
        """A page, whether or not its rows count."""
        self._seen += 1
        self._first = self._first or page.ids()
        self.full = max(self.full, len(page.rows))

    def add(self, page: Page) -> None:
        self.rows += len(page.rows)
        self.pages += 1
        self.totals.add(page.total)

    def size(self, page: Page) -> int:
        """Rows of a full page, as far as the pages tell: one alone tells nothing."""
        return page.size if self._seen == 1 else self.full

    def goes_on(self, page: Page, beyond: Page) -> bool:
        """Whether the page beyond the last one holds more of the list, and not its first or its last page again."""
        return self.holds_other(page, beyond) and beyond.ids() != self._first

    @staticmethod
    def holds_other(page: Page, again: Page) -> bool:
        """Whether there is any row in `again` that the page does not hold, with an id that can be read or without."""
        if set(again.ids()).difference(page.ids()):
            return True
        return any(row_id(row) is None and row not in page.rows for row in again.rows)

    def short(self, page: Page, ask: Ask) -> str:
        """A page between others holds fewer rows than they do; one that was asked by key may."""
        between = page.last is not None and page.number < page.last
        by_key = (ask.after, ask.before, ask.since, ask.at) != (None,) * 4
        if between and not by_key and page.rows and len(page.rows) < self.full:
            return f"page {page.number} of {page.last} holds {len(page.rows)} rows, others {self.full}"
        return ""

    def miscounted(self, plan: Plan) -> str:
        """The source counted the same in every answer, but other than came; what moves meanwhile changes the count."""
        if not plan.whole or self.pages < 2 or len(self.totals) != 1:  # noqa: PLR2004 - one page is checked by itself
            return ""
        (total,) = self.totals
        return f"{self.rows} rows came, the source counts {total}" if total not in {None, self.rows} else ""
