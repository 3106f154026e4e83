"""No secret is found anywhere but where it belongs, whatever the source does with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sources.stitchlabs.client import Client
from stitchhouse.errors import ConfigurationError, StitchhouseError
from stitchhouse.http import Http
from tests.conftest import OpenShop, Shop, python, stitchhouse
from tests.door import FIRST, PASSWORD, REFRESH, SECOND, TOKEN, URL_WORD, behind_a_door, found_in, leaks
from tests.wire import Asked, Said, wire

if TYPE_CHECKING:
    from pathlib import Path

LOUD = "import logging; logging.basicConfig(level=logging.DEBUG); from pipelines.cli import main; main()"
"""A command in a process whose root logger tells everything."""


def test_a_good_run(shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A run at DEBUG that logs in, is logged out and logs in again leaves its secrets in the token file alone."""
    with behind_a_door(shop, monkeypatch) as (_, server):
        shop.control.fault("expire", before=4, api="stitchex")
        code, out, err = stitchhouse("sync")
        assert code == 0, out + err
        sent = {asked.headers.get("authorization") for asked in server.asked}
    assert {f"Bearer {FIRST}", f"Bearer {SECOND}"} <= sent
    assert leaks(shop.project.folder, out, err) == {}
    holders = [file for file in (tmp_path / "user").rglob("*") if file.is_file() and found_in(file.read_bytes())]
    assert [file.parent.name for file in holders] == ["tokens"]
    assert found_in(holders[0].read_bytes()) == [SECOND, REFRESH]


def test_rows_that_tell_secrets(open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that repeat secrets are loaded without them, with all logs at DEBUG, and the certificate says so."""
    with open_shop(orders=20, organisations=1) as shop, behind_a_door(shop, monkeypatch) as (door, _):
        door.telling = True
        code, out, err = python("-c", LOUD, "sync", "--dataset=stitchex.sales_orders", "--dataset=contacts")
        assert code in {0, 10}, out + err
        assert "DEBUG:urllib3.connectionpool:" in err
        assert leaks(shop.project.folder, out, err) == {}
        assert shop.one("select count(*) from stitchex.sales_orders where notes = '*** *** *** ***'") == 20
        assert shop.one("select min(raw) from stitchex._rejected where column_name = 'return_label'").startswith("***")
        assert "answers repeated a secret of ours, which became ***" in shop.one(
            "select note from stitchlabs._walks where dataset = 'contacts'"
        )


def test_tokens_of_several_accounts(open_shop: OpenShop) -> None:
    """The tokens of several accounts are no more printed or stored than a single one."""
    with open_shop(orders=10, accounts=2) as shop:
        code, out, err = stitchhouse("sync", "stitchlabs", "--dataset", "custom_id_types")
        assert code == 0, out + err
        token = json.loads(shop.box.environment["SOURCES__STITCHLABS__ACCOUNTS"])["second"]
        files = [file for file in shop.project.folder.rglob("*") if file.is_file()]
        assert [str(file) for file in files if token.encode() in file.read_bytes()] == []
        assert shop.project.warehouse in files
        assert token not in out + err


@pytest.mark.parametrize(
    ("path", "status"), [("SalesOrders", 400), ("/oauth/token", 401), ("set_current_org", 500), ("/sales_orders", 200)]
)
def test_an_echoing_source(shop: Shop, monkeypatch: pytest.MonkeyPatch, path: str, status: int) -> None:
    """A source that fails and repeats in its answer all it was told does not get it printed, logged or stored."""
    with behind_a_door(shop, monkeypatch) as (door, _):
        door.failing, door.status = path, status
        source = "stitchlabs" if path == "SalesOrders" else "stitchex"
        code, out, err = stitchhouse("sync", source, "--dataset", "sales_orders")
    assert code in {65, 69, 77}
    assert leaks(shop.project.folder, out, err) == {}


@pytest.mark.parametrize("status", [200, 302, 401, 404, 429])
@pytest.mark.parametrize("shape", ["{}", '{{"message": {}}}', '{{"error": {}}}', '"said: {}"', "<html>{}"])
def test_errors_with_an_echo(status: int, shape: str) -> None:
    """However a source repeats a secret, with whatever status, the error does not hold it."""

    def answer(asked: Asked) -> Said:
        told = asked.headers["access_token"] + asked.body.decode().rpartition("notes")[2]
        text = shape.format(json.dumps(told) if "{{" in shape else told)
        return Said(text.encode(), status, {"Location": f"https://{TOKEN}.example.com"})

    with wire(answer) as server:
        http = Http(server.url, requests_per_second=0, backoff=0.001)
        http.hide(PASSWORD)
        with pytest.raises(StitchhouseError) as caught:
            Client(http, TOKEN).listing("SalesOrders", filter={"and": [{"notes": PASSWORD}]})
    assert found_in(str(caught.value).encode()) == []


@pytest.mark.parametrize(
    "form", ["https://me:{}@127.0.0.1", "ftp://me:{}@127.0.0.1", "me:{}@127.0.0.1", "https://me:{}@["]
)
def test_password_in_the_base_url(form: str) -> None:
    """A password that stands in the base URL by mistake is refused and not repeated."""
    with pytest.raises(ConfigurationError) as caught:
        Http(form.format(URL_WORD))
    assert found_in(str(caught.value).encode()) == []


def test_a_secret_with_a_double_blank() -> None:
    """A secret is hidden in words of others even where blanks are folded or the words are cut off."""
    http = Http("https://127.0.0.1")
    http.hide("two  blanks CANARY")
    http.hide(TOKEN)
    assert "CANARY" not in http.quote("said: two  blanks CANARY")
    assert http.quote("x" * 60 + TOKEN).endswith("***")


@pytest.mark.parametrize("shown", [4, 8, 12])
def test_a_secret_at_the_end_of_what_is_quoted(shown: int) -> None:
    """Of a secret that stands where a long answer is cut off, no part is shown."""
    said = b" " * (400 - shown) + TOKEN.encode() + b" " * 400
    with wire(Said(said, 403)) as server, pytest.raises(StitchhouseError) as caught:
        Client(Http(server.url, requests_per_second=0), TOKEN).listing("SalesOrders")
    assert TOKEN[:shown] not in str(caught.value)
