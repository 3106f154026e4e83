"""Products, variants, and what hangs on them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.shop import words
from sandbox.shop.records import Shop, Sku, money
from sandbox.stitchlabs.draft import Draft
from sandbox.stitchlabs.parties import WAREHOUSE
from sandbox.stitchlabs.purchases import options_of, purchase_orders, small_lists

if TYPE_CHECKING:
    from sandbox.store import Row, Store

PICTURE = '[{"public_uri":"http://img.example.com/%d.jpg","public_ssl_uri":"https://img.example.com/%d.jpg","actual":{"W":800,"H":600}}]'
BASES = {
    "Products": 3000,
    "ProductFiles": 4000,
    "Variants": 33000,
    "WarehouseStockLevels": 50000,
    "VariantPrices": 70000,
    "VariantCustomIds": 90000,
}


def catalogue(shop: Shop) -> Store:
    """Names and codes only for a shop made of history, which knows nothing else."""
    drafts = {kind: Draft(kind, base) for kind, base in BASES.items()}
    file_of = _products(shop, drafts)
    _variants(shop, drafts, file_of)
    return {draft.kind: draft.table() for draft in (*drafts.values(), *small_lists(shop), purchase_orders(shop))}


def _files(shop: Shop, files: Draft) -> dict[int, int]:
    """A picture of every third product, by the place of the product."""
    return {
        n: files.add(
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
        for n, product in enumerate(() if shop.historical else shop.products)
        if n % 3 == 0
    }


def _products(shop: Shop, drafts: dict[str, Draft]) -> dict[int, int]:
    """The products, and which of them has which picture, by place."""
    of_product: dict[int, list[Sku]] = {}
    for sku in shop.skus:
        of_product.setdefault(shop.variations[sku.variation].product, []).append(sku)
    file_of = _files(shop, drafts["ProductFiles"])
    for n, product in enumerate(shop.products):
        skus = of_product.get(n, [])
        values: Row = {
            "name": product.name,
            "description": product.description,
            "local_id": product.number,
            "variant_count": str(len(skus)),
        }
        if not shop.historical:
            stock, committed = sum(sku.stock for sku in skus), sum(sku.committed for sku in skus)
            values |= {
                "total_stock": str(stock),
                "committed_stock": str(committed),
                "total_available": str(stock - committed),
                "low_stock_count": str(sum(sku.stock <= 0 for sku in skus)),
                "archived": str(int(n % 12 == 11)),
                "notes": words.NOTES[n % len(words.NOTES)],
            }
        links = {
            "ProductFiles": file_of.get(n),
            "Variants": [sku.id for sku in skus] or None,
            "Attributes": None if shop.historical else [1101, 1102],
        }
        drafts["Products"].add(product.created, values, links, key=product.id)
    return file_of


def _variants(shop: Shop, drafts: dict[str, Draft], file_of: dict[int, int]) -> None:
    options, sold = options_of(shop), _sold(shop)
    more: list[tuple[int, Sku, list[int], list[int]]] = []
    for n, sku in enumerate(shop.skus):
        variation = shop.variations[sku.variation]
        product = shop.products[variation.product]
        values: Row = {"local_id": sku.number, "sku": sku.code, "sort_order": str(n % 7)}
        links: Row = {"Products": product.id}
        if shop.historical:
            values |= {"auto_description": product.name, "auto_description_with_option_type": product.name}
        else:
            values |= {
                "auto_description": f"{product.name} ({variation.colour}, {sku.size})",
                "auto_description_with_option_type": f"{product.name} (Color: {variation.colour}, Size: {sku.size})",
                **_stock(n, sku),
                "total_sold": str(sold[n][0]),
                "total_revenue": money(Decimal(sold[n][1]).scaleb(-2)),
            }
            links |= _around(shop, n, sku, drafts)
            links["AttributeOptions"] = [options["Color", variation.colour], options["Size", sku.size]]
            links["ProductFiles"] = file_of.get(variation.product)
            more.append((n, sku, links["WarehouseStockLevels"], links["VariantCustomIds"]))
        drafts["Variants"].add(sku.created, values, links, key=sku.id)
    for n, sku, levels, codes in more:
        if n % 10 == 3:
            levels.append(_level(drafts, sku, WAREHOUSE + 1, 0, 0))
        if n % 9 == 2:
            codes.append(_code(drafts, sku, f"{8710000000000 + n}", 1302 + n // 9 % 2))


def _stock(n: int, sku: Sku) -> Row:
    available, bought = str(sku.stock - sku.committed), n % 4 == 1
    return {
        "stock": str(sku.stock),
        "available": available,
        "average_cost": format(sku.cost, "f"),
        "supplier_cost": format(sku.cost, "f"),
        "supplier_id": f"S{n}" if bought else None,
        "primary_supplier": str(int(bought)),
        "drop_shippable": str(int(n % 8 == 5)),
        "bundle": str(int(n % 31 == 9)),
        "component": str(int(n % 31 == 10)),
        "description": f"Batch {n // 10}" if n % 6 == 4 else "",
        "notes": words.NOTES[n // 3 % len(words.NOTES)],
        "location_1": f"A-{n % 40}" if n % 2 else None,
        "upc": sku.barcode,
        "weight": format(sku.weight, ".4f"),
        "committed_stock": str(sku.committed),
        "reorder_stock": str(max(0, sku.committed - sku.stock)),
        "reorder_awaiting_stock": "12" if n % 9 == 4 else "0",
        "warehouse_available": available,
    }


def _around(shop: Shop, n: int, sku: Sku, drafts: dict[str, Draft]) -> Row:
    """Stock, prices, outside ids and suppliers of a variant."""
    prices, many = drafts["VariantPrices"], len(shop.customers)
    bought = [shop.customers[at % many].id for at in (n, n + 1)[: 1 + (n % 8 == 1)]]
    return {
        "WarehouseStockLevels": [_level(drafts, sku, WAREHOUSE, sku.stock, sku.stock - sku.committed)],
        "VariantPrices": [
            prices.add(
                sku.created,
                {"price": money(sku.price * (t + 1)) if n % 5 else format(sku.price * (t + 1), ".4f")},
                {"PricingTiers": 61 + t, "Variants": sku.id},
            )
            for t in range(len(words.TIERS))
        ],
        "VariantCustomIds": [_code(drafts, sku, f"ASIN{n:06}", 1301)] if n % 6 == 2 else [],
        "Contacts": bought if n % 4 == 1 else None,
    }


def _level(drafts: dict[str, Draft], sku: Sku, place: int, stock: int, available: int) -> int:
    values = {"account_address_id": str(place), "stock": str(stock), "available": str(available)}
    return drafts["WarehouseStockLevels"].add(sku.created, values, {"AccountAddresses": place, "Variants": sku.id})


def _code(drafts: dict[str, Draft], sku: Sku, value: str, sort: int) -> int:
    return drafts["VariantCustomIds"].add(
        sku.created, {"value": value, "sku_id": str(sku.id)}, {"CustomIdTypes": sort, "Variants": sku.id}
    )


def _sold(shop: Shop) -> list[tuple[int, int]]:
    """Units and cents that each SKU came to, over all orders."""
    if shop.historical:
        return []
    lines = shop.lines
    units, cents = [0] * len(shop.skus), [0] * len(shop.skus)
    worth = {price: int(Decimal(price) * 100) for price in set(lines.price)}
    for sku, quantity, price in zip(lines.sku, lines.quantity, lines.price, strict=True):
        units[sku] += quantity
        cents[sku] += quantity * worth[price]
    return list(zip(units, cents, strict=True))
