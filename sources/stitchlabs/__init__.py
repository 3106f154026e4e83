"""A dlt source for the Stitch Labs API."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Literal

import dlt
from dlt.common.typing import SecretSentinel

from sources.stitchlabs.client import Client, StitchLabs
from sources.stitchlabs.datasets import DATASETS, NAMED
from stitchhouse.errors import ConfigurationError, UsageError
from stitchhouse.http import Http
from stitchhouse.personal import Personal
from stitchhouse.redact import SECRETS
from stitchhouse.resource import resources
from stitchhouse.source import Source
from stitchhouse.terms import Observer, Terms
from stitchhouse.walk import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dlt.extract import DltResource

    from stitchhouse.memory import Known
    from stitchhouse.slices import Slices

__all__ = ["DATASETS", "NAMED", "accounts_of", "connect", "stitchlabs"]


def connect(  # noqa: PLR0913 - settings, all named
    base_url: str,
    access_token: str = "",
    *,
    account: str = "main",
    accounts: Mapping[str, str] | None = None,
    chosen: Sequence[str] = (),
    requests_per_second: float = 2.0,
    backoff: float = 0.5,
    token_header: str = "access_token",  # noqa: S107 - a header's name
) -> StitchLabs:
    """The API without dlt: of one `account`, or of several `accounts` (name -> token), or of those `chosen` by name.

    Sends nothing yet.
    """
    tokens = accounts_of(access_token, account, accounts)
    if unknown := [name for name in chosen if name not in tokens]:
        raise UsageError(f"no account {unknown[0]!r} of stitchlabs in the settings; there are: {', '.join(tokens)}")
    clients = {}
    for name in chosen or tokens:
        http = Http(base_url, requests_per_second=requests_per_second, backoff=backoff)
        clients[name] = Client(http, tokens[name], token_header=token_header)
    return StitchLabs(clients)


def accounts_of(access_token: str | None, account: str, accounts: Mapping[str, object] | None) -> dict[str, str]:
    """Account name -> token. Raises `ConfigurationError` where there is none, an empty one, or both ways are used."""
    if accounts and access_token:
        raise ConfigurationError(
            "set either sources.stitchlabs.access_token or sources.stitchlabs.accounts, not both: "
            "a token of `access_token` is an entry of `accounts` under the name of its account"
        )
    tokens = {}
    for name, token in (accounts or {account: access_token}).items():
        if not isinstance(token, str) or not token.strip():
            where = f"accounts.{name}" if accounts else "access_token"
            raise ConfigurationError(f"sources.stitchlabs.{where} must not be empty")
        if not name.strip():
            raise ConfigurationError("an account of sources.stitchlabs needs a name")
        tokens[name] = token.strip()
        SECRETS.add(token.strip())
    return tokens


@dlt.source(name="stitchlabs", section="stitchlabs", max_table_nesting=0, _impl_cls=Source)
def stitchlabs(  # noqa: PLR0913 - settings, all named
    base_url: str = dlt.config.value,
    access_token: dlt.TSecretStrValue = "",
    *,
    account: str = "main",
    accounts: Annotated[dict[str, str], SecretSentinel] | None = None,
    chosen: list[str] | None = None,
    requests_per_second: float = 2.0,
    backoff: float = 0.5,
    token_header: str = "access_token",  # noqa: S107 - a header's name
    pii: str = "load",
    pii_key: dlt.TSecretStrValue = "",
    time_zone: str = "UTC",
    time_zones: dict[str, str] | None = None,
    uncertified: Literal["raise", "keep"] = "raise",
    window: Window | None = None,
    most_deletes: int = 0,
    known: Known | None = None,
    observer: Observer | None = None,
    slices: Slices | None = None,
    run: str = "",
) -> Iterator[DltResource]:
    """One resource per dataset. `account` names the rows of `access_token` in every table.

    Several accounts stand in `accounts` instead, as name -> token; `chosen` are the names of those to read, by default
    all. `time_zone` is where times without an offset are at home, `time_zones` where they are for accounts elsewhere.
    Personal columns are loaded, hashed (with `pii_key`) or dropped, as `pii` says.
    `uncertified` "raise" fails the load where a walk may have missed a row; "keep" loads what was read, says so in
    `_walks` and leaves the cursor. `window` is what to read, by default what can have changed; `most_deletes` how many
    rows a full read believes to be gone, beyond 10 or 1 %. Nothing is sent before rows are pulled.
    """

    @cache
    def api() -> StitchLabs:
        return connect(
            base_url,
            access_token,
            account=account,
            accounts=accounts,
            chosen=chosen or [],
            requests_per_second=requests_per_second,
            backoff=backoff,
            token_header=token_header,
        )

    terms = Terms(
        zone=time_zone,
        zones=time_zones or {},
        personal=Personal.of("stitchlabs", DATASETS, NAMED, pii, pii_key),
        uncertified=uncertified,
        window=window or Window(),
        most_deletes=most_deletes,
        known=known,
        observer=observer,
        slices=slices,
        run=run,
    )
    yield from resources(DATASETS, lambda: api(), terms)  # noqa: PLW0108 - a cached function hides its shape
