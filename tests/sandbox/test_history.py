"""The shop made of transactions: the whole real file where it is at hand, small invented ones always."""

from __future__ import annotations

import gc
import os
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import sandbox as package
from sandbox import Sandbox, running
from sandbox.history import BrokenHistory, historical_shop
from tests.sandbox.asking import Ex, Json, Labs

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(package.__file__).parents[1]
HISTORY = ROOT / os.environ.get("STITCHHOUSE_HISTORY", "../shared/data/online_retail.parquet")
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
SMALL = (
    HEADER
    + '''
536365,85123A, WHITE HANGING ,6,12/1/2010 8:26,2.55,17850.0,United Kingdom
536365,85123a,,2,12/1/2010 8:27,5,17850.0,United Kingdom
536365,85123a,,2,12/1/2010 8:27,5,17850.0,United Kingdom
C536366,PADS,"Café, ""x""",-3,7/1/2011 12:00,0.001,,EIRE
'''
)


@pytest.fixture(scope="module")
def real() -> Iterator[Sandbox]:
    if not HISTORY.is_file():
        pytest.skip(f"online_retail.parquet is not at {HISTORY}: set STITCHHOUSE_HISTORY")
    with running(history=HISTORY, control=True) as sandbox:
        yield sandbox


class Line(NamedTuple):
    key: str
    code: str
    description: str | None
    quantity: int
    at: str
    price: Decimal


class Invoice(NamedTuple):
    """What one order says over HTTP."""

    number: str
    contact: str | None
    country: str
    first: str
    last: str
    total: Decimal
    lines: list[Line]


@pytest.fixture(scope="module")
def invoices(real: Sandbox) -> list[Invoice]:
    """Every order of the file, read in detail."""
    ids = real.control.ids("stitchlabs", "SalesOrders")
    gc.disable()  # half a million records that all stay would be looked through again and again
    try:
        with Labs(real) as labs:
            return [
                invoice(order, reply)
                for start in range(0, len(ids), 50)
                for reply in [labs.detail(*ids[start : start + 50])]
                for order in reply["SalesOrders"]
            ]
    finally:
        gc.enable()


def invoice(order: Json, reply: Json) -> Invoice:
    links, held, variants = order["links"], reply["SalesOrderLineItems"], reply["Variants"]
    (country,) = {reply["Addresses"][one["id"]]["country"] for one in links["Addresses"]}
    return Invoice(
        order["local_id"],
        next((reply["Contacts"][one["id"]]["name"] for one in links["Contacts"]), None),
        country,
        order["order_date"],
        order["updated_at"],
        Decimal(order["total"]),
        [
            Line(
                line["id"],
                variants[line["links"]["Variants"][0]["id"]]["sku"],
                line["description"],
                int(line["quantity"]),
                line["created_at"],
                Decimal(line["price"]),
            )
            for line in (held[one["id"]] for one in links["SalesOrderLineItems"])
        ],
    )


def test_the_summary_has_the_facts_of_the_file(real: Sandbox) -> None:
    """Both faces count the orders, lines, units, value, customers and codes of the file."""
    facts = {
        "orders": 25900,
        "lines": 541909,
        "line_quantities": 541909,
        "units": 5176450,
        "value": "9747747.934",
        "variants": 4070,
        "products": 4070,
        "contacts": 4372,
    }
    for api in ("stitchlabs", "stitchex"):
        summary = real.control.summary(api)
        assert {name: summary[name] for name in facts} == facts
    assert sum(real.control.summary("stitchex")["organisations"].values()) == 25900


def test_every_line_arrives_over_http(invoices: list[Invoice]) -> None:
    """Read in detail, the lines are those of the file: rows, units, value, nulls, blanks and fine prices."""
    lines = [line for one in invoices for line in one.lines]
    assert len(lines) == len({line.key for line in lines}) == 541909
    assert sum(line.quantity for line in lines) == 5176450
    assert sum(line.price * line.quantity for line in lines) == Decimal("9747747.934")
    assert sum(line.description is None for line in lines) == 1454
    assert sum(line.description != line.description.strip() for line in lines if line.description) == 113452
    assert sum(line.price != round(line.price, 2) for line in lines) == 4
    assert sum(line.price < 0 for line in lines) == 2
    assert max(len(one.lines) for one in invoices) == 1114


def test_orders_are_the_invoices(invoices: list[Invoice]) -> None:
    """Cancelled invoices, invoices without customer, with two dates, and the sums of each."""
    assert len({one.number for one in invoices}) == len(invoices) == 25900
    cancelled = [one for one in invoices if one.number.startswith("C")]
    assert (len(cancelled), sum(len(one.lines) for one in cancelled)) == (3836, 9288)
    assert sum(one.number.startswith("A") for one in invoices) == 3
    nobodys = [one for one in invoices if one.contact is None]
    assert (len(nobodys), sum(len(one.lines) for one in nobodys)) == (3710, 135080)
    assert sum(len({line.at for line in one.lines}) == 2 for one in invoices) == 43
    for one in invoices:
        assert one.total == sum(line.price * line.quantity for line in one.lines)
        assert (one.first, one.last) == (min(line.at for line in one.lines), max(line.at for line in one.lines))


