"""Filter, sort and the switches of Stitch Labs: reference, section 4."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.sandbox.asking import Labs

DOCUMENTED = (
    "archived cancel_date complete complete_date created_at currency_iso discount draft exclude_stock_tracking"
    " external_connector_order_id external_fulfill force_channel_push force_ship_sync historical_import id limbo"
    " local_id notes order_date po_num qb_export s_and_h ship_date ship_method_complete sku_subtotal"
).split()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("name", [*DOCUMENTED, "status_invoice", "status_payment", "status_package", "status_deliver"])
def test_documented_attributes_filter(quiet_labs: Labs, name: str) -> None:
    """Each documented attribute finds just the orders that have the value of a known order."""
    orders = [o for n in (1, 2, 3) for o in quiet_labs.read(page_size=50, page_num=n)["SalesOrders"]]
    value = next((o[name] for o in orders if o[name]), orders[0][name])
    found = quiet_labs.read(filter={"and": [{name: value}]}, page_size=50)
    assert {o[name] for o in found["SalesOrders"]} == {value}
    assert int(found["meta"]["total"]) == sum(o[name] == value for o in orders)


@pytest.mark.parametrize("operation", ["=", ">=", "<=", ">", "<", "!="])
def test_all_six_operations_compare_numbers(quiet_labs: Labs, quiet: Sandbox, operation: str) -> None:
    """Ids compare as numbers, given as text or as a number."""
    ids = quiet.control.ids("stitchlabs", "SalesOrders")
    pivot = ids[20]
    wanted = [i for i in ids if eval(f"{i} {operation.replace('=', '==') if operation == '=' else operation} {pivot}")]  # noqa: S307
    for value in (pivot, str(pivot)):
        reply = quiet_labs.read(filter={"and": [{"id": value, "operation": operation}]})
        assert int(reply["meta"]["total"]) == len(wanted)


def test_or_looks_up_many_and_both_conditionals_join(quiet_labs: Labs, quiet: Sandbox) -> None:
    """An or of ids finds each of them; and an and beside it narrows further."""
    ids = quiet.control.ids("stitchlabs", "SalesOrders")
    either = [{"id": ids[3]}, {"id": str(ids[8])}, {"id": 1}]
    assert quiet_labs.ids(filter={"or": either}) == [ids[3], ids[8]]
    assert quiet_labs.ids(filter={"or": either, "and": [{"id": ids[3], "operation": ">"}]}) == [ids[8]]


def test_a_keyset_on_updated_at_walks_everything(quiet_labs: Labs) -> None:
    """Asking from the last stamp on, page after page, meets all orders in ascending order."""
    seen: dict[str, datetime] = {}
    bound = "2020-01-01"
    while True:
        page = quiet_labs.read(
            filter={"and": [{"updated_at": bound, "operation": ">="}]}, sort=[{"updated_at": "asc"}], page_size=50
        )["SalesOrders"]
        stamps = [at(order["updated_at"]) for order in page]
        assert stamps == sorted(stamps)
        if all(order["id"] in seen for order in page):
            break
        seen |= {order["id"]: at(order["updated_at"]) for order in page}
        bound = page[-1]["updated_at"]
    assert len(seen) == 120
    assert len(set(seen.values())) < 120


def test_several_sorts_apply_in_order(quiet_labs: Labs) -> None:
    """Currency first, falling id within."""
    orders = quiet_labs.read(sort=[{"currency_iso": "asc"}, {"id": "desc"}], page_size=50)["SalesOrders"]
    keys = [(order["currency_iso"], -int(order["id"])) for order in orders]
    assert keys == sorted(keys)


def test_empty_objects_pass_for_filter_and_sort(quiet_labs: Labs) -> None:
    """Filter {} and sort {} mean none."""
    assert quiet_labs.read(filter={}, sort={}) == quiet_labs.read()


def test_times_compare_as_times(quiet_labs: Labs) -> None:
    """A date alone is midnight UTC, and offsets of rows do not disturb the order."""
    reply = quiet_labs.read(filter={"and": [{"order_date": "2025-01-01", "operation": "<"}]}, page_size=50)
    assert all(at(order["order_date"]) < at("2025-01-01T00:00:00+00:00") for order in reply["SalesOrders"])


@pytest.mark.parametrize(
    "body",
    [
        {"filter": []},
        {"filter": {"not": []}},
        {"filter": {"and": {}}},
        {"filter": {"and": [{}]}},
        {"filter": {"and": [{"id": 1, "draft": 1}]}},
        {"filter": {"and": [{"id": 1, "operation": "in"}]}},
        {"filter": {"and": [{"id": [1, 2]}]}},
        {"filter": {"and": [{"id": "x"}]}},
        {"filter": {"and": [{"order_date": "yesterday"}]}},
        {"filter": {"and": [{"total": "1.00"}]}},
        {"filter": {"and": [{"void": "0"}]}},
        {"sort": "id"},
        {"sort": [{"id": "up"}]},
        {"sort": [{"total": "asc"}]},
        {"sort": [{"id": "asc", "created_at": "asc"}]},
        {"page_size": 0},
        {"page_size": "many"},
        {"page_num": -1},
        {"page_num": True},
    ],
    ids=str,
)
def test_anything_else_is_a_400(quiet_labs: Labs, body: dict[str, Any]) -> None:
    """Undocumented attributes and malformed words are refused with a message."""
    reply = quiet_labs.ask("SalesOrders", **body)
    assert reply.status_code == 400
    assert reply.json()["message"]


def test_other_resources_know_three_attributes(quiet_labs: Labs) -> None:
    """Contacts filter and sort by id, created_at and updated_at, and by nothing else."""
    assert quiet_labs.ask("Contacts", filter={"and": [{"created_at": "2020-01-01", "operation": ">"}]}).ok
    assert quiet_labs.ask("Contacts", sort=[{"updated_at": "desc"}]).ok
    assert quiet_labs.ask("Contacts", filter={"and": [{"archived": "0"}]}).status_code == 400


def test_switches_change_what_filters_do(moving: Sandbox, labs: Labs) -> None:
    """The filters on updated_at and id are honoured, ignored or refused; sort honoured or ignored."""
    for switch, name, bound in (("updated_at", "updated_at", "2100-01-01"), ("id_filter", "id", 999999999)):
        question: dict[str, Any] = {"filter": {"and": [{name: bound, "operation": ">="}]}}
        assert labs.read(**question)["meta"]["total"] == "0"
        moving.control.switch(**{switch: "ignored"})
        assert labs.read(**question)["meta"]["total"] == "60"
        moving.control.switch(**{switch: "refused"})
        assert labs.ask("SalesOrders", **question).status_code == 400
    rising = labs.ids()
    moving.control.switch(sort="ignored")
    assert labs.ids(sort=[{"id": "desc"}]) == rising


def test_switches_change_what_detail_does(moving: Sandbox, labs: Labs) -> None:
    """Of several ids all or only the first are answered; page size, 206 and numbers follow their switches."""
    ids = moving.control.ids("stitchlabs", "SalesOrders")[:3]
    assert len(labs.detail(*ids)["SalesOrders"]) == 3
    moving.control.switch(detail="first", status_206="off", numbers="json", page_size_cap=7)
    assert [order["id"] for order in labs.detail(*ids)["SalesOrders"]] == [str(ids[0])]
    reply = labs.ask("SalesOrders", page_size=50)
    assert (reply.status_code, len(reply.json()["SalesOrders"])) == (200, 7)
    assert isinstance(reply.json()["SalesOrders"][0]["pristine"], int)


def test_lines_of_closed_orders_stand_where_the_switch_says(moving: Sandbox, labs: Labs) -> None:
    """Live, completed or both; open orders keep theirs in SalesOrderLineItems in every case."""
    closed = labs.ids(filter={"and": [{"complete": "1"}]})
    opened = labs.ids(filter={"and": [{"complete": "0"}, {"status_invoice": "3"}]})
    counts = {}
    for where in ("live", "completed", "both"):
        moving.control.switch(completed_lines=where)
        orders = labs.detail(*closed)["SalesOrders"]
        counts[where] = tuple(
            sum(len(order["links"][name]) for order in orders)
            for name in ("SalesOrderLineItems", "CompletedSalesOrderLineItems")
        )
        links = [order["links"] for order in labs.detail(*opened)["SalesOrders"]]
        assert any(held["SalesOrderLineItems"] for held in links)
        assert not any(held["CompletedSalesOrderLineItems"] for held in links)
    lines = counts["live"][0]
    assert lines
    assert counts == {"live": (lines, 0), "completed": (0, lines), "both": (lines, lines)}
