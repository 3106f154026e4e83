"""A source that says there is one row more than there is: no walk of it can be certified."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.wire import Asked, Said, passed_on

if TYPE_CHECKING:
    from stitchhouse.walk import Certificate
    from tests.calling import Caller
    from tests.conftest import Shop

PAYMENTS = {"api": "stitchlabs", "resource": "InvoicePayments"}
DATASET = "invoice_payments"
"""A dataset of few tables, and so one that is soon loaded."""
ROWS = "select count(*) from stitchlabs.invoice_payments"


class Liar:
    """Stands in front of a sandbox, and may add one to what it counts."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.lies = False

    def __call__(self, asked: Asked) -> Said:
        said = passed_on(asked, f"http://127.0.0.1:{self.shop.box.port}")
        if not self.lies:
            return said
        answer: dict[str, Any] = json.loads(said.body)
        if "total" in answer.get("meta", {}):
            answer["meta"]["total"] = int(answer["meta"]["total"]) + 1
        return Said(answer, said.status, said.headers)

    def sync(self) -> tuple[int, Certificate]:
        """(exit code, certificate) of a sync."""
        self.shop.control.clock(advance=60)
        outcome = self.shop.sync("stitchlabs", [DATASET])
        assert outcome.error is None
        (certificate,) = outcome.certificates
        return outcome.exit_code, certificate


def status(call: Caller, *more: str) -> tuple[int, dict[str, Any]]:
    """(exit code, what is told of Stitch Labs)."""
    code, out, err = call("status", "stitchlabs", "--json", *more)
    told = json.loads(out)
    assert (told["exit_code"], err) == (code, "")
    return code, told["sources"]["stitchlabs"] | {"closed": told.get("closed", {}).get("stitchlabs")}
