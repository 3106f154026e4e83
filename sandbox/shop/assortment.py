"""Who buys in the invented shop, and what."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.shop import words
from sandbox.shop.records import Address, Customer, Product, Sku, Variation

if TYPE_CHECKING:
    from sandbox.shop.dice import Dice

DAY = 86400


def customers_of(dice: Dice, count: int, start: int) -> tuple[list[Address], list[Customer]]:
    addresses: list[Address] = []
    customers: list[Customer] = []
    number = 700
    for i in range(count):
        number += 1 + dice.below(4)
        first, last = dice.pick(words.FIRST), dice.pick(words.LAST)
        name = f"{last} {dice.pick(words.TRADES)}"
        if i % 11 == 4:
            name = words.HOSTILE_NAMES[i // 11 % len(words.HOSTILE_NAMES)]
        created = start - (30 + dice.below(400)) * DAY
        customer = Customer(
            id=number,
            number=str(number - 600),
            name=name,
            person=(first, last),
            email=f"{first}.{last}@example.com".lower().replace(" ", ""),
            phone=f"+31 20 {5550000 + number}" if i % 4 else "",
            notes=words.HOSTILE_NOTES[i % len(words.HOSTILE_NOTES)] if i % 9 == 2 else "",
            created=created,
            updated=created + dice.below(60 * DAY),
        )
        for _ in range(1 + dice.below(3)):
            city, state, code, country, iso = dice.pick(words.PLACES)
            customer.addresses.append(len(addresses))
            addresses.append(
                Address(
                    id=8100 + 3 * len(addresses) + dice.below(3),
                    company=name,
                    contact=f"{first} {last}",
                    street1=f"{1 + dice.below(200)} {dice.pick(words.STREETS)}",
                    city=city,
                    state=state,
                    zip=code,
                    country=country,
                    country_iso=iso,
                    created=created,
                )
            )
        customers.append(customer)
    return addresses, customers


def goods_of(dice: Dice, count: int, start: int) -> tuple[list[Product], list[Variation], list[Sku], list[range]]:
    """Products with colours and sizes; the last list gives each colour its SKUs."""
    products: list[Product] = []
    variations: list[Variation] = []
    skus: list[Sku] = []
    spans: list[range] = []
    for i in range(count):
        style = dice.pick(words.STYLES)
        created = start - (10 + dice.below(300)) * DAY
        product = Product(
            id=3000 + 4 * i + dice.below(4),
            number=str(100 + i),
            name=f"{style} {i + 1}",
            description=f"{style}, washed" if i % 5 else "",
            sizes=dice.pick(words.SIZE_RUNS),
            season=71 + i % 3,
            created=created,
        )
        products.append(product)
        price = Decimal(1000 + dice.below(9000)).scaleb(-2)
        for colour in words.COLOURS[: 1 + dice.below(3)]:
            spans.append(range(len(skus), len(skus) + len(product.sizes)))
            for size in product.sizes:
                n = len(skus)
                code: str | None = f"{style[:3].upper()}{i + 1}-{colour[:3].upper()}-{size}"
                if n % 23 == 5:
                    code = ("null", None, "DUPLICATE", "")[n // 23 % 4]
                elif n % 29 == 7:
                    code = "DUPLICATE"
                skus.append(
                    Sku(
                        id=33000 + 2 * n + dice.below(2),
                        number=str(500 + n),
                        variation=len(variations),
                        size=size,
                        code=code,
                        price=price,
                        cost=(price * Decimal("0.4")).quantize(Decimal("0.0001")),
                        stock=dice.below(40) - 2,
                        committed=dice.below(6),
                        weight=Decimal(100 + dice.below(900)),
                        barcode=f"87{10000000000 + n}" if n % 3 else None,
                        created=created,
                    )
                )
            variations.append(Variation(id=3200 + 5 * len(variations) + dice.below(5), product=i, colour=colour))
    return products, variations, skus, spans
