"""A dlt source for the Stitch Labs API."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

import dlt

from sources.stitchlabs.client import Client, StitchLabs
from sources.stitchlabs.datasets import DATASETS
from stitchhouse.errors import ConfigurationError
from stitchhouse.http import Http
from stitchhouse.owners import Owners
from stitchhouse.resource import Observer, Terms, resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlt.extract import DltResource

    from stitchhouse.memory import Known

__all__ = ["DATASETS", "connect", "stitchlabs"]


def connect(
    base_url: str,
    access_token: str,
    *,
    account: str = "main",
    requests_per_second: float = 2.0,
    backoff: float = 0.5,
    token_header: str = "access_token",  # noqa: S107 - a header's name
) -> StitchLabs:
    """The API without dlt. Sends nothing yet."""
    if not access_token.strip():
        raise ConfigurationError("sources.stitchlabs.access_token must not be empty")
    http = Http(base_url, requests_per_second=requests_per_second, backoff=backoff)
    return StitchLabs({account: Client(http, access_token.strip(), token_header=token_header)})


@dlt.source(name="stitchlabs", section="stitchlabs", max_table_nesting=0)
def stitchlabs(  # noqa: PLR0913 - settings, all named
    base_url: str = dlt.config.value,
    access_token: dlt.TSecretStrValue = dlt.secrets.value,
    *,
    account: str = "main",
    requests_per_second: float = 2.0,
    backoff: float = 0.5,
    token_header: str = "access_token",  # noqa: S107 - a header's name
    time_zone: str = "UTC",
    uncertified: Literal["raise", "keep"] = "raise",
    known: Known | None = None,
    observer: Observer | None = None,
    run: str = "",
) -> Iterator[DltResource]:
    """One resource per dataset. `account` names this token's rows in every table.

    `time_zone` is where times without an offset are at home. `uncertified` "raise" fails the load where a walk may
    have missed a row; "keep" loads what was read, says so in `_walks` and leaves the cursor. Nothing is sent before
    rows are pulled.
    """

    @cache
    def api() -> StitchLabs:
        return connect(
            base_url,
            access_token,
            account=account,
            requests_per_second=requests_per_second,
            backoff=backoff,
            token_header=token_header,
        )

    terms = Terms(zone=time_zone, uncertified=uncertified, known=known, observer=observer, run=run)
    owners = Owners({dataset.table.name: dataset for dataset in DATASETS})
    for dataset in DATASETS:
        yield resource(dataset, lambda: api(), terms, owners)  # noqa: PLW0108 - a cached function hides its shape
