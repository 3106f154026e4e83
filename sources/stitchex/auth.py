"""The connection to Stitchex: a token, the organisations of the login, and the current one (API reference, section 3).

The current organisation is kept by the source, per token or per user, so it is set again whenever another one is to be
read, after every new token, and whenever a row of another organisation came.
"""

from __future__ import annotations

import json
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from stitchhouse.envelope import held, objects
from stitchhouse.errors import (
    ConfigurationError,
    ContractError,
    CredentialsError,
    RefusedError,
    StitchhouseError,
)
from stitchhouse.faults import TELL, UnauthorizedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stitchhouse.answer import Answer
    from stitchhouse.http import Http

RENEW_BEFORE = 60
"""Seconds of life below which a token is renewed; half of its life for one that lives shorter."""
DEFAULT_LIFE = 3600
SETTINGS = "check sources.stitchex.email and sources.stitchex.password"


class Connection:
    """One login. Sends nothing until the first question; `keep_token` keeps the token between runs on this machine."""

    def __init__(self, http: Http, email: str, password: str, *, keep_token: bool = True) -> None:
        self.http = http
        self._email = email
        self._password = password
        http.hide(password)
        self._file = _token_file(http.host, email) if keep_token else None
        self._token: dict[str, Any] = _kept(self._file)
        self._refused: StitchhouseError | None = None
        self._organisations: list[dict[str, Any]] | None = None
        self._current: int | None = None
        self._remember()

    def organisations(self) -> list[dict[str, Any]]:
        """All organisations of the login, as the source lists them."""
        if self._organisations is None:
            where = "organisations"
            answer = self._send("GET", "/organisations", where=where)
            found = objects(held(answer.data, "organisations", where, self.http.quote), "organisations", where)
            if any(type(one.get("id")) is not int for one in found):
                raise ContractError(f"{where}: an organisation came without a whole number as its id; {TELL}")
            if not found:
                raise ConfigurationError("this Stitchex login belongs to no organisation; ask for access to one")
            self._organisations = found
        return self._organisations

    def get(self, path: str, organisation: int, where: str, params: Mapping[str, Any] | None = None) -> Answer:
        """A question in the name of one organisation."""
        return self._send("GET", path, where=where, params=params, organisation=organisation)

    def use(self, organisation: int, *, again: bool = False) -> None:
        """Make `organisation` the current one; with `again` even if it was when we last set it."""
        if self._current == organisation and not again:
            return
        self._current = None
        where = f"organisation {organisation}"
        body = {"organizationId": organisation}
        try:
            answer = self._send("POST", "/organisations/set_current_org", where=where, body=body)
        except RefusedError as error:
            # Not a refusal of the question that the organisation was set for.
            raise ContractError(str(error)) from None
        said = answer.data.get("Status") if isinstance(answer.data, dict) else answer.data
        if said != "Updated":
            raise ContractError(f"{where}: set_current_org answered {self.http.quote(said)}, not Updated; {TELL}")
        self._current = organisation

    def _send(
        self,
        method: str,
        path: str,
        *,
        where: str,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        organisation: int | None = None,
    ) -> Answer:
        """One question with a valid token. A 401 is answered by one new login and the same question again."""
        self._ensure_token()
        if organisation is not None and self._current != organisation:
            self.use(organisation)
        try:
            return self.http.send(method, path, where=where, body=body, params=params, headers=self._headers())
        except UnauthorizedError:
            self._token.pop("access_token", None)
            self._ensure_token()
            if organisation is not None:
                self.use(organisation, again=True)
            return self.http.send(method, path, where=where, body=body, params=params, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token['access_token']}"}

    def _ensure_token(self) -> None:
        if self._refused is not None:
            raise self._refused
        if self._token.get("access_token") and time.time() < self._token["until"]:
            return
        self._current = None
        refresh = self._token.get("refresh_token")
        if refresh and self._try_refresh(refresh):
            return
        grant = {"email": self._email, "password": self._password, "grant_type": "password"}
        try:
            self._take(self._ask_token(grant))
        except (CredentialsError, RefusedError) as error:
            # Never tried twice: repeated wrong logins lock an account.
            self._refused = CredentialsError(f"login as {self._email} refused ({error}); {SETTINGS}")
            raise self._refused from None
        except StitchhouseError as error:
            # Nor is the password sent to whatever answers in another way than a login does.
            self._refused = error
            raise

    def _try_refresh(self, refresh: str) -> bool:
        self._token = {}
        try:
            self._take(self._ask_token({"grant_type": "refresh_token", "refresh_token": refresh}))
        except (CredentialsError, RefusedError, ContractError):
            return False
        return True

    def _ask_token(self, grant: dict[str, str]) -> dict[str, Any]:
        answer = self.http.send("POST", "/oauth/token", where="login", body=grant)
        data = answer.data if isinstance(answer.data, dict) else {}
        if not isinstance(data.get("access_token"), str) or data.get("error"):
            raise RefusedError(f"login: {self.http.quote(data.get('error') or 'the answer holds no token')}", 200)
        return data

    def _take(self, data: dict[str, Any]) -> None:
        life = data.get("expires_in")
        seconds = life if type(life) is int else DEFAULT_LIFE
        until = time.time() + seconds - min(RENEW_BEFORE, seconds / 2)
        self._token = {"access_token": data["access_token"], "until": until}
        if data.get("refresh_token"):
            self._token["refresh_token"] = data["refresh_token"]
        self._remember()
        if self._file is not None:
            _keep(self._file, self._token)

    def _remember(self) -> None:
        for name in ("access_token", "refresh_token"):
            if name in self._token:
                self.http.hide(self._token[name])


def _token_file(host: str, email: str) -> Path:
    name = sha256(f"{host}\n{email}".encode()).hexdigest()[:32]
    return Path(platformdirs.user_state_dir("stitchhouse")) / "tokens" / f"{name}.json"


def _kept(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    kinds = {"access_token": str, "refresh_token": str, "until": float}
    whole = isinstance(data, dict) and {"access_token", "until"} <= data.keys() <= kinds.keys()
    return data if whole and all(isinstance(data[name], kinds[name]) for name in data) else {}


def _keep(file: Path, token: dict[str, Any]) -> None:
    """Readable by this user only, and replaced in one step. A machine that cannot keep it logs in each time."""
    fresh = file.with_suffix(".new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(token), encoding="utf-8")
        fresh.replace(file)
    except OSError:
        return
