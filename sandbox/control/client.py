"""The control endpoints as Python methods."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from sandbox.store import Row


class Control:
    """Moves one running sandbox. Edits return what the endpoint answers: mostly ``{"ids": [...]}``."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}/_control"

    def _call(self, method: str, path: str, body: Row | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        asked = Request(f"{self._base}/{path}", data, {"content-type": "application/json"}, method=method)  # noqa: S310
        try:
            with urlopen(asked, timeout=60) as reply:  # noqa: S310 - always the loopback
                return json.load(reply)
        except HTTPError as error:
            message = f"{path}: {error.code} {error.read().decode(errors='replace')}"
            raise ValueError(message) from None

    def post(self, path: str, **body: object) -> Row:
        """Any endpoint by name."""
        reply: Row = self._call("POST", path, body)
        return reply

    def change(self, api: str, resource: str, **rest: object) -> list[int]:
        return list(self.post("change", api=api, resource=resource, **rest)["ids"])

    def add(self, api: str, resource: str, count: int = 1, **rest: object) -> list[int]:
        return list(self.post("add", api=api, resource=resource, count=count, **rest)["ids"])

    def delete(self, api: str, resource: str, **rest: object) -> list[int]:
        return list(self.post("delete", api=api, resource=resource, **rest)["ids"])

    def archive(self, api: str, resource: str, **rest: object) -> list[int]:
        return list(self.post("archive", api=api, resource=resource, **rest)["ids"])

    def lines(self, api: str, order: int, **rest: object) -> Row:
        return self.post("lines", api=api, order=order, **rest)

    def clock(self, **rest: object) -> Row:
        """Without arguments: the reading only."""
        reading: Row = self.post("clock", **rest) if rest else self._call("GET", "clock")
        return reading

    def script(self, *steps: Row, every: Row | None = None) -> Row:
        return self.post("script", steps=list(steps), **({"every": every} if every else {}))

    def fault(self, status: int | str, before: int = 1, times: int = 1, **rest: object) -> Row:
        return self.post("fault", status=status, before=before, times=times, **rest)

    def clear_faults(self) -> Row:
        return self.post("fault", clear=True)

    def switch(self, **switches: object) -> Row:
        return self.post("switch", **switches)

    def latency(self, seconds: float) -> Row:
        return self.post("latency", seconds=seconds)

    def requests(self) -> list[Row]:
        return list(self._call("GET", "requests"))

    def clear_requests(self) -> list[Row]:
        return list(self._call("DELETE", "requests"))

    def ids(self, api: str, resource: str) -> list[int]:
        return list(self._call("GET", f"truth/{api}/{resource}")["ids"])

    def truth(self, api: str, resource: str, key: int) -> Row:
        row: Row = self._call("GET", f"truth/{api}/{resource}/{key}")
        return row

    def summary(self, api: str) -> Row:
        counts: Row = self._call("GET", f"truth/{api}/summary")
        return counts
