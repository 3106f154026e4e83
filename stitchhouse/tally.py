"""What one reading has seen so far: counts, the newest stamp, and what the next run must look at again."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from stitchhouse import memory
from stitchhouse.columns import parse_time
from stitchhouse.walk.page import row_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stitchhouse.links import Object
    from stitchhouse.walk.page import Page

UNKNOWN = "?"
"""The stamp of a row that was read, but not remembered with it."""
SETTLED = timedelta(seconds=1)
"""A row changed less than this before it was read can change again under the same stamp."""


@dataclass
class Tally:
    """Counts of rows: `distinct` and `doubled` as listed, the others as compared with the warehouse."""

    column: str
    zone: str = "UTC"
    distinct: int = 0
    doubled: int = 0
    loaded: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    newest: datetime | None = None
    again: dict[int, int] = field(default_factory=dict)
    """Ids to read again next time, with a hash of all that was loaded of them (0: nothing was)."""
    ahead: int = 0
    """Rows with a stamp too far in the future to be a cursor."""
    unstamped: int = 0
    strays: int = 0
    mended: Counter[str] = field(default_factory=Counter)
    """Oddities of answers, by their words."""
    ids: array[int] = field(default_factory=lambda: array("q"))
    """Every id that was listed, in the order of reading."""
    _seen: dict[int, object] = field(default_factory=dict)
    _window: dict[int, tuple[datetime, int]] = field(default_factory=dict)

    def once(self, page: Page, *, repeats: bool) -> list[Object]:
        """The rows of a page not read before in this walk. One that comes again changed belongs to the next run."""
        self.mended.update(page.mended)
        fresh = self._unseen(page.rows) if repeats else list(page.rows)
        self.distinct += len(fresh)
        self.ids.extend(key for row in fresh if (key := row_id(row)) is not None)
        return fresh

    def _unseen(self, rows: Sequence[Object]) -> list[Object]:
        if not self._seen and self.ids:
            # The plan before this one could not meet a row twice, so it was not asked what it saw.
            self._seen = dict.fromkeys(self.ids, UNKNOWN)
        fresh = []
        for row in rows:
            key = row_id(row)
            stamp = row.get(self.column) if self.column else None
            if key is not None and key in self._seen:
                self.doubled += 1
                if self._seen[key] != stamp and self._seen[key] != UNKNOWN:
                    self.again[key] = 0
                continue
            if key is not None:
                self._seen[key] = stamp
            fresh.append(row)
        return fresh

    def stamps(self, rows: Sequence[Object], hashes: Mapping[int, int], server: datetime | None) -> None:
        """Note the stamps of listed rows, for the cursor and for the window that the next run will see again."""
        if not self.column:
            return
        for row in rows:
            stamp, key = parse_time(row.get(self.column), self.zone), row_id(row)
            if stamp is None:
                self.unstamped += 1
                continue
            if not memory.believable(stamp, server):
                self.ahead += 1
                continue
            self.newest = stamp if self.newest is None else max(self.newest, stamp)
            if key is not None and key in hashes:
                self._window[key] = (stamp, hashes[key])
        floor = self.floor(min(filter(None, (server, self.newest)), default=None))
        self._window = {key: held for key, held in self._window.items() if held[0] >= floor}

    def stamp(self, row: Object) -> datetime | None:
        """When a row last changed, as far as it says."""
        return parse_time(row.get(self.column or "updated_at"), self.zone)

    def doubt(self, key: int, contents: int) -> None:
        """What was loaded of this row is not what the list showed: the next run looks at it again."""
        self._window.pop(key, None)
        self.again[key] = contents

    def window(self, cursor: datetime | None) -> dict[str, int]:
        floor = self.floor(cursor)
        rows = sorted((held, key) for key, held in self._window.items() if held[0] >= floor)
        return {str(key): held[1] for held, key in rows[-memory.WINDOW :]}

    @staticmethod
    def floor(cursor: datetime | None) -> datetime:
        return cursor - memory.LOOKBACK if cursor else datetime.max.replace(tzinfo=UTC)

    def compared(self, hashes: Mapping[int, int], held: Mapping[int, int | None]) -> None:
        """Count the roots of a batch that is loaded."""
        self.loaded += len(hashes)
        for key, value in hashes.items():
            if key not in held:
                self.new += 1
            elif held[key] != value:
                self.changed += 1
            else:
                self.unchanged += 1

    def notes(self) -> list[str]:
        notes = []
        if self.ahead:
            notes.append(f"{self.ahead} rows are stamped more than a day ahead of the source's clock")
        if self.unstamped:
            notes.append(f"{self.unstamped} rows have no {self.column} that can be read")
        if self.strays:
            notes.append(f"{self.strays} objects came that no row led to; the rows that own them bring them")
        return notes + [f"{words}: {count:,}" for words, count in self.mended.items()]
