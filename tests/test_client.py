"""The way to the network: what is tried again, how long is waited, what is refused, and what is never sent."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

import pytest

from sandbox import Sandbox, running
from sources.stitchlabs import connect
from sources.stitchlabs.datasets import DATASETS
from stitchhouse.errors import ConfigurationError, ContractError, TryLaterError, UnavailableError
from stitchhouse.http import Http
from stitchhouse.walk import Ask, Page
from tests.conftest import ALL
from tests.wire import FINE, Asked, Said, ask, client, passed_on, wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import OpenShop

DATE = "Fri, 02 Feb 2024 10:00:00 GMT"


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with running(orders=30, control=True) as made:
        yield made


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the product wanted to sleep; they pass at once."""
    asked: list[float] = []
    monkeypatch.setattr(time, "sleep", asked.append)
    return asked


def first_page(box: Sandbox) -> Page:
    box.control.clear_faults()
    box.control.clear_requests()
    return connect(box.stitchlabs_url, "sandbox", requests_per_second=0).reader(DATASETS[0], "main").page(Ask())


@pytest.mark.parametrize("fault", [429, 500, 502, 503, 504, "drop", "html", "truncated", "empty"])
def test_a_passing_fault_is_survived(box: Sandbox, waits: list[float], fault: int | str) -> None:
    """A request that fails four times is answered at the fifth as if nothing had been."""
    right = first_page(box)
    api = connect(box.stitchlabs_url, "sandbox", requests_per_second=0).reader(DATASETS[0], "main")
    box.control.fault(fault, times=4)
    assert api.page(Ask()).rows == right.rows
    assert (api.requests, len(waits)) == (5, 4)
    assert len({str(request["body"]) for request in box.control.requests()}) == 1


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [("7", 7), ("0", 0), ("Fri, 02 Feb 2024 10:00:20 GMT", 20), ("Fri, 02 Feb 2024 09:00:00 GMT", 0)],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after(waits: list[float], status: int, asked: str, seconds: float) -> None:
    """The wait is what Retry-After says, in seconds or as a date by the source's own clock, and hardly more."""
    with wire([Said(b"", status, {"Retry-After": asked, "Date": DATE}), FINE]) as server:
        assert ask(server).data == {"fine": True}
    assert len(waits) == 1
    assert seconds <= waits[0] <= seconds + 0.1


@pytest.mark.parametrize(
    "asked",
    ["", " ", "-1", "1.5", "soon", "9" * 5000, "٣", "Fri, 31 Dec 99999 23:59:59 GMT", "Fri, 99 Foo 2024", "0x10"],
)
def test_senseless_retry_after(waits: list[float], asked: str) -> None:
    """A Retry-After that makes no sense is as none: our own short wait, then the same request."""
    said = {"Retry-After": asked.encode().decode("latin-1"), "Date": DATE}
    with wire([Said(b"", 429, said), FINE]) as server:
        assert ask(server).data == {"fine": True}
    assert [wait < 1 for wait in waits] == [True]


@pytest.mark.parametrize("asked", ["3600", "Fri, 02 Feb 2024 11:00:00 GMT"])
def test_a_long_rate_limit_is_not_waited_for(waits: list[float], asked: str) -> None:
    """Asked to come back in an hour, we say until when and leave at once with 75."""
    with wire(Said(b"", 429, {"Retry-After": asked, "Date": DATE})) as server:
        with pytest.raises(TryLaterError, match=r"rate limited until 2024-02-02 11:00 UTC; nothing lost") as caught:
            ask(server)
        assert (len(server.asked), waits, caught.value.exit_code) == (1, [], 75)


def test_one_page_that_keeps_failing() -> None:
    """A page that fails five times while others are answered is the source's fault: 65, and the page is named."""
    with wire(lambda asked: Said(b"", 500) if asked.route == "/bad" else FINE) as server:
        http = client(server.url)
        http.send("GET", "/good", where="things, page 16")
        with pytest.raises(ContractError, match="things, page 17 keeps failing while other requests are") as caught:
            http.send("GET", "/bad", where="things, page 17")
    assert caught.value.exit_code == 65
    assert [asked.route for asked in server.asked] == ["/good", *["/bad"] * 5, "/good"]


