"""What the face serves: one entry per list. A new dataset is a table in build.py and an entry here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from sandbox.stitchex.eras import ADDED, dress
from sandbox.store import Row, Store, Table, entries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Bytes of rows that are kept as text between requests; a walk of a large shop gains nothing from more.
KEPT = 128_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A paged list under its plural key.

    ``exact`` maps a query parameter to the column that it asks for; ``nested`` lists the tables inside a row, outermost
    first, with the key each is sent under; ``scoped`` rows belong to one organisation.
    """

    name: str
    one: str
    times: tuple[str, ...] = ("created_at", "updated_at")
    exact: dict[str, str]
    nested: tuple[tuple[str, str], ...] = ()
    since_id: bool = True
    scoped: bool = True


SALES_ORDERS = Dataset(
    name="sales_orders",
    one="sales_order",
    times=("created_at", "updated_at", "submitted_at", "confirmed_at"),
    exact={"by_order_number": "order_number"},
    nested=(("sales_order_line_items", "line_items"), ("sales_order_line_quantities", "line_quantities")),
)

DATASETS = {dataset.name: dataset for dataset in (SALES_ORDERS,)}


class Scribe:
    """Writes the rows of one dataset; the text of a row is kept until a table changes."""

    def __init__(self, store: Store, dataset: Dataset, zone_of: Callable[[Row], str | None]) -> None:
        self._dataset = dataset
        self._table = store[dataset.name]
        self._nested = [(store[name], name, shown) for name, shown in dataset.nested]
        self._zone_of = zone_of
        self._state: tuple[object, ...] = ()
        self._kept: dict[int, orjson.Fragment] = {}
        self._size = 0

    def row(self, key: int, era: str) -> Row:
        row = self._table.row(self._table.at(key))
        dress(row, era, self._zone_of(row), self._dataset.times, self._dataset.name)
        if self._nested:
            self._below(row, self._table, key, era, 0)
        return row

    def _below(self, row: Row, table: Table, key: int, era: str, depth: int) -> None:
        child, name, shown = self._nested[depth]
        dropped = ADDED.get(shown, ()) if era == "2019" else ()
        deeper = depth + 1 < len(self._nested)
        row[shown] = listed = []
        value = table.related(key, name)
        for one in (value,) if type(value) is int else [key for key, _ in entries(value)]:
            at = child.at(one)
            if at < 0:
                continue
            sent: dict[str, Any] = child.row(at)
            for field in dropped:
                del sent[field]
            if deeper:
                self._below(sent, child, one, era, depth + 1)
            listed.append(sent)

    def texts(self, keys: Sequence[int], era: str) -> list[orjson.Fragment]:
        """The rows as JSON, ready to stand in a page."""
        state = (era, self._table.version, *(child.version for child, _, _ in self._nested))
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
