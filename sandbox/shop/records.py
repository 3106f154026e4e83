"""One shop in neutral terms: what both faces render, each in its own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

CENT = Decimal("0.01")
NOTHING = Decimal(0)


@dataclass(slots=True, kw_only=True)
class Organisation:
    id: int
    name: str
    zone: str


@dataclass(slots=True, kw_only=True)
class Address:
    id: int
    company: str = ""
    contact: str = ""
    street1: str = ""
    street2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""
    country_iso: str = ""
    created: int


@dataclass(slots=True, kw_only=True)
class Customer:
    """A company with one person; ``person`` is empty where the source knows none."""

    id: int
    number: str
    name: str
    person: tuple[str, str] | None = None
    email: str = ""
    phone: str = ""
    addresses: list[int] = field(default_factory=list)
    notes: str = ""
    created: int
    updated: int


@dataclass(slots=True, kw_only=True)
class Product:
    id: int
    number: str
    name: str
    description: str = ""
    sizes: tuple[str, ...] = ("One size",)
    season: int = 0
    created: int


@dataclass(slots=True, kw_only=True)
class Variation:
    """One colour of a product; its SKUs stand together, one per size."""

    id: int
    product: int
    colour: str = ""


@dataclass(slots=True, kw_only=True)
class Sku:
    id: int
    number: str
    variation: int
    size: str
    code: str | None
    price: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    stock: int = 0
    committed: int = 0
    weight: Decimal = Decimal(0)
    barcode: str | None = None
    created: int


@dataclass(slots=True, kw_only=True)
class Lines:
    """Order lines as flat columns, one entry per piece: a line and one of its sizes.

    Pieces of one line stand together. ``listed`` tells which pieces are lines where every size is a line of its own
    (None: all of them); ``moments`` are times of their own (None: those of the order).
    """

    line: Sequence[int]
    piece: Sequence[int]
    sku: Sequence[int]
    quantity: Sequence[int]
    price: Sequence[str]
    original: Sequence[str]
    description: Sequence[str | None]
    listed: Sequence[bool] | None = None
    moments: Sequence[int] | None = None


@dataclass(slots=True, kw_only=True)
class CustomLine:
    description: str
    quantity: int
    price: Decimal
    shippable: bool


@dataclass(slots=True, kw_only=True)
class Order:
    """``rows`` are positions in Lines; ``paid``, ``shipped`` and ``invoiced`` go from 0 to 3 as in Stitch Labs."""

    id: int
    number: str
    organisation: int
    customer: int | None
    billing: int | None
    shipping: int | None
    ordered: int
    created: int
    updated: int
    zone: tzinfo = UTC
    currency: str
    marks: frozenset[str] = frozenset()
    rows: Sequence[int]
    units: int
    items: Decimal
    custom: list[CustomLine] = field(default_factory=list)
    shipping_cost: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    tax_percent: Decimal = Decimal(0)
    notes: str | None = ""
    reference: str | None = None
    tags: tuple[int, ...] = ()
    invoiced: int = 0
    paid: int = 0
    shipped: int = 0
    season: int = 0
    channel: int = 0

    @property
    def subtotal(self) -> Decimal:
        return self.items + sum((c.price * c.quantity for c in self.custom), Decimal(0))

    @property
    def tax(self) -> Decimal:
        return (self.subtotal * self.tax_percent / 100).quantize(CENT, ROUND_HALF_UP) if self.tax_percent else NOTHING

    @property
    def total(self) -> Decimal:
        return self.subtotal + self.shipping_cost + self.tax - self.discount

    @property
    def closed(self) -> bool:
        return "complete" in self.marks


@dataclass(slots=True, kw_only=True)
class Shop:
    organisations: list[Organisation]
    addresses: list[Address]
    customers: list[Customer]
    products: list[Product]
    variations: list[Variation]
    skus: list[Sku]
    orders: list[Order]
    lines: Lines
    historical: bool = False

    def organisation_of(self, n: int) -> int:
        """The id of the organisation to which the n-th customer, or the n-th product, belongs: dealt out in turn."""
        return self.organisations[n % len(self.organisations)].id


def money(value: Decimal) -> str:
    """At least two decimals, and more where they say something."""
    text = format(value, "f")
    whole, _, decimals = text.partition(".")
    return text if len(decimals) == 2 else f"{whole}.{decimals[:2]:0<2}{decimals[2:].rstrip('0')}"


def loose(value: Decimal) -> str:
    """At least one decimal, no idle zeros: ``30.0``, ``6.25``."""
    text = format(value, "f")
    if "." not in text:
        return text + ".0"
    whole, decimals = text.split(".")
    return f"{whole}.{decimals.rstrip('0') or '0'}"


def iso(seconds: int, zone: tzinfo = UTC) -> str:
    return datetime.fromtimestamp(seconds, zone).isoformat()
