"""What a walk asks for, what it gets, and whom it asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from stitchhouse.columns import WHOLE, as_text, parse_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from stitchhouse.links import Blocks, Object


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One question to a list.

    `after`: only ids greater than this, `before`: only ids less than this. `since`: only rows whose stamp is this or
    later, `until`: only rows whose stamp is earlier than this, `at`: only rows with exactly this stamp. `order`: `id`
    or the cursor column, `descending` or not; None is the source's own order. `size` 0 leaves the page size to the
    reader.
    """

    page: int = 1
    size: int = 0
    order: str | None = None
    descending: bool = False
    after: int | None = None
    before: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    at: datetime | None = None


@dataclass(kw_only=True)
class Page:
    """One answer.

    `more` is what the source says about further pages; `last` and `total` are None where it says nothing.
    `date` is the source's own clock, in UTC, at the time of the answer; None where it sent none.
    """

    rows: Sequence[Object]
    number: int = 1
    last: int | None = None
    total: int | None = None
    more: bool = False
    size: int = 2**31
    """So many rows may be a full page."""
    date: datetime | None = None
    blocks: Blocks = field(default_factory=dict)
    zone: str = "UTC"
    """Where a stamp without an offset is at home."""
    mended: Mapping[str, int] = field(default_factory=dict)
    """Oddities that did not keep the answer from being read, counted by their words."""

    def ids(self) -> list[int]:
        """The ids that can be read as whole numbers, in order; the others are set aside when the row is typed."""
        return [key for key in map(row_id, self.rows) if key is not None]

    def stamps(self, column: str) -> list[datetime]:
        """The times of `column` that can be read, in order."""
        return [stamp for row in self.rows if (stamp := parse_time(row.get(column), self.zone)) is not None]


def row_id(row: Any) -> int | None:
    """The id of a row as a whole number, or None where it is missing or is no such number."""
    value = row.get("id") if isinstance(row, dict) else None
    if type(value) is not int:
        text = as_text(value)
        if not text or not WHOLE.fullmatch(text):
            return None
        value = int(text)
    return value if -(2**63) <= value < 2**63 else None


class Reader(Protocol):
    """Reads one dataset of one account; raises `StitchhouseError`, and `RefusedError` where the source says no."""

    @property
    def requests(self) -> int:
        """How many requests were sent so far, retries included."""
        ...

    def page(self, ask: Ask) -> Page: ...

    def details(self, ids: Sequence[int]) -> Page:
        """The rows of `ids` in full with their blocks, as far as the source answers them."""
        ...

    def more(self, rows: Sequence[Object]) -> Sequence[Object]:
        """The rows with what is shown only by one more request per row, if that is wanted."""
        ...
