"""Answers that go wrong on purpose."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.clock import Clock
    from sandbox.exchange import Answer

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


async def spoil(fault: Fault, answer: Answer, request: Request, clock: Clock) -> Response:
    """The reply that the client gets in place of the right one."""
    kind = fault.kind
    if kind == "drop":
        request.scope["state"]["transport"].abort()
        await request.receive()
    if kind in {"duplicate", "disorder"} and isinstance(answer.content, dict):
        for name, rows in answer.content.items():
            if isinstance(rows, list):
                answer.content[name] = [*rows, *rows[:1]] if kind == "duplicate" else rows[::-1]
    right = b"" if answer.content is None else orjson.dumps(answer.content)
    status, body, extra = _wrong(fault, answer.status, right)
    headers = {"date": clock.date(), "content-type": "application/json; charset=utf-8", **extra, **fault.headers}
    return Response(body, status, headers)


def _wrong(fault: Fault, status: int, right: bytes) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and further headers."""
    if isinstance(fault.kind, int):
        given = fault.body if fault.body is not None else f'{{"message": "status {fault.kind} on purpose"}}'
        return fault.kind, given.encode(), {}
    wrong: dict[str, tuple[int, bytes, dict[str, str]]] = {
        "html": (200, HTML, {"content-type": "text/html"}),
        "truncated": (status, right[: len(right) // 2], {}),
        "redirect": (302, b"", {"location": fault.location}),
        "empty": (200, b"", {}),
        "error": (200, orjson.dumps({"error": fault.body or "maintenance"}), {}),
    }
    return wrong.get(fault.kind, (status, right, {}))
