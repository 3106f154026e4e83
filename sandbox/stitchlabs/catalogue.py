"""Products, variants, and what hangs on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.shop import words
from sandbox.shop.records import Shop, money
from sandbox.stitchlabs.draft import Draft
from sandbox.stitchlabs.parties import EPOCH, WAREHOUSE

if TYPE_CHECKING:
    from sandbox.store import Store

PICTURE = '[{"public_uri":"http://img.example.com/%d.jpg","public_ssl_uri":"https://img.example.com/%d.jpg","actual":{"W":800,"H":600}}]'


def catalogue(shop: Shop) -> Store:
    """Names and codes only for a shop made of history, which knows nothing else."""
    products, variants = Draft("Products", 3000), Draft("Variants", 33000)
    files, levels = Draft("ProductFiles", 4000), Draft("WarehouseStockLevels", 50000)
    prices, outside = Draft("VariantPrices", 70000), Draft("VariantCustomIds", 90000)
    small = _small_lists(shop)
    options = {(n, v): k for k, (n, v) in enumerate(_options(shop), start=1201)}
    of_product: dict[int, list[int]] = {}
    for sku in shop.skus:
        of_product.setdefault(shop.variations[sku.variation].product, []).append(sku.id)
    file_of: dict[int, int] = {}
    for n, product in enumerate(shop.products):
        if not shop.historical and n % 3 == 0:
            file_of[n] = files.add(
                product.created,
                {
                    "cdn_original": PICTURE % (n, n),
                    "file_name": f"{n}.jpg",
                    "orig_file_name": f"Фото {n}.jpg",
                    "file_type": "image/jpeg",
                    "size": str(20000 + n),
                },
                {"Products": product.id},
            )
        products.add(
            product.created,
            {
                "name": product.name,
                "description": product.description,
                "local_id": product.number,
                "variant_count": str(len(of_product.get(n, ()))),
            },
            {
                "ProductFiles": file_of.get(n),
                "Variants": of_product.get(n),
                "Attributes": None if shop.historical else [1101, 1102],
            },
            key=product.id,
        )
    for n, sku in enumerate(shop.skus):
        variation = shop.variations[sku.variation]
        product = shop.products[variation.product]
        values: dict[str, object] = {"local_id": sku.number, "sku": sku.code, "sort_order": str(n % 7)}
        links: dict[str, object] = {"Products": product.id}
        if shop.historical:
            values |= {"auto_description": product.name, "auto_description_with_option_type": product.name}
        else:
            available = str(sku.stock - sku.committed)
            values |= {
                "auto_description": f"{product.name} ({variation.colour}, {sku.size})",
                "auto_description_with_option_type": f"{product.name} (Color: {variation.colour}, Size: {sku.size})",
                "stock": str(sku.stock),
                "available": available,
                "average_cost": format(sku.cost, "f"),
                "supplier_cost": format(sku.cost, "f"),
                "location_1": f"A-{n % 40}" if n % 2 else None,
                "upc": sku.barcode,
                "weight": format(sku.weight, ".4f"),
                "committed_stock": str(sku.committed),
                "warehouse_available": available,
                "supplier_id": f"S{n}" if n % 4 == 1 else None,
            }
            stocked = {"account_address_id": str(WAREHOUSE), "stock": str(sku.stock), "available": available}
            links |= {
                "AttributeOptions": [options["Color", variation.colour], options["Size", sku.size]],
                "ProductFiles": file_of.get(variation.product),
                "WarehouseStockLevels": levels.add(
                    sku.created, stocked, {"AccountAddresses": WAREHOUSE, "Variants": sku.id}
                ),
                "VariantPrices": [
                    prices.add(
                        sku.created,
                        {"price": money(sku.price * (t + 1)) if n % 5 else format(sku.price * (t + 1), ".4f")},
                        {"PricingTiers": 61 + t, "Variants": sku.id},
                    )
                    for t in range(len(words.TIERS))
                ],
            }
            if n % 4 == 1:
                links["Contacts"] = shop.customers[n % len(shop.customers)].id
            if n % 6 == 2:
                links["VariantCustomIds"] = outside.add(
                    sku.created,
                    {"value": f"ASIN{n:06}", "sku_id": str(sku.id)},
                    {"CustomIdTypes": 1301, "Variants": sku.id},
                )
        variants.add(sku.created, values, links, key=sku.id)
    return small | {d.kind: d.table() for d in (products, variants, files, levels, prices, outside)}


def _options(shop: Shop) -> list[tuple[str, str]]:
    if shop.historical:
        return []
    colours = [("Color", colour) for colour in words.COLOURS]
    return colours + [("Size", size) for size in dict.fromkeys(size for run in words.SIZE_RUNS for size in run)]


def _small_lists(shop: Shop) -> Store:
    attributes, options = Draft("Attributes", 1100), Draft("AttributeOptions", 1200)
    tiers, id_types = Draft("PricingTiers", 60), Draft("CustomIdTypes", 1300)
    made = _options(shop)
    for n, name in enumerate(("Color", "Size")):
        held = [k for k, (of, _) in enumerate(made, start=1201) if of == name]
        attributes.add(EPOCH, {"name": name, "order": str(n)}, {"AttributeOptions": held}, key=1101 + n)
    for k, (of, value) in enumerate(made, start=1201):
        options.add(EPOCH, {"name": value}, {"Attributes": 1101 + (of == "Size")}, key=k)
    for n, name in enumerate(words.TIERS):
        tiers.add(EPOCH, {"name": name.lower(), "caption": name}, key=61 + n)
    id_types.add(EPOCH, {"name": "asin", "caption": "ASIN"}, key=1301)
    orders = Draft("PurchaseOrders", 1400)
    for n in range(0 if shop.historical else 5):
        orders.add(
            shop.orders[0].created if shop.orders else EPOCH,
            {
                "local_id": f"P{100 + n}",
                "currency_iso": "EUR",
                "order_date": "2024-02-01T10:00:00+00:00",
                "total": "120.00",
            },
            {"Contacts": shop.customers[n % len(shop.customers)].id, "AccountAddresses": WAREHOUSE},
        )
    return {d.kind: d.table() for d in (attributes, options, tiers, id_types, orders)}
