"""What one dataset of one account remembers between runs, in dlt's resource state, so that it travels with its rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import pendulum

from stitchhouse.walk.keyset import TOO_FAR_AHEAD
from stitchhouse.walk.window import LOOKBACK

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pyarrow as pa

__all__ = ["LOOKBACK", "WINDOW", "Known", "Memory", "believable", "next_cursor"]

WINDOW = 5_000
"""How many rows of the lookback are remembered; what is forgotten is read again, never lost."""


class Known(Protocol):
    """What the warehouse holds already. The runner hands it in; without it every row that is read is loaded."""

    def hashes(self, table: str, account: str, ids: Collection[int]) -> Mapping[int, int | None]:
        """Row hash of those of `ids` that the warehouse holds."""
        ...

    def filled(self, tables: Collection[str], account: str) -> Collection[str]:
        """Those of `tables` that hold any row of `account`."""
        ...

    def values(self, table: str, column: str, account: str, ids: Collection[int]) -> Mapping[int, Any]:
        """What the warehouse holds in a column of those of `ids` that it knows."""
        ...

    def ids(self, table: str, account: str) -> pa.ChunkedArray[Any]:
        """Every id that the warehouse holds, as whole numbers."""
        ...

    def deleted(self, table: str, account: str) -> Collection[int]:
        """The ids that `_deleted` holds."""
        ...

    def changeable(self, table: str, account: str, closed: Mapping[str, Sequence[str]], since: datetime) -> list[int]:
        """Ids of rows that lack one of the `closed` words (column -> words), or were updated at `since` or later."""
        ...

    def settled_id(self, table: str, account: str, before: datetime) -> int | None:
        """The greatest id below which nothing was created at `before` or later; None where nothing is held."""
        ...

    def rejected(self, ids: Collection[str]) -> Collection[str]:
        """Those of these ids that `_rejected` holds."""
        ...


class Memory:
    """Reads and writes the state of one dataset and account.

    The cursor stands where dlt's own incremental keeps it: `incremental.<column>.last_value`, the smallest of all
    accounts, with each account's own beside it. Every time is ISO 8601 text in UTC.
    """

    def __init__(self, state: dict[str, Any], column: str, account: str) -> None:
        self._state = state
        self._column = column
        self._account = account
        self.changed = False

    @property
    def _own(self) -> dict[str, Any]:
        own: dict[str, Any] = self._state.get("accounts", {}).get(self._account, {})
        return own

    @property
    def cursor(self) -> datetime | None:
        held = self._state.get("incremental", {}).get(self._column, {}).get("accounts", {}).get(self._account)
        return datetime.fromisoformat(held) if held else None

    @property
    def capabilities(self) -> dict[str, str]:
        return dict(self._own.get("capabilities", {}))

    @property
    def window(self) -> dict[int, int]:
        """Id -> hash of the rows that the next read from the lookback will see again."""
        return {int(key): value for key, value in self._own.get("window", {}).items()}

    @property
    def unsettled(self) -> dict[int, int]:
        """Ids read so soon after their change that they may have changed again within the same second.

        With each id a hash of all that was loaded of it.
        """
        return {int(key): value for key, value in self._own.get("unsettled", {}).items()}

    @property
    def several(self) -> bool | None:
        """Whether a detailed read answers several ids at once; None if that was never seen."""
        return self._own.get("several")

    @property
    def certified(self) -> bool:
        """Whether a walk of this account was ever certified."""
        return bool(self._own.get("certified"))

    @property
    def unstamped(self) -> bool:
        """Whether the last whole walk met rows without a readable stamp: no filter on stamps would list them."""
        return bool(self._own.get("unstamped"))

    @property
    def day(self) -> str:
        """The day of the last whole snapshot of a daily table."""
        return str(self._own.get("day", ""))

    @property
    def afresh(self) -> bool:
        """Whether the next walk loads every row that it reads, whatever the warehouse holds of it."""
        return bool(self._own.get("afresh"))

    @property
    def begun(self) -> dict[str, Any]:
        """How far a read of everything got that has not ended yet: the last id loaded, since when, and its counts."""
        return dict(self._own.get("begun", {}))

    @property
    def read_at(self) -> datetime | None:
        """The source's clock at the first answer of the last certified walk."""
        held = self._own.get("read_at")
        return datetime.fromisoformat(held) if held else None

    @property
    def reached(self) -> int | None:
        """The id up to which certified walks listed everything: a single row may be held beyond it."""
        return self._own.get("reached")

    @property
    def reported(self) -> str:
        """Why the last walk was not certified, as it was reported; empty after a certified one."""
        return str(self._own.get("reported", ""))

    @property
    def told(self) -> set[str]:
        """Tables and columns that no declaration names, and of which a certificate told already."""
        return set(self._own.get("told", []))

    @property
    def created(self) -> set[str]:
        """Tables that exist already."""
        return set(self._state.get("tables", []))

    def note_created(self, tables: Collection[str]) -> None:
        self._state["tables"] = sorted({*self.created, *tables})

    def keep(self, **values: Any) -> None:
        """Remember values under the names of the properties above, where they differ."""
        empty: tuple[Any, ...] = (None, {}, False, "", [])
        own = self._own
        differing = {k: v for k, v in values.items() if v != own.get(k) and (k in own or v not in empty)}
        if differing:
            self.changed = True
            self._state.setdefault("accounts", {}).setdefault(self._account, {}).update(differing)

    def move(self, cursor: datetime) -> None:
        """Set the cursor of this account, and the smallest one for dlt's own tools."""
        if cursor == self.cursor:
            return
        self.changed = True
        held = self._state.setdefault("incremental", {}).setdefault(self._column, {})
        accounts = held.setdefault("accounts", {})
        accounts[self._account] = cursor.astimezone(UTC).isoformat()
        held["last_value"] = min(accounts.values())


def next_cursor(before: datetime | None, server: datetime | None, newest: datetime | None) -> datetime | None:
    """The cursor after a certified walk: never past the server's clock at the first answer, the newest row, or back."""
    known = [time for time in (server, newest) if time is not None]
    if newest is None or not known:
        return before
    cursor = min(known)
    return cursor if before is None else max(before, cursor)


def believable(stamp: datetime, server: datetime | None) -> bool:
    """A stamp far in the future is data, but no cursor: nothing would ever be read again."""
    return stamp <= (server or pendulum.now("UTC")) + TOO_FAR_AHEAD
