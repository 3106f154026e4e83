"""A door in front of the sandbox that takes secrets of its own and can tell them back; and where they then are."""

from __future__ import annotations

import json
import urllib.parse
from base64 import b64encode
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.traces import traces
from tests.wire import Asked, Said, Wire, passed_on, wire

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from tests.conftest import Shop

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
        self.telling = False
        """Whether rows hold what was told, in a text, in a field that nobody declared and in a flag."""

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
        said = passed_on(Asked(asked.method, asked.path, headers, asked.body), self.sandbox)
        words = " ".join([TOKEN, PASSWORD, *([*self.real, REFRESH] if self.real else [])])
        return Said(_told(json.loads(said.body), words), said.status, said.headers) if self.telling else said

    def _login(self, asked: Asked) -> Said:
        body = asked.json()
        assert body.get("password") == PASSWORD or body.get("refresh_token") == REFRESH
        grant = {"grant_type": "password", "email": "demo@example.com", "password": "sandbox"}
        said = passed_on(Asked(asked.method, asked.path, {}, json.dumps(grant).encode()), self.sandbox)
        given = json.loads(said.body)
        token = SECOND if self.real else FIRST
        self.real[token] = given["access_token"]
        return Said(given | {"access_token": token, "refresh_token": REFRESH})


def _told(part: Any, words: str) -> Any:
    """The same with `words` wherever somebody could put them."""
    if isinstance(part, list):
        return [_told(one, words) for one in part]
    if not isinstance(part, dict):
        return part
    told = {name: _told(one, words) for name, one in part.items()}
    return told | ({"notes": words, "echo": {"of": words}, "return_label": words} if "notes" in part else {})


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


def leaks(project: Path, *texts: str) -> dict[str, set[str]]:
    """Secrets by the place where they were found: what was printed, every file of the project, every table."""
    words = {form.decode() for secret in CANARIES for form in forms(secret)}
    printed = {secret for text in texts for secret in found_in(text.encode())}
    return traces(project, words) | ({"printed": printed} if printed else {})
