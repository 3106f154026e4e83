"""The corners of real data that the invented shop has from its smallest size on."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from sandbox import running
from sandbox.shop.seeded import CORNERS
from tests.sandbox.asking import Json, Labs

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def shop() -> Iterator[Json]:
    """One detail reply with every order of a shop of fifty."""
    with running(orders=50, completed_lines="both") as sandbox, Labs(sandbox) as labs:
        yield labs.detail(*labs.ids(page_size=50))


def test_every_corner_is_there_from_twenty_orders_on() -> None:
    """Each mark falls on some order among the first twenty."""
    assert all(r < 20 and r < n for n, r in CORNERS.values())


@pytest.mark.parametrize("flag", ["void", "deleted", "draft", "limbo", "archived", "complete"])
def test_states_occur(shop: Json, flag: str) -> None:
    """Some orders have the flag and most have not."""
    counted = Counter(order[flag] for order in shop["SalesOrders"])
    assert 0 < counted["1"] < counted["0"]


def test_stamps_are_ordered_and_sometimes_shared(shop: Json) -> None:
    """updated_at is never before created_at; offsets differ; several orders share a second."""
    stamps = [
        (datetime.fromisoformat(o["created_at"]), datetime.fromisoformat(o["updated_at"])) for o in shop["SalesOrders"]
    ]
    assert all(created <= updated for created, updated in stamps)
    assert len({updated for _, updated in stamps}) < 50
    assert len({o["created_at"][-6:] for o in shop["SalesOrders"]}) > 3
    assert {created.year for created, _ in stamps} == {2024, 2025}


def test_ids_have_gaps(shop: Json) -> None:
    """Ids of orders ascend with holes."""
    ids = [int(order["id"]) for order in shop["SalesOrders"]]
    assert len(ids) < ids[-1] - ids[0]


def test_totals_add_up(shop: Json) -> None:
    """total = subtotal + s_and_h + tax_total - discount, and sku_subtotal is the sum of the lines."""
    lines = shop["SalesOrderLineItems"]
    for order in shop["SalesOrders"]:
        money = {name: Decimal(order[name]) for name in ("total", "subtotal", "s_and_h", "tax_total", "discount")}
        assert money["total"] == money["subtotal"] + money["s_and_h"] + money["tax_total"] - money["discount"]
        sold = [lines[entry["id"]] for entry in order["links"]["SalesOrderLineItems"]]
        items = sum((Decimal(line["price"]) * int(line["quantity"]) for line in sold), Decimal(0))
        assert Decimal(order["sku_subtotal"]) == items


def test_lines_have_their_corners(shop: Json) -> None:
    """Zero quantities, negative prices, unlinked variants, empty orders and custom lines occur."""
    lines = shop["SalesOrderLineItems"].values()
    assert any(line["quantity"] == "0" for line in lines)
    assert any(line["price"].startswith("-") for line in lines)
    assert any(not line["links"]["Variants"] for line in lines)
    assert any(not order["links"]["SalesOrderLineItems"] for order in shop["SalesOrders"])
    assert shop["SalesOrderCustomLineItems"]


def test_texts_have_their_corners(shop: Json) -> None:
    """Long notes, emoji, right-to-left and combining marks occur; PO numbers are null, empty and filled."""
    notes = "".join(order["notes"] for order in shop["SalesOrders"])
    assert "\U0001f381" in notes
    assert "\u202e" in notes
    assert "e\u0301" in notes
    assert max(len(order["notes"]) for order in shop["SalesOrders"]) > 4000
    assert {None, ""} < {order["po_num"] for order in shop["SalesOrders"]}


def test_codes_have_their_corners() -> None:
    """Among the SKUs are null, the word null, the empty text and repeated codes."""
    with running(orders=120) as sandbox, Labs(sandbox) as labs:
        codes = Counter(
            v["sku"] for n in range(1, 9) for v in labs.read("Variants", page_size=50, page_num=n)["Variants"]
        )
    assert codes[None]
    assert codes["null"]
    assert codes[""]
    assert codes["DUPLICATE"] > 1


def test_fulfillments_take_the_place_of_packing_slips(shop: Json) -> None:
    """Orders of 2024 have packing slips and packages, later ones fulfillment orders, none has both."""
    for order in shop["SalesOrders"]:
        links = order["links"]
        assert not (links["PackingSlips"] and links["FulfillmentOrders"])
        assert bool(links["PackingSlips"]) == bool(links["Packages"])
    assert shop["PackingSlips"]
    assert shop["FulfillmentOrders"]


def test_closing_leaves_snapshots(shop: Json) -> None:
    """A closed order has its lines, contact, person and addresses as they were; a reopened one has a complete_date."""
    closed = [order for order in shop["SalesOrders"] if order["complete"] == "1"]
    for order in closed:
        for name in ("SalesOrderLineItems", "Contacts", "People", "Addresses"):
            assert len(order["links"][f"Completed{name}"]) == len(order["links"][name])
    assert any(order["complete"] == "0" and order["complete_date"] for order in shop["SalesOrders"])
