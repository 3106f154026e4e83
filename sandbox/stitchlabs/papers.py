"""What an order leaves behind: custom lines, invoices, payments, slips, packages, fulfillments, credits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.shop import words
from sandbox.shop.records import CENT, Order, Shop, iso, money
from sandbox.stitchlabs.credits import credit
from sandbox.stitchlabs.draft import Draft
from sandbox.stitchlabs.orders import BASE, paid_amount, rate
from sandbox.stitchlabs.parties import WAREHOUSE
from sandbox.store import Row, Same, Store, entries

if TYPE_CHECKING:
    from decimal import Decimal

DAY = 86400
# Stitch X: fulfillments took the place of packing slips (reference, section 2); here at this moment.
FULFILLMENTS_SINCE = 1735689600
BASES = {
    "SalesOrderCustomLineItems": 940000,
    "Invoices": 6400,
    "InvoiceLineItems": 920000,
    "InvoiceCustomLineItems": 945000,
    "InvoicePayments": 7400,
    "PackingSlips": 10400,
    "PackingSlipLineItems": 950000,
    "PackingSlipCustomLineItems": 955000,
    "Packages": 12400,
    "FulfillmentOrders": 14400,
    "ConnectorFlagFbaOrders": 16400,
    "CreditMemos": 17400,
    "CreditMemoOrderSkus": 18400,
    "CreditMemoOrderServices": 18900,
    "CreditMemoCustomLineItems": 19400,
    "CreditMemoPayments": 19900,
}
TO_ORDER = (
    "SalesOrderCustomLineItems Invoices InvoicePayments PackingSlips Packages FulfillmentOrders ConnectorFlagFbaOrders"
    " CreditMemos"
).split()


class Papers:
    """The papers of one order after the other, while the tables fill."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.drafts = {kind: Draft(kind, base) for kind, base in BASES.items()}
        self.of_order: dict[str, list[object]] = {kind: [] for kind in TO_ORDER}
        self.of_line: dict[str, dict[int, list[int]]] = {"InvoiceLineItems": {}, "PackingSlipLineItems": {}}

    def write(self, n: int, order: Order) -> None:
        orders, lines = self.store["SalesOrders"], self.store["SalesOrderLineItems"]
        key = order.id + BASE
        held: list[tuple[int, Row]] = [
            (line, lines.row(lines.at(line))) for line, _ in entries(orders.related(key, "SalesOrderLineItems"))
        ]
        got: dict[str, list[int]] = {kind: [] for kind in TO_ORDER}
        custom = self._custom(order, key)
        got["SalesOrderCustomLineItems"] = [line for line, _, _ in custom]
        party = {
            "Addresses": orders.related(key, "Addresses"),
            "People": orders.related(key, "People"),
        }
        invoiced: list[int] = []
        if order.invoiced >= 2:
            got["Invoices"], got["InvoicePayments"], invoiced = self._invoice(n, order, key, held, party)
        slip: int | None = None
        if order.shipped >= 2 and order.ordered < FULFILLMENTS_SINCE:
            slip = self._slip(n, order, key, held, party)
            got["PackingSlips"] = [slip]
            got["Packages"] = [self._package(n, order, key, slip)]
        elif order.shipped >= 2:
            values = {
                "local_id": f"F{n}",
                "status": "shipped",
                "external_id": f"EXT-{n}",
                "sent_at": iso(order.updated),
            }
            placed = {"SalesOrders": key, "AccountAddresses": WAREHOUSE}
            got["FulfillmentOrders"] = [self.drafts["FulfillmentOrders"].add(order.updated, values, placed)]
        for line, values, links in custom:
            billed = (
                [
                    self.drafts["InvoiceCustomLineItems"].add(
                        order.updated,
                        {name: value for name, value in values.items() if name != "shippable"},
                        {"Invoices": got["Invoices"], "SalesOrderCustomLineItems": line},
                    )
                ]
                if invoiced
                else []
            )
            packed = (
                [
                    self.drafts["PackingSlipCustomLineItems"].add(
                        order.updated,
                        {"quantity": values["quantity"]},
                        {"PackingSlips": slip, "SalesOrderCustomLineItems": line},
                    )
                ]
                if slip
                else []
            )
            links["InvoiceCustomLineItems"] = billed
            links["PackingSlipCustomLineItems"] = packed
            for invoice in got["Invoices"]:
                self.drafts["Invoices"].link(invoice, "InvoiceCustomLineItems", billed)
            if slip:
                self.drafts["PackingSlips"].link(slip, "PackingSlipCustomLineItems", packed)
        if "fba" in order.marks:
            got["ConnectorFlagFbaOrders"] = [
                self.drafts["ConnectorFlagFbaOrders"].add(
                    order.created, {"value": "1"}, {"Channels": 301, "SalesOrders": key}
                )
            ]
        if "credit" in order.marks and held:
            got["CreditMemos"] = [credit(self.drafts, order, key, held, custom, party)]
        for kind, keys in got.items():
            self.of_order[kind].append(keys or None)

    def _custom(self, order: Order, key: int) -> list[tuple[int, Row, Row]]:
        made = []
        for line in order.custom:
            values = {
                "description": line.description,
                "quantity": str(line.quantity),
                "price": money(line.price),
                "tax": rate(order.tax_percent),
                "additive_tax_rate": rate(order.tax_percent),
                "shippable": str(int(line.shippable)),
            }
            links: Row = {"SalesOrders": key}
            made.append((self.drafts["SalesOrderCustomLineItems"].add(order.created, values, links), values, links))
        return made

    def _invoice(
        self, n: int, order: Order, key: int, held: list[tuple[int, Row]], party: Row
    ) -> tuple[list[int], list[int], list[int]]:
        links: Row = {"SalesOrders": key, "ContactPaymentTypes": 650 + n % 2, **party}
        total = order.total if order.invoiced == 3 else (order.total / 2).quantize(CENT)
        values = {
            "local_id": f"I{2001 + n}",
            "invoice_date": iso(order.created + DAY // 2),
            **_split("subtotal", order.subtotal, order),
            **_split("service_subtotal", order.subtotal - order.items, order),
            "discount": money(order.discount),
            "s_and_h": money(order.shipping_cost),
            "tax_total": money(order.tax),
            "total": money(total),
            "notes": "" if n % 3 else "thank you",
        }
        invoice = self.drafts["Invoices"].add(order.updated, values, links)
        lines = []
        for line, row in held:
            copied = {name: row[name] for name in ("description", "price", "quantity", "tax", "additive_tax_rate")}
            billed = self.drafts["InvoiceLineItems"].add(
                order.updated, copied, {"Invoices": invoice, "SalesOrderLineItems": line}
            )
            self.of_line["InvoiceLineItems"][line] = [billed]
            lines.append(billed)
        links["InvoiceLineItems"] = lines
        paid = paid_amount(order)
        shares = [paid] if n % 4 else [paid / 4, paid - paid / 4]
        payments = [
            self.drafts["InvoicePayments"].add(
                order.updated,
                {"amount": money(share.quantize(CENT)), "fee": "0.30", "payment_date": iso(order.updated)},
                {"Invoices": invoice, "InvoicePaymentTypes": 610 + n % 3, "SalesOrders": key},
            )
            for share in (shares if paid else [])
        ]
        links["InvoicePayments"] = payments
        return [invoice], payments, lines

    def _slip(self, n: int, order: Order, key: int, held: list[tuple[int, Row]], party: Row) -> int:
        contact = self.store["SalesOrders"].related(key, "Contacts")
        links: Row = {"SalesOrders": key, "AccountAddresses": WAREHOUSE, "Contacts": contact, **party}
        slip = self.drafts["PackingSlips"].add(
            order.updated, {"local_id": f"S{3001 + n}", "packing_slip_date": iso(order.updated)}, links
        )
        packed = []
        for line, row in held if order.shipped == 3 else held[:1]:
            item = self.drafts["PackingSlipLineItems"].add(
                order.updated,
                {"quantity": row["quantity"], "order_sku_id": str(line)},
                {"PackingSlips": slip, "SalesOrderLineItems": line},
            )
            self.of_line["PackingSlipLineItems"][line] = [item]
            packed.append(item)
        links["PackingSlipLineItems"] = packed
        return slip

    def _package(self, n: int, order: Order, key: int, slip: int) -> int:
        values = {
            "ship_date": iso(order.updated),
            "tracking_number": f"TRACK{n:08}",
            "tracking_link": f"https://track.example.com/{n}",
            "cost": "4.95",
            "delivered": str(n % 2),
        }
        links = {"SalesOrders": key, "PackingSlips": slip, "PackageCarrierTypes": 30 + n % len(words.CARRIERS)}
        return self.drafts["Packages"].add(order.updated, values, links)


def _split(name: str, amount: Decimal, order: Order) -> Row:
    """A sum, and which part of it is taxed."""
    taxed, free = ("_taxable", "_non_taxable") if order.tax_percent else ("_non_taxable", "_taxable")
    return {name: money(amount), name + taxed: money(amount), name + free: "0.00"}


def papers(shop: Shop, store: Store) -> Store:
    """The tables of all papers; orders and lines get their links to them."""
    if shop.historical:
        return {}
    written = Papers(store)
    for n, order in enumerate(shop.orders):
        written.write(n, order)
    orders, lines = store["SalesOrders"], store["SalesOrderLineItems"]
    orders.relations |= written.of_order
    for kind, of_line in written.of_line.items():
        lines.relations[kind] = [of_line.get(key) for key in lines.keys] if of_line else Same(None)
    return {kind: draft.table() for kind, draft in written.drafts.items()}
