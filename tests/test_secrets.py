"""No secret is found anywhere but where it belongs, whatever the source does with it."""

from __future__ import annotations

import json
import urllib.parse
from base64 import b64encode
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
import pytest

from sources.stitchlabs.client import Client
from stitchhouse.errors import ConfigurationError, StitchhouseError
from stitchhouse.http import Http
from tests.conftest import OpenShop, Shop, stitchhouse
from tests.wire import Asked, Said, Wire, passed_on, wire

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "TOKN-labs-CANARY1"
PASSWORD = 'pass"wörd\\ CANARY2'
FIRST, SECOND = "bearer-CANARY3", "bearer-CANARY4"
REFRESH = "refresh-CANARY5"
URL_WORD = "url-CANARY6"
CANARIES = (TOKEN, PASSWORD, FIRST, SECOND, REFRESH, URL_WORD)


def forms(secret: str) -> list[bytes]:
    """A secret as it may stand in a file: as it is, in JSON, in a URL, in base 64."""
    texts = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], urllib.parse.quote(secret)}
    return [*(text.encode() for text in texts), b64encode(secret.encode()).rstrip(b"=")]


def found_in(data: bytes) -> list[str]:
    return [secret for secret in CANARIES if any(form in data for form in forms(secret))]


class Door:
    """Takes the canaries in place of the sandbox's own credentials, and can fail with everything it was told."""

    def __init__(self, sandbox: str) -> None:
        self.sandbox = sandbox
        self.real: dict[str, str] = {}
        self.failing = ""
        self.status = 500

    def answer(self, asked: Asked) -> Said:
        if self.failing and self.failing in asked.path:
            told = {"headers": asked.headers, "body": asked.body.decode()}
            given = (asked.headers.get(name, "") for name in ("access_token", "authorization"))
            words = " ".join([*given, asked.body.decode()])
            return Said({"message": words, "told": told, "error": words}, self.status)
        if asked.route.endswith("/oauth/token"):
            return self._login(asked)
        headers = dict(asked.headers)
        if headers.get("access_token") == TOKEN:
            headers["access_token"] = "sandbox"
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        headers["authorization"] = f"Bearer {self.real.get(bearer, '')}"
        return passed_on(Asked(asked.method, asked.path, headers, asked.body), self.sandbox)

    def _login(self, asked: Asked) -> Said:
        body = asked.json()
        assert body.get("password") == PASSWORD or body.get("refresh_token") == REFRESH
        grant = {"grant_type": "password", "email": "demo@example.com", "password": "sandbox"}
        said = passed_on(Asked(asked.method, asked.path, {}, json.dumps(grant).encode()), self.sandbox)
        given = json.loads(said.body)
        token = SECOND if self.real else FIRST
        self.real[token] = given["access_token"]
        return Said(given | {"access_token": token, "refresh_token": REFRESH})


@contextmanager
def behind_a_door(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Door, Wire]]:
    door = Door(f"http://127.0.0.1:{shop.box.port}")
    with wire(door.answer) as server:
        for name, value in {
            "SOURCES__STITCHLABS__BASE_URL": f"{server.url}/stitchlabs",
            "SOURCES__STITCHLABS__ACCESS_TOKEN": TOKEN,
            "SOURCES__STITCHEX__BASE_URL": f"{server.url}/stitchex",
            "SOURCES__STITCHEX__PASSWORD": PASSWORD,
            "RUNTIME__LOG_LEVEL": "DEBUG",
        }.items():
            monkeypatch.setenv(name, value)
        yield door, server


def leaks(project: Path, *texts: str) -> dict[str, list[str]]:
    """Secrets by the place where they were found: what was printed, and every file of the project."""
    places = {"printed": "\n".join(texts).encode()}
    places |= {str(file.relative_to(project)): file.read_bytes() for file in project.rglob("*") if file.is_file()}
    database = project / "warehouse" / "stitchhouse.duckdb"
    if database.exists():
        with duckdb.connect(str(database), read_only=True) as connection:
            tables = connection.execute(
                "select table_schema, table_name from information_schema.tables where starts_with(table_name, '_')"
            ).fetchall()
            for schema, table in tables:
                rows = connection.table(f"{schema}.{table}").fetchall()
                places[f"{schema}.{table}"] = repr(rows).encode() + json.dumps(rows, default=str).encode()
    return {place: found for place, data in places.items() if (found := found_in(data))}


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
