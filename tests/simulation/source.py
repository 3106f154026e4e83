"""The simulated source: rows, a clock of whole seconds, and what its list does with an order, a filter and a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from stitchhouse.errors import RefusedError
from stitchhouse.walk.probe import HONOURED, REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stitchhouse.walk import Ask

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
STAMP = "updated_at"
NEVER_STAMPED = -1


@dataclass(frozen=True, kw_only=True)
class Nature:
    """What the list does: each of four abilities honoured, ignored or refused, and the order it has by itself.

    `natural` is `id` or `stamp`, with `-` in front for descending, or `heap`: rows move where there is room. `sizes`
    tells whether the page size can be chosen, `torn` whether rows and count are of two moments, `stamped` whether
    rows say when they changed, `by_id` whether the list knows no sort but is declared to come by ascending id.
    """

    id_filter: str = HONOURED
    id_order: str = HONOURED
    stamp_filter: str = HONOURED
    stamp_order: str = HONOURED
    natural: str = "id"
    sizes: bool = True
    torn: bool = False
    stamped: bool = True
    paged: bool = True
    by_id: bool = False
    page: int = 4


@dataclass(slots=True)
class Row:
    id: int
    stamp: int
    version: int
    written: int = 0
    """When it was written, whatever its stamp says."""
    touched: int = 0
    """The change that made the row what it is, or made it visible."""
    listed: bool = True


@dataclass
class Source:
    """The rows and their changes. `changes` counts them; `told` is the event log, as a format and its arguments."""

    nature: Nature
    clock: int = 864_000
    changes: int = 0
    rows: dict[int, Row] = field(default_factory=dict)
    heap: list[int] = field(default_factory=list)
    """Ids in places; 0 is a hole that the next row may fill."""
    late: list[tuple[int, Row]] = field(default_factory=list)
    """Rows, new or in a new version, that become visible at a time."""
    strangers: list[Row] = field(default_factory=list)
    """What another organisation holds."""
    foreign: bool = False
    """Whether the login is at another organisation just now."""
    told: list[tuple[object, ...]] = field(default_factory=list)
    allocated: int = 0
    """The largest id given out."""
    stamps: list[int] = field(default_factory=list)
    """Of each version, in order."""

    def new(self, key: int, stamp: int) -> Row:
        """A row in a version that no other row ever had, not visible yet."""
        self.stamps.append(stamp)
        return Row(key, stamp, len(self.stamps), self.clock)

    def tell(self, *words: object) -> None:
        self.told.append(words)

    def put(self, row: Row, place: int = 0) -> None:
        """Make a row visible in this version; in a heap it moves to the hole at `place`, or to the end."""
        self.changes += 1
        row.touched = self.changes
        self._leave(row.id)
        holes = [index for index, key in enumerate(self.heap) if not key]
        if holes and place:
            self.heap[holes[place % len(holes)]] = row.id
        else:
            self.heap.append(row.id)
        self.rows[row.id] = row

    def remove(self, key: int) -> None:
        self.changes += 1
        self._leave(key)
        del self.rows[key]

    def _leave(self, key: int) -> None:
        if key in self.rows:
            self.heap[self.heap.index(key)] = 0

    def settle(self) -> None:
        """What was begun earlier and is due becomes visible."""
        due = [row for time, row in self.late if time <= self.clock]
        if due:
            self.late = [(time, row) for time, row in self.late if time > self.clock]
            for row in due:
                self.put(row, row.version % 3)
                self.tell("  visible only now: id", row.id, "as changed at", row.stamp)

    def busy(self, key: int) -> bool:
        """Whether a change of the row is on its way."""
        return any(row.id == key for _, row in self.late)

    def listed(self) -> Iterable[Row]:
        return self.strangers if self.foreign else [row for row in self.rows.values() if row.listed]

    def answer(self, ask: Ask) -> list[Row]:
        """All rows that the question is about, in the order in which they come; raises `RefusedError`."""
        nature, rows = self.nature, self.listed()
        if ask.after is not None and honours(nature.id_filter):
            rows = [row for row in rows if row.id > (ask.after or 0)]
        if ask.before is not None and honours(nature.id_filter):
            rows = [row for row in rows if row.id < (ask.before or 0)]
        if ask.since is not None and honours(nature.stamp_filter):
            bound = seconds(ask.since)
            rows = [row for row in rows if row.stamp >= bound]
        if ask.until is not None and honours(nature.stamp_filter):
            bound = seconds(ask.until)
            rows = [row for row in rows if NEVER_STAMPED < row.stamp < bound]
        if ask.at is not None and honours(nature.stamp_filter):
            bound = seconds(ask.at)
            rows = [row for row in rows if row.stamp == bound]
        order, descending = nature.natural.lstrip("-"), nature.natural.startswith("-")
        if ask.order is not None and not (nature.by_id and ask.order == "id" and not ask.descending):
            able = nature.id_order if ask.order == "id" else nature.stamp_order
            if honours(able):
                order, descending = ("id" if ask.order == "id" else "stamp"), ask.descending
        if order == "heap":
            place = {key: index for index, key in enumerate(self.heap)}
            return sorted(rows, key=lambda row: place.get(row.id, row.id))
        if order == "id":
            return sorted(rows, key=lambda row: row.id, reverse=descending)
        return sorted(rows, key=lambda row: (row.stamp, row.id), reverse=descending)


def honours(able: str) -> bool:
    if able == REFUSED:
        raise RefusedError("the list knows no such order or filter", 400)
    return able == HONOURED


def seconds(time: datetime) -> int:
    """Of the simulated clock."""
    return int((time - BEGIN) // timedelta(seconds=1))


@lru_cache(maxsize=100_000)
def moment(clock: int) -> datetime:
    return BEGIN + timedelta(seconds=clock)


@lru_cache(maxsize=100_000)
def text(clock: int) -> str | None:
    """A stamp as the source writes it."""
    return None if clock == NEVER_STAMPED else moment(clock).isoformat()
