"""The same row or line twice in one answer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sources.stitchex.datasets import SALES_ORDERS as EX
from tests.rows_made import made, only, order


@pytest.mark.parametrize("other", [5, "5"])
def test_one_id_in_two_forms_is_one_row(other: Any) -> None:
    """The same row twice on a page is one row, whether its id comes as a number or as text."""
    batch = made(EX, order(id=5), order(id=other))
    assert only(batch, "sales_orders")["id"] == 5
    assert len(batch.tables["sales_order_line_items"]) == 2
    assert batch.rejected == []


def test_the_newest_of_two_copies_counts() -> None:
    """Of two copies of a row on one page the one with the later stamp is loaded, with its own lines only."""
    old = order(updated_at="2024-05-01T10:00:00Z", notes="old")
    new = order(updated_at="2024-05-01T12:00:00+01:00", notes="new", line_items=order()["line_items"][:1])
    batch = made(EX, new, old)
    assert only(batch, "sales_orders")["notes"] == "new"
    assert only(batch, "sales_order_line_items")["id"] == 11
    assert batch.rejected == []


def test_two_copies_of_one_age_are_both_kept() -> None:
    """If neither copy is newer, the last one is loaded, and both stand as rejected with all that they say."""
    batch = made(EX, order(notes="one"), order(notes="another"))
    assert only(batch, "sales_orders")["notes"] == "another"
    (told,) = batch.rejected
    assert (told.root, told.key, told.column) == (1, "1", "")
    assert '"notes":"one"' in told.raw
    assert '"notes":"another"' in told.raw


def test_two_lines_of_one_id_are_both_kept() -> None:
    """Two different lines with one id in the same order: the last is loaded, and both stand as rejected."""
    row = order()
    row["line_items"][1]["id"] = 11
    batch = made(EX, row)
    assert only(batch, "sales_order_line_items")["unit_price"] == Decimal("7.50")
    (told,) = batch.rejected
    assert (told.root, told.table, told.key) == (1, "sales_order_line_items", "11")
    assert '"5.0"' in told.raw
