"""What the tests of the Stitchex login share: a connection to a sandbox, and what the sandbox was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sources.stitchex import DATASETS, connect
from stitchhouse.walk import Ask

if TYPE_CHECKING:
    from sandbox import Sandbox
    from sources.stitchex.client import ListReader, Stitchex

LOGIN, LIST, SET, ORDERS = "/oauth/token", "/organisations", "/organisations/set_current_org", "/sales_orders"
PASSWORD = "sandbox"
SALES_ORDERS = next(one for one in DATASETS if one.name == "sales_orders")
ERAS = ["2019", "2026"]


def reset(box: Sandbox) -> Sandbox:
    """The sandbox as it was when it started, as far as the tests of the login move it."""
    box.control.clear_faults()
    box.control.switch(token_life=0, refresh="era", org_scope="token")
    box.control.clear_requests()
    return box


def api(box: Sandbox, password: str = PASSWORD, *, keep: bool = False, **more: Any) -> Stitchex:
    return connect(
        box.stitchex_url, "demo@example.com", password, requests_per_second=0, backoff=0.001, keep_token=keep, **more
    )


def reader(made: Stitchex, place: int = 0) -> ListReader:
    return made.reader(SALES_ORDERS, made.accounts()[place])


def ids(made: ListReader, after: int = 0) -> list[int]:
    """All ids of the list above `after`, page after page behind the last one read."""
    found: list[int] = []
    while some := made.page(Ask(after=[after, *found][-1])).ids():
        found += some
    return found


def own_ids(box: Sandbox, organisation: int) -> list[int]:
    control = box.control
    truth = [control.truth("stitchex", "sales_orders", key)["row"] for key in control.ids("stitchex", "sales_orders")]
    return [row["id"] for row in truth if row["organisation_id"] == organisation]


def paths(box: Sandbox) -> list[str]:
    return [request["path"] for request in box.control.requests()]
