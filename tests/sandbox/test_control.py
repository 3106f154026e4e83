"""The control endpoints, as README.md of the sandbox documents them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
import requests

from sandbox import BadOption, BrokenHistory, Sandbox, running
from sandbox.control.faults import KINDS
from tests.sandbox.asking import TIMEOUT, Ex, Json, Labs

if TYPE_CHECKING:
    from pathlib import Path

NOON = "2026-03-01T12:00:00+00:00"


def stitchlabs_order(moving: Sandbox, key: int) -> Json:
    row: Json = moving.control.truth("stitchlabs", "SalesOrders", key)["row"]
    return row


def open_order(labs: Labs, moving: Sandbox) -> int:
    """One with at least two lines."""
    for key in labs.ids(filter={"and": [{"complete": "0"}, {"limbo": "0"}]}):
        if len(moving.control.truth("stitchlabs", "SalesOrders", key)["lines"]) > 1:
            return key
    raise AssertionError


def test_without_control_there_is_none() -> None:
    """Started without control, every control endpoint is a 404."""
    with running(orders=20) as sandbox:
        url = f"http://127.0.0.1:{sandbox.port}/_control/requests"
        assert requests.get(url, timeout=TIMEOUT).status_code == 404


def test_a_change_stamps_its_rows(moving: Sandbox, labs: Labs, ex: Ex) -> None:
    """Changed rows get the sandbox's time in whole seconds, on either face."""
    moving.control.clock(now=NOON, freeze=True)
    first = moving.control.ids("stitchlabs", "SalesOrders")[0]
    assert moving.control.change("stitchlabs", "SalesOrders", ids=[first], set={"notes": "new"}) == [first]
    row = stitchlabs_order(moving, first)
    assert (row["notes"], row["updated_at"]) == ("new", NOON)
    since = {"filter": {"and": [{"updated_at": NOON, "operation": ">="}]}, "sort": [{"updated_at": "asc"}]}
    assert labs.ids(**since) == [first]
    changed = moving.control.change("stitchex", "sales_orders", ids=[ex.ids()[2]])
    assert ex.orders()["sales_orders"][2]["updated_at"] == "2026-03-01T12:00:00.000Z"
    assert changed == [ex.ids()[2]]


def test_a_silent_or_dated_change(moving: Sandbox) -> None:
    """stamp false leaves updated_at alone; a given stamp is used."""
    first, second = moving.control.ids("stitchlabs", "SalesOrders")[:2]
    before = stitchlabs_order(moving, first)["updated_at"]
    moving.control.change("stitchlabs", "SalesOrders", ids=[first], set={"notes": "x"}, stamp=False)
    moving.control.change("stitchlabs", "SalesOrders", ids=[second], stamp=NOON)
    assert stitchlabs_order(moving, first)["updated_at"] == before
    assert stitchlabs_order(moving, second)["updated_at"] == NOON


@pytest.mark.parametrize(("api", "resource"), [("stitchlabs", "SalesOrders"), ("stitchex", "sales_orders")])
def test_added_orders_have_lines_and_deleted_ones_are_gone(moving: Sandbox, api: str, resource: str) -> None:
    """New orders get higher ids, lines of their own and the current time; a hard delete takes all of it away."""
    before = moving.control.ids(api, resource)
    summary = moving.control.summary(api)
    added = moving.control.add(api, resource, 3)
    assert min(added) > max(before)
    truth = moving.control.truth(api, resource, added[0])
    assert truth["lines"]
    assert truth["row"]["created_at"] == truth["row"]["updated_at"]
    assert moving.control.summary(api)["lines"] > summary["lines"]
    assert moving.control.delete(api, resource, ids=added) == added
    assert moving.control.ids(api, resource) == before
    assert moving.control.summary(api) == summary


def test_archived_orders(moving: Sandbox, labs: Labs, ex: Ex) -> None:
    """Stitch Labs keeps listing an archived order, with its flag; Stitchex lists it no more but knows its id."""
    (key,) = moving.control.archive("stitchlabs", "SalesOrders")
    assert labs.detail(key)["SalesOrders"][0]["archived"] == "1"
    hidden = ex.ids()[0]
    moving.control.archive("stitchex", "sales_orders", ids=[hidden])
    assert hidden not in ex.ids()
    assert ex.get(f"/sales_orders/{hidden}").status_code == 200


def test_lines_can_be_added_removed_set_and_moved(moving: Sandbox, labs: Labs) -> None:
    """Edits of lines stamp the order, and its sums follow its lines."""
    control = moving.control
    order = open_order(labs, moving)
    held = [int(line["id"]) for line in control.truth("stitchlabs", "SalesOrders", order)["lines"]]
    control.lines("stitchlabs", order, set={str(held[0]): {"quantity": "9", "price": "1.50"}})
    assert control.lines("stitchlabs", order, remove=held[1:])["ids"] == held[:1]
    row = stitchlabs_order(moving, order)
    assert row["sku_subtotal"] == "13.50"
    fresh = control.lines("stitchlabs", order, add=2)["ids"]
    assert len(fresh) == 3
    (other,) = control.add("stitchlabs", "SalesOrders")
    kept = len(control.truth("stitchlabs", "SalesOrders", other)["lines"])
    control.lines("stitchlabs", order, move={"lines": fresh[1:], "to": other})
    assert len(control.truth("stitchlabs", "SalesOrders", other)["lines"]) == kept + 2
    assert control.lines("stitchlabs", order, remove="all")["ids"] == []
    assert stitchlabs_order(moving, order)["sku_subtotal"] == "0.00"


