"""The loop of every walk: ask, check what no plan need know about, hand the page on, ask the plan what is next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stitchhouse.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from stitchhouse.walk.page import Page, Reader
    from stitchhouse.walk.plans import Plan


class Walk:
    """One walk. Iterate over it for its pages; afterwards `why` tells why a row can have been missed, if one can."""

    def __init__(self, plan: Plan, reader: Reader, zone: str = "UTC", first: Page | None = None) -> None:
        """`first` is the answer to the plan's first question, where it was asked already."""
        self.plan = plan
        self.reader = reader
        self.zone = zone
        self.pages = 0
        self.rows = 0
        self.server_time: datetime | None = None
        self.total_first: int | None = None
        self.total_last: int | None = None
        self.ended = False
        self._contradiction = ""
        self._first = first

    @property
    def why(self) -> str:
        return (self.plan.verdict() or self._contradiction) if self.ended else "the walk did not end"

    def __iter__(self) -> Iterator[Page]:
        ask = self.plan.first()
        while True:
            page, self._first = self._first or self.reader.page(ask), None
            page.zone = self.zone
            if page.number != ask.page:
                raise ContractError(f"page {ask.page} was asked for, page {page.number} came; the cursor stays")
            self._count(page)
            counts = self.plan.takes(page)
            following = self.plan.next(page)
            if following == ask:
                raise ContractError(f"page {page.number} leads back to itself; the cursor stays")
            if counts:
                self.rows += len(page.rows)
                yield page
            if following is None:
                break
            ask = following
        self.ended = True

    def _count(self, page: Page) -> None:
        if not self.pages:
            self.server_time, self.total_first = page.date, page.total
        if page.last is not None and page.number < page.last and not page.more:
            self._contradiction = f"page {page.number} says that none follows, but also that there are {page.last}"
        if page.more and not page.rows:
            self._contradiction = f"page {page.number} says that more follow, but holds no row"
        whole = page.number == 1 and not page.more and page.total is not None
        if whole and page.total != len(page.rows):
            self._contradiction = f"the only page left holds {len(page.rows)} rows, the source counts {page.total}"
        self.pages += 1
        self.total_last = page.total
