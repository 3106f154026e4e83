"""Products, their colours, prices and SKUs (section 9.1)."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.shop.records import loose
from sandbox.store import Same, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.shop.records import Shop
    from sandbox.store import Store

TEXTILES = ("100% linen", "", "60% wool, 40% polyamide")
CATEGORIES = (("Tops", "Shirts"), ("", None), (None, ""), ("Outerwear", "Coats"))
# Price list, currency, times the wholesale price.
PRICE_LISTS = (
    ("Wholesale", "EUR", Decimal(1)),
    ("Wholesale", "USD", Decimal("1.1")),
    ("Outlet", "EUR", Decimal("0.6")),
)


def goods(shop: Shop, coming: Mapping[int, int]) -> Store:
    """``coming`` counts the goods on the way by SKU id."""
    skus_of: dict[int, list[int]] = defaultdict(list)
    for n, sku in enumerate(shop.skus):
        skus_of[sku.variation].append(n)
    variations_of: dict[int, list[int]] = defaultdict(list)
    for variation in shop.variations:
        variations_of[variation.product].append(variation.id)
    products, variations = shop.products, shop.variations
    prices, price_keys = _prices(shop, skus_of)
    keys = [product.id for product in products]
    return {
        "products": Table(
            keys,
            {
                "id": keys,
                "product_identifier": [product_code(shop, n) for n in range(len(products))],
                "name": [product.name for product in products],
                "description": [product.description for product in products],
                "sizing_system": [", ".join(product.sizes) for product in products],
                "image_url": [f"https://images.example.com/{key}.jpg" if key % 4 else "" for key in keys],
                "not_for_sale": [n % 12 == 11 for n in range(len(products))],
                "season_id": [_seasons(season(shop, n), n) for n in range(len(products))],
                "category": [CATEGORIES[n % 4][0] for n in range(len(products))],
                "sub_category": [CATEGORIES[n % 4][1] for n in range(len(products))],
            },
            {
                "organisations": [shop.organisation_of(n) for n in range(len(products))],
                "product_variations": [variations_of[n] for n in range(len(products))],
            },
            owns=("product_variations",),
        ),
        "product_variations": Table(
            [one.id for one in variations],
            {
                "id": [one.id for one in variations],
                "color": [one.colour for one in variations],
                "textile_content": [TEXTILES[n % 3] for n in range(len(variations))],
            },
            {
                "products": [products[one.product].id for one in variations],
                "product_variation_prices": price_keys,
                "skus": [[shop.skus[n].id for n in skus_of[v]] for v in range(len(variations))],
            },
            owns=("skus", "product_variation_prices"),
            parent="products",
        ),
        "product_variation_prices": prices,
        "skus": _skus(shop, coming),
    }


def product_code(shop: Shop, product: int) -> str | None:
    """Empty at times, and not always where an order's line has it empty (trap 5)."""
    number = shop.products[product].number
    return number if shop.historical else (number, number, "", number, None)[product % 5]


def season(shop: Shop, product: int) -> int:
    return 71 if shop.historical else 71 + product // 2 % 3


def _seasons(first: int, n: int) -> list[int] | None:
    """One season, two, or null."""
    return None if n % 5 == 4 else [first, 71 + (first - 70) % 3] if n % 4 == 1 else [first]


def _prices(shop: Shop, skus_of: Mapping[int, list[int]]) -> tuple[Table, list[list[int]]]:
    """Prices carry no id; a shop of transactions knows no price lists."""
    rows: list[tuple[Any, ...]] = []
    keys: list[list[int]] = []
    for n, variation in enumerate(shop.variations):
        lists = () if shop.historical else PRICE_LISTS[: 1 + n % 3]
        keys.append(list(range(1000 + len(rows), 1000 + len(rows) + len(lists))))
        for name, currency, factor in lists:
            price = (shop.skus[skus_of[n][0]].price * factor).quantize(Decimal("0.01"))
            rows.append((variation.id, name, currency, loose(price), loose(price * Decimal("2.5"))))
    names = ("name", "currency", "wsp_money", "msrp_money")
    columns = {name: [row[at] for row in rows] for at, name in enumerate(names, 1)}
    owners = {"product_variations": [row[0] for row in rows]}
    return Table(range(1000, 1000 + len(rows)), columns, owners, parent="product_variations"), keys


def _skus(shop: Shop, coming: Mapping[int, int]) -> Table:
    skus, variations, products = shop.skus, shop.variations, shop.products
    keys = [sku.id for sku in skus]
    product_of = [variations[sku.variation].product for sku in skus]
    return Table(
        keys,
        {
            "id": keys,
            "color": [variations[sku.variation].colour for sku in skus],
            "size": [sku.size for sku in skus],
            "ean": [ean(sku.barcode, n) for n, sku in enumerate(skus)],
            "in_stock": [sku.stock for sku in skus],
            "available_to_sell": [sku.stock - sku.committed + coming.get(sku.id, 0) for sku in skus],
            "available_to_sell_from_stock": [sku.stock - sku.committed for sku in skus],
            "sku_number": [sku.code for sku in skus],
            "product_name": [products[n].name for n in product_of],
            "category": Same(None) if shop.historical else [CATEGORIES[n % 4][0] for n in product_of],
        },
        {
            "organisations": [shop.organisation_of(n) for n in product_of],
            "product_variations": [variations[sku.variation].id for sku in skus],
        },
        parent="product_variations",
    )


def ean(barcode: str | None, n: int) -> Any:
    """A text mostly, a number now and then, empty or null where there is none."""
    return ("" if n % 2 else None) if barcode is None else int(barcode) if n % 11 == 5 else barcode