def test_stitchex_sums_follow_quantities(moving: Sandbox, ex: Ex) -> None:
    """A quantity set on one size shows in total_quantity and items_total."""
    order = next(o for o in ex.orders()["sales_orders"] if o["line_items"])
    line = order["line_items"][0]
    for one in order["line_items"][1:]:
        moving.control.lines("stitchex", order["id"], remove=[one["id"]])
    sets = {str(q["id"]): {"quantity": 0} for q in line["line_quantities"]}
    sets[str(line["line_quantities"][0]["id"])] = {"quantity": 4}
    moving.control.lines("stitchex", order["id"], set=sets | {str(line["id"]): {"unit_price": "2.5"}})
    after = ex.get(f"/sales_orders/{order['id']}").json()["sales_order"]
    assert (after["total_quantity"], after["items_total"]) == (4, "10.0")


def test_the_clock_moves_and_shows_in_the_date_header(moving: Sandbox, labs: Labs) -> None:
    """Set, advanced and frozen, the clock is the Date of every answer."""
    moving.control.clock(now=NOON, freeze=True)
    moving.control.clock(advance=60)
    assert labs.ask("SalesOrders").headers["Date"] == "Sun, 01 Mar 2026 12:01:00 GMT"
    assert moving.control.clock() == {"now": "2026-03-01T12:01:00.000+00:00", "frozen": True}
    moving.control.clock(freeze=False)
    assert datetime.fromisoformat(moving.control.clock()["now"]).minute == 1


def test_a_script_acts_before_the_nth_data_request(moving: Sandbox, labs: Labs, ex: Ex) -> None:
    """Steps count data requests from now on; logins do not count; every n repeats."""
    total = int(labs.read()["meta"]["total"])
    moving.control.script(
        {"before": 2, "do": "add", "api": "stitchlabs", "resource": "SalesOrders", "count": 5},
        every={"n": 3, "do": [{"do": "delete", "api": "stitchlabs", "resource": "SalesOrders"}]},
    )
    ex.log_in()
    totals = [int(labs.read()["meta"]["total"]) - total for _ in range(6)]
    assert totals == [0, 5, 4, 4, 4, 3]


@pytest.mark.parametrize("status", [*KINDS, 429, 500, 503])
def test_a_fault_hits_the_nth_request_and_passes(moving: Sandbox, ex: Ex, status: int | str) -> None:
    """The second request from now on is spoilt in its way, the first and, after a new login, the third are right."""
    right = ex.orders()
    moving.control.fault(status, before=2, headers={"Retry-After": "7"})
    assert ex.orders() == right
    if status == "drop":
        with pytest.raises(requests.ConnectionError):
            ex.get("/sales_orders")
    else:
        reply = ex.session.get(f"{ex.base}/sales_orders", timeout=TIMEOUT, allow_redirects=False)
        expected = {"redirect": 302, "expire": 401}.get(str(status), status if isinstance(status, int) else 200)
        assert reply.status_code == expected
        assert reply.headers["Retry-After"] == "7"
        assert reply.content != json.dumps(right, separators=(",", ":"), ensure_ascii=False).encode()
    if status in {"expire", "organisation"}:
        ex.session.headers["Authorization"] = f"Bearer {ex.log_in()['access_token']}"
        ex.choose(4101)
    assert ex.orders() == right


def test_requests_are_recorded_without_secrets(moving: Sandbox, labs: Labs) -> None:
    """Each request is noted with its rows; passwords and tokens are masked; DELETE clears the list."""
    with Ex(moving) as ex:
        ex.orders(page=1)
    labs.read(page_size=5)
    noted = moving.control.requests()
    assert [(n["api"], n["method"], n["path"], n["status"]) for n in noted] == [
        ("stitchex", "POST", "/oauth/token", 200),
        ("stitchex", "POST", "/organisations/set_current_org", 201),
        ("stitchex", "GET", "/sales_orders", 200),
        ("stitchlabs", "POST", "/api2/v2/SalesOrders", 206),
    ]
    assert noted[0]["body"]["password"] == "***"
    assert (noted[2]["query"], noted[3]["action"], noted[3]["rows"]) == ({"page": "1"}, "read", 5)
    moving.control.clear_requests()
    assert moving.control.requests() == []


def test_both_faces_show_the_same_shop(moving: Sandbox) -> None:
    """Orders, units, value, contacts, variants and products agree between the faces."""
    ours, theirs = moving.control.summary("stitchlabs"), moving.control.summary("stitchex")
    for name in ("orders", "units", "value"):
        assert ours[name] == theirs[name]


def test_bad_control_requests_are_refused_in_words(moving: Sandbox) -> None:
    """Unknown names are a 400 that lists what there is."""
    wrong: dict[str, Json] = {
        "change": {"api": "nobody", "resource": "SalesOrders"},
        "delete": {"api": "stitchlabs", "resource": "SalesOrders", "ids": [1]},
        "switch": {"era": "1999"},
        "fault": {"status": "earthquake"},
        "script": {"steps": [{"before": 1, "do": "dance"}]},
    }
    for path, body in wrong.items():
        with pytest.raises(ValueError, match="400"):
            moving.control.post(path, **body)


def test_latency_is_a_wait_per_answer(moving: Sandbox, labs: Labs) -> None:
    """With a latency each answer takes at least that long."""
    moving.control.latency(0.05)
    assert labs.ask("SalesOrders").elapsed.total_seconds() >= 0.05


def test_a_sandbox_says_why_it_did_not_start(tmp_path: Path) -> None:
    """A bad switch and a missing history raise their own errors in the caller."""
    with pytest.raises(BadOption, match="era"), running(era="1999"):
        pass
    with pytest.raises(BrokenHistory, match="no such file"), running(history=tmp_path / "none.csv"):
        pass
