"""A dlt source for the Stitchex API, called Uphance today."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

import dlt

from sources.stitchex.auth import Connection
from sources.stitchex.client import Stitchex
from sources.stitchex.datasets import DATASETS
from stitchhouse.errors import ConfigurationError
from stitchhouse.http import Http
from stitchhouse.owners import Owners
from stitchhouse.resource import Observer, Terms, resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlt.extract import DltResource

    from stitchhouse.memory import Known

__all__ = ["DATASETS", "connect", "stitchex"]


def connect(  # noqa: PLR0913 - settings, all named
    base_url: str,
    email: str,
    password: str,
    *,
    organisations: Sequence[str] = (),
    requests_per_second: float = 2.0,
    backoff: float = 0.5,
    keep_token: bool = True,
) -> Stitchex:
    """The API without dlt. Sends nothing yet."""
    if not email.strip() or not password.strip():
        raise ConfigurationError("sources.stitchex.email and sources.stitchex.password must not be empty")
    http = Http(base_url, requests_per_second=requests_per_second, backoff=backoff)
    return Stitchex(Connection(http, email.strip(), password.strip(), keep_token=keep_token), organisations)


@dlt.source(name="stitchex", section="stitchex", max_table_nesting=0)
def stitchex(  # noqa: PLR0913 - settings, all named
    base_url: str = dlt.config.value,
    email: str = dlt.config.value,
    password: dlt.TSecretStrValue = dlt.secrets.value,
    *,
    organisations: Sequence[str] = (),
    requests_per_second: float = 2.0,
    backoff: float = 0.5,
    keep_token: bool = True,
    time_zone: str = "UTC",
    uncertified: Literal["raise", "keep"] = "raise",
    known: Known | None = None,
    observer: Observer | None = None,
    run: str = "",
) -> Iterator[DltResource]:
    """One resource per dataset, one account per organisation of the login.

    `organisations` are ids or names; empty reads all. `time_zone` is where times without an offset are at home.
    `uncertified` "raise" fails the load where a walk may have missed a row; "keep" loads what was read, says so in
    `_walks` and leaves the cursor. Nothing is sent before rows are pulled.
    """

    @cache
    def api() -> Stitchex:
        return connect(
            base_url,
            email,
            password,
            organisations=organisations,
            requests_per_second=requests_per_second,
            backoff=backoff,
            keep_token=keep_token,
        )

    terms = Terms(zone=time_zone, uncertified=uncertified, known=known, observer=observer, run=run)
    owners = Owners({dataset.table.name: dataset for dataset in DATASETS})
    for dataset in DATASETS:
        yield resource(dataset, lambda: api(), terms, owners)  # noqa: PLW0108 - a cached function hides its shape
