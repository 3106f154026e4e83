"""Purchase orders, and the small lists of the catalogue."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.shop import words
from sandbox.shop.records import CENT, Shop, iso, money
from sandbox.stitchlabs.draft import Draft
from sandbox.stitchlabs.parties import EPOCH, WAREHOUSE

if TYPE_CHECKING:
    from sandbox.store import Row

DAY = 86400
ATTRIBUTES = ("Color", "Size", "Material")
MATERIALS = ("Linen", "Wool", "Recycled PET")
ID_TYPES = (("asin", "ASIN"), ("ean", "EAN"), ("fnsku", "Amazon FNSKU"))


def options_of(shop: Shop) -> dict[tuple[str, str], int]:
    """The id of each option of each attribute; no product of the shop has a material."""
    if shop.historical:
        return {}
    values = {
        "Color": words.COLOURS,
        "Size": tuple(dict.fromkeys(size for run in words.SIZE_RUNS for size in run)),
        "Material": MATERIALS,
    }
    return {pair: key for key, pair in enumerate(((of, v) for of, held in values.items() for v in held), start=1201)}


def small_lists(shop: Shop) -> list[Draft]:
    attributes, options = Draft("Attributes", 1100), Draft("AttributeOptions", 1200)
    tiers, id_types = Draft("PricingTiers", 60), Draft("CustomIdTypes", 1300)
    made = options_of(shop)
    for n, name in enumerate(ATTRIBUTES):
        held = [key for (of, _), key in made.items() if of == name]
        attributes.add(EPOCH, {"name": name, "order": str(n)}, {"AttributeOptions": held}, key=1101 + n)
    for (of, value), key in made.items():
        options.add(EPOCH, {"name": value}, {"Attributes": 1101 + ATTRIBUTES.index(of)}, key=key)
    for n, name in enumerate(words.TIERS):
        tiers.add(EPOCH, {"name": name.lower(), "caption": name}, key=61 + n)
    for n, (name, caption) in enumerate(ID_TYPES):
        id_types.add(EPOCH, {"name": name, "caption": caption}, key=1301 + n)
    return [attributes, options, tiers, id_types]


def purchase_orders(shop: Shop) -> Draft:
    """Fifteen orders at suppliers: five alike under one stamp, then one every few days in every state."""
    orders = Draft("PurchaseOrders", 1400)
    begin = shop.orders[0].created if shop.orders else EPOCH
    for n in range(0 if shop.historical else 15):
        at = begin if n < 5 else begin + n * 3 * DAY
        values = _alike() if n < 5 else _in_some_state(shop, n, at)
        links = {
            "Contacts": shop.customers[n % len(shop.customers)].id,
            "AccountAddresses": WAREHOUSE + (n > 4 and n % 4 == 3),
        }
        orders.add(at, {"local_id": f"P{100 + n}", "po_num": f"BUY-{n}" if n % 3 else None} | values, links)
    return orders


def _alike() -> Row:
    sums = {"subtotal": "100.00", "s_and_h": "5.00", "tax_total": "15.00", "total": "120.00"}
    return {"currency_iso": "EUR", "order_date": "2024-02-01T10:00:00+00:00", **sums}


def _in_some_state(shop: Shop, n: int, at: int) -> Row:
    subtotal = (shop.skus[n * 7 % len(shop.skus)].cost * (10 + n)).quantize(CENT)
    carriage, tax = Decimal("7.50"), (subtotal * 21 / 100).quantize(CENT)
    done = at + 9 * DAY if n % 3 == 2 else None
    return {
        "updated_at": iso(done or at + n * 3600),
        "order_date": iso(at),
        "complete": "0" if done is None else "1",
        "complete_date": None if done is None else iso(done),
        "archived": str(int(n % 6 == 5)),
        "draft": str(int(n == 6)),
        "void": str(int(n == 7)),
        "deleted": str(int(n == 9)),
        "currency_iso": words.CURRENCIES[n % len(words.CURRENCIES)],
        "notes": words.HOSTILE_NOTES[n % len(words.HOSTILE_NOTES)] if n % 2 else "",
        "subtotal": money(subtotal),
        "s_and_h": money(carriage),
        "tax_total": money(tax),
        "total": money(subtotal + carriage + tax),
    }
