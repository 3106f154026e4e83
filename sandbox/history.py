"""A shop made of real transactions: nothing of the file is trimmed, rounded or left out."""

from __future__ import annotations

from array import array
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sandbox.errors import BrokenHistory
from sandbox.shop.records import Address, Customer, Lines, Order, Organisation, Product, Shop, Sku, Variation, loose
from sandbox.shop.transactions import Values, read_transactions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

__all__ = ["BrokenHistory", "historical_shop"]

ZONE = ZoneInfo("Europe/London")
CURRENCY = "GBP"


def historical_shop(file: str, organisations: int = 3) -> Shop:
    """Invoices become orders, rows lines, customers contacts, stock codes products with one variant each."""
    columns = read_transactions(file)
    count = len(columns["invoice"].index)
    if not count:
        raise BrokenHistory(f"{file}: holds no rows; at least one was expected")
    moments = [_seconds(at) for at in columns["date"].distinct]
    at = columns["date"].index
    line_moments = [moments[i] for i in at]
    rows_of = _rows_of(columns["invoice"])
    begin = min(moments)
    customers, addresses, place_of = _customers(columns, begin)
    products, skus = _products(columns, begin)
    exact = [price.as_tuple().exponent for price in columns["price"].distinct]
    scale = max([0, *(-e for e in exact if isinstance(e, int))])
    scaled = [int(price.scaleb(scale)) for price in columns["price"].distinct]
    quantities = columns["quantity"].distinct
    price_of, quantity_of = columns["price"].index, columns["quantity"].index
    who, country = columns["customer"].index, columns["country"].index
    orders = []
    for n, number in enumerate(columns["invoice"].distinct):
        rows = rows_of[n]
        stamps = [line_moments[row] for row in rows]
        home = next((row for row in rows if who[row] >= 0), rows[0])
        customer = who[home]
        address = place_of[customer, country[home]]
        orders.append(
            Order(
                id=n * 2 + 1000,
                number=number,
                organisation=n % organisations,
                customer=customer if customer >= 0 else None,
                billing=address,
                shipping=address,
                ordered=min(stamps),
                created=min(stamps),
                updated=max(stamps),
                zone=ZONE,
                currency=CURRENCY,
                rows=rows,
                units=sum(quantities[quantity_of[row]] for row in rows),
                items=Decimal(sum(scaled[price_of[row]] * quantities[quantity_of[row]] for row in rows)).scaleb(-scale),
                invoiced=1,
                paid=1,
                shipped=1,
                season=71,
                channel=2,
            )
        )
    prices = [loose(price) for price in columns["price"].distinct]
    texts = [*columns["description"].distinct, None]
    line_prices = [prices[i] for i in price_of]
    return Shop(
        organisations=[
            Organisation(id=4101 + 7 * k, name=f"Wholesaler {k + 1}", zone="Europe/London")
            for k in range(organisations)
        ],
        addresses=addresses,
        customers=customers,
        products=products,
        variations=[Variation(id=200001 + n, product=n) for n in range(len(products))],
        skus=skus,
        orders=orders,
        lines=Lines(
            line=range(1000001, 1000001 + count),
            piece=range(3000001, 3000001 + count),
            sku=columns["code"].index,
            quantity=[quantities[i] for i in quantity_of],
            price=line_prices,
            original=line_prices,
            description=[texts[i] for i in columns["description"].index],
            moments=line_moments,
        ),
        historical=True,
    )


def _seconds(at: datetime) -> int:
    return int((at if at.tzinfo else at.replace(tzinfo=ZONE)).timestamp())


def _rows_of(invoice: Values) -> list[Sequence[int]]:
    """The rows of each invoice in file order; a range where they stand together, as they do nearly always."""
    found: list[array[int]] = [array("q") for _ in invoice.distinct]
    for row, n in enumerate(invoice.index):
        found[n].append(row)
    return [range(rows[0], rows[-1] + 1) if rows[-1] - rows[0] + 1 == len(rows) else rows.tolist() for rows in found]


def _customers(
    columns: dict[str, Values], begin: int
) -> tuple[list[Customer], list[Address], dict[tuple[int, int], int]]:
    """Customers, an address per customer and country, and where each pair stands; customer -1 is nobody."""
    names, countries = columns["customer"].distinct, columns["country"].distinct
    customers = [
        Customer(id=10001 + 2 * n, number=name, name=name, created=begin, updated=begin) for n, name in enumerate(names)
    ]
    addresses: list[Address] = []
    place_of: dict[tuple[int, int], int] = {}
    for pair in sorted(set(zip(columns["customer"].index, columns["country"].index, strict=True))):
        place_of[pair] = len(addresses)
        customer, country = pair
        addresses.append(
            Address(
                id=80001 + 2 * len(addresses),
                company=names[customer] if customer >= 0 else "",
                country=countries[country],
                created=begin,
            )
        )
        if customer >= 0:
            customers[customer].addresses.append(place_of[pair])
    return customers, addresses, place_of


def _products(columns: dict[str, Values], begin: int) -> tuple[list[Product], list[Sku]]:
    """A product and its variant per stock code; its name is the first description that the file has for it."""
    named: dict[int, str] = {}
    texts = columns["description"].distinct
    for code, text in zip(columns["code"].index, columns["description"].index, strict=True):
        if text >= 0 and code not in named:
            named[code] = texts[text]
    products = []
    skus = []
    for n, code in enumerate(columns["code"].distinct):
        products.append(Product(id=100001 + 2 * n, number=code, name=named.get(n, ""), created=begin))
        skus.append(Sku(id=300001 + 2 * n, number=code, variation=n, size="One size", code=code, created=begin))
    return products, skus
