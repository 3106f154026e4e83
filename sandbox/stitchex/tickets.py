"""Pick tickets and the boxes that they were packed into (section 9.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.shop import words
from sandbox.stitchex.draft import Draft, Lines
from sandbox.stitchex.goods import ean
from sandbox.stitchex.parties import address_row
from sandbox.store import entries

if TYPE_CHECKING:
    from sandbox.shop.records import Order, Shop
    from sandbox.store import Row, Store

DAY = 86400
LINES = "sales_order_line_items"
INVENTORY = 100000
"""How far the id of a stock record is from that of its SKU."""
TOTALS = ("items_total", "items_tax", "subtotal", "total_tax", "grand_total", "total_quantity")
WAREHOUSES = ("Main warehouse", "Outlet")
FIRST = 2_000_000
"""Id of the first line, and of the first line quantity."""
ROOM = 4
"""Sizes of lines that go into one box."""


def tickets(shop: Shop, store: Store) -> Store:
    """A shipped ticket per order that was shipped; where half was, a draft for the other half."""
    drafts = {"pick_tickets": Draft(760000), "shipment_boxes": Draft(770000), "shipment_box_items": Draft(780000)}
    lines = Lines("pick_ticket", "sales_order", store, FIRST)
    first_piece = FIRST
    for n, order in enumerate(shop.orders):
        if order.shipped < 2 or order.customer is None:
            continue
        ordered = [line for line, _ in entries(store["sales_orders"].related(order.id + 490000, LINES))]
        half = len(ordered) if order.shipped == 3 else -(-len(ordered) // 2)
        for picked, draft in ((ordered[:half], False), (ordered[half:], True)):
            if not picked:
                continue
            key = drafts["pick_tickets"].fresh()
            quantities = {line: lines.quantities(line) for line in picked}
            held, sums = lines.take(key, quantities)
            pieces = [count for one in quantities.values() for count in one]
            boxes = [] if draft else _boxes(drafts, key, first_piece, pieces)
            first_piece += len(pieces)
            row = _ticket(shop, n, draft=draft) | (dict.fromkeys(TOTALS) if draft else sums)
            drafts["pick_tickets"].add(key, row, pick_ticket_line_items=held, shipment_boxes=boxes)
    codes = {sku.id: (sku.code, ean(sku.barcode, n)) for n, sku in enumerate(shop.skus)}
    return {
        "pick_tickets": drafts["pick_tickets"].table(owns=("pick_ticket_line_items", "shipment_boxes")),
        "shipment_boxes": drafts["shipment_boxes"].table(owns=("shipment_box_items",), parent="pick_tickets"),
        "shipment_box_items": drafts["shipment_box_items"].table(parent="shipment_boxes"),
        **lines.tables(
            lambda skus: {
                "sku_number": [codes[sku][0] for sku in skus],
                "upc_number": [None if (code := codes[sku][1]) is None else str(code) for sku in skus],
                "inventory_id": [sku + INVENTORY for sku in skus],
            }
        ),
    }


def _ticket(shop: Shop, n: int, *, draft: bool) -> Row:
    order = shop.orders[n]
    customer = shop.customers[order.customer or 0]
    created = order.created + DAY
    changed = max(created, order.updated)
    empty = (None, "")[n % 2]
    return _weights(n, draft=draft) | {
        "created_at": created,
        "updated_at": changed,
        "stock_adjusted_at": None if draft else changed,
        "date": created,
        "status": "draft" if draft else "shipped",
        "shipment_number": (5_000_000 if draft else 40000) + n,
        "commercial_invoice_number": 70000 + n,
        "order_id": order.id + 490000,
        "sale_id": order.id + 490000,
        "customer_id": customer.id + 4800,
        "organisation_id": shop.organisations[order.organisation].id,
        "order_number": None if n % 16 == 15 else int(order.number),
        "order_source": ("shopify", "", "b2b")[n % 3],
        "customer_name": customer.name,
        "warehouse": WAREHOUSES[n % 5 == 4],
        "channel": words.CHANNELS[order.channel][0],
        "payment_terms": words.TERMS[n % 2],
        "invoice_numbers": f"{30000 + n}" if order.invoiced >= 2 else "",
        "currency": order.currency,
        "notes": order.notes,
        "customer_note": empty if n % 6 else "mind the step",
        "shipping_instructions": ("", None, "ring twice")[n % 3],
        "tracking_number": empty if draft else f"TRACK{n:08}",
        "carrier": empty if draft else words.CARRIERS[n % len(words.CARRIERS)],
        "shipping_method": (None, "Standard", "")[n % 3],
        "shipper_email_address": empty if n % 7 else "dock@example.com",
        "service": empty if n % 5 else "picking list printed",
        "shipping_cost": "4.95",
        "shipping_tax": "0.0",
        "estimated_shipping_cost": "5.5",
        "dimensions": empty if draft else "40 x 30 x 20",
        "contact_name": " ".join(customer.person or ()) or empty,
        "contact_email": customer.email or empty,
        "contact_phone": customer.phone or empty,
        "address": _home(shop, order),
    }


def _home(shop: Shop, order: Order) -> Row:
    at = order.shipping or 0
    return address_row(shop.addresses[at], at, line=(None, "")[at % 2], iso=True)


def _weights(n: int, *, draft: bool) -> Row:
    """A number on one ticket, a decimal in a text on another."""
    unit = ("g", "kg", "lb", "oz", "")[n % 5]
    return {
        "gross_weight": None if draft else (1250.5, "1250.5", 900)[n % 3],
        "net_weight": None if draft else ("1100.25", 1100.25, 800)[n % 3],
        "weight": None if draft else (None, "1250.5", 900)[n % 3],
        "gross_weight_unit": unit,
        "weight_unit": unit,
    }


def _boxes(drafts: dict[str, Draft], ticket: int, first: int, pieces: list[int]) -> list[int]:
    """Everything that was picked, a few sizes to a box; a piece is told by its place among those of all tickets."""
    packed = [(first + place, count) for place, count in enumerate(pieces) if count]
    boxes = []
    for place in range(0, len(packed), ROOM):
        box = drafts["shipment_boxes"].fresh()
        items = []
        for piece, count in packed[place : place + ROOM]:
            items.append(drafts["shipment_box_items"].fresh())
            drafts["shipment_box_items"].add(
                items[-1], {"quantity": count}, shipment_boxes=box, pick_ticket_line_quantities=piece
            )
        row = {
            "net_weight": f"{1 + place}.25",
            "gross_weight": f"{2 + place}.0",
            "box_weight": None if box % 2 else "0.75",
            "dimensions": "40 x 30 x 20" if box % 3 else "",
        }
        drafts["shipment_boxes"].add(box, row, pick_tickets=ticket, shipment_box_items=items)
        boxes.append(box)
    return boxes
