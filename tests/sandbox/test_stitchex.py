"""The Stitchex face: reference, sections 2 to 6 and 14."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox import Sandbox, running
from tests.sandbox.asking import TIMEOUT, Ex, login

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def client(quiet: Sandbox) -> Iterator[Ex]:
    with Ex(quiet) as ex:
        yield ex


def test_the_three_calls_of_a_connection(quiet: Sandbox) -> None:
    """Token, organisations, set_current_org with 201; before that data is 401, then 403."""
    assert requests.get(f"{quiet.stitchex_url}/sales_orders", timeout=TIMEOUT).status_code == 401
    with Ex(quiet, organisation=None) as ex:
        assert ex.token["token_type"] == "Bearer"
        assert ex.get("/sales_orders").status_code == 403
        organisations = ex.get("/organisations").json()
        assert list(organisations) == ["organisations"]
        chosen = ex.choose(organisations["organisations"][1]["id"])
        assert (chosen.status_code, chosen.json()) == (201, {"Status": "Updated"})
        assert {o["organisation_id"] for o in ex.orders()["sales_orders"]} == {organisations["organisations"][1]["id"]}


@pytest.mark.parametrize(
    "changed", [{"password": "x"}, {"email": None}, {"grant_type": "implicit"}, {"expires_in": "1"}]
)
def test_a_failed_login_says_error(quiet: Sandbox, changed: dict[str, Any]) -> None:
    """The token path answers failures with an error text and a 4xx."""
    reply = requests.post(f"{quiet.stitchex_url}/oauth/token", json=login(**changed), timeout=TIMEOUT)
    assert 400 <= reply.status_code < 500
    assert isinstance(reply.json()["error"], str)


def test_other_failures_say_message(client: Ex) -> None:
    """Unknown ids, datasets and organisations are 404, malformed numbers 400, writes 501."""
    assert client.get("/sales_orders/1").status_code == 404
    assert client.get("/teapots").status_code == 404
    assert client.choose(1).status_code == 404
    for query in ({"page": "x"}, {"page": "0"}, {"since_id": "-1"}):
        reply = client.get("/sales_orders", **query)
        assert (reply.status_code, list(reply.json())) == (400, ["message"])
    assert client.post("/sales_orders").status_code == 501


def test_pages_ascend_and_meta_counts(moving: Sandbox, ex: Ex) -> None:
    """Ids ascend over the pages; meta holds ints and null at either end; past the end is an empty list."""
    moving.control.switch(page_size=6)
    total = len(ex.ids(page=1)) and ex.orders()["meta"]["total_count"]
    pages = -(-total // 6)
    walked: list[int] = []
    for page in range(1, pages + 1):
        reply = ex.orders(page=page)
        walked += [order["id"] for order in reply["sales_orders"]]
        assert reply["meta"] == {
            "current_page": page,
            "next_page": page + 1 if page < pages else None,
            "prev_page": page - 1 if page > 1 else None,
            "total_pages": pages,
            "total_count": total,
        }
    assert walked == sorted(set(walked))
    assert len(walked) == total
    assert ex.orders(page=pages + 1)["sales_orders"] == []


def test_a_page_has_a_hundred_rows() -> None:
    """Without a switch a page holds 100 orders."""
    with running(orders=150, organisations=1) as sandbox, Ex(sandbox) as ex:
        assert [len(ex.ids(page=n)) for n in (1, 2)] == [100, 50]


def test_filters_and_unknown_parameters(client: Ex) -> None:
    """since_id is exclusive, by_order_number exact, both show in meta; unknown parameters change nothing."""
    everything = client.orders()
    ids = client.ids()
    later = client.orders(since_id=ids[4])
    assert [order["id"] for order in later["sales_orders"]] == ids[5:]
    assert later["meta"]["total_count"] == len(ids) - 5
    number = everything["sales_orders"][2]["order_number"]
    assert client.ids(by_order_number=number) == [ids[2]]
    assert client.orders(updated_since="2030-01-01", per_page="1") == everything


def test_a_slash_at_the_end_changes_nothing(client: Ex) -> None:
    """Both forms of a path answer the same."""
    assert client.get("/sales_orders/", page=1).json() == client.get("/sales_orders", page=1).json()


def test_one_order_stands_under_the_singular_key(client: Ex, quiet: Sandbox) -> None:
    """By id the same object; an order of another organisation is not found."""
    order = client.orders()["sales_orders"][3]
    assert client.get(f"/sales_orders/{order['id']}").json() == {"sales_order": order}
    foreign = next(i for i in quiet.control.ids("stitchex", "sales_orders") if i not in client.ids())
    assert client.get(f"/sales_orders/{foreign}").status_code == 404


def test_organisations_share_out_the_orders(quiet: Sandbox) -> None:
    """Each order belongs to exactly one organisation, and all are reached."""
    seen: list[int] = []
    with Ex(quiet) as ex:
        for organisation in ex.get("/organisations").json()["organisations"]:
            ex.choose(organisation["id"])
            seen += ex.ids()
    assert sorted(seen) == quiet.control.ids("stitchex", "sales_orders")


def test_line_quantities_list_every_size(client: Ex) -> None:
    """All lines of one colour list the same SKUs, also those with quantity 0."""
    sizes: dict[int, set[tuple[int, ...]]] = {}
    quantities = []
    for order in client.orders()["sales_orders"]:
        for line in order["line_items"]:
            sizes.setdefault(line["variation_id"], set()).add(tuple(q["sku_id"] for q in line["line_quantities"]))
            quantities += [q["quantity"] for q in line["line_quantities"]]
    assert all(len(found) == 1 for found in sizes.values())
    assert 0 in quantities


def test_numbers_are_text_and_ids_ints(client: Ex) -> None:
    """Money is decimal text with at least one decimal; ids and quantities are JSON ints."""
    for order in client.orders()["sales_orders"]:
        assert type(order["id"]) is type(order["total_quantity"]) is int
        for line in order["line_items"]:
            assert re.fullmatch(r"-?\d+\.\d+", line["unit_price"])
            assert type(line["line_quantities"][0]["quantity"]) is int


def test_custom_fields_have_several_types(client: Ex) -> None:
    """The value of a custom field is of the type that its field_type names."""
    fields = [f for order in client.orders()["sales_orders"] for f in order["custom_fields"]]
    assert len({f["field_type"] for f in fields}) == 6
    assert {type(f["value"]) for f in fields if f["field_type"] == "boolean"} == {bool}


def test_the_newer_era(quiet: Sandbox, client: Ex) -> None:
    """2026: tokens live 7 days and refresh, times end in .000Z, order numbers are text, fields were added."""
    assert client.token["expires_in"] == 604800
    refreshed = client.log_in(grant_type="refresh_token", refresh_token=client.log_in()["refresh_token"])
    assert refreshed["access_token"]
    assert client.log_in(expires_in=60)["expires_in"] == 60
    order = client.orders()["sales_orders"][0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", order["updated_at"])
    assert isinstance(order["order_number"], str)
    assert {"status", "custom_fields", "return_label"} <= set(order)
    lines = [line for o in client.orders()["sales_orders"] for line in o["line_items"]]
    assert all({"weight", "weight_unit", "country_of_origin", "intrastat_code"} <= set(line) for line in lines)
    assert {o["fulfillment_status"] for o in client.orders()["sales_orders"]} <= {
        "not_shipped",
        "partially_shipped",
        "shipped",
    }
    assert quiet.control.truth("stitchex", "sales_orders", order["id"])["row"] == order


def test_the_older_era() -> None:
    """2019: tokens live a year without refresh, times carry the account's offset, order numbers are ints."""
    with running(orders=60, era="2019") as sandbox, Ex(sandbox) as ex:
        assert ex.token["expires_in"] == 31536000
        assert "refresh_token" not in ex.token
        assert ex.log_in(grant_type="refresh_token", refresh_token="x")["error"]
        orders = ex.orders()["sales_orders"]
        assert {order["created_at"][-6:] for order in orders} == {"+01:00", "+02:00"}
        assert all(".000+" in order["updated_at"] for order in orders)
        assert {type(order["order_number"]) for order in orders} == {int}
        assert {"nothing_shipped", "fully_shipped"} <= {order["fulfillment_status"] for order in orders}
        lines = [line for order in orders for line in order["line_items"]]
        for name in ("status", "custom_fields", "internal_notes", "channel_name", "warehouse_name"):
            assert name not in orders[0]
        assert not any("weight" in line or "intrastat_code" in line for line in lines)


def test_a_token_ends_by_the_sandbox_clock(moving: Sandbox, ex: Ex) -> None:
    """After its life a token is 401, and a new login works."""
    moving.control.clock(advance=604801)
    assert ex.get("/sales_orders").status_code == 401
    ex.session.headers["Authorization"] = f"Bearer {ex.log_in()['access_token']}"
    assert ex.choose(4101).status_code == 201


def test_the_current_organisation_is_kept_per_token_or_per_user(moving: Sandbox, ex: Ex) -> None:
    """Per token two logins do not disturb each other; per user the second moves the first."""
    mine = ex.ids()
    with Ex(moving, organisation=4108) as other:
        assert ex.ids() == mine != other.ids()
        moving.control.switch(org_scope="user")
        other.choose(4108)
        assert ex.ids() == other.ids() != mine


def test_since_id_can_be_ignored_or_refused(moving: Sandbox, ex: Ex) -> None:
    """The switch since_id turns the filter off, or into a 400."""
    ids = ex.ids()
    moving.control.switch(since_id="ignored")
    assert ex.ids(since_id=ids[-1]) == ids
    moving.control.switch(since_id="refused")
    assert ex.get("/sales_orders", since_id=1).status_code == 400
