"""Sales orders and their lines, column by column."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any

from sandbox.shop import words
from sandbox.shop.records import Order, Shop, iso, money
from sandbox.stitchlabs.draft import full
from sandbox.stitchlabs.parties import WAREHOUSE
from sandbox.store import Column, Same, Store, Table

DAY = 86400
BASE = 520000


@lru_cache
def rate(percent: Decimal) -> str:
    return format(percent, ".4f")


def flag(word: str, orders: list[Order]) -> Column:
    return ["1" if word in o.marks else "0" for o in orders] if any(word in o.marks for o in orders) else Same("0")


def paid_amount(order: Order) -> Decimal:
    return (Decimal(0), Decimal(0), (order.total / 2).quantize(Decimal("0.01")), order.total)[order.paid]


def order_table(shop: Shop, store: Store) -> Table:
    orders = shop.orders
    nothing = Decimal(0)
    taxed = [bool(o.tax_percent) for o in orders]
    prefix = "" if shop.historical else "O"
    columns: dict[str, Column] = {
        "id": [str(o.id + BASE) for o in orders],
        "local_id": [prefix + o.number for o in orders],
        "created_at": [iso(o.created, o.zone) for o in orders],
        "updated_at": [iso(o.updated, o.zone) for o in orders],
        "order_date": [iso(o.ordered, o.zone) for o in orders],
        "cancel_date": [iso(o.updated, o.zone) if "void" in o.marks else None for o in orders],
        "complete_date": [iso(o.updated, o.zone) if o.closed or ("reopened" in o.marks) else None for o in orders],
        "ship_date": [
            None if i % 3 or shop.historical else iso(o.ordered + 7 * DAY, o.zone) for i, o in enumerate(orders)
        ],
        "archived": flag("archived", orders),
        "complete": flag("complete", orders),
        "deleted": flag("deleted", orders),
        "draft": flag("draft", orders),
        "limbo": flag("limbo", orders),
        "void": flag("void", orders),
        "historical_import": Same("1" if shop.historical else "0"),
        "pristine": ["0" if i % 7 == 6 and not shop.historical else "1" for i in range(len(orders))],
        "currency_iso": [o.currency for o in orders],
        "discount": [money(o.discount) for o in orders],
        "s_and_h": [money(o.shipping_cost) for o in orders],
        "sku_subtotal": [money(o.items) for o in orders],
        "sku_subtotal_taxable": [money(o.items if t else nothing) for o, t in zip(orders, taxed, strict=True)],
        "sku_subtotal_non_taxable": [money(nothing if t else o.items) for o, t in zip(orders, taxed, strict=True)],
        "subtotal": [money(o.subtotal) for o in orders],
        "subtotal_taxable": [money(o.subtotal if t else nothing) for o, t in zip(orders, taxed, strict=True)],
        "subtotal_non_taxable": [money(nothing if t else o.subtotal) for o, t in zip(orders, taxed, strict=True)],
        "tax_percent": [rate(o.tax_percent) for o in orders],
        "tax_total": [money(o.tax) for o in orders],
        "total": [money(o.total) for o in orders],
        "total_paid_balance": [money(paid_amount(o)) for o in orders],
        "notes": [o.notes or "" for o in orders],
        "po_num": [o.reference for o in orders],
        "external_connector_order_id": [
            f"{450000000 + o.id}" if o.channel < 2 and not shop.historical else None for o in orders
        ],
        "sync_type": ["manual" if o.channel == 2 or shop.historical else "worker" for o in orders],
        "ship_method_complete": [words.CARRIERS[o.id % 4] if o.closed else "" for o in orders],
        "ship_method_id": [str(30 + o.id % 4) if o.closed else None for o in orders],
        "status_invoice": [str(o.invoiced) for o in orders],
        "status_payment": [str(o.paid) for o in orders],
        "status_package": [str(o.shipped) for o in orders],
        "status_packing_slip": [str(o.shipped) for o in orders],
        "status_deliver": ["1" if o.closed and o.id % 2 else "0" for o in orders],
    }
    return full("SalesOrders", [o.id + BASE for o in orders], columns, _relations(shop, store))


def _relations(shop: Shop, store: Store) -> dict[str, Any]:
    orders, lines = shop.orders, shop.lines
    person = store["Contacts"].relations.get("People", Same(None))
    invented = not shop.historical
    return {
        "AccountAddresses": [WAREHOUSE + (invented and i % 6 == 5) for i in range(len(orders))],
        "Addresses": [
            [
                (shop.addresses[a].id, sort)
                for a, sort in ((o.billing, "billing"), (o.shipping, "shipping"))
                if a is not None
            ]
            for o in orders
        ],
        "Channels": [301 + o.channel for o in orders],
        "Contacts": [None if o.customer is None else shop.customers[o.customer].id for o in orders],
        "People": Same(None)
        if isinstance(person, Same)
        else [None if o.customer is None else person[o.customer] for o in orders],
        "PricingTiers": [61 + i % 2 for i in range(len(orders))] if invented else Same(None),
        "Users": [61 + i % 2 if i % 4 else None for i in range(len(orders))] if invented else Same(None),
        "Tags": [[50 + t for t in o.tags] for o in orders] if invented else Same(None),
        "SalesOrderLineItems": [
            [lines.piece[at] for at in o.rows if lines.listed[at]]
            if lines.listed is not None
            else _keys(lines.piece, o.rows)
            for o in orders
        ],
    }


def _keys(piece: Any, rows: Any) -> Any:
    if isinstance(rows, range) and isinstance(piece, range):
        return piece[rows.start : rows.stop]
    return [piece[at] for at in rows]


def line_table(shop: Shop) -> Table:
    lines = shop.lines
    shown: Any = range(len(lines.line))
    if lines.listed is not None:
        shown = [at for at in shown if lines.listed[at]]
    home: list[Order] = [shop.orders[0]] * len(lines.line) if shop.orders else []
    for order in shop.orders:
        for at in order.rows:
            home[at] = order
    stamps: dict[tuple[int, Any], str] = {}

    def text(order: Order, own: int | None, *, last: bool) -> str:
        seconds = own if own is not None else order.updated if last else order.created
        known = stamps.get((seconds, order.zone))
        if known is None:
            known = stamps[seconds, order.zone] = iso(seconds, order.zone)
        return known

    moments = lines.moments
    created = [text(home[at], moments[at] if moments is not None else None, last=False) for at in shown]
    changed = created if moments is not None else [text(home[at], None, last=True) for at in shown]
    prices = {price: money(Decimal(price)) for price in set(lines.price)}
    counts = {quantity: str(quantity) for quantity in set(lines.quantity)}
    variant = [shop.skus[s].id for s in lines.sku]
    unlinked = {o.rows[0] for o in shop.orders if "limbo" in o.marks and len(o.rows)}
    keys: Any = lines.piece if lines.listed is None else [lines.piece[at] for at in shown]
    taxes: Column = Same("0.0000") if shop.historical else [rate(home[at].tax_percent) for at in shown]
    if shop.historical:
        described: list[Any] = list(lines.description)
    else:
        product = [shop.products[shop.variations[sku.variation].product].name for sku in shop.skus]
        described = [f"{product[lines.sku[at]]} ({lines.description[at]})" for at in shown]
    return full(
        "SalesOrderLineItems",
        keys,
        {
            "id": [str(key) for key in keys],
            "created_at": created,
            "updated_at": changed,
            "description": described,
            "price": [prices[lines.price[at]] for at in shown],
            "quantity": [counts[lines.quantity[at]] for at in shown],
            "tax": taxes,
            "additive_tax_rate": taxes,
        },
        {
            "SalesOrders": [home[at].id + BASE for at in shown],
            "Variants": [None if at in unlinked else variant[at] for at in shown]
            if unlinked
            else [variant[at] for at in shown],
        },
    )
