"""What came back of an order: returns and credit notes (section 9.9)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.shop import words
from sandbox.shop.records import loose
from sandbox.stitchex.draft import NUMBER, Draft, Lines, totals
from sandbox.store import entries

if TYPE_CHECKING:
    from sandbox.shop.records import Order, Shop
    from sandbox.store import Row, Store

DAY = 86400
LINES = "sales_order_line_items"
GOODWILL = Decimal(5)


def returns(shop: Shop, store: Store) -> Store:
    """Some orders give a piece or two back and are credited; some get a credit for nothing but goodwill."""
    drafts = {"returns": Draft(795000), "credit_notes": Draft(790000)}
    back = Lines("return", "sales_order", store, 3_000_000)
    credited = Lines("credit_note", "sales_order", store, 4_000_000)
    invoices = store["invoices"]
    sales = [invoices.get(key, "sale_id") for key in invoices.keys]
    invoice_of = dict(zip(sales, invoices.keys, strict=True))
    for n, order in enumerate(shop.orders):
        invoice = invoice_of.get(order.id + 490000)
        if invoice is None:
            continue
        sent = order.shipped >= 2 and (n % 3 == 1 or "credit" in order.marks)
        came = _piece(store, order, n) if sent else {}
        if not came and n % 8 != 6:
            continue
        if came:
            key = drafts["returns"].fresh()
            held, sums = back.take(key, came)
            drafts["returns"].add(key, _return(shop, n) | sums, return_line_items=held)
        key = drafts["credit_notes"].fresh()
        held, sums = credited.take(key, came)
        if not came:
            sums = totals(Decimal(0), Decimal(0), 0) | {"grand_total": loose(GOODWILL)}
        elif n % 2:
            sums["grand_total"] = sums["subtotal"]  # trap 14: with the tax on some, without it on others
        row = _credit_note(shop, n, goodwill=not came) | sums | _settled(store, invoice, sums["grand_total"], n)
        drafts["credit_notes"].add(key, row, credit_note_line_items=held)
    return {
        "returns": drafts["returns"].table(owns=("return_line_items",)),
        "credit_notes": drafts["credit_notes"].table(owns=("credit_note_line_items",)),
        **back.tables(),
        **credited.tables(),
    }


def _piece(store: Store, order: Order, n: int) -> dict[int, list[int]]:
    """One or two of the first size with a price among the lines that were both shipped and invoiced."""
    lines, pieces = store[LINES], store["sales_order_line_quantities"]
    ordered = [line for line, _ in entries(store["sales_orders"].related(order.id + 490000, LINES))]
    for line in ordered[: len(ordered) if order.shipped == order.invoiced == 3 else -(-len(ordered) // 2)]:
        held = entries(lines.related(line, "sales_order_line_quantities"))
        sold = [pieces.get(piece, "quantity") for piece, _ in held]
        if NUMBER(lines.get(line, "unit_price")) > 0 and any(sold):
            at = next(at for at, count in enumerate(sold) if count)
            return {line: [min(count, 1 + n % 2) if place == at else 0 for place, count in enumerate(sold)]}
    return {}


def _settled(store: Store, invoice: int, amount: str, n: int) -> Row:
    """A credit pays what is still owed; the rest is refunded or stays open."""
    invoices, worth = store["invoices"], Decimal(amount)
    owed = Decimal(invoices.get(invoice, "amount_outstanding"))
    used = max(min(worth, owed), Decimal(0))
    refunded = worth - used if n % 4 else Decimal(0)
    if used:
        invoices.put(invoice, "total_credited", loose(used))
        invoices.put(invoice, "amount_outstanding", loose(owed - used))
    return {
        "total_credited": loose(used),
        "total_refunded": loose(refunded),
        "amount_outstanding": loose(worth - used - refunded),
    }


def _return(shop: Shop, n: int) -> Row:
    order = shop.orders[n]
    at = order.updated + 3 * DAY
    return {
        "created_at": at,
        "updated_at": at + n % 5 * 3600,
        "return_number": 60000 + n,
        "order_number": int(order.number),
        "organisation_id": shop.organisations[order.organisation].id,
        "rma_number": f"RMA-{n}" if n % 2 else "",
        "tracking_number": f"BACK{n:08}" if n % 3 else "",
        "carrier": words.CARRIERS[n % len(words.CARRIERS)],
        "tax_calc_method": "SUB_TOTAL",
    }


def _credit_note(shop: Shop, n: int, *, goodwill: bool) -> Row:
    order = shop.orders[n]
    at = order.updated + 4 * DAY
    empty = (None, "")[n % 2]
    return {
        "created_at": at,
        "updated_at": at + n % 5 * 3600,
        "credit_note_number": 50000 + n,
        "order_number": int(order.number),
        "organisation_id": shop.organisations[order.organisation].id,
        "settlement_discount_percentage": "0.0",
        "overpayment": (None, "0.0")[n % 2],
        "freeform_amount": loose(GOODWILL) if goodwill else (None, "0.0")[n % 2],
        "freeform_tax": "0.0" if goodwill else None,
        "reference": f"RMA-{n}" if n % 2 else empty,
        "freeform_description": "goodwill" if goodwill else empty,
        "warehouse_name": empty if goodwill else "Main warehouse",
    }
