"""Invoices and what was paid of them (sections 9.4 and 9.5)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.shop import words
from sandbox.shop.records import CENT, loose
from sandbox.stitchex.draft import Draft, Lines
from sandbox.stitchex.eras import day, local_day
from sandbox.stitchex.parties import address_row, contact_row
from sandbox.store import entries

if TYPE_CHECKING:
    from sandbox.shop.records import Order, Shop
    from sandbox.store import Row, Store

DAY = 86400
PAYMENT = "id created_at updated_at amount reference source date sale_id company_id invoice_id"
LINES = "sales_order_line_items"


def invoices(shop: Shop, store: Store) -> Store:
    """One invoice per order that was invoiced, for half of its lines where it was invoiced in part."""
    drafts = {"invoices": Draft(720000), "payments": Draft(740000, PAYMENT, "organisations")}
    lines = Lines("invoice", "sales_order", store, 1_000_000)
    for n, order in enumerate(shop.orders):
        if order.invoiced < 2 or order.customer is None:
            continue
        key = drafts["invoices"].fresh()
        ordered = [line for line, _ in entries(store["sales_orders"].related(order.id + 490000, LINES))]
        billed = ordered if order.invoiced == 3 else ordered[: -(-len(ordered) // 2)]
        held, sums = lines.take(key, {line: lines.quantities(line) for line in billed})
        if order.invoiced == 3:
            sums = _whole(order)
        total = Decimal(sums["grand_total"])
        paid = (Decimal(0), Decimal(0), (total / 2).quantize(CENT), total)[order.paid]
        payments = _payments(drafts["payments"], shop, n, key, paid)
        row = _invoice(shop, n, sums) | {
            "total_paid": loose(paid),
            "total_credited": "0.0",
            "amount_outstanding": loose(total - paid),
            "payments_count": payments,
        }
        drafts["invoices"].add(key, row, invoice_line_items=held)
    return {
        "invoices": drafts["invoices"].table(owns=("invoice_line_items",)),
        "payments": drafts["payments"].table(),
        **lines.tables(),
    }


def _whole(order: Order) -> Row:
    """The sums of the order itself, with its services, shipping and discount."""
    return {
        "items_total": loose(order.items),
        "items_tax": loose(order.tax),
        "subtotal": loose(order.subtotal),
        "total_tax": loose(order.tax),
        "grand_total": loose(order.total),
        "total_quantity": order.units,
        "shipping_cost": loose(order.shipping_cost),
        "total_discounted": loose(order.discount),
    }


def _invoice(shop: Shop, n: int, sums: Row) -> Row:
    order = shop.orders[n]
    customer = shop.customers[order.customer or 0]
    billing, shipping = order.billing or 0, order.shipping or 0
    created = order.created + DAY // 2
    return {
        "created_at": created,
        "updated_at": max(created, order.updated),
        "invoice_number": 30000 + n,
        "invoice_type": "normal",
        "due_date": day(created + 30 * DAY),
        "sale_id": order.id + 490000,
        "organisation_id": shop.organisations[order.organisation].id,
        "company_id": customer.id + 4800,
        "channel_id": 301 + order.channel,
        "order_number": order.number,
        "customer_name": customer.name,
        "channel_name": words.CHANNELS[order.channel][0],
        "currency": order.currency,
        "payment_terms": words.TERMS[n % 2],
        "tax_rate_name": (f"VAT {loose(order.tax_percent)}", "", None)[n % 3],
        "shipping_cost": "0.0",
        "shipping_tax": "0.0",
        "settlement_discount_percentage": ("0.0", "2.5")[n % 10 == 9],
        "total_discounted": (None, "0.0")[n % 2],
        "billing_address": address_row(shop.addresses[billing], billing),
        "shipping_address": address_row(shop.addresses[shipping], shipping),
        "billing_contact": contact_row(customer, n),
        "shipping_contact": contact_row(customer, n + 2),
    } | sums


def _payments(draft: Draft, shop: Shop, n: int, invoice: int, paid: Decimal) -> int:
    """One payment, or a quarter first and the rest later."""
    order = shop.orders[n]
    organisation = shop.organisations[order.organisation]
    first = (paid / 4).quantize(CENT)
    shares = [share for share in ([paid] if n % 4 else [first, paid - first]) if share]
    for place, share in enumerate(shares):
        at = max(order.created + DAY, order.updated) + place * 3600
        row = {
            "created_at": at,
            "updated_at": at,
            "amount": loose(share),
            "reference": f"{30000 + n}" if n % 3 else "",
            "source": words.PAYMENT_TYPES[n % 3],
            "date": local_day(at, organisation.zone),
            "sale_id": order.id + 490000,
            "company_id": None if n % 7 == 5 else shop.customers[order.customer or 0].id + 4800,
            "invoice_id": None if n % 5 == 3 else invoice,
        }
        draft.add(draft.fresh(), row, organisations=organisation.id)
    return len(shares)
