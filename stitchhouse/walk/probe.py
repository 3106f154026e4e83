"""What a list can do, found out by asking, once per account: the plan rests on it.

A refusal (4xx) is an answer. Where a list has too few rows to tell, the answer is "unknown", and is not kept.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stitchhouse.errors import RefusedError
from stitchhouse.walk.page import Ask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stitchhouse.walk.page import Page, Reader

HONOURED, IGNORED, REFUSED, UNKNOWN = "honoured", "ignored", "refused", "unknown"
NEVER = 2**62
FUTURE = datetime(2100, 1, 1, tzinfo=UTC)
PAST = datetime(1971, 1, 1, tzinfo=UTC)
ENOUGH = 3
"""Fewer rows than this prove no order."""


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """Each is honoured, ignored, refused or unknown. `id_order` is honoured too where the list is so by nature."""

    id_filter: str = UNKNOWN
    id_order: str = UNKNOWN
    stamp_filter: str = UNKNOWN
    stamp_order: str = UNKNOWN

    def known(self) -> dict[str, str]:
        """What is worth keeping; empty while anything is unknown."""
        return asdict(self) if UNKNOWN not in asdict(self).values() else {}

    @classmethod
    def kept(cls, state: Mapping[str, str]) -> Capabilities:
        return cls(**state)


def probe(reader: Reader, cursor: str, *, sorted_by_id: bool = False) -> Capabilities:
    """Ask at most eight small questions. `cursor` is the column of the stamp, empty where there is none.

    A list that is `sorted_by_id` by nature is not asked to turn round: each page is checked instead.
    """
    return Capabilities(
        id_filter=_filter(reader, Ask(after=NEVER, size=1), Ask(after=0, size=1)),
        id_order=HONOURED if sorted_by_id else _order(reader, "id"),
        stamp_filter=_filter(reader, Ask(since=FUTURE, size=1), Ask(since=PAST, size=1)) if cursor else REFUSED,
        stamp_order=_order(reader, cursor) if cursor else REFUSED,
    )


def _filter(reader: Reader, none: Ask, every: Ask) -> str:
    """A filter is honoured if a bound that no row meets gives none, and one that every row meets gives some."""
    try:
        if reader.page(none).rows:
            return IGNORED
        return HONOURED if reader.page(every).rows else UNKNOWN
    except RefusedError:
        return REFUSED


def _order(reader: Reader, column: str) -> str:
    """An order is honoured if turning it round turns the first row round."""
    try:
        up = reader.page(Ask(order=column, size=1))
        down = reader.page(Ask(order=column, descending=True, size=1))
    except RefusedError:
        return REFUSED
    if up.total is not None and up.total < ENOUGH:
        return UNKNOWN
    first, last = _key(up, column), _key(down, column)
    if not first or not last:
        return UNKNOWN
    # Where all stamps are equal, the id that is asked for after them turns round.
    return HONOURED if (first, up.ids()[:1]) < (last, down.ids()[:1]) else IGNORED


def _key(page: Page, column: str) -> list[Any]:
    return page.ids()[:1] if column == "id" else page.stamps(column)[:1]
