"""Which lines an order has, and what they come to."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from sandbox.shop.records import CENT, money
from sandbox.store import Row, Store, entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.options import Switches
    from sandbox.stitchlabs.reply import Barred

LINES = ("SalesOrderLineItems", "SalesOrderCustomLineItems")


class Ledger:
    """Reads and writes sums over the tables; where lines stand depends on a switch."""

    def __init__(self, store: Store, switches: Switches) -> None:
        self.store = store
        self.switches = switches

    def barred(self, keys: Sequence[int]) -> Barred:
        """Where the lines of closed orders do not stand, by the switch."""
        where = self.switches.word("completed_lines")
        if where == "both":
            return {}
        orders = self.store["SalesOrders"]
        closed = {key for key in keys if orders.get(key, "complete") == "1"}
        barred: Barred = {f"Completed{live}": set(closed) for live in LINES} if where == "live" else {}
        if where == "completed":
            for live in LINES:
                barred[live] = {key for key in closed if orders.related(key, f"Completed{live}")}
        for live in LINES:
            barred.setdefault(f"Completed{live}", set()).update(set(keys) - closed)
        return barred

    def lines_of(self, order: int) -> str:
        return "CompletedSalesOrderLineItems" if order in self.barred([order]).get(LINES[0], ()) else LINES[0]

    def settle(self, order: int) -> None:
        """The sums of lines, services and tax; shipping and discount stay as they are."""
        orders, name = self.store["SalesOrders"], self.lines_of(order)
        items = sum((price * units for price, units in self._sold(name, order)), Decimal(0))
        service = Decimal(orders.get(order, "subtotal")) - Decimal(orders.get(order, "sku_subtotal"))
        percent = Decimal(orders.get(order, "tax_percent"))
        taxed, free = ("_taxable", "_non_taxable") if percent else ("_non_taxable", "_taxable")
        tax = ((items + service) * percent / 100).quantize(CENT, ROUND_HALF_UP)
        total = items + service + tax + Decimal(orders.get(order, "s_and_h")) - Decimal(orders.get(order, "discount"))
        for field, amount in {"sku_subtotal": items, "subtotal": items + service}.items():
            for suffix, value in (("", amount), (taxed, amount), (free, Decimal(0))):
                orders.put(order, field + suffix, money(value))
        orders.put(order, "tax_total", money(tax))
        orders.put(order, "total", money(total))

    def _sold(self, name: str, order: int) -> Iterator[tuple[Decimal, int]]:
        table = self.store[name]
        for line, _ in entries(self.store["SalesOrders"].related(order, name)):
            at = table.at(line)
            if at >= 0:
                row = table.row(at)
                yield Decimal(str(row["price"])), int(row["quantity"])

    def summary(self) -> Row:
        orders = self.store["SalesOrders"]
        count = units = 0
        value = Decimal(0)
        for order in orders.live:
            for price, quantity in self._sold(self.lines_of(order), order):
                count += 1
                units += quantity
                value += price * quantity
        return {
            "orders": len(orders.live),
            "lines": count,
            "line_quantities": count,
            "contacts": len(self.store["Contacts"].live),
            "variants": len(self.store["Variants"].live),
            "products": len(self.store["Products"].live),
            "units": units,
            "value": money(value),
        }
