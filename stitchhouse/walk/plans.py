"""The plans of a walk: which page to ask for next, and whether the pages read can have missed a row.

Each plan has three verbs: `first()`, `next(page)` and `verdict()`. `takes(page)` tells whether a page's rows count.
The proofs are in `docs/walks.md`; a plan checks on every page what its proof assumes, and ends the walk where the
source breaks it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Protocol

from stitchhouse.columns import parse_time
from stitchhouse.walk.page import Ask, row_id

if TYPE_CHECKING:
    from stitchhouse.walk.page import Page

ID = "id"
SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)


class Plan(Protocol):
    name: ClassVar[str]
    repeats: ClassVar[bool]
    """Whether a row may come twice in one walk."""

    def first(self) -> Ask: ...
    def next(self, page: Page) -> Ask | None: ...
    def takes(self, page: Page) -> bool: ...
    def verdict(self) -> str:
        """Why a row can have been missed; empty if none can."""
        ...


class _Taking:
    """A plan whose every page counts and that reports the first rule the source broke."""

    repeats: ClassVar[bool] = True

    def __init__(self) -> None:
        self.broken = ""

    def takes(self, page: Page) -> bool:  # noqa: ARG002 - the verb's shape is the same for all plans
        return True

    def verdict(self) -> str:
        return self.broken


class WholeList(_Taking):
    """A list that comes whole: no pages, nothing to miss."""

    name: ClassVar[str] = "whole list"

    def first(self) -> Ask:
        return Ask()

    def next(self, page: Page) -> Ask | None:
        if page.more:
            self.broken = f"the list was expected whole, but says it has {page.last or 'more'} pages"
        return None


class PagesInOrder(_Taking):
    """Page 1, 2, 3 ...: what is left where nothing can be trusted. Sure only if the list fits on one page."""

    name: ClassVar[str] = "pages in order"

    def first(self) -> Ask:
        return Ask()

    def next(self, page: Page) -> Ask | None:
        if page.number > 1 or page.more:
            self.broken = "the source offers no order and no filter to trust, so rows can have moved between pages"
        return Ask(page=page.number + 1) if page.more and page.rows else None


class KeysetOnId(_Taking):
    """Always page 1 of the ids after the last one read: each row has its id in exactly one of the intervals."""

    name: ClassVar[str] = "keyset on id"
    repeats: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self.last: int | None = None

    def first(self) -> Ask:
        return Ask(order=ID)

    def next(self, page: Page) -> Ask | None:
        ids = page.ids()
        if any(right <= left for left, right in pairwise(ids)):
            return self._break("the ids of a page do not ascend")
        if ids and self.last is not None and ids[0] <= self.last:
            return self._break(f"id {ids[0]} came after id {self.last} was asked to be the lower bound")
        if not page.more or not page.rows:
            if page.total is not None and page.total != len(page.rows):
                self.broken = f"the last page has {len(page.rows)} rows, the source counts {page.total}"
            return None
        if not ids:
            return self._break("a page without any id that can be read")
        self.last = ids[-1]
        return Ask(order=ID, after=self.last)

    def _break(self, why: str) -> None:
        self.broken = why


class KeysetOnStamp(_Taking):
    """Always page 1 of the rows changed since the last stamp read, up to the time the walk began.

    Stamps are not unique: the last one is always read again, and where one stamp fills more than a page its rows are
    read by id. A row changed after the walk began belongs to the next run, so endless edits do not keep it going.
    """

    name: ClassVar[str] = "keyset on updated_at"

    def __init__(self, column: str, since: datetime) -> None:
        super().__init__()
        self.column = column
        self.since = since
        self.until: datetime | None = None
        self.tie: int | None = None
        self.fine = False

    def first(self) -> Ask:
        return Ask(order=self.column, since=self.since)

    def next(self, page: Page) -> Ask | None:
        self.until = self.until or page.date or datetime.now(UTC)
        stamps = page.stamps(self.column)
        self.fine = self.fine or any(stamp.microsecond for stamp in stamps)
        if len(stamps) < len(page.rows):
            return self._break("a row without a readable stamp came from a list filtered by it")
        if self.tie is not None:
            return self._next_of_tie(page, stamps)
        if any(right < left for left, right in pairwise(stamps)):
            return self._break(f"the rows of a page do not ascend by {self.column}")
        if stamps and stamps[0] < self.since:
            return self._break(f"a row of {stamps[0]} came from a list filtered from {self.since}")
        if not page.more or not stamps or stamps[-1] > self.until:
            return None
        if stamps[-1] == self.since:
            self.tie = 0
            return Ask(order=ID, at=self.since, after=0)
        self.since = stamps[-1]
        return Ask(order=self.column, since=self.since)

    def _next_of_tie(self, page: Page, stamps: list[datetime]) -> Ask | None:
        """More rows of one stamp than fit a page: by id, then on behind that stamp."""
        ids = page.ids()
        bounds = [self.tie or 0, *ids]
        if any(stamp != self.since for stamp in stamps) or any(b <= a for a, b in pairwise(bounds)):
            return self._break(f"the rows of {self.since} do not come alone and by ascending id")
        if page.more and ids:
            self.tie = ids[-1]
            return Ask(order=ID, at=self.since, after=self.tie)
        self.tie = None
        self.since += MICROSECOND if self.fine else SECOND
        return Ask(order=self.column, since=self.since)

    def _break(self, why: str) -> None:
        self.broken = why


class LastPageFirst(_Taking):
    """An ascending list from its last page to its first.

    Whatever is added, changed or deleted meanwhile can move an untouched row only towards pages still to be read.
    With `stop`, ends at the first page that begins before that stamp.
    """

    name: ClassVar[str] = "last page first"

    def __init__(self, column: str = ID, stop: datetime | None = None) -> None:
        super().__init__()
        self.column = column
        self.stop = stop
        self.asked = 0
        self.above: tuple[datetime, int] | None = None

    def first(self) -> Ask:
        return Ask(order=self.column)

    def takes(self, page: Page) -> bool:
        return bool(self.asked) or not page.more

    def next(self, page: Page) -> Ask | None:
        if not self.asked:
            if not page.more:
                return self._checked(page, None)
            if page.last is None or page.last < 2:  # noqa: PLR2004 - page 1 said that there are more
                self.broken = f"the source says there are more pages, but counts {page.last}"
                return None
            self.asked = page.last
            return Ask(page=page.last, order=self.column)
        if page.number != self.asked:
            self.broken = f"page {self.asked} was asked for, page {page.number} came"
            return None
        self.asked -= 1
        following = Ask(page=self.asked, order=self.column) if self.asked else None
        return self._checked(page, following)

    def _checked(self, page: Page, following: Ask | None) -> Ask | None:
        keys = [(self._stamp(row), row_id(row) or 0) for row in page.rows]
        if any(right <= left for left, right in pairwise(keys)):
            self.broken = f"the rows of page {page.number} do not ascend by {self.column}"
            return None
        if keys and self.above is not None and keys[-1] > self.above:
            self.broken = f"page {page.number} reaches beyond the page after it, so the list is not sorted"
            return None
        self.above = keys[-1] if keys else self.above
        reached = self.stop is not None and bool(keys) and keys[0][0] < self.stop
        return None if reached else following

    def _stamp(self, row: object) -> datetime:
        value = row.get(self.column) if self.column != ID and isinstance(row, dict) else None
        return parse_time(value) or datetime.min.replace(tzinfo=UTC)
