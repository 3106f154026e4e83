"""Sales orders with their lines and line quantities. Times stay whole seconds until they are sent."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

from sandbox.shop import words
from sandbox.shop.records import Order, Shop, loose
from sandbox.stitchex.eras import day
from sandbox.store import Column, Same, Store, Table

DAY = 86400


def sales_orders(shop: Shop) -> Store:
    lines = shop.lines
    starts = _starts(lines.line)
    line_keys: list[int] = [lines.line[at] for at in starts] if len(starts) != len(lines.line) else list(lines.line)
    ends = [*starts[1:], len(lines.line)]
    order_of: list[int] = [0] * len(starts)
    owned: list[Any] = []
    where = {at: n for n, at in enumerate(starts)} if len(starts) != len(lines.line) else range(len(starts))
    for order in shop.orders:
        held = [n for at in order.rows if (n := where.get(at) if isinstance(where, dict) else at) is not None]
        owned.append([line_keys[n] for n in held])
        for n in held:
            order_of[n] = order.id + 490000
    return {
        "sales_orders": _order_table(shop, owned),
        "sales_order_line_items": _line_table(shop, starts, ends, line_keys, order_of),
        "sales_order_line_quantities": Table(
            lines.piece,
            {
                "id": lines.piece,
                "size": [shop.skus[s].size for s in lines.sku],
                "quantity": lines.quantity,
                "sku_id": [shop.skus[s].id for s in lines.sku],
            },
            {"sales_order_line_items": lines.line},
            parent="sales_order_line_items",
        ),
    }


def _starts(line: Any) -> list[int]:
    """Positions at which a new line begins."""
    if isinstance(line, range):
        return list(range(len(line)))
    return [at for at in range(len(line)) if not at or line[at] != line[at - 1]]


def _order_table(shop: Shop, owned: list[Any]) -> Table:
    orders = shop.orders
    company = [None if o.customer is None else shop.customers[o.customer].id + 4800 for o in orders]
    nothing = Same("0.0")
    columns: dict[str, Column] = {
        "id": [o.id + 490000 for o in orders],
        "created_at": [o.created for o in orders],
        "updated_at": [o.updated for o in orders],
        "order_number": [o.number for o in orders],
        "purchase_order_ref": [o.reference for o in orders],
        "company_id": company,
        "company_name": ["" if o.customer is None else shop.customers[o.customer].name for o in orders],
        "season_id": [o.season or 71 for o in orders],
        "organisation_id": [shop.organisations[o.organisation].id for o in orders],
        "channel_id": [301 + o.channel for o in orders],
        "channel_name": [words.CHANNELS[o.channel][0] for o in orders],
        "currency": [o.currency for o in orders],
        "items_total": [loose(o.items) for o in orders],
        "items_tax": [None if "nulls" in o.marks else loose(o.tax) for o in orders],
        "subtotal": [loose(o.subtotal) for o in orders],
        "shipping_cost": [loose(o.shipping_cost) for o in orders],
        "shipping_tax": nothing,
        "total_tax": [loose(o.tax) for o in orders],
        "grand_total": [loose(o.total) for o in orders],
        "total_quantity": [o.units for o in orders],
        "settlement_discount": nothing,
        "deposit_percentage": nothing,
        "start_ship_date": [None if "nulls" in o.marks else day(o.ordered + 7 * DAY) for o in orders],
        "cancel_ship_date": [None if "nulls" in o.marks else day(o.ordered + 60 * DAY) for o in orders],
        "submitted_at": [None if "draft" in o.marks else o.created for o in orders],
        "confirmed_at": [None if "draft" in o.marks else o.created for o in orders],
        "next_due_date": [day(o.ordered + 30 * DAY) if o.paid < 3 else None for o in orders],
        "proforma_number": Same(None),
        "proforma_date": Same(None),
        "invoice_numbers": [f"{30000 + i}" if o.invoiced >= 2 else "" for i, o in enumerate(orders)],
        "shipment_numbers": [f"{40000 + i}" if o.shipped >= 2 else "" for i, o in enumerate(orders)],
        "status": [_status(o) for o in orders],
        "fulfillment_status": [o.shipped for o in orders],
        "financial_status": [o.paid for o in orders],
        "payment_term_name": [words.TERMS[i % 2] for i in range(len(orders))],
        "notes": [o.notes for o in orders],
        "internal_notes": [(None, "", "check stock first")[i % 3] for i in range(len(orders))],
        "shipping_instructions": [("", None, "ring twice")[i % 3] for i in range(len(orders))],
        "invoice_method": Same("on_shipment"),
        "warehouse_name": Same("Main warehouse"),
        "return_label": [bool(i % 2) for i in range(len(orders))],
        "custom_fields": [_custom_fields(i) for i in range(len(orders))] if not shop.historical else Same([]),
    }
    keys = columns["id"]
    return Table(
        keys if isinstance(keys, list) else [],
        columns,
        {"sales_order_line_items": owned},
        owns=("sales_order_line_items",),
    )


def _status(order: Order) -> str:
    return "draft" if "draft" in order.marks else "complete" if order.closed else "confirmed"


def _custom_fields(i: int) -> list[dict[str, Any]]:
    offered = (
        {"name": "Gift", "field_type": "boolean", "value": bool(i % 2)},
        {"name": "Pallets", "field_type": "number", "value": i % 5},
        {"name": "Agent", "field_type": "text", "value": "Zoë \U0001f9f5" if i % 4 == 3 else ""},
        {"name": "Wanted on", "field_type": "date", "value": "2025-03-09"},
        {"name": "Lanes", "field_type": "multi_select", "value": ["a", "b"][: i % 3]},
        {"name": "Budget", "field_type": "decimal", "value": None if i % 8 == 7 else "12.50"},
    )
    return list(offered[: i % (len(offered) + 1)])


def _line_table(shop: Shop, starts: list[int], ends: list[int], keys: list[int], order_of: list[int]) -> Table:
    lines = shop.lines
    simple = len(starts) == len(lines.line)
    variation = [shop.variations[shop.skus[lines.sku[at]].variation] for at in starts]
    named = shop.historical
    tax = {o.id + 490000: o.tax_percent for o in shop.orders}

    @cache
    def share(price: str, percent: Decimal) -> str:
        return loose((Decimal(price) * percent / 100).quantize(Decimal("0.0001"))) if percent else "0.0"

    @cache
    def cut(price: str, original: str) -> str:
        before = Decimal(original)
        off = (before - Decimal(price)) / before * 100 if before and price != original else Decimal(0)
        return loose(off.quantize(Decimal("0.01")))

    @cache
    def bare(price: str) -> str:
        return loose(Decimal(price))

    @cache
    def rate(percent: Decimal) -> str:
        return loose(percent)

    products = shop.products
    return Table(
        keys,
        {
            "id": keys,
            "product_id": [products[v.product].id for v in variation],
            "product_name": [lines.description[at] for at in starts]
            if named
            else [products[v.product].name for v in variation],
            "variation_id": [v.id for v in variation],
            "color": [v.colour for v in variation],
            "unit_price": [bare(lines.price[at]) for at in starts],
            "original_price": [bare(lines.original[at]) for at in starts],
            "unit_tax": [share(lines.price[at], tax[o]) for at, o in zip(starts, order_of, strict=True)],
            "tax_level": [rate(tax[o]) for o in order_of],
            "percentage_discount": [cut(lines.price[at], lines.original[at]) for at in starts],
            "product_identifier": [products[v.product].number for v in variation]
            if named
            else [(products[v.product].number, "", None)[v.product % 3] for v in variation],
            "weight": Same(None) if named else [("250.0", None, "0.75")[v.product % 3] for v in variation],
            "weight_unit": Same("") if named else [("g", "", "kg")[v.product % 3] for v in variation],
            "bundle_line_item": Same(value=False),
            "country_of_origin": Same("") if named else [("PT", "", "IN")[v.product % 3] for v in variation],
            "intrastat_code": Same("") if named else [("61091000", "", "")[v.product % 3] for v in variation],
        },
        {
            "sales_orders": order_of,
            "sales_order_line_quantities": lines.piece
            if simple
            else [[lines.piece[at] for at in range(a, b)] for a, b in zip(starts, ends, strict=True)],
        },
        owns=("sales_order_line_quantities",),
        parent="sales_orders",
    )
