"""The reply envelope of Stitch Labs: reference, sections 3 to 6."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.sandbox.asking import TIMEOUT, Labs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox import Sandbox

LISTED = {"Addresses", "Channels", "Contacts", "People", "Tags"}
BASE = LISTED | set(
    "AccountAddresses CompletedAddresses CompletedContacts CompletedPeople CompletedSalesOrderCustomLineItems"
    " CompletedSalesOrderLineItems ConnectorFlagFbaOrders CreditMemos FulfillmentOrders InvoicePayments Invoices"
    " Packages PackingSlips PricingTiers SalesOrderCustomLineItems SalesOrderLineItems Users".split()
)


def objects(reply: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for kind, held in reply.items():
        if kind != "meta":
            for one in held if isinstance(held, list) else held.values():
                yield kind, one


def test_a_listing_has_pages_of_fifteen_and_text_in_meta(quiet_labs: Labs) -> None:
    """Without paging words a listing gives rows 1 to 15 and says so in text."""
    reply = quiet_labs.read()
    assert reply["meta"] == {
        "current_page": "1",
        "last_page": "8",
        "per_page": "15",
        "total": "120",
        "from": "1",
        "to": "15",
    }
    assert list(reply)[:2] == ["meta", "SalesOrders"]


def test_the_pages_of_a_walk_hold_every_order_once(quiet_labs: Labs, quiet: Sandbox) -> None:
    """The pages together are all orders, each once, and a page past the end is empty."""
    walked = [one for page in range(1, 5) for one in quiet_labs.ids(page_size="50", page_num=str(page))]
    assert walked == quiet.control.ids("stitchlabs", "SalesOrders")
    beyond = quiet_labs.read(page_size=50, page_num=9)
    assert beyond["SalesOrders"] == []
    assert beyond["meta"]["from"] == beyond["meta"]["to"] == "0"


def test_a_page_is_never_larger_than_fifty(quiet_labs: Labs) -> None:
    """A larger page_size is cut to 50, and per_page says what was used."""
    reply = quiet_labs.read(page_size=500)
    assert (len(reply["SalesOrders"]), reply["meta"]["per_page"]) == (50, "50")


def test_only_the_last_page_answers_200(quiet_labs: Labs) -> None:
    """A page before the last answers 206, the last one 200."""
    assert [quiet_labs.ask("SalesOrders", page_size=50, page_num=n).status_code for n in (1, 2, 3)] == [206, 206, 200]


def test_an_empty_result_has_zero_for_its_last_page(quiet_labs: Labs) -> None:
    """Nothing found: last_page, total, from and to are "0", and there are no blocks."""
    reply = quiet_labs.read(filter={"and": [{"id": 1}]})
    assert reply == {
        "meta": {"current_page": "1", "last_page": "0", "per_page": "15", "total": "0", "from": "0", "to": "0"},
        "SalesOrders": [],
    }


def test_every_scalar_is_text_or_null(quiet_labs: Labs, quiet: Sandbox) -> None:
    """No object of any kind sends a number or a boolean."""
    ids = quiet.control.ids("stitchlabs", "SalesOrders")
    kinds = set()
    for start in range(0, len(ids), 50):
        for kind, one in objects(quiet_labs.detail(*ids[start : start + 50])):
            kinds.add(kind)
            assert all(value is None or isinstance(value, str) for name, value in one.items() if name != "links"), kind
    assert len(kinds) > 45


def test_listing_and_detail_send_the_same_46_scalars(quiet_labs: Labs) -> None:
    """The order has 46 scalars in both calls; 5 link keys in the listing, all 22 in detail."""
    listed = quiet_labs.read(page_size=1)["SalesOrders"][0]
    detailed = quiet_labs.detail(listed["id"])["SalesOrders"][0]
    links, all_links = listed.pop("links"), detailed.pop("links")
    assert listed == detailed
    assert len(listed) == 46
    assert set(links) == LISTED
    assert set(all_links) == BASE
    assert len(BASE) == 22


def test_every_link_of_a_detail_reply_lands_in_a_block(quiet_labs: Labs, quiet: Sandbox) -> None:
    """Side-loaded objects stand under their id, and no link dangles as long as nothing was deleted."""
    reply = quiet_labs.detail(*quiet.control.ids("stitchlabs", "SalesOrders")[:50])
    orders = {order["id"] for order in reply["SalesOrders"]}
    for kind, one in objects(reply):
        for link, entries in one["links"].items() if one["links"] else ():
            held = orders if link == "SalesOrders" else set(reply.get(link, {}))
            assert {entry["id"] for entry in entries} <= held, (kind, link)
    blocks = [block for name, block in reply.items() if name not in {"meta", "SalesOrders"}]
    assert all(key == one["id"] for block in blocks for key, one in block.items())


def test_links_carry_types_where_documented(quiet_labs: Labs, quiet: Sandbox) -> None:
    """Addresses say billing or shipping, also twice for one address; people and own addresses name their kind."""
    reply = quiet_labs.detail(*quiet.control.ids("stitchlabs", "SalesOrders")[:50])
    pairs = [[(entry["id"], entry["type"]) for entry in order["links"]["Addresses"]] for order in reply["SalesOrders"]]
    assert {sort for order in pairs for _, sort in order} == {"billing", "shipping"}
    assert any(len(order) == 2 and order[0][0] == order[1][0] for order in pairs)
    for name, sort in (("People", "person"), ("AccountAddresses", "account_address")):
        assert {entry["type"] for order in reply["SalesOrders"] for entry in order["links"][name]} == {sort}


def test_an_object_without_links_sends_an_empty_array(quiet_labs: Labs) -> None:
    """Carrier types have no links at all: links is [] and not {}."""
    assert {str(one["links"]) for one in quiet_labs.read("PackageCarrierTypes")["PackageCarrierTypes"]} == {"[]"}


def test_back_links_cover_the_reply_only(quiet_labs: Labs, quiet: Sandbox) -> None:
    """A contact below one order names that order alone, in its own listing all of its orders."""
    order = quiet_labs.detail(quiet.control.ids("stitchlabs", "SalesOrders")[0])
    contact = next(iter(order["Contacts"].values()))
    assert contact["links"]["SalesOrders"] == [{"id": order["SalesOrders"][0]["id"]}]
    own = quiet_labs.detail(contact["id"], resource="Contacts")["Contacts"][0]
    assert len(own["links"]["SalesOrders"]) > 1


def test_columns_of_a_variant_depend_on_the_call(quiet_labs: Labs, quiet: Sandbox) -> None:
    """Its own listing has five columns more, a variant under an order two others."""
    under = quiet_labs.detail(*quiet.control.ids("stitchlabs", "SalesOrders")[:9])["Variants"]
    own = quiet_labs.read("Variants")["Variants"][0]
    below = next(iter(under.values()))
    assert set(own) - set(below) == {
        "committed_stock",
        "reorder_stock",
        "reorder_awaiting_stock",
        "total_sold",
        "total_revenue",
    }
    assert set(below) - set(own) == {"warehouse_available", "warehouse_address_id"}


def test_supplier_links_are_join_rows(quiet_labs: Labs) -> None:
    """The contact of a variant's supplier stands in company_id; id is that of the join row."""
    variants = quiet_labs.read("Variants", page_size=50)
    entry = next(v["links"]["Contacts"][0] for v in variants["Variants"] if v["links"]["Contacts"])
    assert entry["company_id"] in variants["Contacts"]
    assert entry["id"] not in variants["Contacts"]
    assert len(entry) == 8


