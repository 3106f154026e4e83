"""Tokens and the current organisation."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from sandbox.credentials import EMAIL, PASSWORD
from sandbox.exchange import Answer, Asked, refusal
from sandbox.stitchex.eras import TOKEN_LIFE

if TYPE_CHECKING:
    from sandbox.clock import Clock
    from sandbox.options import Switches


@dataclass(slots=True)
class Token:
    """One issued token; it ends at ``until``."""

    text: str
    refresh: str | None
    until: float
    organisation: int | None = None


class Login:
    """All issued tokens and who chose which organisation."""

    def __init__(self, clock: Clock, switches: Switches, organisations: list[int]) -> None:
        self.clock = clock
        self.switches = switches
        self.organisations = organisations
        self.tokens: dict[str, Token] = {}
        self.of_user: int | None = None
        self._issued = 0

    def token(self, asked: Asked) -> Answer:
        """The token path: grants ``password`` and ``refresh_token``."""
        if asked.method != "POST":
            return Answer(405, {"error": "method_not_allowed"})
        try:
            body = orjson.loads(asked.body)
        except orjson.JSONDecodeError:
            body = None
        if not isinstance(body, dict):
            return Answer(400, {"error": "invalid_request"})
        era = self.switches.word("era")
        refresh = self.switches.word("refresh")
        refreshes = refresh == "on" or (refresh == "era" and era == "2026")
        grant = body.get("grant_type")
        if grant == "password":
            if (body.get("email"), body.get("password")) != (EMAIL, PASSWORD):
                return Answer(401, {"error": "invalid_grant", "error_description": "email or password is wrong"})
        elif grant == "refresh_token" and refreshes:
            old = next((t for t in self.tokens.values() if t.refresh and t.refresh == body.get("refresh_token")), None)
            if old is None:
                return Answer(401, {"error": "invalid_grant", "error_description": "refresh token is not known"})
            old.refresh = None
        else:
            return Answer(400, {"error": "unsupported_grant_type"})
        life = self.switches.number("token_life") or TOKEN_LIFE[era]
        wanted = body.get("expires_in")
        if wanted is not None and era == "2026":
            if not isinstance(wanted, int) or isinstance(wanted, bool) or wanted < 1:
                return Answer(400, {"error": "invalid_request", "error_description": "expires_in is no whole number"})
            life = wanted
        return Answer(200, self._issue(life, refreshes=refreshes))

    def _issue(self, life: int, *, refreshes: bool) -> dict[str, object]:
        self._issued += 1
        text = hashlib.sha256(f"token {self._issued}".encode()).hexdigest()
        now = self.clock.now()
        reply: dict[str, object] = {
            "access_token": text,
            "token_type": "Bearer",
            "expires_in": life,
            "created_at": int(now),
        }
        token = Token(text, None, now + life)
        if refreshes:
            token.refresh = hashlib.sha256(f"refresh {self._issued}".encode()).hexdigest()
            reply["refresh_token"] = token.refresh
        self.tokens[text] = token
        return reply

    def known(self, asked: Asked) -> Token | None:
        """The token of a request while it lives."""
        kind, _, text = asked.headers.get("authorization", "").partition(" ")
        token = self.tokens.get(text.strip()) if kind.lower() == "bearer" else None
        return token if token and token.until > self.clock.now() else None

    def choose(self, token: Token, asked: Asked) -> Answer:
        """Set the current organisation."""
        try:
            body = orjson.loads(asked.body)
        except orjson.JSONDecodeError:
            body = None
        wanted = body.get("organizationId") if isinstance(body, dict) else None
        if isinstance(wanted, str) and wanted.isdecimal():
            wanted = int(wanted)
        if wanted is None:
            return refusal(400, "organizationId is missing")
        if wanted not in self.organisations:
            return refusal(404, "organisation not found")
        self._set(token, int(wanted))
        return Answer(201, {"Status": "Updated"})

    def _set(self, token: Token, organisation: int) -> None:
        token.organisation = organisation
        self.of_user = organisation

    def current(self, token: Token) -> int | None:
        return token.organisation if self.switches.word("org_scope") == "token" else self.of_user

    def expire(self) -> None:
        """End every token at once; refresh tokens stay good."""
        for token in self.tokens.values():
            token.until = 0

    def switch_organisation(self) -> None:
        """Move every login to the organisation after its own, as another job of the same user would."""
        for token in self.tokens.values():
            if token.organisation in self.organisations:
                at = self.organisations.index(token.organisation)
                self._set(token, self.organisations[(at + 1) % len(self.organisations)])
