"""What the lines of orders come to."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from sandbox.shop.records import CENT, loose
from sandbox.store import Row, Store, entries


class Ledger:
    """Reads and writes sums over the tables."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def settle(self, order: int) -> None:
        """The sums of items and tax; shipping stays as it is."""
        orders = self.store["sales_orders"]
        items, tax, units = Decimal(0), Decimal(0), 0
        for line in self._held("sales_orders", order, "sales_order_line_items"):
            lines, pieces = self.store["sales_order_line_items"], self.store["sales_order_line_quantities"]
            count = sum(
                int(pieces.get(piece, "quantity"))
                for piece in self._held("sales_order_line_items", line, "sales_order_line_quantities")
            )
            units += count
            items += Decimal(str(lines.get(line, "unit_price"))) * count
            tax += Decimal(str(lines.get(line, "unit_tax"))) * count
        service = Decimal(orders.get(order, "subtotal")) - Decimal(orders.get(order, "items_total"))
        tax = tax.quantize(CENT, ROUND_HALF_UP)
        shipping = Decimal(orders.get(order, "shipping_cost"))
        sums = {"items_total": items, "items_tax": tax, "subtotal": items + service, "total_tax": tax}
        for name, value in (sums | {"grand_total": items + service + tax + shipping}).items():
            orders.put(order, name, loose(value))
        orders.put(order, "total_quantity", units)

    def _held(self, parent: str, key: int, name: str) -> list[int]:
        """The readable children of a row."""
        return [child for child, _ in entries(self.store[parent].related(key, name)) if child in self.store[name]]

    def summary(self) -> Row:
        orders, lines = self.store["sales_orders"], self.store["sales_order_line_items"]
        pieces = self.store["sales_order_line_quantities"]
        value: Decimal = Decimal(0)
        units = 0
        for line in lines.live:
            held = self._held("sales_order_line_items", line, "sales_order_line_quantities")
            count = sum(int(pieces.get(piece, "quantity")) for piece in held)
            units += count
            value += Decimal(lines.get(line, "unit_price")) * count
        return {
            "orders": len(orders.live),
            "lines": len(lines.live),
            "line_quantities": len(pieces.live),
            "contacts": len({orders.get(key, "company_id") for key in orders.live} - {None}),
            "variants": len({pieces.get(key, "sku_id") for key in pieces.live}),
            "products": len({lines.get(key, "product_id") for key in lines.live}),
            "units": units,
            "value": loose(value),
        }
