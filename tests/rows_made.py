"""Rows as an API sends them, made into a batch without any API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stitchhouse.tables import Side, build
from stitchhouse.walk import Page

if TYPE_CHECKING:
    from stitchhouse.batch import Batch
    from stitchhouse.dataset import Dataset

Row = dict[str, Any]


def made(dataset: Dataset, *rows: Row, blocks: dict[str, dict[str, Row]] | None = None) -> Batch:
    return build(dataset, "main", [Page(rows=list(rows), blocks=blocks or {})], side=Side())


def only(batch: Batch, table: str) -> Row:
    (row,) = batch.tables[table].to_pylist()
    return dict(row)


def order(**changed: Any) -> Row:
    """A Stitchex order with two lines and three quantities."""
    lines = [
        {"id": 11, "unit_price": "5.0", "line_quantities": [{"id": 101, "quantity": 1}, {"id": 102, "quantity": 2}]},
        {"id": 12, "unit_price": "7.50", "line_quantities": [{"id": 103, "quantity": 3}]},
    ]
    plain = {"id": 1, "grand_total": "30.00", "created_at": "2024-05-01T10:00:00.000Z", "return_label": False}
    return {**plain, "line_items": lines, **changed}
