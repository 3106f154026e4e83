"""The one way to the network: a requests session that is https only, follows no redirect and gives up in time.

One request is in flight at a time. Connection faults, 429, 500, 502, 503, 504 and broken bodies are tried again up to
five times, waiting as long as `Retry-After` says or a random, growing time. No error text holds a secret or a query.
"""

from __future__ import annotations

import random
import re
import time
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

import msgspec
import pendulum
import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from stitchhouse import __version__
from stitchhouse.address import checked_url, is_loopback
from stitchhouse.answer import ECHO, NO_END, UNDATED, Answer, date_of, message_of, parsed, retry_after
from stitchhouse.body import PACKINGS, body_of
from stitchhouse.errors import (
    ContractError,
    StitchhouseError,
    TryLaterError,
    UnavailableError,
)
from stitchhouse.faults import TELL, AgainError, refusal, unreached, unsafe
from stitchhouse.redact import SECRETS, SHORTEST_QUOTED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

TRIES = 5
CONNECT, READ = 10, 30
"""Seconds: to connect, and between two bytes."""
LONGEST_WAIT = 300
TRY_AGAIN = frozenset({429, 500, 502, 503, 504})
USER_AGENT = f"stitchhouse/{__version__}"
LOGIN = "/oauth/token"
"""Never sent again only to see whether the source is there: repeated logins can lock an account."""