def test_codes_customers_and_countries_are_exact(invoices: list[Invoice]) -> None:
    """4,070 codes, 3,958 without regard to case; 4,372 customers, eight with two countries; 38 countries."""
    codes = {line.code for one in invoices for line in one.lines}
    assert (len(codes), len({code.casefold() for code in codes})) == (4070, 3958)
    places = {(one.contact, one.country) for one in invoices}
    known = Counter(contact for contact, _ in places if contact)
    assert (len(known), sum(count == 2 for count in known.values())) == (4372, 8)
    assert len({country for _, country in places}) == 38
    rows = Counter((one.number, line[1:], one.contact, one.country) for one in invoices for line in one.lines)
    assert sum(count - 1 for count in rows.values()) == 5268


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_a_downloaded_csv_is_taken_as_it_is(tmp_path: Path, encoding: str) -> None:
    """US dates, any of the usual encodings, doubled rows, blanks, quotes and codes that differ in case."""
    file = tmp_path / "data.csv"
    file.write_bytes(SMALL.encode(encoding))
    with running(history=file, organisations=1) as sandbox, Labs(sandbox) as labs:
        first, second = (labs.detail(one) for one in labs.ids())
    order, credit = first["SalesOrders"][0], second["SalesOrders"][0]
    assert [line["description"] for line in first["SalesOrderLineItems"].values()] == [" WHITE HANGING ", None, None]
    assert [line["price"] for line in first["SalesOrderLineItems"].values()] == ["2.55", "5.00", "5.00"]
    assert {variant["sku"] for variant in first["Variants"].values()} == {"85123A", "85123a"}
    assert (order["order_date"], order["updated_at"]) == ("2010-12-01T08:26:00+00:00", "2010-12-01T08:27:00+00:00")
    assert (order["total"], order["local_id"]) == ("35.30", "536365")
    (line,) = second["SalesOrderLineItems"].values()
    assert (line["quantity"], line["price"], line["description"]) == ("-3", "0.001", 'Café, "x"')
    assert (credit["total"], credit["order_date"]) == ("-0.003", "2011-07-01T12:00:00+01:00")
    assert credit["links"]["Contacts"] == []
    assert next(iter(second["Addresses"].values()))["country"] == "EIRE"


def test_the_second_edition_and_scattered_rows(tmp_path: Path) -> None:
    """Other headers and ISO dates do; the rows of an invoice need not stand together."""
    file = tmp_path / "retail_ii.csv"
    file.write_text(
        "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
        "1,A,a,1,2009-12-01 07:45:00,1.5,7,France\n"
        "2,A,a,1,2009-12-01 07:46:00,1.5,8,France\n"
        "1,B,b,2,2009-12-01 07:45:00,1.25,7,France\n"
    )
    with running(history=file, organisations=1) as sandbox, Ex(sandbox) as ex:
        orders = ex.orders()["sales_orders"]
    assert [(order["order_number"], order["company_name"]) for order in orders] == [("1", "7"), ("2", "8")]
    assert [line["product_identifier"] for line in orders[0]["line_items"]] == ["A", "B"]
    assert (orders[0]["items_total"], orders[0]["total_quantity"]) == ("4.0", 3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read"),
        (HEADER + "\n", "no rows"),
        ("a,b\n1,2\n", "column invoiceno or invoice is missing; the columns are a, b"),
        (SMALL.replace(",6,12/1", ",six,12/1"), "column Quantity, row 2: 'six' is not a whole number"),
        (SMALL.replace("0.001", "free"), "column UnitPrice, row 5: 'free' is not a decimal number"),
        (SMALL.replace("7/1/2011", "31/1/2011"), "column InvoiceDate, row 5: '31/1/2011 12:00' is not a date like"),
        (SMALL.replace("C536366", ""), "column InvoiceNo, row 5: is empty; text was expected"),
        (SMALL + "536367,too,short\n", "cannot be read"),
    ],
    ids=["empty", "header", "columns", "quantity", "price", "date", "invoice", "short"],
)
def test_a_broken_file_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    """What is wrong is said in one line that names the file, the place and what was expected."""
    file = tmp_path / "broken.csv"
    file.write_text(text)
    with pytest.raises(BrokenHistory) as broken:
        historical_shop(str(file))
    assert message in str(broken.value)
    assert str(file) in str(broken.value)
    assert "\n" not in str(broken.value)
