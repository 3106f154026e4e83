"""An invented shop: the same seed gives the same bytes, for ever and on every machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from sandbox.shop import words
from sandbox.shop.assortment import customers_of, goods_of
from sandbox.shop.dice import Dice
from sandbox.shop.records import (
    Customer,
    CustomLine,
    Lines,
    Order,
    Organisation,
    Shop,
    Sku,
    Variation,
    money,
)

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


def seeded_shop(orders: int, seed: int, organisations: int) -> Shop:
    dice = Dice(seed)
    addresses, customers = customers_of(dice, max(5, orders // 6), START)
    products, variations, skus, spans = goods_of(dice, max(6, min(400, orders // 10)), START)
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
