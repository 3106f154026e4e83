"""What a listing of Stitch Labs can be asked: refused here before anything is sent, or answered as asked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Sandbox, running
from sources.stitchlabs.client import Client
from sources.stitchlabs.filter import Filter
from sources.stitchlabs.filter import Test as Only  # pytest would take a name of Test for tests
from stitchhouse.errors import RefusedError, UsageError
from stitchhouse.http import Http

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DOCUMENTED = (
    "archived cancel_date complete complete_date created_at currency_iso discount draft exclude_stock_tracking "
    "external_connector_order_id external_fulfill force_channel_push force_ship_sync historical_import id limbo "
    "local_id notes order_date po_num qb_export s_and_h ship_date ship_method_complete sku_subtotal"
).split()
SEEN = "status_invoice status_payment status_package status_deliver connector_id updated_at".split()
TIMES = {name for name in (*DOCUMENTED, *SEEN) if name.endswith(("_at", "_date"))}
ORDERS = "SalesOrders"
NOON = datetime(2024, 3, 1, 12, tzinfo=timezone(timedelta(hours=-8)))
DAY = date(2024, 3, 1)
Row = dict[str, Any]


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with running(orders=200, control=True) as made:
        yield made


@pytest.fixture
def client(box: Sandbox) -> Client:
    box.control.clear_requests()
    return Client(Http(box.stitchlabs_url, requests_per_second=0, backoff=0.001), "sandbox")


def sent(box: Sandbox) -> Row:
    """The body of the only request."""
    (request,) = box.control.requests()
    body: Row = request["body"]
    return body


def truth(box: Sandbox) -> list[Row]:
    return [box.control.truth("stitchlabs", ORDERS, key)["row"] for key in box.control.ids("stitchlabs", ORDERS)]


def everything(client: Client, **asked: Any) -> list[Row]:
    page = client.listing(ORDERS, **asked)
    rows = list(page.rows)
    while page.more:
        page = client.listing(ORDERS, page_num=page.number + 1, **asked)
        rows += page.rows
    return rows


def test_bodies(box: Sandbox, client: Client) -> None:
    """Typed tests and sorts become the documented body: text values, `=` left out, flags as digits, times in UTC."""
    client.listing(
        ORDERS,
        filter=Filter(
            all_of=[
                Only("archived", value=False),
                Only("created_at", NOON, ">="),
                Only("order_date", date(2024, 3, 1), "<"),
            ],
            any_of=[Only("id", 5), Only("po_num", "Ä/1", "!=")],
        ),
        sort=[("created_at", "desc"), ("id", "asc")],
        page_size=7,
        page_num=2,
    )
    assert sent(box) == {
        "action": "read",
        "page_size": 7,
        "page_num": 2,
        "filter": {
            "and": [
                {"archived": "0"},
                {"created_at": "2024-03-01T20:00:00+00:00", "operation": ">="},
                {"order_date": "2024-03-01", "operation": "<"},
            ],
            "or": [{"id": "5"}, {"po_num": "Ä/1", "operation": "!="}],
        },
        "sort": [{"created_at": "desc"}, {"id": "asc"}],
    }


@pytest.mark.parametrize("asked", [None, {}, Filter(), {"and": []}])
def test_no_filter(box: Sandbox, client: Client, asked: Any) -> None:
    """An empty filter is left out of the body."""
    client.listing(ORDERS, filter=asked)
    assert sent(box) == {"action": "read", "page_size": 50, "page_num": 1}


@pytest.mark.parametrize("attribute", [*DOCUMENTED, *SEEN])
def test_known_attributes(client: Client, attribute: str) -> None:
    """Every attribute that the vendor documents, or that was seen to work, can be asked for in one test."""
    client.listing(ORDERS, filter={"and": [{attribute: "2024-03-01" if attribute in TIMES else "1"}]}, page_size=1)


@pytest.mark.parametrize("attribute", ["id", "created_at", "updated_at"])
def test_attributes_of_every_resource(client: Client, attribute: str) -> None:
    """Id and stamps can be asked of any resource, and others only of those that are known to take them."""
    client.listing("Contacts", filter={"and": [{attribute: "20240301"}]}, sort=[(attribute, "asc")], page_size=1)
    with pytest.raises(UsageError, match="Contacts cannot filter by 'archived'; it can by: created_at, id, updated_at"):
        client.listing("Contacts", filter={"and": [{"archived": "0"}]})


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ([{"and": [{"id": "1"}]}, {"and": [{"id": "2"}]}], "one filter"),
        ({"and": [{"id": "1"}], "or": [{"id": "2"}], "not": [{"id": "3"}]}, "'and' and 'or' only, not not"),
        ({"xor": [{"id": "1"}]}, "'and' and 'or' only"),
        ({"and": [{"colour": "red"}]}, "cannot filter by 'colour'; it can by: .*archived"),
        ({"or": [{"id": "1"}, {"ID": "1"}]}, "cannot filter by 'ID'"),
        ({"and": [{"id": "1", "archived": "0"}]}, "one attribute"),
        ({"and": [{}]}, "one attribute"),
        ({"and": [{"operation": "="}]}, "one attribute"),
        ({"and": [{"id": "1", "operation": "in"}]}, "no operation 'in'; there are: = >= <= > < !="),
        ({"and": [{"id": "1", "operation": "=="}]}, "no operation"),
        ({"and": [{"id": "1", "operation": None}]}, "no operation"),
        ({"and": {"id": "1"}}, "and"),
        ({"and": ["id"]}, "test"),
        ({"and": [{"id": ["1", "2"]}]}, "one value|a value"),
        ({"and": [{"id": None}]}, "value"),
        (Filter(all_of=[Only("colour", "red")]), "cannot filter by 'colour'"),
        (Filter(any_of=[Only("id", 1, "like")]), "no operation 'like'"),
        ("archived=0", "filter"),
        (5, "filter"),
    ],
)
def test_filters_that_are_refused(box: Sandbox, client: Client, wrong: Any, words: str) -> None:
    """What the API cannot be asked is refused with the names it knows (64), and nothing is sent."""
    with pytest.raises(UsageError, match=words) as caught:
        client.listing(ORDERS, filter=wrong)
    assert (caught.value.exit_code, box.control.requests()) == (64, [])


@pytest.mark.parametrize(
    "wrong",
    [{"sort": [("colour", "asc")]}, {"sort": [("id", "up")]}, {"page_size": 0}, {"page_num": 0}, {"page_num": -1}],
)
def test_other_words_that_are_refused(box: Sandbox, client: Client, wrong: dict[str, Any]) -> None:
    """An unknown attribute or direction to sort by, and a page that cannot be, are refused before anything is sent."""
    with pytest.raises(UsageError):
        client.listing(ORDERS, **wrong)
    assert box.control.requests() == []


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ({"and": [{"archived": "1"}]}, lambda row: row["archived"] == "1"),
        ({"and": [{"archived": "0"}, {"draft": "1"}]}, lambda row: (row["archived"], row["draft"]) == ("0", "1")),
        ({"or": [{"draft": "1"}, {"limbo": "1"}]}, lambda row: "1" in {row["draft"], row["limbo"]}),
        (
            {"and": [{"currency_iso": "USD", "operation": "!="}], "or": [{"complete": "1"}, {"void": "1"}][:1]},
            lambda row: row["currency_iso"] not in {"USD", None} and row["complete"] == "1",
        ),
        ({"and": [{"s_and_h": "5", "operation": ">="}]}, lambda row: row["s_and_h"] and float(row["s_and_h"]) >= 5),
    ],
)
def test_what_filters_answer(box: Sandbox, client: Client, asked: Any, fits: Callable[[Row], bool]) -> None:
    """A listing holds exactly the orders that the filter describes, over all its pages."""
    found = [row["id"] for row in everything(client, filter=asked, page_size=5)]
    assert sorted(found) == sorted(str(row["id"]) for row in truth(box) if fits(row))
    assert 0 < len(found) < 200


def test_ranges_and_order(client: Client) -> None:
    """A range of ids or of stamps is answered from its bound on, and sorted up or down as asked."""
    rows = everything(client, sort=[("updated_at", "asc"), ("id", "asc")])
    stamps = [datetime.fromisoformat(row["updated_at"]) for row in rows]
    assert stamps == sorted(stamps)
    since = stamps[150].astimezone(UTC)
    later = everything(client, filter=Filter(all_of=[Only("updated_at", since, ">=")]), sort=[("id", "desc")])
    assert {row["id"] for row in later} == {row["id"] for row, at in zip(rows, stamps, strict=True) if at >= since}
    keys = [int(row["id"]) for row in later]
    assert keys == sorted(keys, reverse=True)
    above = everything(client, filter=Filter(all_of=[Only("id", keys[3], ">")]))
    assert min(int(row["id"]) for row in above) > keys[3]


def test_pages_of_the_asked_size(client: Client) -> None:
    """The page size is a wish: what came is what counts, with the number of pages that the source says."""
    page = client.listing(ORDERS, page_size=500)
    assert (len(page.rows), page.last, page.total, page.more) == (50, 4, 200, True)
    assert len(client.listing(ORDERS, page_size=3, page_num=2).rows) == 3


def test_what_only_the_source_refuses(client: Client) -> None:
    """A 4xx to a question that is right in form is an error of its own with the source's words and status."""
    with pytest.raises(RefusedError, match=r"HTTP 400 .*cannot be compared with") as caught:
        client.listing(ORDERS, filter={"and": [{"id": "many"}]})
    assert caught.value.status == 400


def test_detail(box: Sandbox, client: Client) -> None:
    """A detail asks for ids as whole numbers, and what does not exist is not in the answer."""
    known = box.control.ids("stitchlabs", ORDERS)[:2]
    page = client.detail(ORDERS, [*known, 999_999_999])
    assert page.ids() == known
    assert sent(box) == {"action": "read", ORDERS: [{"id": key} for key in [*known, 999_999_999]]}
