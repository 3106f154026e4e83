"""Rows kept in columns, so that half a million order lines cost pointers and no dicts."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Same:
    """One value for every row of a column; it becomes a list as soon as a row departs from it."""

    value: Any


Column = Sequence[Any] | Same


def moment(value: object) -> int:
    """Whole seconds since 1970 of a stored time; rows without a time sort first."""
    if isinstance(value, int):
        return value
    if not isinstance(value, str) or not value:
        return -(2**62)
    at = datetime.fromisoformat(value)
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


class Table:
    """Rows of one kind under ascending integer keys.

    ``keys`` is aligned with the columns and only grows; ``live`` are the keys that can still be read.
    Relations are columns too: per row None, one key, a sequence of keys, or (key, type) pairs.
    """

    def __init__(
        self,
        keys: Sequence[int],
        columns: Mapping[str, Column],
        relations: Mapping[str, Column] | None = None,
        *,
        owns: tuple[str, ...] = (),
        parent: str | None = None,
    ) -> None:
        self.keys = keys
        self.live = keys
        self.columns: dict[str, Column] = dict(columns)
        self.relations: dict[str, Column] = dict(relations or {})
        self.owns = owns
        self.parent = parent
        self.version = 0
        # First key of an unbroken range, whose positions need no search; None once rows have come or gone.
        self._line: int | None = keys.start if isinstance(keys, range) and keys.step == 1 else None
        self._moments: list[tuple[int, int]] | None = None
        self._shape: tuple[Row, list[tuple[str, Sequence[Any]]]] | None = None
        # Columns may be shared with other tables until the first write; these are not.
        self._own: set[tuple[int, str]] = set()
        self._grown = False

    def at(self, key: int) -> int:
        """Position of a readable key, -1 when there is none."""
        if self._line is not None:
            position = key - self._line
            return position if 0 <= position < len(self.keys) else -1
        position = bisect_left(self.keys, key)
        if position == len(self.keys) or self.keys[position] != key:
            return -1
        if self.live is not self.keys:
            alive = bisect_left(self.live, key)
            if alive == len(self.live) or self.live[alive] != key:
                return -1
        return position

    def __contains__(self, key: int) -> bool:
        return self.at(key) >= 0

    def row(self, position: int) -> Row:
        """The columns of one row, in the order in which they were declared."""
        if self._shape is None:
            fixed = {name: c.value if isinstance(c, Same) else None for name, c in self.columns.items()}
            moving = [(name, c) for name, c in self.columns.items() if not isinstance(c, Same)]
            self._shape = (fixed, moving)
        fixed, moving = self._shape
        row = fixed.copy()
        for name, column in moving:
            row[name] = column[position]
        return row

    def get(self, key: int, name: str) -> Any:
        """One cell of a readable row."""
        return self._cell(self.columns[name], self.at(key))

    def related(self, key: int, name: str) -> Any:
        """One relation of a readable row."""
        return self._cell(self.relations.get(name, Same(None)), self.at(key))

    @staticmethod
    def _cell(column: Column, position: int) -> Any:
        return column.value if isinstance(column, Same) else column[position]

    def put(self, key: int, name: str, value: object) -> None:
        """Change one cell."""
        position = self.at(key)
        if name == "updated_at" and self._moments is not None:
            old = (moment(self.get(key, name)), key)
            del self._moments[bisect_left(self._moments, old)]
            insort(self._moments, (moment(value), key))
        self._write(self.columns, name, position, value)
        self.version += 1

    def relate(self, key: int, name: str, value: object) -> None:
        """Change one relation."""
        self._write(self.relations, name, self.at(key), value)
        self.version += 1

    def _write(self, place: dict[str, Column], name: str, position: int, value: object) -> None:
        column = place.get(name, Same(None))
        if isinstance(column, Same):
            if column.value == value and type(column.value) is type(value):
                return
            place[name] = [column.value] * len(self.keys)
            self._own.add((id(place), name))
        self._private(place, name)[position] = value
        self._shape = None

    def _private(self, place: dict[str, Column], name: str) -> list[Any]:
        column = place[name]
        if (id(place), name) not in self._own or not isinstance(column, list):
            place[name] = column = list(column) if not isinstance(column, Same) else []
            self._own.add((id(place), name))
        return column

    def append(self, key: int, row: Mapping[str, Any], relations: Mapping[str, Any] | None = None) -> None:
        """Add a row whose key is above all others."""
        self._line = None
        whole = self.live is self.keys
        if not self._grown:
            self.keys, self._grown = list(self.keys), True
        keys = self.keys
        for grown in (keys,) if whole else (keys, self.live):
            grown.append(key)  # type: ignore[attr-defined]  # both are lists from the first change on
        if whole:
            self.live = keys
        for place, given in ((self.columns, row), (self.relations, relations or {})):
            for name, column in place.items():
                value = given.get(name, column.value if isinstance(column, Same) else None)
                if not isinstance(column, Same):
                    self._private(place, name).append(value)
                else:
                    self._write(place, name, len(keys) - 1, value)
        if self._moments is not None:
            insort(self._moments, (moment(row.get("updated_at")), key))
        self._shape = None
        self.version += 1

    def remove(self, key: int) -> None:
        """Take a row away for good."""
        if self._moments is not None:
            del self._moments[bisect_left(self._moments, (moment(self.get(key, "updated_at")), key))]
        live = list(self.live) if self.live is self.keys or not isinstance(self.live, list) else self.live
        del live[bisect_left(live, key)]
        self._line = None
        self.live = live
        self.version += 1

    def next_key(self) -> int:
        """A fresh key, with a gap."""
        return (self.keys[-1] if self.keys else 1000) + 3

    def between(self, low: int | None, high: int | None) -> Sequence[int]:
        """Readable keys from low to high, both included."""
        first = 0 if low is None else bisect_left(self.live, low)
        last = len(self.live) if high is None else bisect_right(self.live, high)
        return self.live[first:last] if first or last < len(self.live) else self.live

    def by_moment(self) -> list[tuple[int, int]]:
        """(updated_at, key) of all readable rows, ascending; built at the first question and kept in order."""
        if self._moments is None:
            stamps = self.columns["updated_at"]
            if isinstance(stamps, Same):
                self._moments = [(moment(stamps.value), key) for key in self.live]
            else:
                alive = set(self.live)
                known: dict[object, int] = {}
                for stamp in stamps:
                    if stamp not in known:
                        known[stamp] = moment(stamp)
                pairs = zip(self.keys, stamps, strict=True)
                self._moments = sorted((known[stamp], key) for key, stamp in pairs if key in alive)
        return self._moments


Store = dict[str, Table]


def entries(value: object) -> Iterator[tuple[int, str | None]]:
    """The (key, type) pairs of a relation, whatever its form."""
    if value is None:
        return
    if isinstance(value, int):
        yield value, None
    elif isinstance(value, Sequence):
        for entry in value:
            if isinstance(entry, tuple):
                yield entry
            else:
                yield entry, None
