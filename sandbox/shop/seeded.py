"""An invented shop: the same seed gives the same bytes, for ever and on every machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import TypeVar

from sandbox.shop import words
from sandbox.shop.records import (
    Address,
    Customer,
    CustomLine,
    Lines,
    Order,
    Organisation,
    Product,
    Shop,
    Sku,
    Variation,
    money,
)

T = TypeVar("T")

START = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp())
END = int(datetime(2025, 12, 31, 23, 0, tzinfo=UTC).timestamp())
SETTLED = int(datetime(2026, 1, 31, tzinfo=UTC).timestamp())
DAY = 86400

# Every (n, r): order number i has the mark when i % n == r. All of them occur from 20 orders on.
CORNERS = {
    "void": (23, 3),
    "deleted": (29, 7),
    "draft": (31, 11),
    "limbo": (37, 13),
    "reopened": (41, 17),
    "empty": (43, 5),
    "long_notes": (47, 16),
    "unicode": (13, 6),
    "same_address": (3, 1),
    "zero": (19, 8),
    "negative_price": (53, 9),
    "custom_lines": (7, 2),
    "tagged": (5, 4),
    "credit": (17, 10),
    "shared_stamp": (11, 1),
    "offset": (9, 0),
    "fba": (59, 12),
    "nulls": (6, 3),
    "archived": (10, 9),
}
OFFSETS = (timedelta(hours=-8), timedelta(hours=5, minutes=30), timedelta(hours=2), timedelta(hours=-3, minutes=-30))


class Dice:
    """The few draws that Python promises to keep the same between versions, all made of ``random()``."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def below(self, n: int) -> int:
        return int(self._random.random() * n)

    def pick(self, options: tuple[T, ...]) -> T:
        return options[self.below(len(options))]

    def chance(self, share: float) -> bool:
        return self._random.random() < share


