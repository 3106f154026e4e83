"""The switches that shape a reply of the Stitch Labs sandbox: reference, sections 15 and 16."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Sandbox, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sandbox.asking import Labs


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with running(orders=40, control=True) as made:
        yield made


@pytest.mark.parametrize(("value", "holder"), [("list", []), ("object", {}), ("null", None), ("missing", "none")])
def test_links_of_an_object_without_any(box: Sandbox, moving: Labs, value: str, holder: Any) -> None:
    """The switch chooses an array, an object, null, or no key; full links stay as they are."""
    box.control.switch(links_empty=value)
    rows = moving.read("PackageCarrierTypes")["PackageCarrierTypes"]
    assert all(row.get("links", "none") == holder for row in rows)
    full = moving.read("SalesOrders", page_size=1)["SalesOrders"][0]
    assert full["links"]["Channels"]


def test_an_id_that_is_gone(box: Sandbox, moving: Labs) -> None:
    """Detail leaves it out, answers 404, or sends the row as deleted."""
    control = box.control
    (gone,) = control.add("stitchlabs", "Products", set={"name": "Gone"})
    control.delete("stitchlabs", "Products", ids=[gone])
    there = control.ids("stitchlabs", "Products")[0]
    asked = {"Products": [{"id": there}, {"id": gone}, {"id": 7}]}
    assert [row["id"] for row in moving.read("Products/detail", **asked)["Products"]] == [str(there)]
    control.switch(unknown_detail="404")
    assert moving.ask("Products/detail", **asked).status_code == 404
    assert moving.ask("Products/detail", Products=[{"id": there}]).status_code == 200
    control.switch(unknown_detail="deleted")
    reply = moving.read("Products/detail", **asked)
    rows = [(row["id"], row["deleted"], row["name"] == "Gone") for row in reply["Products"]]
    assert rows == [(str(there), "0", False), (str(gone), "1", True), ("7", "1", False)]
    assert reply["meta"]["total"] == "3"


def test_deleted_and_void_rows_can_be_hidden(box: Sandbox, moving: Labs) -> None:
    """Hidden rows are in no listing and its counts, and still have a detail."""
    orders = moving.read(page_size=50)["SalesOrders"]
    special = [row["id"] for row in orders if "1" in (row["deleted"], row["void"])]
    box.control.switch(deleted_rows="hidden")
    reply = moving.read(page_size=50)
    assert int(reply["meta"]["total"]) == len(orders) - len(special) < len(orders)
    assert not {row["id"] for row in reply["SalesOrders"]} & set(special)
    assert len(moving.detail(*special)["SalesOrders"]) == len(special)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("offset", r"[+-]\d\d:\d\d"),
        ("compact", r"[+-]\d{4}"),
        ("z", "Z"),
        ("millis", r"\.000[+-]\d\d:\d\d"),
        ("naive", ""),
    ],
)
def test_times_take_every_form(box: Sandbox, moving: Labs, value: str, form: str) -> None:
    """Times of asked and side-loaded objects are written as the switch says."""
    box.control.switch(time_form=value)
    reply = moving.read(page_size=50)
    rows = [*reply["SalesOrders"], *reply["Contacts"].values()]
    times = [row[name] for row in rows for name in ("created_at", "updated_at", "complete_date") if row.get(name)]
    assert len(times) > 50
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d" + form, text) for text in times)


def test_meta_is_text_numbers_or_missing(box: Sandbox, moving: Labs) -> None:
    """The numbers of meta are text by default, JSON numbers or not there."""
    assert moving.read(page_size=50)["meta"]["total"] == "40"
    box.control.switch(meta="json")
    assert moving.read(page_size=50)["meta"] == {
        "current_page": 1,
        "last_page": 1,
        "per_page": 50,
        "total": 40,
        "from": 1,
        "to": 40,
    }
    box.control.switch(meta="missing")
    assert "meta" not in moving.read(page_size=50)


def test_a_report_may_hold_one_object(box: Sandbox, moving: Labs) -> None:
    """A report of one row is an array of it, or by the switch the row itself; of several an array."""
    listed = moving.read("Products", page_size=1)
    assert moving.read("Products/reports", page_size=1) == moving.read("2/Products", page_size=1) == listed
    box.control.switch(reports="object")
    assert moving.read("Products/reports", page_size=1)["Products"] == listed["Products"][0]
    assert len(moving.read("Products/reports", page_size=2)["Products"]) == 2
    assert moving.read("Products", page_size=1) == listed


def test_rows_and_blocks_change_places(box: Sandbox, moving: Labs) -> None:
    """The asked objects may come by id, the side-loaded ones as an array."""
    before = moving.read("Contacts", page_size=5)
    box.control.switch(rows="map", blocks="array")
    after = moving.read("Contacts", page_size=5)
    assert after["Contacts"] == {row["id"]: row for row in before["Contacts"]}
    assert {row["id"]: row for row in after["People"]} == before["People"]


def test_flags_and_counts_take_three_forms(box: Sandbox, moving: Labs) -> None:
    """Text by default, numbers, or booleans for flags; money stays text."""
    forms = {}
    for value in ("text", "json", "bool"):
        box.control.switch(numbers=value)
        row = moving.read(page_size=1)["SalesOrders"][0]
        forms[value] = tuple(type(row[name]) for name in ("pristine", "status_invoice", "total", "id"))
    assert forms == {"text": (str, str, str, str), "json": (int, int, str, str), "bool": (bool, int, str, str)}


def test_what_nobody_knows_can_be_sent(box: Sandbox, moving: Labs) -> None:
    """With extras every object has a new field, and the asked ones a link to a new block."""
    before = moving.read("Contacts", page_size=3)
    box.control.switch(extras="on")
    after = moving.read("Contacts", page_size=3)
    assert set(after) - set(before) == {"NewThings"}
    assert all(row["new_field"] == "new" for row in (*after["Contacts"], *after["People"].values()))
    assert all(row["links"]["NewThings"] == [{"id": "1", "rank": "2"}] for row in after["Contacts"])
