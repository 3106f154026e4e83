"""A dlt source for the Stitchex API, called Uphance today."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

import dlt

from sources.stitchex.auth import Connection
from sources.stitchex.client import Stitchex
from sources.stitchex.datasets import DATASETS, NAMED
from stitchhouse.bounds import reread_for
from stitchhouse.errors import ConfigurationError
from stitchhouse.http import Http
from stitchhouse.personal import Personal
from stitchhouse.resource import resources
from stitchhouse.source import Source
from stitchhouse.terms import Observer, Terms
from stitchhouse.walk import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlt.extract import DltResource

    from stitchhouse.memory import Known
    from stitchhouse.slices import Slices

__all__ = ["DATASETS", "NAMED", "connect", "stitchex"]


def connect(  # noqa: PLR0913 - settings, all named
    base_url: str,
    email: str,
    password: str,
    *,
    organisations: Sequence[str] = (),
    requests_per_second: float = 2.0,
    backoff: float = 0.5,
    keep_token: bool = True,
    box_items: bool = False,
) -> Stitchex:
    """The API without dlt. Sends nothing yet."""
    if not email.strip() or not password.strip():
        raise ConfigurationError("sources.stitchex.email and sources.stitchex.password must not be empty")
    http = Http(base_url, requests_per_second=requests_per_second, backoff=backoff)
    connection = Connection(http, email.strip(), password.strip(), keep_token=keep_token)
    return Stitchex(connection, organisations, asked=["shipment_boxes"] if box_items else [])


@dlt.source(name="stitchex", section="stitchex", max_table_nesting=0, _impl_cls=Source)
def stitchex(  # noqa: PLR0913 - settings, all named
    base_url: str = dlt.config.value,
    email: str = dlt.config.value,
    password: dlt.TSecretStrValue = dlt.secrets.value,
    *,
    organisations: list[str] | None = None,  # a list, because dlt reads no setting into a Sequence
    requests_per_second: float = 2.0,
    backoff: float = 0.5,
    keep_token: bool = True,
    box_items: bool = False,
    pii: str = "load",
    pii_key: dlt.TSecretStrValue = "",
    time_zone: str = "UTC",
    time_zones: dict[str, str] | None = None,
    reread_days: float = 30,
    uncertified: Literal["raise", "keep"] = "raise",
    window: Window | None = None,
    most_deletes: int = 0,
    known: Known | None = None,
    observer: Observer | None = None,
    slices: Slices | None = None,
    run: str = "",
) -> Iterator[DltResource]:
    """One resource per dataset, one account per organisation of the login.

    `organisations` are ids or names; empty reads all. `box_items` reads the boxes of pick tickets, with one more
    request for each ticket that is new or changed. `time_zone` is where times without an offset are at home,
    `time_zones` where they are for organisations (by id) elsewhere.
    Personal columns are loaded, hashed (with `pii_key`) or dropped, as `pii` says.
    Lists know no changes: a document that is closed (shipped, paid) is read again for `reread_days` after its last one,
    others always. `uncertified` "raise" fails the load where a walk may have missed a row; "keep" loads what was read,
    says so in `_walks` and leaves the cursor. `window` is what to read, by default what can have changed;
    `most_deletes` how many rows a full read believes to be gone, beyond 10 or 1 %. Nothing is sent before rows are
    pulled.
    """

    @cache
    def api() -> Stitchex:
        return connect(
            base_url,
            email,
            password,
            organisations=organisations or (),
            requests_per_second=requests_per_second,
            backoff=backoff,
            keep_token=keep_token,
            box_items=box_items,
        )

    terms = Terms(
        zone=time_zone,
        zones=time_zones or {},
        personal=Personal.of("stitchex", DATASETS, NAMED, pii, pii_key),
        uncertified=uncertified,
        window=window or Window(),
        reread=reread_for(reread_days),
        most_deletes=most_deletes,
        known=known,
        observer=observer,
        slices=slices,
        run=run,
    )
    yield from resources(DATASETS, lambda: api(), terms)  # noqa: PLW0108 - a cached function hides its shape
