"""Tables in the making."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.shop.records import iso
from sandbox.stitchlabs.kinds import KINDS
from sandbox.store import Column, Row, Same, Table

if TYPE_CHECKING:
    from collections.abc import Mapping


class Draft:
    """Rows of one kind, added one by one, each under a fresh id with gaps."""

    def __init__(self, kind: str, base: int) -> None:
        self.kind = kind
        self._next = base
        self._rows: list[tuple[int, Row, Row]] = []

    def add(self, at: int, values: Row, links: Row | None = None, *, key: int | None = None) -> int:
        """Add a row made at a time; keys that are given must ascend."""
        if key is None:
            self._next += 2 + len(self._rows) % 3
            key = self._next
        stamp = iso(at)
        self._rows.append((key, {"created_at": stamp, "updated_at": stamp} | values, links or {}))
        return key

    def link(self, key: int, name: str, others: list[int]) -> None:
        """Tie an added row to more objects."""
        links = next(links for held, _, links in reversed(self._rows) if held == key)
        links[name] = [*links.get(name, []), *others]

    def table(self) -> Table:
        rows = self._rows
        columns: dict[str, Column] = {}
        for name, empty in KINDS[self.kind].empty.items():
            if any(name in values for _, values, _ in rows):
                columns[name] = [values.get(name, empty) for _, values, _ in rows]
            else:
                columns[name] = Same(empty)
        keys = [key for key, _, _ in rows]
        columns["id"] = [str(key) for key in keys]
        names = dict.fromkeys(name for _, _, links in rows for name in links)
        return Table(keys, columns, {name: [links.get(name) for _, _, links in rows] for name in names})


def full(kind: str, keys: list[int] | range, given: Mapping[str, Column], relations: Mapping[str, Any]) -> Table:
    """A table from whole columns; fields that are not given have their empty value."""
    columns: dict[str, Column] = {name: given.get(name, Same(empty)) for name, empty in KINDS[kind].empty.items()}
    return Table(keys, columns, relations)
