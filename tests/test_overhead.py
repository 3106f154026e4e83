"""What a certificate costs: requests of a walk beyond those of a naive one, on a source that stands still."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

import pytest

from tests.kept import entered, kept_shop

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 7
LISTS = {
    "stitchlabs": ("sales_orders", "invoices", "contacts", "variants"),
    "stitchex": ("sales_orders", "invoices", "pick_tickets", "customers", "skus"),
}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "without filters": ("stitchlabs", {"id_filter": "refused", "updated_at": "refused"}),
    "by since_id": ("stitchex", {}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_certificate_costs_two_requests_at_most(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certified first walk asks for the pages of the list and at most two more; so does the next one for changes."""
    api, switches = CASES[case]
    sizes = {"page_size": SIZE, "page_size_cap": SIZE}
    with kept_shop(tmp_path / "shop", api, synced=False, orders=30, **sizes, **switches) as shop:
        entered(shop, monkeypatch)
        for certificate in shop.load(datasets=LISTS[api]).certificates:
            assert certificate.certified
            assert certificate.pages - ceil(certificate.distinct / SIZE) <= 2
        for certificate in shop.load(datasets=LISTS[api]).certificates:
            assert certificate.certified
            assert certificate.pages - ceil(max(1, certificate.rows) / SIZE) <= 2
