"""What a customer has bought and owes, as its orders and invoices stand now."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from sandbox.shop.records import loose
from sandbox.stitchex.eras import status_word, time_text

if TYPE_CHECKING:
    from sandbox.store import Row, Store

SHORT = (
    "id total_quantity subtotal total_tax grand_total total_paid total_credited total_discounted amount_outstanding"
).split()


def number(value: object) -> Decimal:
    """0 where control has set what is no number."""
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)


class Dealings:
    """Fills the fields of a customer that say what its documents come to."""

    reads = ("sales_orders", "invoices")

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, tuple[int, dict[int, list[int]]]] = {}

    def _of(self, name: str, customer: int) -> list[int]:
        """The documents of a customer; all are sorted by customer again after a change."""
        table = self._store[name]
        if name not in self._known or self._known[name][0] != table.version:
            found: dict[int, list[int]] = defaultdict(list)
            for key in table.live:
                found[table.get(key, "company_id")].append(key)
            self._known[name] = (table.version, found)
        return self._known[name][1].get(customer, [])

    def fill(self, row: Row, customer: int, era: str, zone: str | None) -> None:
        orders = self._of("sales_orders", customer)
        bills = [self._store["invoices"].row(self._store["invoices"].at(key)) for key in self._of("invoices", customer)]
        row["orders_count"] = len(orders)
        row["last_order"] = self._last(orders, era, zone)
        bought: dict[str, tuple[Decimal, int]] = defaultdict(lambda: (Decimal(0), 0))
        owed: dict[str, Decimal] = defaultdict(Decimal)
        for bill in bills:
            amount, units = bought[bill["currency"]]
            bought[bill["currency"]] = (amount + number(bill["grand_total"]), units + bill["total_quantity"])
            owed[bill["currency"]] += number(bill["amount_outstanding"])
        row["outstanding_amounts"] = [{"amount": loose(some), "currency": name} for name, some in owed.items()]
        row["purchase_amounts"] = [
            {"amount": loose(some), "quantity": units, "currency": name} for name, (some, units) in bought.items()
        ]
        row["invoices"] = [
            {name: bill[name] for name in SHORT} | {"invoice_currency": bill["currency"]} for bill in bills
        ]

    def _last(self, keys: list[int], era: str, zone: str | None) -> Row:
        """The last order that was confirmed, or nothing."""
        table = self._store["sales_orders"]
        key = next((key for key in reversed(keys) if table.get(key, "confirmed_at") is not None), None)
        if key is None:
            return {}
        order = table.row(table.at(key))
        return {
            "id": key,
            "confirmed_at": time_text(order["confirmed_at"], zone),
            "status": order["status"],
            "fulfillment_status": status_word(era, "fulfillment_status", order["fulfillment_status"]),
            "financial_status": status_word(era, "financial_status", order["financial_status"]),
        }
