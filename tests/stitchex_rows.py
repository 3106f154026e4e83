"""Whole lists of a Stitchex sandbox, and what the rows of documents hold."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.sandbox.asking import Ex

Row = dict[str, Any]
UNPAGED = ("channels", "seasons")
ONE = {
    "products": "product",
    "payments": "payment",
    "pick_tickets": "pick_ticket",
    "receiving_tickets": "receiving_ticket",
    "credit_notes": "credit_notes",
    "returns": "returns",
    "customers": "customer",
}
"""The key of one row, for the lists that have a page for it."""


def rows(ex: Ex, dataset: str, **query: Any) -> list[Row]:
    """All rows of a list, page after page."""
    found: list[Row] = []
    page: int | None = 1
    while page:
        reply = ex.get(f"/{dataset}", **query, page=page)
        assert reply.status_code == 200, reply.text
        found += reply.json()[dataset]
        page = reply.json().get("meta", {}).get("next_page")
    return found


def ids(found: list[Row]) -> list[int]:
    return [row["id"] for row in found]


def by_id(ex: Ex, dataset: str) -> dict[int, Row]:
    return {row["id"]: row for row in rows(ex, dataset)}


def sold(row: Row) -> Counter[tuple[int, str]]:
    """Units by SKU and price of a document."""
    found: Counter[tuple[int, str]] = Counter()
    for line in row["line_items"]:
        for piece in line["line_quantities"]:
            found[piece["sku_id"], line["unit_price"]] += piece["quantity"]
    return +found
