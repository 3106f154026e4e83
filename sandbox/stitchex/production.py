"""Production orders: what the shop has made for it (section 9.9), and what of it is still on the way."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.shop import words
from sandbox.shop.records import loose
from sandbox.stitchex.draft import Draft, totals
from sandbox.stitchex.eras import day
from sandbox.stitchex.goods import product_code, season
from sandbox.stitchex.tickets import INVENTORY

if TYPE_CHECKING:
    from sandbox.shop.records import Shop
    from sandbox.store import Row, Store

DAY = 86400
FINEST = Decimal("0.0001")
ITEMS, QUANTITIES = "production_order_line_items", "production_order_line_quantities"
# Status, delivery status and financial status, in a style of their own (trap 7).
STATES = (
    ("COMPLETE", "All Received", "Paid"),
    ("COMPLETE", "All Received", "Partially Paid"),
    ("CONFIRMED", "Partially Received", "Not Paid"),
    ("CONFIRMED", "Not Received", "Not Paid"),
    ("DRAFT", "Not Received", "Not Paid"),
)
ROUNDS = 3
BATCH = 3
"""Products on one production order."""


def production(shop: Shop) -> Store:
    """Every organisation has its products made again and again; a shop of transactions has nothing made."""
    works = _Works(shop)
    makers = _by_organisation(shop, len(shop.customers))
    for repeat in () if shop.historical else range(ROUNDS):
        for organisation, own in _by_organisation(shop, len(shop.products)).items():
            for first in range(0, len(own) if organisation in makers else 0, BATCH):
                works.order(organisation, makers[organisation], own[first : first + BATCH], repeat)
    return works.tables()


def coming(store: Store) -> dict[int, int]:
    """Goods on the way by SKU id: ordered for good and not received."""
    orders, lines, pieces = store["production_orders"], store[ITEMS], store[QUANTITIES]
    found: Counter[int] = Counter()
    for key in pieces.keys:
        order = lines.related(pieces.related(key, ITEMS), "production_orders")
        if orders.get(order, "status") != "DRAFT":
            found[pieces.get(key, "sku_id")] += pieces.get(key, "quantity")
    received = store["receiving_ticket_line_quantities"]
    for key in received.keys:
        found[received.get(key, "sku_id")] -= received.get(key, "quantity")
    return found


def _by_organisation(shop: Shop, count: int) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for n in range(count):
        found[shop.organisation_of(n)].append(n)
    return found


class _Works:
    """Production orders while they are written."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._drafts = {"production_orders": Draft(800000), ITEMS: Draft(5_000_000), QUANTITIES: Draft(6_000_000)}
        self._count = 0
        self._variations: dict[int, list[int]] = defaultdict(list)
        for n, variation in enumerate(shop.variations):
            self._variations[variation.product].append(n)
        self._skus: dict[int, list[int]] = defaultdict(list)
        for n, sku in enumerate(shop.skus):
            self._skus[sku.variation].append(n)

    def order(self, organisation: int, makers: list[int], products: list[int], repeat: int) -> None:
        n, shop = self._count, self._shop
        self._count += 1
        key = self._drafts["production_orders"].fresh()
        percent = Decimal((0, 21)[n % 2])
        cost, units = Decimal(0), 0
        lines = []
        for variation in (one for product in products for one in self._variations[product]):
            line, count = self._line(key, n, variation, percent)
            lines.append(line)
            units += count
            cost += shop.skus[self._skus[variation][0]].cost * count
        first = shop.products[products[0]]
        row = self._row(n, first.created + repeat * 150 * DAY) | {
            "organisation_id": organisation,
            "company_id": shop.customers[makers[n % len(makers)]].id + 4800,
            "company_name": shop.customers[makers[n % len(makers)]].name,
            "season_id": season(shop, products[0]),
            "tax_level": loose(percent),
            **totals(cost, cost * percent / 100, units),
        }
        self._drafts["production_orders"].add(key, row, **{ITEMS: lines})

    @staticmethod
    def _row(n: int, created: int) -> Row:
        status, delivery, financial = STATES[n % len(STATES)]
        empty = (None, "")[n % 2]
        return {
            "created_at": created,
            "updated_at": created + n % 40 * DAY,
            "production_order_number": f"PO-{1001 + n}",
            "drop_id": None if n % 3 else 8101 + n % 4,
            "currency": words.CURRENCIES[n % 3],
            "status": status,
            "delivery_status": delivery,
            "financial_status": financial,
            "shipping_cost": ("0.0", "120.5")[n % 2],
            "shipping_tax": "0.0",
            "confirmed_at": None if status == "DRAFT" else created + 3600,
            "due_date": None if n % 4 == 3 else day(created + 60 * DAY),
            "in_warehouse_date": None if status == "DRAFT" else day(created + 45 * DAY),
            "notes": empty if n % 3 else "pack per size",
            "internal_notes": empty if n % 4 else "ask for a sample",
            "payment_terms": words.TERMS[0] if n % 3 else empty,
            "delivery_terms": "FOB" if n % 2 else empty,
            "warehouses": ["Main warehouse", "Outlet"][: n % 3],
        }

    def _line(self, order: int, n: int, variation: int, percent: Decimal) -> tuple[int, int]:
        """A line of one colour in all its sizes; returns its id and its units."""
        shop = self._shop
        colour, skus = shop.variations[variation], [shop.skus[at] for at in self._skus[variation]]
        price = skus[0].cost
        key, units = self._drafts[ITEMS].fresh(), 0
        pieces = []
        for place, sku in enumerate(skus):
            count = (variation * 7 + n * 3 + place * 2) % 5 * 6
            units += count
            piece: Row = {"size": sku.size, "quantity": count, "sku_id": sku.id}
            piece["inventory_id"] = {"id": sku.id + INVENTORY, "sku_id": sku.id, "in_stock": sku.stock}
            pieces.append(self._drafts[QUANTITIES].fresh())
            self._drafts[QUANTITIES].add(pieces[-1], piece, **{ITEMS: key})
        row = {
            "product_id": shop.products[colour.product].id,
            "product_name": shop.products[colour.product].name,
            "variation_id": colour.id,
            "color": colour.colour,
            "unit_price": loose(price),
            "original_price": loose(price),
            "unit_tax": loose((price * percent / 100).quantize(FINEST)),
            "tax_level": loose(percent),
            "percentage_discount": "0.0",
            "product_identifier": product_code(shop, colour.product),
            "weight": ("250.0", None, "0.75")[variation % 3],
            "weight_unit": ("g", "", "kg")[variation % 3],
            "bundle_line_item": False,
            "country_of_origin": ("PT", "", "IN")[variation % 3],
            "intrastat_code": ("61091000", "", "")[variation % 3],
            "warehouse": "Main warehouse",
            "comments": "" if variation % 3 else "first sample was too wide",
            "product_brand": ("Demo", None, "")[variation % 3],
            "product_cover_image": f"https://images.example.com/{colour.id}.jpg",
            "variation_images": [f"https://images.example.com/{colour.id}-{view}.jpg" for view in range(variation % 3)],
        }
        self._drafts[ITEMS].add(key, row, production_orders=order, **{QUANTITIES: pieces})
        return key, units

    def tables(self) -> Store:
        return {
            "production_orders": self._drafts["production_orders"].table(owns=(ITEMS,)),
            ITEMS: self._drafts[ITEMS].table(owns=(QUANTITIES,), parent="production_orders"),
            QUANTITIES: self._drafts[QUANTITIES].table(parent=ITEMS),
        }
