"""Receiving tickets: deliveries of production orders (section 9.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stitchex.draft import Draft, Lines
from sandbox.stitchex.eras import day
from sandbox.stitchex.goods import ean
from sandbox.store import entries

if TYPE_CHECKING:
    from sandbox.shop.records import Shop
    from sandbox.store import Row, Store

DAY = 86400
ITEMS = "production_order_line_items"
# Parts in which an order arrives, by its delivery status; half of a size and the rest of it make the whole.
ARRIVALS = {"All Received": (("whole",), ("half", "rest")), "Partially Received": (("half",),)}
OWN = ("warehouse", "comments", "product_brand", "product_cover_image", "variation_images")
"""What only the lines of production orders have."""


def receiving(shop: Shop, store: Store) -> Store:
    draft = Draft(785000)
    lines = Lines("receiving_ticket", "production_order", store, 7_000_000)
    orders = store["production_orders"]
    for n, order in enumerate(orders.keys):
        row = orders.row(orders.at(order))
        ways = ARRIVALS.get(row["delivery_status"], ((),))
        for place, part in enumerate(ways[n % len(ways)]):
            held = [line for line, _ in entries(orders.related(order, ITEMS))]
            key = draft.fresh()
            came = {line: [_part(part, count) for count in lines.quantities(line)] for line in held}
            keys, sums = lines.take(key, came)
            draft.add(key, _ticket(row, n, place) | sums, receiving_ticket_line_items=keys)
    codes = {sku.id: (sku.code, ean(sku.barcode, n)) for n, sku in enumerate(shop.skus)}
    return {
        "receiving_tickets": draft.table(owns=("receiving_ticket_line_items",)),
        **lines.tables(
            lambda skus: {
                "sku_number": [codes[sku][0] for sku in skus],
                "upc_number": [None if (code := codes[sku][1]) is None else str(code) for sku in skus],
            },
            without=OWN,
        ),
    }


def _part(part: str, count: int) -> int:
    return {"whole": count, "half": count // 2, "rest": count - count // 2}[part]


def _ticket(order: Row, n: int, place: int) -> Row:
    at = order["created_at"] + (30 + 10 * place) * DAY
    return {
        "created_at": at,
        "updated_at": at + n % 5 * 3600,
        "organisation_id": order["organisation_id"],
        "production_order_id": order["id"],
        "tax_calc_method": "SUB_TOTAL",
        "status": ("checked in", None, "checked in", "")[n % 4],
        "production_order_number": order["production_order_number"] if n % 6 else None,
        "vendor": order["company_name"] if n % 5 else None,
        "delivery_name": f"Delivery {place + 1}" if n % 4 else None,
        # A date on one ticket, a time on another.
        "in_warehouse_date": (day(at + DAY), at + DAY, None)[n % 3],
    }
