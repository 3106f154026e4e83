"""A server of a few lines for what the sandbox cannot do: answers made byte by byte, and a door in front of another."""

from __future__ import annotations

import http.client
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from stitchhouse.http import Http

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stitchhouse.answer import Answer


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    """By name in small letters."""
    body: bytes

    @property
    def route(self) -> str:
        return urlsplit(self.path).path

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Said:
    """`body` other than bytes becomes JSON. `cut` leaves out the last bytes; `drip` waits so long before each byte."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0
    drip: float = 0.0


FINE = Said({"fine": True})


class Wire:
    """Where the server is, what it was asked, and the most requests that it had in hand at one time."""

    def __init__(self, answer: Callable[[Asked], Said]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.most = 0
        self.closing = threading.Event()
        self._in_hand = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def in_hand(self, asked: Asked) -> Iterator[None]:
        with self._lock:
            self.asked.append(asked)
            self._in_hand += 1
            self.most = max(self.most, self._in_hand)
        try:
            yield
        finally:
            with self._lock:
                self._in_hand -= 1

    def serve(self) -> None:
        self._server.serve_forever(poll_interval=0.02)

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def wire(answer: Callable[[Asked], Said] | list[Said] | Said) -> Iterator[Wire]:
    """A server that answers by a function, or by a list whose last entry is repeated for ever."""
    if callable(answer):
        made = Wire(answer)
    else:
        script = answer if isinstance(answer, list) else [answer]
        made = Wire(lambda _: script[min(len(made.asked), len(script)) - 1])
    thread = threading.Thread(target=made.serve, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.close()
        thread.join()


def client(url: str, rate: float = 0) -> Http:
    """The product's way to the network, without its long waits."""
    return Http(url, requests_per_second=rate, backoff=0.001)


def ask(server: Wire) -> Answer:
    """What a client of the product makes of the server's answer."""
    return client(server.url).send("GET", "/things", where="things, page 1")


def passed_on(asked: Asked, to: str) -> Said:
    """The answer that the server at `to` gives."""
    target = urlsplit(to)
    connection = http.client.HTTPConnection(target.netloc)
    kept = {
        name: value for name, value in asked.headers.items() if name not in {"host", "content-length", "connection"}
    }
    connection.request(asked.method, target.path + asked.path, asked.body or None, kept)
    answer = connection.getresponse()
    body = answer.read()
    headers = {name: value for name, value in answer.getheaders() if name.lower() in {"date", "content-type"}}
    connection.close()
    return Said(body, answer.status, headers)


def _handler(owner: Wire) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, self.rfile.read(length))
            with owner.in_hand(asked):
                self._say(owner.answer(asked))

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_CONNECT = _answer  # noqa: N815 - the names that http.server calls

        def _say(self, said: Said) -> None:
            body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
            self.send_response_only(said.status)
            usual = {"Content-Length": str(len(body)), "Date": formatdate(usegmt=True)}
            for name, value in {**usual, **{name.title(): value for name, value in said.headers.items()}}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self._send(body[: len(body) - said.cut], said.drip)
            except OSError:
                self.close_connection = True
            self.close_connection = self.close_connection or bool(said.cut)

        def _send(self, body: bytes, drip: float) -> None:
            if not drip:
                self.wfile.write(body)
                return
            for byte in body:
                if owner.closing.wait(drip):
                    return
                self.wfile.write(bytes([byte]))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
