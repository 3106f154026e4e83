"""Several accounts of the Stitch Labs sandbox, and the ways to their tokens: reference, section 3."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox import Sandbox, running
from tests.sandbox.asking import TIMEOUT, Json, Labs

if TYPE_CHECKING:
    from collections.abc import Iterator

BACK = "http://127.0.0.1:9/back"
CLIENT = {"client_id": "sandbox", "redirect_uri": BACK}


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    """Three accounts."""
    with running(orders=40, accounts=3, control=True) as made:
        yield made


def other(box: Sandbox, n: int) -> Labs:
    client = Labs(box)
    client.session.headers["access_token"] = f"sandbox-{n}"
    return client


@pytest.mark.parametrize("resource", ["SalesOrders", "Contacts", "Variants", "Products", "Invoices"])
def test_accounts_have_equal_ids_and_other_content(box: Sandbox, moving: Labs, resource: str) -> None:
    """One base URL serves three accounts: their tokens decide, their ids collide, their rows differ."""
    with other(box, 2) as second, other(box, 3) as third:
        of_each = [
            {row["id"]: row for row in one.read(resource, page_size=50)[resource]} for one in (moving, second, third)
        ]
    shared = of_each[0].keys() & of_each[1].keys()
    assert len(shared) > 0.8 * min(len(rows) for rows in of_each)
    assert sum(of_each[0][key] != of_each[1][key] for key in shared) > 0.9 * len(shared)
    assert of_each[1] != of_each[2]
    assert [int(key) for key in of_each[1]] == box.control.ids("stitchlabs-2", resource)[:50]


def test_an_unknown_token_is_nobody_s(box: Sandbox) -> None:
    """A token beyond the last account is refused, and no account has a base URL of its own."""
    with other(box, 4) as nobody:
        assert nobody.ask("SalesOrders").status_code == 403
    alone = requests.post(box.stitchlabs_url + "-2/api2/v2/SalesOrders", json={"action": "read"}, timeout=TIMEOUT)
    assert alone.status_code == 404


def test_control_moves_one_account(box: Sandbox, moving: Labs) -> None:
    """Changes, faults and the request log tell the accounts apart."""
    control = box.control
    with other(box, 2) as second:
        (changed,) = control.change("stitchlabs-2", "Contacts", set={"name": "Elsewhere"})
        assert second.detail(changed, resource="Contacts")["Contacts"][0]["name"] == "Elsewhere"
        assert "Elsewhere" not in moving.ask("Contacts", page_size=50).text
        added = control.add("stitchlabs-2", "Invoices", 2)
        invoice = second.detail(added[0], resource="Invoices")
        assert set(invoice["InvoiceLineItems"]) == {
            e["id"] for e in invoice["Invoices"][0]["links"]["InvoiceLineItems"]
        }
        order = second.detail(invoice["Invoices"][0]["links"]["SalesOrders"][0]["id"])
        assert str(added[0]) in order["Invoices"]
        assert control.truth("stitchlabs-2", "Invoices", added[0])["row"] == invoice["Invoices"][0]
        assert control.delete("stitchlabs-2", "Invoices", ids=added) == added
        control.fault(503, api="stitchlabs-2")
        control.clear_requests()
        assert moving.ask("Products").ok
        assert [second.ask("Products").status_code, second.ask("Products", page_size=50).status_code] == [503, 200]
    assert [noted["api"] for noted in control.requests()] == ["stitchlabs", "stitchlabs-2", "stitchlabs-2"]


def test_the_environment_names_accounts_where_there_are_several(box: Sandbox) -> None:
    """One account has a token; of several the variables hold names and tokens."""
    assert "SOURCES__STITCHLABS__ACCESS_TOKEN" not in box.environment
    named = '{"main": "sandbox", "second": "sandbox-2", "third": "sandbox-3"}'
    assert box.environment["SOURCES__STITCHLABS__ACCOUNTS"] == named
    alone = Sandbox(box.port, box.control, box.process).environment
    assert alone["SOURCES__STITCHLABS__ACCESS_TOKEN"] == "sandbox"
    assert "SOURCES__STITCHLABS__ACCOUNTS" not in alone


def test_the_token_may_need_another_header(box: Sandbox, moving: Labs) -> None:
    """By the switch the token is looked for in access-token, also that of the second account."""
    box.control.switch(token_header="access-token")
    assert moving.ask("Products").status_code == 401
    moving.session.headers["access-token"] = "sandbox-2"
    with other(box, 2) as second:
        box.control.switch(token_header="access_token")
        wanted = second.read("Products")
    box.control.switch(token_header="access-token")
    assert moving.read("Products") == wanted


def authorize(box: Sandbox, **changed: str) -> requests.Response:
    query = {"response_type": "code", "scope": "", "state": "s 1", **CLIENT} | changed
    return requests.get(f"{box.stitchlabs_url}/authorize", params=query, allow_redirects=False, timeout=TIMEOUT)


def code_of(sent: requests.Response) -> str:
    return parse_qs(urlsplit(sent.headers["Location"]).query)["code"][0]


def exchange(box: Sandbox, **changed: str) -> tuple[int, Json]:
    form = {"grant_type": "authorization_code", "client_secret": "sandbox-secret", **CLIENT} | changed
    reply = requests.post(f"{box.stitchlabs_url}/oauth/token", data=form, timeout=TIMEOUT)
    return reply.status_code, reply.json()


def test_the_code_flow_gives_the_token_once(box: Sandbox) -> None:
    """A code comes back with the state and buys the token; a second time it buys nothing."""
    box.control.clear_requests()
    sent = authorize(box)
    assert sent.status_code == 302
    code = code_of(sent)
    assert sent.headers["Location"] == f"{BACK}?code={code}&state=s+1"
    told = {"access_token": "sandbox", "token_type": "bearer", "expires_in": 604800}
    assert exchange(box, code=code) == (200, told)
    assert exchange(box, code=code) == (403, {"error": "invalid authorization code"})
    noted = box.control.requests()
    assert [request["path"] for request in noted] == ["/authorize", "/oauth/token", "/oauth/token"]
    assert {request["body"]["client_secret"] for request in noted[1:]} == {"***"}


def test_the_code_flow_refuses_what_is_wrong(box: Sandbox) -> None:
    """Wrong clients are 401; late, unknown and malformed requests 403, each with its word."""
    assert authorize(box, client_id="other").status_code == 401
    assert authorize(box, response_type="token").json() == {"error": "invalid_request"}
    code = code_of(authorize(box))
    assert exchange(box, code=code, client_secret="no") == (401, {"error": "invalid_client"})
    assert exchange(box, code=code, grant_type="password") == (403, {"error": "invalid_request"})
    box.control.clock(advance=601)
    assert exchange(box, code=code) == (403, {"error": "expired_code"})
    assert requests.get(f"{box.stitchlabs_url}/oauth/token", timeout=TIMEOUT).status_code == 405
