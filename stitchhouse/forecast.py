"""What a read would cost, before it is made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stitchhouse.detail import AT_ONCE
from stitchhouse.reading import Reading
from stitchhouse.tables import Side

if TYPE_CHECKING:
    from stitchhouse.dataset import Dataset
    from stitchhouse.memory import Memory
    from stitchhouse.walk import Reader


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """`rows` is what the source counts for the first question; `requests` is the most that the read can take."""

    plan: str
    rows: int
    pages: int
    requests: int


def forecast(dataset: Dataset, account: str, reader: Reader, kept: Memory) -> Forecast:
    """Ask what the source can do, if that is not known yet, and the first question of the walk; load nothing."""
    reading = Reading(dataset, account, reader, kept, side=Side())
    plan = reading.start().plan
    page = reader.page(plan.first())
    rows = page.total if page.total is not None else len(page.rows)
    pages = max(1, page.last or 1)
    details = math.ceil(rows / (1 if kept.several is False else AT_ONCE)) if dataset.detail else 0
    return Forecast(plan=plan.name, rows=rows, pages=pages, requests=pages + details)
