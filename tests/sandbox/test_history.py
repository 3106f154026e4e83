"""The shop made of transactions: the whole real file where it is at hand, small invented ones always."""

from __future__ import annotations

import os
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import sandbox as package
from sandbox import Sandbox, running
from sandbox.shop.history import BrokenHistory, historical_shop
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


@pytest.fixture(scope="module")
def lines(real: Sandbox) -> list[tuple[Json, list[Json], Json]]:
    """Every order with its lines and the blocks of its reply."""
    ids = real.control.ids("stitchlabs", "SalesOrders")
    found = []
    with Labs(real) as labs:
        for start in range(0, len(ids), 50):
            reply = labs.detail(*ids[start : start + 50])
            block = reply.get("SalesOrderLineItems", {})
            found += [
                (order, [block[entry["id"]] for entry in order["links"]["SalesOrderLineItems"]], reply)
                for order in reply["SalesOrders"]
            ]
    return found


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


def test_every_line_arrives_over_http(lines: list[tuple[Json, list[Json], Json]]) -> None:
    """Read in detail, the lines are those of the file: rows, units, value, nulls, blanks and fine prices."""
    all_lines = [line for _, held, _ in lines for line in held]
    assert len(all_lines) == len({line["id"] for line in all_lines}) == 541909
    assert sum(int(line["quantity"]) for line in all_lines) == 5176450
    assert sum(Decimal(line["price"]) * int(line["quantity"]) for line in all_lines) == Decimal("9747747.934")
    texts = [line["description"] for line in all_lines]
    assert texts.count(None) == 1454
    assert sum(text is not None and text != text.strip() for text in texts) == 113452
    prices = [Decimal(line["price"]) for line in all_lines]
    assert sum(price != round(price, 2) for price in prices) == 4
    assert sum(price < 0 for price in prices) == 2
    assert max(len(held) for _, held, _ in lines) == 1114


def test_orders_are_the_invoices(lines: list[tuple[Json, list[Json], Json]]) -> None:
    """Cancelled invoices, invoices without customer, with two dates, and the sums of each."""
    numbers = [order["local_id"] for order, _, _ in lines]
    assert len(set(numbers)) == 25900
    cancelled = [held for order, held, _ in lines if order["local_id"].startswith("C")]
    assert (len(cancelled), sum(len(held) for held in cancelled)) == (3836, 9288)
    assert sum(number.startswith("A") for number in numbers) == 3
    assert sum(not order["links"]["Contacts"] for order, _, _ in lines) == 3710
    assert sum(len(held) for order, held, _ in lines if not order["links"]["Contacts"]) == 135080
    assert sum(len({line["created_at"] for line in held}) == 2 for _, held, _ in lines) == 43
    for order, held, _ in lines:
        assert Decimal(order["total"]) == sum(Decimal(line["price"]) * int(line["quantity"]) for line in held)
        assert order["order_date"] == min(line["created_at"] for line in held)
        assert order["updated_at"] == max(line["created_at"] for line in held)


def test_codes_customers_and_countries_are_exact(lines: list[tuple[Json, list[Json], Json]]) -> None:
    """4,070 codes, 3,958 without regard to case; 4,372 customers, eight with two countries; 38 countries."""
    codes, places = set(), set()
    rows: Counter[tuple[object, ...]] = Counter()
    for order, held, reply in lines:
        contact = next((reply["Contacts"][one["id"]]["name"] for one in order["links"]["Contacts"]), None)
        (country,) = {reply["Addresses"][one["id"]]["country"] for one in order["links"]["Addresses"]}
        places.add((contact, country))
        for line in held:
            code = reply["Variants"][line["links"]["Variants"][0]["id"]]["sku"]
            codes.add(code)
            values = (code, line["description"], line["quantity"], line["created_at"], line["price"])
            rows[order["local_id"], *values, contact, country] += 1
    assert (len(codes), len({code.casefold() for code in codes})) == (4070, 3958)
    known = Counter(contact for contact, _ in places if contact)
    assert (len(known), sum(count == 2 for count in known.values())) == (4372, 8)
    assert len({country for _, country in places}) == 38
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