@pytest.mark.parametrize(
    "resource",
    "SalesOrders Variants Products Contacts ContactTags Invoices InvoicePayments PurchaseOrders Attributes"
    " AccountAddresses VariantCustomIds CustomIdTypes PackageCarrierTypes PersonFieldTypes".split(),
)
def test_every_readable_resource_has_listing_detail_and_aliases(quiet_labs: Labs, resource: str) -> None:
    """Listing, /reports and the odd /2/ path agree, and detail sends the same object."""
    listing = quiet_labs.read(resource, page_size=2)
    first = listing[resource][0]
    assert quiet_labs.read(f"2/{resource}", page_size=2) == listing
    assert quiet_labs.read(f"{resource}/reports", page_size=2) == listing
    assert quiet_labs.detail(first["id"], resource=resource)[resource][0]["id"] == first["id"]


def test_unknown_ids_in_detail_are_left_out(quiet_labs: Labs) -> None:
    """An unknown id gives an empty array and last_page "0"."""
    reply = quiet_labs.detail("7")
    assert (reply["SalesOrders"], reply["meta"]["last_page"]) == ([], "0")


def test_the_token_is_checked(quiet: Sandbox) -> None:
    """No token is 401, a wrong one 403, both with a message."""
    url, body = f"{quiet.stitchlabs_url}/api2/v2/SalesOrders", {"action": "read"}
    missing = requests.post(url, json=body, timeout=TIMEOUT)
    wrong = requests.post(url, json=body, headers={"access_token": "no"}, timeout=TIMEOUT)
    assert (missing.status_code, wrong.status_code) == (401, 403)
    assert set(missing.json()) == set(wrong.json()) == {"message"}


def test_what_cannot_be_answered_is_refused_with_a_message(quiet_labs: Labs) -> None:
    """Unknown resources are 404, GET is 405, bad bodies 400, writes 501."""
    assert quiet_labs.ask("Users").status_code == 404
    assert quiet_labs.session.get(f"{quiet_labs.base}/api2/v2/SalesOrders", timeout=TIMEOUT).status_code == 405
    url = f"{quiet_labs.base}/api2/v2/SalesOrders"
    for body in (b"", b"[]", b"{", b'{"action": "write"}', b"{}"):
        reply = quiet_labs.session.post(url, data=body, timeout=TIMEOUT)
        assert reply.status_code == 400
        assert set(reply.json()) == {"message"}
    writes = quiet_labs.session.post(f"{quiet_labs.base}/api2/v1/SalesOrders", json={}, timeout=TIMEOUT)
    assert writes.status_code == 501
