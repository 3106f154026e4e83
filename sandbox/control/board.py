"""The control endpoints, the script, and the record of requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson

from sandbox.control.edits import BadEdit
from sandbox.control.faults import KINDS, Fault
from sandbox.control.lines import LineEdits
from sandbox.errors import BadOption
from sandbox.exchange import Answer, Asked, Face, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.clock import Clock
    from sandbox.options import Options, Switches
    from sandbox.store import Row

SECRET = ("password", "access_token", "refresh_token", "client_secret")


class Board:
    """Everything that control can reach. It counts data requests; logins count apart."""

    def __init__(self, clock: Clock, switches: Switches, faces: dict[str, Face], options: Options) -> None:
        self.clock = clock
        self.switches = switches
        self.faces = faces
        self.latency = options.latency
        self.recording = options.control
        self.requests: list[Row] = []
        self.steps: list[tuple[int, Row]] = []
        self.every: tuple[int, int, list[Row]] | None = None
        self.faults: list[Fault] = []
        self.counts = {"data": 0, "login": 0, "all": 0}
        self._total = 0
        self._edits = {api: LineEdits(face, clock, options.seed) for api, face in faces.items()}
        self._actions: dict[str, Callable[[Row], Row]] = {
            "clock": self._clock,
            "script": self._script,
            "fault": self._fault,
            "switch": self._switch,
            "latency": self._latency,
            **{name: self._edit(name) for name in ("change", "add", "delete", "archive", "lines")},
        }

    def before(self, api: str, *, login: bool) -> Fault | None:
        """Count a request that is about to be answered, run what is due, and return the fault that hits it."""
        for name in ("login" if login else "data", "all"):
            self.counts[name] += 1
        now = self.counts["data"]
        if not login:
            due = [step for n, step in self.steps if n <= now]
            self.steps = [(n, step) for n, step in self.steps if n > now]
            if self.every and (now - self.every[1]) % self.every[0] == 0:
                due += self.every[2]
            for step in due:
                self._actions[step["do"]](step)
        fault = next((f for f in self.faults if self._hits(f, api, login=login)), None)
        if fault is None:
            return None
        fault.times -= 1
        if not fault.times:
            self.faults.remove(fault)
        if fault.kind == "expire":
            self.faces[api].expire()
        elif fault.kind == "organisation":
            self.faces[api].switch_organisation()
        return fault

    def _hits(self, fault: Fault, api: str, *, login: bool) -> bool:
        if fault.api not in (None, api) or (fault.on != "all" and login != (fault.on == "login")):
            return False
        return self.counts[fault.on] >= fault.first

    def note(self, api: str, asked: Asked, status: int | str, rows: int) -> None:
        """Record an answered request; only while control is open."""
        self._total += 1
        if not self.recording:
            return
        body = _body(asked)
        if isinstance(body, dict):
            body = {name: "***" if name in SECRET else value for name, value in body.items()}
        self.requests.append(
            {
                "n": self._total,
                "api": api,
                "method": asked.method,
                "path": asked.path,
                "query": dict(asked.query),
                "action": body.get("action") if isinstance(body, dict) else None,
                "body": body,
                "status": status,
                "rows": rows,
            }
        )

    def control(self, asked: Asked) -> Answer:
        parts = asked.path.strip("/").split("/")
        try:
            if parts[0] == "truth" and asked.method == "GET":
                return self._truth(parts[1:])
            if asked.path == "/requests":
                kept = self.requests
                if asked.method == "DELETE":
                    self.requests = []
                return Answer(200, kept)
            if asked.path == "/clock" and asked.method == "GET":
                return Answer(200, self.clock.reading())
            action = self._actions.get("/".join(parts))
            if action is None or asked.method != "POST":
                return refusal(404, "no such control endpoint")
            given = orjson.loads(asked.body or b"{}")
            if not isinstance(given, dict):
                return refusal(400, "the body must be a JSON object")
            return Answer(200, action(given))
        except (BadEdit, BadOption, orjson.JSONDecodeError, ValueError, TypeError, KeyError) as error:
            return refusal(400, f"{type(error).__name__}: {error}")

    def _face(self, given: Row) -> str:
        api = given.get("api")
        if api not in self.faces:
            message = f"api must be one of {', '.join(self.faces)}"
            raise BadEdit(message)
        return str(api)

    def _edit(self, name: str) -> Callable[[Row], Row]:
        def run(given: Row) -> Row:
            done: Row = getattr(self._edits[self._face(given)], name)(given)
            return done

        return run

    def _truth(self, parts: list[str]) -> Answer:
        if len(parts) not in (2, 3) or parts[0] not in self.faces:
            return refusal(404, "ask for truth/{api}/{resource}, truth/{api}/{resource}/{id} or truth/{api}/summary")
        api, resource = parts[:2]
        if resource == "summary":
            return Answer(200, self.faces[api].summary())
        table = self._edits[api].table(resource)
        if len(parts) == 2:
            return Answer(200, {"ids": list(table.live), "count": len(table.live)})
        row = self.faces[api].truth(resource, int(parts[2]))
        return refusal(404, f"{resource}: no row {parts[2]}") if row is None else Answer(200, row)

    def _clock(self, given: Row) -> Row:
        if "now" in given:
            self.clock.set(given["now"])
        if "advance" in given:
            self.clock.advance(float(given["advance"]))
        if "freeze" in given:
            self.clock.freeze(frozen=bool(given["freeze"]))
        return self.clock.reading()

    def _script(self, given: Row) -> Row:
        """Replace the script; steps count data requests from now on, the next one being 1."""
        every = given.get("every")
        for step in [*given.get("steps", []), *(every["do"] if every else [])]:
            if step.get("do") not in self._actions:
                message = f"a step must do one of {', '.join(self._actions)}"
                raise BadEdit(message)
        start = self.counts["data"]
        self.steps = [(start + int(step["before"]), step) for step in given.get("steps", [])]
        self.every = (max(1, int(every["n"])), start, list(every["do"])) if every else None
        return {"steps": len(self.steps), "every": self.every is not None}

    def _fault(self, given: Row) -> Row:
        """Add a fault; ``{"clear": true}`` takes all away."""
        if given.get("clear"):
            self.faults = []
            return {"faults": 0}
        kind: Any = given.get("status")
        if not (isinstance(kind, int) and 200 <= kind < 600) and kind not in KINDS:
            message = f"status must be an HTTP status or one of {', '.join(KINDS)}"
            raise BadEdit(message)
        on = given.get("on", "data")
        if on not in self.counts:
            message = f"on must be one of {', '.join(self.counts)}"
            raise BadEdit(message)
        known = {name: given[name] for name in ("times", "api", "headers", "body", "location") if name in given}
        self.faults.append(Fault(kind=kind, first=self.counts[on] + int(given.get("before", 1)), on=on, **known))
        return {"faults": len(self.faults)}

    def _switch(self, given: Row) -> Row:
        self.switches.throw({name: value for name, value in given.items() if name not in ("do", "before")})
        return dict(self.switches.values)

    def _latency(self, given: Row) -> Row:
        self.latency = float(given["seconds"])
        return {"seconds": self.latency}


def _body(asked: Asked) -> Any:
    """The body of a request as what it is: JSON, a form, or text."""
    try:
        return orjson.loads(asked.body) if asked.body else None
    except orjson.JSONDecodeError:
        text = asked.body.decode(errors="replace")
        form = asked.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        return dict(parse_qsl(text)) if form else text
