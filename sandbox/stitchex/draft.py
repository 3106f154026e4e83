"""Tables in the making: documents row by row, and the lines that they take over from another document."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sandbox.shop.records import CENT, loose
from sandbox.store import Column, Same, Table, entries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.store import Row, Store

NUMBER = lru_cache(maxsize=4096)(Decimal)


class Draft:
    """Rows of one kind, each under a fresh id with a gap."""

    def __init__(self, base: int, columns: str = "", relations: str = "") -> None:
        """A kind to which rows may come later says its columns, in case there is no row to tell them."""
        self._next = base
        self._named = (columns.split(), relations.split())
        self._rows: list[Row] = []
        self._relations: list[Row] = []

    def fresh(self) -> int:
        """The id of the row that is added next."""
        self._next += 2 + len(self._rows) % 3
        return self._next

    def add(self, key: int, row: Row, **relations: Any) -> None:
        self._rows.append({"id": key} | row)
        self._relations.append(relations)

    def table(self, *, owns: tuple[str, ...] = (), parent: str | None = None) -> Table:
        rows, relations = self._rows, self._relations
        return Table(
            [row["id"] for row in rows],
            {name: [row[name] for row in rows] for name in (rows[0] if rows else self._named[0])},
            {name: [one[name] for one in relations] for name in (relations[0] if rows else self._named[1])},
            owns=owns,
            parent=parent,
        )


class Lines:
    """The lines of one kind of document: those of another kind, with quantities of their own."""

    def __init__(self, document: str, source: str, store: Store, base: int) -> None:
        self._document = document
        self._quantities = f"{source}_line_quantities"
        self._lines, self._pieces = store[f"{source}_line_items"], store[self._quantities]
        self._base = base
        self._of: list[int] = []
        self._taken: list[int] = []
        self._held: list[range] = []
        self._piece: list[int] = []
        self._quantity: list[int] = []

    def quantities(self, line: int) -> list[int]:
        """How many of each size the line has in the document from which it comes."""
        return [
            self._pieces.get(piece, "quantity") for piece, _ in entries(self._lines.related(line, self._quantities))
        ]

    def take(self, document: int, lines: Mapping[int, Sequence[int]]) -> tuple[list[int], Row]:
        """Give a document lines with a quantity for each size; returns their ids and what they come to."""
        keys = []
        items, tax, units = Decimal(0), Decimal(0), 0
        for line, quantities in lines.items():
            at, first = self._lines.at(line), len(self._piece)
            keys.append(self._base + 3 * len(self._of))
            self._of.append(document)
            self._taken.append(at)
            pieces = entries(self._lines.related(line, self._quantities))
            self._piece += [self._pieces.at(piece) for piece, _ in pieces]
            self._quantity += quantities
            self._held.append(range(self._base + first, self._base + len(self._piece)))
            count = sum(quantities)
            units += count
            items += NUMBER(self._lines.get(line, "unit_price")) * count
            tax += NUMBER(self._lines.get(line, "unit_tax")) * count
        return keys, totals(items, tax, units)

    def tables(
        self,
        more: Callable[[list[int]], Mapping[str, Column]] = lambda _: {},
        *,
        without: tuple[str, ...] = (),
    ) -> Store:
        """Both tables; ``more`` makes further columns of the quantities from their SKU ids."""
        document = self._document
        keys = range(self._base, self._base + 3 * len(self._of), 3)
        lines: dict[str, Column] = {"id": keys}
        for name, column in self._lines.columns.items():
            if name not in ("id", *without):
                lines[name] = column if isinstance(column, Same) else [column[at] for at in self._taken]
        piece_keys = range(self._base, self._base + len(self._piece))
        skus = _picked(self._pieces, "sku_id", self._piece)
        return {
            f"{document}_line_items": Table(
                keys,
                lines,
                {f"{document}s": self._of, f"{document}_line_quantities": self._held},
                owns=(f"{document}_line_quantities",),
                parent=f"{document}s",
            ),
            f"{document}_line_quantities": Table(
                piece_keys,
                {
                    "id": piece_keys,
                    "size": _picked(self._pieces, "size", self._piece),
                    "quantity": self._quantity,
                    "sku_id": skus,
                    **more(skus),
                },
                {f"{document}_line_items": [key for key, held in zip(keys, self._held, strict=True) for _ in held]},
                parent=f"{document}_line_items",
            ),
        }


def _picked(table: Table, name: str, places: list[int]) -> list[Any]:
    column = table.columns[name] if places else ()
    return [column.value] * len(places) if isinstance(column, Same) else [column[at] for at in places]


def totals(items: Decimal, tax: Decimal, units: int) -> Row:
    """The group TOTALS (section 1) of a document that is nothing but its lines."""
    tax = tax.quantize(CENT, ROUND_HALF_UP)
    return {
        "items_total": loose(items),
        "items_tax": loose(tax),
        "subtotal": loose(items),
        "total_tax": loose(tax),
        "grand_total": loose(items + tax),
        "total_quantity": units,
    }
