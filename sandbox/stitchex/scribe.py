"""Writes the rows of one dataset from the tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from sandbox.stitchex.dealings import Dealings
from sandbox.stitchex.eras import ADDED, dress
from sandbox.store import entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sandbox.stitchex.datasets import Dataset, Nested
    from sandbox.store import Row, Store, Table

# Bytes of rows that are kept as text between requests; a walk of a large shop gains nothing from more.
KEPT = 128_000_000


@dataclass(slots=True)
class Branch:
    """A nested table at its place."""

    nested: Nested
    table: Table
    below: list[Branch]

    def tables(self) -> list[Table]:
        return [self.table, *(table for branch in self.below for table in branch.tables())]


def branches(store: Store, nested: Iterable[Nested]) -> list[Branch]:
    return [Branch(one, store[one.table], branches(store, one.below)) for one in nested]


def grow(row: Row, parent: Table, key: int, tree: list[Branch], era: str) -> None:
    """Put the nested rows into a row."""
    for branch in tree:
        nested, table = branch.nested, branch.table
        value = parent.related(key, nested.table)
        if value is None and nested.optional:
            continue
        dropped = nested.without + ADDED.get(nested.shown, ()) if era == "2019" else nested.without
        row[nested.shown] = listed = []
        for one in (value,) if type(value) is int else [key for key, _ in entries(value)]:
            at = table.at(one)
            if at < 0:
                continue
            sent: Row = table.row(at)
            for name in dropped:
                del sent[name]
            if nested.parent_id:
                sent[nested.parent_id] = key
            if branch.below:
                grow(sent, table, one, branch.below, era)
            listed.append(sent)


class Scribe:
    """The text of a row is kept until a table that it is made from changes."""

    def __init__(self, store: Store, dataset: Dataset, zone_of: Callable[[Table, int], str]) -> None:
        self._store = store
        self._dataset = dataset
        self._table = store[dataset.name]
        self._tree = branches(store, dataset.nested)
        self._dealings = Dealings(store) if dataset.deals else None
        self._read = [self._table, *(table for branch in self._tree for table in branch.tables())]
        self._read += [store[name] for name in (Dealings.reads if dataset.deals else ())]
        self._zone_of = zone_of
        self._state: tuple[object, ...] = ()
        self._kept: dict[int, orjson.Fragment] = {}
        self._size = 0

    def row(self, key: int, era: str) -> Row:
        row = self._table.row(self._table.at(key))
        zone = self._zone_of(self._table, key)
        dress(row, era, zone, self._dataset)
        table, below = self._table, key
        for name, above in self._dataset.above.items():
            row[name] = below = table.related(below, above)
            table = self._store[above]
        if self._dealings:
            self._dealings.fill(row, key, era, zone if era == "2019" else None)
        grow(row, self._table, key, self._tree, era)
        return row

    def texts(self, keys: Sequence[int], era: str) -> list[orjson.Fragment]:
        """The rows as JSON, ready to stand in a page."""
        state = (era, *(table.version for table in self._read))
        if state != self._state:
            self._state, self._kept, self._size = state, {}, 0
        made = []
        for key in keys:
            text = self._kept.get(key)
            if text is None:
                written = orjson.dumps(self.row(key, era))
                text = orjson.Fragment(written)
                if self._size < KEPT:
                    self._kept[key] = text
                    self._size += len(written)
            made.append(text)
        return made
