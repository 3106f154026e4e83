"""The plans of a walk: which page to ask for next, and whether the pages read can have missed a row.

Each plan has three verbs: `first()`, `next(page)` and `verdict()`. `takes(page)` tells whether a page's rows count.
The proofs are in `docs/walks.md`; a plan checks on every page what its proof assumes, and ends the walk where the
source breaks it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Protocol

from stitchhouse.columns import parse_time
from stitchhouse.walk.page import Ask, row_id

if TYPE_CHECKING:
    from stitchhouse.walk.page import Page

ID = "id"
Key = tuple[datetime, int]
"""Where a row stands in an ordered list: its stamp (the earliest time of all where the order is by id) and its id."""


class Plan(Protocol):
    name: ClassVar[str]
    reason: ClassVar[str]
    """Why nothing can be missed where the verdict is empty, in plain words."""
    repeats: ClassVar[bool]
    """Whether a row may come twice in one walk."""
    passes: int
    """How often the list was begun."""
    whole: bool
    """Whether the plan reads the whole list, so that its rows can be counted against the source's own count."""

    def first(self) -> Ask: ...
    def next(self, page: Page) -> Ask | None: ...
    def takes(self, page: Page) -> bool:
        """Whether the rows of this page count; asked before `next`."""
        ...

    def beyond(self, ask: Ask, page: Page) -> Ask:
        """What to ask to see whether the list goes on behind a page that was asked for so and is called the last."""
        ...

    def verdict(self) -> str:
        """Why a row can have been missed; empty if none can."""
        ...


class Checking:
    """A plan whose every page counts and that reports the first rule the source broke."""

    repeats: ClassVar[bool] = True

    def __init__(self) -> None:
        self.broken = ""
        self.passes = 1
        self.whole = True

    def takes(self, page: Page) -> bool:  # noqa: ARG002 - the verb's shape is the same for all plans
        return True

    def beyond(self, ask: Ask, page: Page) -> Ask:  # noqa: ARG002 - as above
        return replace(ask, page=ask.page + 1)

    def verdict(self) -> str:
        return self.broken

    def end(self, why: str) -> None:
        """The walk ends here, uncertified."""
        self.broken = why


class WholeList(Checking):
    """A list that comes whole, in one answer: nothing to miss."""

    name: ClassVar[str] = "whole list"
    reason: ClassVar[str] = "the list came whole, in one answer"

    def first(self) -> Ask:
        return Ask()

    def next(self, page: Page) -> Ask | None:
        if page.number > 1 or page.more:
            self.end("the list was expected whole, but has pages, and rows can have moved between them")
        return None


class LastPageFirst(Checking):
    """An ascending list from its last page to its first.

    Whatever is added, changed or deleted meanwhile can move an untouched row only towards pages still to be read.
    With `stop`, ends at the first page that begins before that stamp.
    """

    name: ClassVar[str] = "last page first"
    reason: ClassVar[str] = "read from the last page to the first, so a row can only have moved to a page still unread"

    def __init__(self, column: str = ID, stop: datetime | None = None) -> None:
        super().__init__()
        self.column = column
        self.stop = stop
        self.whole = stop is None
        self.asked = 0
        self.top = 0
        self.edge: list[Key] = []
        self.above: Key | None = None

    def first(self) -> Ask:
        return Ask(order=self.column)

    def takes(self, page: Page) -> bool:
        return not page.more or (bool(self.asked) and page.number != self.top)

    def next(self, page: Page) -> Ask | None:  # noqa: PLR0911 - each rule that can break ends the walk
        if not self.asked:
            if not page.more:
                return self._checked(page, None)
            if not _ascending(page, self.column):
                self.end(f"the rows of page {page.number} do not ascend by {self.column}")
                return None
            if page.last is None or page.last < 2:  # noqa: PLR2004 - page 1 said that there are more
                self.end(f"the source says there are more pages, but counts {page.last}")
                return None
            self.asked = self.top = page.last
            return Ask(page=page.last, order=self.column)
        if page.number != self.asked:
            self.end(f"page {self.asked} was asked for, page {page.number} came")
            return None
        if page.number == self.top and page.more:
            # The list goes on behind what was called its last page.
            edge = keys(page, self.column)[-1:]
            if edge <= self.edge:
                self.end(f"page {page.number} does not go on where the page before it ended")
                return None
            self.edge, self.asked = edge, page.number + 1
            self.top = self.asked
            return Ask(page=self.asked, order=self.column)
        self.asked -= 1
        following = Ask(page=self.asked, order=self.column) if self.asked else None
        return self._checked(page, following)

    def _checked(self, page: Page, following: Ask | None) -> Ask | None:
        if not _ascending(page, self.column):
            self.end(f"the rows of page {page.number} do not ascend by {self.column}")
            return None
        found = keys(page, self.column)
        if found and self.above is not None and found[-1] > self.above:
            self.end(f"page {page.number} reaches beyond the page after it, so the list is not sorted")
            return None
        self.above = found[-1] if found else self.above
        reached = self.stop is not None and bool(found) and found[0][0] < self.stop
        return None if reached else following


def keys(page: Page, column: str) -> list[Key]:
    """Where each row of a page stands in a list ordered by `column`."""
    return [(_stamp(row, column, page.zone), row_id(row) or 0) for row in page.rows]


def _ascending(page: Page, column: str) -> bool:
    return all(left < right for left, right in pairwise(keys(page, column)))


def _stamp(row: object, column: str, zone: str) -> datetime:
    value = row.get(column) if column != ID and isinstance(row, dict) else None
    return parse_time(value, zone) or datetime.min.replace(tzinfo=UTC)
