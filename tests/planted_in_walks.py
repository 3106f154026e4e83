"""Bugs in walks, cursors and what is remembered of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from stitchhouse.columns import parse_time
from stitchhouse.walk.keyset import SECOND
from tests.planted import Bug, Right, always

if TYPE_CHECKING:
    from datetime import datetime

    from stitchhouse.walk import Ask, Certificate, KeysetOnId, KeysetOnStamp, LastPageFirst, Page, Walk, Window

CHANGES = "tests/test_changes.py"
AMID = "tests/test_while_it_changes.py"
FULL_AMID = f"{AMID}::test_a_full_walk_amid_changes"


def _begin_forward(right: Right, self: LastPageFirst) -> Ask:
    first: Ask = right(self)
    self.asked = 1
    return first


def _go_forward(_: Right, self: LastPageFirst, page: Page) -> Ask | None:
    following = replace(self.first(), page=page.number + 1)
    self.asked = following.page
    return following if page.more else None


def _newest_of_all(_: Right, before: datetime | None, server: datetime | None, newest: datetime | None) -> Any:  # noqa: ARG001
    return newest or before


def _clock_of_the_last_answer(right: Right, self: Walk, ask: Ask) -> Page:
    page: Page = right(self, ask)
    self.server_time = page.date
    return page


def _the_clock(_: Right, before: datetime | None, server: datetime | None, newest: datetime | None) -> Any:
    return server if newest else before


def _without_the_clock(right: Right, before: datetime | None, _: datetime | None, newest: datetime | None) -> Any:
    return right(before, newest, newest)


def _later_than(right: Right, attribute: str, value: Any, operation: str = "=") -> Any:
    return right(attribute, value, ">" if operation == ">=" else operation)


def _no_lookback(right: Right, self: Window, cursor: datetime | None) -> Window:
    bounded: Window = right(replace(self, lookback=timedelta(0)), cursor)
    return bounded


def _past_the_tie(right: Right, self: KeysetOnStamp, newest: datetime) -> Any:
    if newest != self.since:
        return right(self, newest)
    self.since += SECOND
    return self._ask()


def _known_ids_are_old(right: Right, self: Any, hashes: Any, held: Any) -> list[int]:
    return [key for key in right(self, hashes, held) if key not in self._window]


def _move_anyway(right: Right, self: Any, certificate: Certificate) -> None:
    right(self, certificate)
    newest = self.picking.tally.newest
    if newest is not None:
        self.kept.move(max(filter(None, (newest, self.cursor_before))))


def _stop_when_short(right: Right, self: KeysetOnId, page: Page) -> Ask | None:
    following: Ask | None = right(self, page)
    return None if len(page.rows) < 50 else following


def _without_stampless(right: Right, self: Any, page: Page, *, repeats: bool) -> Any:
    if self.column:
        page = replace(page, rows=[row for row in page.rows if parse_time(row.get(self.column), self.zone)])
    return right(self, page, repeats=repeats)


IN_WALKS = (
    Bug(
        "forward walk on ascending order",
        "simulated last page first",
        {
            "stitchhouse.walk.plans.LastPageFirst.first": _begin_forward,
            "stitchhouse.walk.plans.LastPageFirst.next": _go_forward,
        },
    ),
    Bug(
        "cursor is the newest stamp",
        "simulated keyset on updated_at",
        {"stitchhouse.memory.next_cursor": _newest_of_all, "stitchhouse.memory.believable": always(value=True)},
    ),
    Bug(
        "cursor is the end of the run",
        "simulated keyset on updated_at",
        {
            "stitchhouse.memory.next_cursor": _the_clock,
            "stitchhouse.walk.loop.Walk._page": _clock_of_the_last_answer,
        },
    ),
    Bug(
        "cursor beyond the source's clock",
        "simulated keyset on updated_at",
        {"stitchhouse.memory.next_cursor": _without_the_clock},
    ),
    Bug(
        "later than instead of not earlier than",
        f"{AMID}::test_a_walk_of_changes_amid_changes[labs by stamp-4]",
        {"sources.stitchlabs.client.Test": _later_than},
    ),
    Bug(
        "no lookback", "simulated keyset on updated_at", {"stitchhouse.walk.window.Window.changed_since": _no_lookback}
    ),
    Bug(
        "no tie of a whole page",
        f"{CHANGES}::test_nothing_is_loaded_twice_after_many_changes_of_one_second",
        {"stitchhouse.walk.keyset.KeysetOnStamp._after": _past_the_tie},
    ),
    Bug(
        "a known id at the boundary is old",
        "simulated keyset on updated_at",
        {"stitchhouse.picking.Picking._differing": _known_ids_are_old},
    ),
    Bug(
        "cursor is kept though the walk is not certified",
        "simulated keyset on updated_at",
        {"stitchhouse.reading.Reading.remember": _move_anyway},
    ),
    Bug(
        "a short page is the last one",
        f"{FULL_AMID}[ex by id-5]",
        {"stitchhouse.walk.keyset.KeysetOnId.next": _stop_when_short},
    ),
    Bug(
        "rows without a stamp are dropped",
        "simulated keyset on id",
        {"stitchhouse.tally.Tally.once": _without_stampless},
    ),
)
