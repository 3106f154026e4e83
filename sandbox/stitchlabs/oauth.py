"""The OAuth 2 code flow (reference, section 3.3): a user who always approves, and codes that work once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from sandbox.credentials import CLIENT_ID, CLIENT_SECRET
from sandbox.exchange import Answer, Asked, refusal

if TYPE_CHECKING:
    from sandbox.clock import Clock

CODE_LIFE = 600
TOKEN_LIFE = 604800
CLIENT, REQUEST, CODE, EXPIRED = "invalid_client", "invalid_request", "invalid authorization code", "expired_code"


class CodeFlow:
    """Hands out the token of one account."""

    def __init__(self, clock: Clock, token: str) -> None:
        self.clock = clock
        self.token = token
        # Code -> (redirect_uri, second of its making); one that was used is gone.
        self._codes: dict[str, tuple[str, float]] = {}
        self._made = 0

    def answer(self, asked: Asked) -> Answer | None:
        """The reply to a request of the flow, None to any other."""
        steps = {"/authorize": ("GET", self._authorize), "/oauth/token": ("POST", self._exchange)}
        if asked.path not in steps:
            return None
        method, step = steps[asked.path]
        return step(asked) if asked.method == method else refusal(405, f"{method} only")

    def _authorize(self, asked: Asked) -> Answer:
        query = asked.query
        if query.get("client_id") != CLIENT_ID:
            return _error(401, CLIENT)
        back = query.get("redirect_uri")
        if query.get("response_type") != "code" or not back:
            return _error(403, REQUEST)
        self._made += 1
        code = f"code-{self._made}"
        self._codes[code] = (back, self.clock.now())
        told = {"code": code} | {name: query[name] for name in ("state",) if name in query}
        return Answer(302, headers={"location": f"{back}{'&' if '?' in back else '?'}{urlencode(told)}"})

    def _exchange(self, asked: Asked) -> Answer:
        given = dict(parse_qsl(asked.body.decode(errors="replace")))
        if (given.get("client_id"), given.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _error(401, CLIENT)
        if given.get("grant_type") != "authorization_code" or not {"code", "redirect_uri"} <= given.keys():
            return _error(403, REQUEST)
        back, made = self._codes.pop(given["code"], (None, 0.0))
        if back is None:
            return _error(403, CODE)
        if back != given["redirect_uri"]:
            return _error(403, REQUEST)
        if self.clock.now() - made > CODE_LIFE:
            return _error(403, EXPIRED)
        return Answer(200, {"access_token": self.token, "token_type": "bearer", "expires_in": TOKEN_LIFE})


def _error(status: int, word: str) -> Answer:
    return Answer(status, {"error": word})