def seeded_shop(orders: int, seed: int, organisations: int) -> Shop:
    dice = Dice(seed)
    addresses, customers = _customers(dice, max(5, orders // 6))
    products, variations, skus, spans = _catalogue(dice, max(6, min(400, orders // 10)))
    lines = _Draft()
    made = []
    number = 114
    previous = 0
    for i in range(orders):
        number += 1 + dice.below(7)
        marks = {mark for mark, (n, r) in CORNERS.items() if i % n == r}
        order = _order(dice, i, orders, number, marks, customers)
        order.organisation = (order.customer or 0) % organisations
        if "shared_stamp" in marks and previous >= order.created:
            order.updated = previous
        previous = order.updated
        lines.fill(dice, order, variations, skus, spans)
        made.append(order)
    names = words.ORGANISATION_NAMES
    return Shop(
        organisations=[
            Organisation(
                id=4101 + 7 * k,
                name=names[k] if k < len(names) else f"Label {k + 1}",
                zone=words.ZONES[k % len(words.ZONES)],
            )
            for k in range(organisations)
        ],
        addresses=addresses,
        customers=customers,
        products=products,
        variations=variations,
        skus=skus,
        orders=made,
        lines=lines.columns(),
    )


def _customers(dice: Dice, count: int) -> tuple[list[Address], list[Customer]]:
    addresses: list[Address] = []
    customers: list[Customer] = []
    number = 700
    for i in range(count):
        number += 1 + dice.below(4)
        first, last = dice.pick(words.FIRST), dice.pick(words.LAST)
        name = f"{last} {dice.pick(words.TRADES)}"
        if i % 11 == 4:
            name = words.HOSTILE_NAMES[i // 11 % len(words.HOSTILE_NAMES)]
        created = START - (30 + dice.below(400)) * DAY
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


def _catalogue(dice: Dice, count: int) -> tuple[list[Product], list[Variation], list[Sku], list[range]]:
    """Products with colours and sizes; the last list gives each colour its SKUs."""
    products: list[Product] = []
    variations: list[Variation] = []
    skus: list[Sku] = []
    spans: list[range] = []
    for i in range(count):
        style = dice.pick(words.STYLES)
        created = START - (10 + dice.below(300)) * DAY
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


def _order(dice: Dice, i: int, count: int, number: int, marks: set[str], customers: list[Customer]) -> Order:
    step = (END - START) / count
    ordered = START + int(i * step) + dice.below(max(1, int(step)))
    created = ordered + dice.below(3600)
    updated = min(created + (dice.below(60 * DAY) if i % 8 else 0), SETTLED)
    who = dice.below(len(customers))
    places = customers[who].addresses
    billing, shipping = places[0], places[dice.below(len(places))]
    stopped = marks & {"void", "deleted", "draft", "limbo", "empty"}
    invoiced = paid = shipped = 0 if stopped else 1
    if not stopped:
        invoiced, paid, shipped = dice.pick(
            ((1, 1, 1), (3, 1, 1), (3, 2, 1), (3, 3, 2), (3, 3, 3), (3, 3, 3), (2, 2, 2))
        )
        if invoiced == paid == shipped == 3 and not marks & {"reopened", "credit"}:
            marks.add("complete")
    notes: str | None = dice.pick(words.NOTES)
    if "unicode" in marks:
        notes = words.HOSTILE_NOTES[i // 13 % len(words.HOSTILE_NOTES)]
    elif "long_notes" in marks:
        notes = "A long story about this order. " * 400
    return Order(
        id=number,
        number=str(1001 + i),
        organisation=0,
        customer=who,
        billing=billing,
        shipping=billing if "same_address" in marks else shipping,
        ordered=ordered,
        created=created,
        updated=updated,
        zone=timezone(OFFSETS[i // 9 % len(OFFSETS)]) if "offset" in marks else UTC,
        currency=dice.pick(words.CURRENCIES),
        marks=frozenset(marks),
        rows=(),
        units=0,
        items=Decimal(0),
        custom=[
            CustomLine(
                description=dice.pick(words.CUSTOM_LINES),
                quantity=1 + dice.below(3),
                price=Decimal(100 + dice.below(2000)).scaleb(-2),
                shippable=dice.chance(0.5),
            )
            for _ in range(1 + dice.below(2))
        ]
        if "custom_lines" in marks
        else [],
        shipping_cost=Decimal(dice.below(4) * 495).scaleb(-2),
        discount=Decimal(dice.below(900)).scaleb(-2) if i % 12 == 8 else Decimal(0),
        tax_percent=dice.pick((Decimal(0), Decimal(21), Decimal("8.875"))),
        notes=notes,
        reference=None if "nulls" in marks else ("" if i % 4 == 1 else f"PO-{9000 + i}"),
        tags=tuple(range(1 + i // 5 % len(words.TAGS))) if "tagged" in marks else (),
        invoiced=invoiced,
        paid=paid,
        shipped=shipped,
        season=71 + i % 3,
        channel=i % len(words.CHANNELS),
    )


class _Draft:
    """Line columns while they are filled."""

    def __init__(self) -> None:
        self.line: list[int] = []
        self.piece: list[int] = []
        self.sku: list[int] = []
        self.quantity: list[int] = []
        self.price: list[str] = []
        self.original: list[str] = []
        self.description: list[str | None] = []
        self.listed: list[bool] = []
        self._line = 880000
        self._piece = 910000

    def fill(self, dice: Dice, order: Order, variations: list[Variation], skus: list[Sku], spans: list[range]) -> None:
        """Draw the lines of one order and set its sums."""
        first = len(self.line)
        for place in range(0 if "empty" in order.marks else 1 + dice.below(5)):
            self._line += 1 + dice.below(3)
            colour = dice.below(len(variations))
            original = skus[spans[colour][0]].price
            price = original if dice.chance(0.8) else original - Decimal(dice.below(500)).scaleb(-2)
            if "negative_price" in order.marks and not place:
                price = -original
            bought = dice.below(len(spans[colour]))
            for at, sku in enumerate(spans[colour]):
                self._piece += 1 + dice.below(2)
                zero = "zero" in order.marks and not place and at == bought
                quantity = 0 if zero else 1 + dice.below(6) if at == bought or dice.chance(0.4) else 0
                self.line.append(self._line)
                self.piece.append(self._piece)
                self.sku.append(sku)
                self.quantity.append(quantity)
                self.price.append(money(price))
                self.original.append(money(original))
                self.description.append(f"{variations[colour].colour}, {skus[sku].size}")
                self.listed.append(bool(quantity) or zero)
                order.units += quantity
                order.items += price * quantity
        order.rows = range(first, len(self.line))

    def columns(self) -> Lines:
        return Lines(
            line=self.line,
            piece=self.piece,
            sku=self.sku,
            quantity=self.quantity,
            price=self.price,
            original=self.original,
            description=self.description,
            listed=self.listed,
        )
