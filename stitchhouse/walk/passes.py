"""The plans that read a list more than once, because one reading proves nothing there."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

from stitchhouse.hashes import object_hash
from stitchhouse.walk.page import Ask, row_id
from stitchhouse.walk.plans import ID, Checking, Key, keys

if TYPE_CHECKING:
    from stitchhouse.walk.page import Page

MOST_PASSES = 3
"""Readings of a list that does not stand still, before the walk ends uncertified."""
MOST_UNSORTED = 4
"""The same where the list has no order: two of them must agree."""


class NewestFirst(Checking):
    """A descending list from its first page on, which must be seen to stand still.

    What is added comes in front and only pushes rows back. Where the source's count falls by d, at most d rows can have
    slipped behind what was read, so the walk goes back that far. Page and count may be of two moments, so that a pass
    counts only if the count never changed, no id came twice, every row counted came, and page 1 holds at the end what
    it held at first.
    """

    name: ClassVar[str] = "newest first"
    reason: ClassVar[str] = "read newest first while count and first row stayed the same, and every row counted came"

    def __init__(self) -> None:
        super().__init__()
        self.closing = False
        self._begin()

    def _begin(self) -> None:
        self._frontier = 0
        self._size = 0
        self._total: int | None = None
        self._top: list[Any] = []
        self._seen: set[int] = set()
        self._below: Key | None = None
        self._quiet = True

    def first(self) -> Ask:
        return Ask()

    def takes(self, page: Page) -> bool:  # noqa: ARG002 - as the verb
        return not self.closing

    def next(self, page: Page) -> Ask | None:
        found = keys(page, ID)
        if any(left <= right for left, right in pairwise(found)):
            self.end(f"the rows of page {page.number} do not descend by {ID}")
            return None
        if self.closing:
            return self._closed(page)
        if page.number == 1 and not page.more:
            return None
        if page.total is None:
            self.end("the source does not say how many rows there are")
            return None
        if page.number == 1 and not self._size:
            self._size, self._total, self._top = len(page.rows), page.total, _top(page)
        if not self._size:
            self.end("page 1 says that more pages follow, but holds no row")
            return None
        return self._after(page, found, page.total)

    def _after(self, page: Page, found: list[Key], total: int) -> Ask | None:
        if total != self._total:
            self._quiet = False
            self._frontier -= max(0, (self._total or 0) - total)
            self._total = total
        start = (page.number - 1) * self._size
        back = start > self._frontier
        ids = page.ids()
        strange = [key for key in found if self._below is not None and key > self._below and key[1] not in self._seen]
        if strange and not back and self._quiet:
            self.end(f"page {page.number} reaches above the page before it, so the list is not sorted")
            return None
        self._quiet = self._quiet and self._seen.isdisjoint(ids) and not back
        self._seen.update(ids)
        self._below = min(found[-1], self._below) if found and self._below else found[-1] if found else self._below
        if back:
            return Ask(page=max(0, self._frontier) // self._size + 1)
        self._frontier = max(self._frontier, start + len(page.rows))
        if page.more and page.rows:
            return Ask(page=page.number + 1)
        self.closing = True
        return Ask()

    def _closed(self, page: Page) -> Ask | None:
        self.closing = False
        still = self._quiet and page.total == self._total and _top(page) == self._top
        if still and len(self._seen) == self._total:
            return None
        if self.passes == MOST_PASSES:
            self.end(f"the list changed during each of {MOST_PASSES} readings, so a row can have slipped between pages")
            return None
        self.passes += 1
        self._begin()
        return Ask()


def _top(page: Page) -> list[Any]:
    """The first row, and which rows follow it on the first page."""
    return [*page.rows[:1], page.ids()]


class UntilStable(Checking):
    """Any list, page by page, until two readings in a row gave the same rows, as many as the source counts."""

    name: ClassVar[str] = "repeat until stable"
    reason: ClassVar[str] = "the list has no order to trust, but two whole readings in a row gave the same rows"

    def __init__(self, column: str = "") -> None:
        super().__init__()
        self.column = column
        self._before: dict[int, object] | None = None
        self._now: dict[int, object] = {}
        self._last: list[int] = []
        self._sound = True

    def first(self) -> Ask:
        return Ask()

    def next(self, page: Page) -> Ask | None:
        ids = page.ids()
        if page.number == 1 and not page.more:
            return None
        # A source that answers a page beyond the end with the last one again would never end.
        again = page.number > 1 and bool(ids) and ids == self._last
        self._sound = self._sound and len(ids) == len(page.rows) and (again or self._now.keys().isdisjoint(ids))
        self._last = ids
        self._now |= {key: self._version(row) for row in page.rows if (key := row_id(row)) is not None}
        if page.more and page.rows and not again:
            return Ask(page=page.number + 1)
        if page.total is not None and page.total != len(self._now):
            self._sound = False
        if self._sound and self._now == self._before:
            return None
        if self.passes == MOST_UNSORTED:
            counted = "" if page.total is None else f", the source counts {page.total}"
            self.end(
                f"the list has no order to trust, and no two of {MOST_UNSORTED} readings in a row gave the same rows"
                f" ({len(self._now)} in the last one{counted})"
            )
            return None
        self.passes += 1
        self._before = self._now if self._sound else None
        self._now, self._last, self._sound = {}, [], True
        return Ask()

    def _version(self, row: dict[str, Any]) -> object:
        return row.get(self.column) if self.column and row.get(self.column) else object_hash(row)