class Http:
    """Sends requests to one base URL. `requests_per_second` 0 sets no limit; `backoff` is the first wait in seconds."""

    def __init__(self, base_url: str, *, requests_per_second: float = 2, backoff: float = 0.5) -> None:
        self.base_url = checked_url(base_url)
        self.host = urlsplit(self.base_url).netloc.rpartition("@")[2]
        self.sent = 0
        self._gap = 1 / requests_per_second if requests_per_second > 0 else 0.0
        self._not_before = 0.0
        self._looked_at: set[str] = set()
        """Paths, without their numbers, of which an answer was read closely."""
        self._backoff = backoff
        self._last_good: Callable[[], Answer] | None = None
        self._over: StitchhouseError | None = None
        """Why nothing more is to be sent: nobody was ever there, or we were told when to come back."""
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.update(
            {"User-Agent": USER_AGENT, "Cache-Control": "no-cache", "Accept-Encoding": PACKINGS[0]}
        )
        if not is_loopback(urlsplit(self.base_url).hostname or ""):
            self._session.proxies = dict(requests.utils.get_environ_proxies(self.base_url))
        self._whom = self.host + (" through the proxy set in HTTPS_PROXY" if self._session.proxies else "")

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

        Raises `UnauthorizedError`, `DeniedError`, `RefusedError`, `ContractError`, `UnavailableError` or
        `TryLaterError`.
        """
        if self._over is not None:
            raise self._over
        url = self._url(path, where)

        def once() -> Answer:
            return self._once(method, url, where, body, params, headers)

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
        """From now on this secret is hidden wherever something is told, in every form in which it may be sent back."""
        SECRETS.add(secret)

    def quote(self, words: object) -> str:
        """Somebody else's words for an error message: one line, at most 80 characters, without our secrets."""
        text = " ".join(SECRETS.hide(str(words), SHORTEST_QUOTED).split())
        return text if len(text) <= 80 else text[:77] + "..."  # noqa: PLR2004 - a line of a terminal

    def _url(self, path: str, where: str) -> str:
        """Whatever the path holds, the request goes to the configured host or nowhere."""
        url = self.base_url + path
        if not path.startswith("/") or urlsplit(url).netloc != urlsplit(self.base_url).netloc:
            raise ContractError(f"{where}: a request to another host than {self.host} was refused; the cursor stays")
        return url

    def _give_up(self, error: AgainError, where: str) -> NoReturn:
        """One page that keeps failing is the source's fault; a source that answers nothing is away."""
        if error.kind is UnavailableError and self._last_good is not None:
            try:
                self._last_good()
            except (AgainError, StitchhouseError):
                pass
            else:
                what = f"{where} keeps failing while other requests are answered ({error.what})"
                raise ContractError(f"{what}; {TELL}") from None
        if error.nobody and self._last_good is None:
            self._over = error.final(where)
        raise error.final(where) from None

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait if isinstance(error, AgainError) else None
        backoff = self._backoff * 2 ** (state.attempt_number - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - a jitter
        return asked + random.uniform(0, 0.1) if asked is not None else backoff  # noqa: S311 - a jitter

    def _once(
        self,
        method: str,
        url: str,
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
                url,
                data=None if body is None else msgspec.json.encode(body),
                params=params,
                headers={"Content-Type": "application/json", **(headers or {})},
                timeout=(CONNECT, READ),
                allow_redirects=False,
                stream=True,
            ) as response:
                raw, whole = body_of(response, where)
        except requests.exceptions.SSLError as error:
            self._over = UnavailableError(f"{where}: {unsafe(error, self._whom)}")
            raise self._over from None
        except requests.RequestException as error:
            raise unreached(error, self._whom) from None
        return self._judge(response, raw, where, whole=whole)

    def _pace(self) -> None:
        now = time.monotonic()
        if now < self._not_before:
            time.sleep(self._not_before - now)
            now = self._not_before
        self._not_before = now + self._gap

    def _judge(self, response: requests.Response, raw: bytes, where: str, *, whole: bool) -> Answer:
        status = response.status_code
        told = date_of(response.headers)
        date = told or pendulum.now("UTC")
        if status in TRY_AGAIN:
            self._try_again(response, date, where)
        if 300 <= status < 400:  # noqa: PLR2004 - HTTP's own classes
            target = urlsplit(response.headers.get("Location", "")).netloc or "another path"
            raise ContractError(
                f"{where}: redirect to {self.quote(target)} refused; the cursor stays, check the base URL setting"
            )
        if not 200 <= status < 300:  # noqa: PLR2004
            raise refusal(status, self.quote(message_of(raw)), self.host, where)
        try:
            # To read every answer closely would cost more than all other checks; a source that repeats fields shows it.
            kind = re.sub(r"\d+", "", urlsplit(response.url or "").path)
            data, mended = parsed(raw, response.headers.get("Content-Type", ""), closely=kind not in self._looked_at)
            self._looked_at.add(kind)
        except (ValueError, RecursionError):
            what = self.quote(raw.decode(errors="replace")) or "nothing"
            if raw.lstrip()[:1] == b"<":
                raise AgainError(UnavailableError, f"got HTML, not JSON (maintenance?): {what}") from None
            raise AgainError(ContractError, f"the answer is not JSON: {what}") from None
        if not whole:
            mended[NO_END] += 1
        if told is None:
            mended[UNDATED] += 1
        # A login's answer is there to tell a secret.
        if SECRETS.echoed(raw) and not urlsplit(response.url).path.endswith(LOGIN):
            data = SECRETS.cleaned(data)
            mended[ECHO] += 1
        return Answer(status=status, data=data, date=date, mended=mended)

    def _try_again(self, response: requests.Response, date: datetime | None, where: str) -> NoReturn:
        wait = retry_after(response.headers.get("Retry-After"), date)
        if wait is not None and wait > LONGEST_WAIT:
            until = (pendulum.instance(date) if date else pendulum.now("UTC")).add(seconds=int(wait))
            self._over = TryLaterError(
                f"{where}: rate limited until {until:%Y-%m-%d %H:%M} UTC; nothing lost, run again then"
            )
            raise self._over
        if response.status_code == 429:  # noqa: PLR2004
            raise AgainError(TryLaterError, f"too many requests for {self.host}: lower requests_per_second", wait)
        raise AgainError(UnavailableError, f"HTTP {response.status_code} from {self.host}", wait)
