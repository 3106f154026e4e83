"""The one way to the network: a requests session that is https only, follows no redirect and gives up in time.

One request is in flight at a time. Connection faults, 429, 500, 502, 503, 504 and broken bodies are tried again up to
five times, waiting as long as `Retry-After` says or a random, growing time. No error text holds a secret or a query.
"""

from __future__ import annotations

import base64
import json
import random
import time
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote, quote_plus, urlsplit

import msgspec
import pendulum
import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from stitchhouse import __version__
from stitchhouse.address import checked_url, is_loopback
from stitchhouse.answer import JSON, Answer, date_of, message_of, retry_after
from stitchhouse.body import AgainError, body_of
from stitchhouse.errors import (
    ContractError,
    CredentialsError,
    RefusedError,
    StitchhouseError,
    TryLaterError,
    UnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

TRIES = 5
CONNECT, READ = 10, 30
"""Seconds: to connect, and between two bytes."""
LONGEST_WAIT = 300
SHORTEST_SECRET = 4
"""Shorter ones would hide parts of ordinary words."""
TRY_AGAIN = frozenset({429, 500, 502, 503, 504})
USER_AGENT = f"stitchhouse/{__version__}"
LOGIN = "/oauth/token"
"""Never sent again only to see whether the source is there: repeated logins can lock an account."""


class UnauthorizedError(CredentialsError):
    """A 401: a client that can log in again does so once."""


class Http:
    """Sends requests to one base URL. `requests_per_second` 0 sets no limit; `backoff` is the first wait in seconds."""

    def __init__(self, base_url: str, *, requests_per_second: float = 2, backoff: float = 0.5) -> None:
        self.base_url = checked_url(base_url)
        self.host = urlsplit(self.base_url).netloc.rpartition("@")[2]
        self.sent = 0
        self._hidden: list[str] = []
        self._gap = 1 / requests_per_second if requests_per_second > 0 else 0.0
        self._not_before = 0.0
        self._backoff = backoff
        self._last_good: Callable[[], Answer] | None = None
        self._over: StitchhouseError | None = None
        """Why nothing more is to be sent: nobody was ever there, or we were told when to come back."""
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.update({"User-Agent": USER_AGENT, "Cache-Control": "no-cache"})
        if not is_loopback(urlsplit(self.base_url).hostname or ""):
            self._session.proxies = dict(requests.utils.get_environ_proxies(self.base_url))

    def send(
        self,
        method: str,
        path: str,
        *,
        where: str,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One answer, after as many tries as it takes. `where` names dataset and page in error messages.

        Raises `UnauthorizedError`, `CredentialsError`, `RefusedError`, `ContractError`, `UnavailableError` or
        `TryLaterError`.
        """
        if self._over is not None:
            raise self._over

        def once() -> Answer:
            return self._once(method, path, where, body, params, headers)

        retrying = Retrying(
            stop=stop_after_attempt(TRIES),
            wait=self._wait,
            retry=retry_if_exception_type(AgainError),
            reraise=True,
        )
        try:
            answer: Answer = retrying(once)
        except AgainError as error:
            self._give_up(error, where)
        if path != LOGIN:
            self._last_good = once
        return answer

    def hide(self, secret: str) -> None:
        """From now on `quote` hides this secret, in every form in which somebody may send it back."""
        forms = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
        forms |= {quote(secret, safe=""), quote_plus(secret), base64.b64encode(secret.encode()).decode()}
        known = {form for form in {*self._hidden, *forms} if len(form) >= SHORTEST_SECRET}
        self._hidden = sorted(known, key=len, reverse=True)

    def quote(self, words: object) -> str:
        """Somebody else's words for an error message: one line, at most 80 characters, without our secrets."""
        text = str(words)
        for secret in self._hidden:
            text = text.replace(secret, "***")
        text = " ".join(text.split())
        return text if len(text) <= 80 else text[:77] + "..."  # noqa: PLR2004 - a line of a terminal

    def _give_up(self, error: AgainError, where: str) -> NoReturn:
        """One page that keeps failing is the source's fault; a source that answers nothing is away."""
        if isinstance(error.final, UnavailableError) and self._last_good is not None:
            try:
                self._last_good()
            except (AgainError, StitchhouseError):
                pass
            else:
                message = f"{where} keeps failing while other requests are answered ({error.final}); the cursor stays"
                raise ContractError(message) from None
        if error.nobody and self._last_good is None:
            self._over = error.final
        raise error.final from None

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait if isinstance(error, AgainError) else None
        backoff = self._backoff * 2 ** (state.attempt_number - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - a jitter
        return asked + random.uniform(0, 0.1) if asked is not None else backoff  # noqa: S311 - a jitter

    def _once(
        self,
        method: str,
        path: str,
        where: str,
        body: Any,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
    ) -> Answer:
        self._pace()
        self.sent += 1
        try:
            with self._session.request(
                method,
                self.base_url + path,
                data=None if body is None else msgspec.json.encode(body),
                params=params,
                headers={"Content-Type": "application/json", **(headers or {})},
                timeout=(CONNECT, READ),
                allow_redirects=False,
                stream=True,
            ) as response:
                raw = body_of(response, where)
        except requests.exceptions.SSLError:
            message = f"{where}: the certificate of {self.host} cannot be trusted (or this machine's clock is wrong)"
            raise UnavailableError(message) from None
        except requests.RequestException as error:
            kind = type(error).__name__
            raise AgainError(UnavailableError(f"{where}: cannot reach {self.host} ({kind})"), nobody=True) from None
        return self._judge(response, raw, where)

    def _pace(self) -> None:
        now = time.monotonic()
        if now < self._not_before:
            time.sleep(self._not_before - now)
            now = self._not_before
        self._not_before = now + self._gap

    def _judge(self, response: requests.Response, raw: bytes, where: str) -> Answer:
        status = response.status_code
        date = date_of(response.headers) or pendulum.now("UTC")
        if status in TRY_AGAIN:
            self._try_again(response, date, where)
        if 300 <= status < 400:  # noqa: PLR2004 - HTTP's own classes
            target = urlsplit(response.headers.get("Location", "")).netloc or "another path"
            raise ContractError(f"{where}: redirect to {self.quote(target)} refused; check the base URL setting")
        if not 200 <= status < 300:  # noqa: PLR2004
            self._refuse(status, raw, where)
        try:
            data = JSON.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            what = self.quote(raw.decode(errors="replace")) or "nothing"
            if raw.lstrip()[:1] == b"<":
                raise AgainError(UnavailableError(f"{where}: got HTML, not JSON (maintenance?): {what}")) from None
            raise AgainError(ContractError(f"{where}: the answer is not JSON: {what}")) from None
        return Answer(status=status, data=data, date=date)

    def _try_again(self, response: requests.Response, date: datetime | None, where: str) -> NoReturn:
        wait = retry_after(response.headers.get("Retry-After"), date)
        if wait is not None and wait > LONGEST_WAIT:
            until = (pendulum.instance(date) if date else pendulum.now("UTC")).add(seconds=int(wait))
            self._over = TryLaterError(
                f"{where}: rate limited until {until:%Y-%m-%d %H:%M} UTC; nothing lost, run again then"
            )
            raise self._over
        error: StitchhouseError = UnavailableError(f"{where}: HTTP {response.status_code} from {self.host}")
        if response.status_code == 429:  # noqa: PLR2004
            error = TryLaterError(f"{where}: too many requests for {self.host}; lower requests_per_second")
        raise AgainError(error, wait)

    def _refuse(self, status: int, raw: bytes, where: str) -> NoReturn:
        said = self.quote(message_of(raw))
        if status == 401:  # noqa: PLR2004
            raise UnauthorizedError(f"{where}: {self.host} does not accept the credentials ({said})")
        if status == 403:  # noqa: PLR2004
            raise CredentialsError(f"{where}: {self.host} denies access ({said}); ask for the right to read it")
        raise RefusedError(f"{where}: HTTP {status} from {self.host} ({said})", status)
