"""What a walk is asked to read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

LOOKBACK = timedelta(minutes=15)
"""How long before the cursor a quick walk begins: a row can become visible later than its stamp says."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """Without anything: what can have changed since the last walk. `full` reads everything there is.

    `since` and `until` bound `updated_at` (until: exclusive), `ids` are the only rows to read. A window with bounds or
    ids of its own moves no cursor. `after` goes on behind what is known, beside `ids`: the rows with greater ids.
    """

    full: bool = False
    lookback: timedelta = LOOKBACK
    since: datetime | None = None
    until: datetime | None = None
    ids: tuple[int, ...] = ()
    after: int | None = None
    start: int | None = None
    """Where an unfinished read of everything goes on: the last id that was read and loaded."""

    @property
    def own(self) -> bool:
        """Whether it was asked for certain rows, so that nothing can be said about the others."""
        return bool(self.ids) or self.since is not None or self.until is not None

    def changed_since(self, cursor: datetime | None) -> Window:
        """The window with the bound that a cursor gives to it; none reads everything."""
        if self.full or self.own or cursor is None:
            return self
        return replace(self, since=cursor - self.lookback)

    def holds(self, stamp: datetime | None) -> bool:
        """Whether a row with this stamp lies within the bounds; one without any may."""
        return stamp is None or ((self.since or stamp) <= stamp and (self.until is None or stamp < self.until))

    def words(self) -> str:
        """In words, for a certificate."""
        if self.ids and self.after is None:
            shown = ", ".join(map(str, self.ids[:5])) + (" ..." if len(self.ids) > 5 else "")  # noqa: PLR2004
            return f"id {shown}"
        if self.after is not None:
            return f"new after id {self.after}, and {len(self.ids)} that can still change"
        bounds = [
            f"{word} {time:%Y-%m-%d %H:%M:%S}" for word, time in (("since", self.since), ("before", self.until)) if time
        ]
        if self.start is not None:
            return f"all, goes on beyond id {self.start}"
        return f"changed {' and '.join(bounds)}" if bounds else "all"