def test_a_source_that_is_away() -> None:
    """A source that fails for every request after having answered one is away: 69, naming page and host."""
    with wire([FINE, Said(b"", 503)]) as server:
        http = client(server.url)
        http.send("GET", "/good", where="things, page 16")
        with pytest.raises(UnavailableError, match=r"things, page 17: HTTP 503 from 127\.0\.0\.1") as caught:
            http.send("GET", "/things", where="things, page 17")
    assert caught.value.exit_code == 69


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    """A redirect ends with 65 at the first hop and names its host, to which neither token nor password is sent."""
    with wire(FINE) as other, wire(Said(b"", status, {"Location": f"{other.url}/oauth/token"})) as server:
        with pytest.raises(ContractError, match=f"redirect to {other.url[7:]} refused"):
            client(server.url).send("POST", "/x", where="x", body={"password": "p"}, headers={"access_token": "t"})
        assert (len(server.asked), len(other.asked)) == (1, 0)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://127.9.9.9", "http://localhost:1", "http://[::1]:1"])
def test_http_to_this_machine(url: str) -> None:
    """Without encryption only this machine is spoken to."""
    assert Http(url).base_url == url


@pytest.mark.parametrize(
    "url",
    [
        *("http://api.example.com", "http://127.0.0.1.example.com", "http://localhost.example.com", "http://0.0.0.0"),
        *("api.example.com", "ftp://127.0.0.1", "https://", "", "https://[", "https://api.example.com:99999"),
        *("https://me:word@api.example.com", "https://api.example.com?x=1", "https://api.example.com#x"),
    ],
)
def test_base_urls_that_are_refused(url: str) -> None:
    """A base URL that is no plain https URL is a wrong setting (78) before anything is sent."""
    with pytest.raises(ConfigurationError, match="base_url"):
        Http(url)


def test_the_request_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two requests per second stay two per second, with the tries that failed counted as well."""
    now, sent = [100.0], list[float]()
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))

    def answer(_: Asked) -> Said:
        sent.append(now[0])
        return Said(b"", 500) if len(sent) == 3 else FINE

    with wire(answer) as server:
        http = client(server.url, rate=2)
        for _ in range(6):
            http.send("GET", "/things", where="things")
    assert len(sent) == 7
    assert all(later - earlier >= 0.5 for earlier, later in itertools.pairwise(sent))
    assert sent[-1] - sent[0] < 3.1


def test_cookies_are_not_kept() -> None:
    """A cookie that the source sets is never sent back: only the token says who we are."""
    with wire(Said({}, headers={"Set-Cookie": "session=other-organisation; Path=/"})) as server:
        http = client(server.url)
        for _ in range(2):
            http.send("GET", "/things", where="things")
        assert ["cookie" in asked.headers for asked in server.asked] == [False, False]


def test_only_reads_one_at_a_time(open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sync of both APIs has one request in flight, and sends reads, one login, and organisations to set."""
    with open_shop(orders=40, page_size=20) as shop:
        with wire(lambda asked: passed_on(asked, f"http://127.0.0.1:{shop.box.port}")) as door:
            for source in ("stitchlabs", "stitchex"):
                monkeypatch.setenv(f"SOURCES__{source.upper()}__BASE_URL", f"{door.url}/{source}")
                assert shop.sync(source, ALL).exit_code == 0
        sent = shop.control.requests()
    assert len(sent) == len(door.asked) > 100
    assert door.most == 1
    labs = [one for one in sent if one["api"] == "stitchlabs"]
    lists = {f"/api2/v2/{dataset.path}" for dataset in DATASETS}
    details = {f"/api2/v2/{dataset.path}/detail" for dataset in DATASETS if dataset.detail}
    assert {(one["method"], one["action"]) for one in labs} == {("POST", "read")}
    assert {one["path"] for one in labs} == lists | details
    writes = [one["path"] for one in sent if one["api"] == "stitchex" and one["method"] != "GET"]
    assert (writes[0], set(writes[1:])) == ("/oauth/token", {"/organisations/set_current_org"})
