"""The plans that ask by key, always for page 1: nothing that moves between pages can be missed."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from stitchhouse.walk.page import Ask
from stitchhouse.walk.plans import ID, Checking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stitchhouse.walk.page import Page

SECOND, INSTANT = timedelta(seconds=1), timedelta(milliseconds=1)
"""From one stamp to the next one that a source can give: of whole seconds, or of fractions."""
TOO_FAR_AHEAD = timedelta(days=1)
"""A stamp beyond this is data, but no cursor: nothing would ever be read again."""


class KeysetOnId(Checking):
    """Always page 1 of the ids beyond the last one read: each row has its id in exactly one of the intervals.

    `newest_first` reads towards smaller ids; what is added meanwhile belongs to the next run either way. `start` goes
    on beyond an id, where an earlier walk ended. `last` is the id read last.
    """

    name: ClassVar[str] = "keyset on id"
    reason: ClassVar[str] = "each page began beyond the last id read, so no row can have slipped between two pages"
    repeats: ClassVar[bool] = False

    def __init__(self, *, newest_first: bool = False, start: int | None = None) -> None:
        super().__init__()
        self.newest_first = newest_first
        self.last = start
        self.whole = start is None

    def first(self) -> Ask:
        return self._ask()

    def next(self, page: Page) -> Ask | None:
        ids = page.ids()
        step = -1 if self.newest_first else 1
        way = "descend" if self.newest_first else "ascend"
        if any(right * step <= left * step for left, right in pairwise(ids)):
            self.end(f"the ids of a page do not {way}")
            return None
        if ids and self.last is not None and ids[0] * step <= self.last * step:
            bound = "upper" if self.newest_first else "lower"
            self.end(f"id {ids[0]} came after id {self.last} was asked to be the {bound} bound")
            return None
        self.last = ids[-1] if ids else self.last
        if not page.more or not page.rows:
            return None
        if not ids:
            self.end("a page without any id that can be read")
            return None
        return self._ask()

    def beyond(self, ask: Ask, page: Page) -> Ask:
        return _behind(ask, page, descending=self.newest_first)

    def _ask(self) -> Ask:
        if self.newest_first:
            return Ask(order=ID, descending=True, before=self.last)
        return Ask(order=ID, after=self.last)


class NamedIds(Checking):
    """Only the pages that hold certain ids, each asked for by the id before it; with `after`, all greater ids too."""

    name: ClassVar[str] = "keyset on named ids"
    reason: ClassVar[str] = "each page began right before an id that was wanted"
    repeats: ClassVar[bool] = False

    def __init__(self, ids: Sequence[int], after: int | None = None) -> None:
        super().__init__()
        self.whole = False
        self._wanted = sorted(set(ids))
        self._tail = after
        self._bound = self._wanted[0] - 1 if self._wanted else after or 0

    def first(self) -> Ask:
        return Ask(order=ID, after=self._bound)

    def next(self, page: Page) -> Ask | None:
        ids = page.ids()
        if any(right <= left for left, right in pairwise([self._bound, *ids])):
            self.end(f"the ids of a page after id {self._bound} do not ascend from there")
            return None
        if not page.more or not page.rows:
            return None
        if not ids:
            self.end("a page without any id that can be read")
            return None
        left = bisect_right(self._wanted, ids[-1])
        self._wanted = self._wanted[left:]
        if self._wanted:
            self._bound = self._wanted[0] - 1
        elif self._tail is not None:
            self._bound = max(ids[-1], self._tail)
        else:
            return None
        return Ask(order=ID, after=self._bound)

    def beyond(self, ask: Ask, page: Page) -> Ask:
        return _behind(ask, page)


def _behind(ask: Ask, page: Page, *, descending: bool = False) -> Ask:
    """The same by id, behind the last id of the page: whatever moved to the page meanwhile, nothing is between."""
    last = page.ids()[-1:]
    if not last:
        return replace(ask, page=ask.page + 1)
    return replace(ask, before=last[0]) if descending else replace(ask, after=last[0])


class KeysetOnStamp(Checking):
    """Always page 1 of the rows changed since the last stamp read, up to the time the walk began.

    Stamps are not unique: the last one is always read again, and where one stamp fills more than a page its rows are
    read by id, if the list can be read so. A row changed after the walk began belongs to the next run, so endless edits
    do not keep it going.
    """

    name: ClassVar[str] = "keyset on updated_at"
    reason: ClassVar[str] = "each page began at the last stamp read, so no change can have slipped between two pages"

    def __init__(self, column: str, since: datetime, before: datetime | None = None, *, by_id: bool = True) -> None:
        """Rows stamped at `since` or later, and earlier than `before`; `by_id`: the list honours an order by id."""
        super().__init__()
        self.whole = False
        self.by_id = by_id
        self.column = column
        self.since = since
        self.before = before
        self.until: datetime | None = None
        self.tie: int | None = None
        self.fine = False

    def first(self) -> Ask:
        return self._ask()

    def _ask(self) -> Ask:
        return Ask(order=self.column, since=self.since, until=self.before)

    def next(self, page: Page) -> Ask | None:
        self.until = self.until or page.date or datetime.max.replace(tzinfo=UTC)
        stamps = page.stamps(self.column)
        self.fine = self.fine or any(stamp.microsecond for stamp in stamps)
        if len(stamps) < len(page.rows):
            self.end("a row without a readable stamp came from a list filtered by it")
            return None
        if self.tie is not None:
            return self._next_of_tie(page, stamps)
        if any(right < left for left, right in pairwise(stamps)):
            self.end(f"the rows of a page do not ascend by {self.column}")
            return None
        if stamps and stamps[0] < self.since:
            self.end(f"a row of {stamps[0]} came from a list filtered from {self.since}")
            return None
        if stamps and self.before is not None and stamps[-1] >= self.before:
            self.end(f"a row of {stamps[-1]} came from a list filtered to before {self.before}")
            return None
        if not page.more or not stamps:
            return None
        return self._after(stamps[-1])

    def beyond(self, ask: Ask, page: Page) -> Ask:
        stamps = page.stamps(self.column)
        if self.tie is not None:
            return _behind(ask, page)
        return replace(ask, since=stamps[-1]) if stamps and stamps[-1] > self.since else super().beyond(ask, page)

    def _after(self, newest: datetime) -> Ask | None:
        if newest > (self.until or newest):
            # What changed meanwhile belongs to the next run; what is stamped far ahead never would.
            self.since = (self.until or newest) + TOO_FAR_AHEAD
            self.until = datetime.max.replace(tzinfo=UTC)
        elif newest == self.since and not self.by_id:
            self.end(f"more rows of {newest} than fit a page, and the list cannot be read by id")
            return None
        elif newest == self.since:
            self.tie = 0
            return Ask(order=ID, at=self.since, after=0)
        else:
            self.since = newest
        return self._ask()

    def _next_of_tie(self, page: Page, stamps: list[datetime]) -> Ask | None:
        """More rows of one stamp than fit a page: by id, then on behind that stamp."""
        ids = page.ids()
        bounds = [self.tie or 0, *ids]
        if any(stamp != self.since for stamp in stamps) or any(b <= a for a, b in pairwise(bounds)):
            self.end(f"the rows of {self.since} do not come alone and by ascending id")
            return None
        if page.more and ids:
            self.tie = ids[-1]
            return Ask(order=ID, at=self.since, after=self.tie)
        self.tie = None
        self.since += INSTANT if self.fine else SECOND
        return self._ask()
