"""Answers that go wrong on purpose."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson
from starlette.responses import Response

from sandbox.clock import Clock
from sandbox.exchange import Answer

if TYPE_CHECKING:
    from starlette.requests import Request

HTML = b"<html><body><h1>Down for maintenance</h1></body></html>"
KINDS = (
    "drop",
    "html",
    "truncated",
    "redirect",
    "empty",
    "error",
    "expire",
    "organisation",
    "duplicate",
    "disorder",
    "delay",
)


@dataclass(slots=True, kw_only=True)
class Fault:
    """Waits for ``before`` counted requests to come near, then spoils ``times`` of them."""

    kind: str | int
    first: int
    times: int = 1
    api: str | None = None
    on: str = "data"
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    location: str = "http://127.0.0.1:9/elsewhere"
    seconds: float = 0


async def spoil(fault: Fault, answer: Answer, request: Request, clock: Clock) -> Response:
    """The reply that the client gets in place of the right one."""
    whole = b"" if answer.content is None else orjson.dumps(answer.content)
    headers = {"date": clock.date(), "content-type": "application/json; charset=utf-8", **fault.headers}
    kind = fault.kind
    if isinstance(kind, int):
        body = fault.body.encode() if fault.body is not None else orjson.dumps({"message": f"status {kind} on purpose"})
        return Response(body, kind, headers)
    if kind == "drop":
        request.scope["state"]["transport"].abort()
        await request.receive()
        return Response(b"", 500)
    if kind == "html":
        return Response(HTML, 200, headers | {"content-type": "text/html"})
    if kind == "truncated":
        return Response(whole[: len(whole) // 2], answer.status, headers)
    if kind == "redirect":
        return Response(b"", 302, headers | {"location": fault.location})
    if kind == "empty":
        return Response(b"", 200, headers)
    if kind == "error":
        return Response(orjson.dumps({"error": fault.body or "maintenance"}), 200, headers)
    if kind in ("duplicate", "disorder") and isinstance(answer.content, dict):
        for name, rows in answer.content.items():
            if isinstance(rows, list):
                answer.content[name] = [*rows, *rows[:1]] if kind == "duplicate" else rows[::-1]
        whole = orjson.dumps(answer.content)
    return Response(whole, answer.status, headers)
