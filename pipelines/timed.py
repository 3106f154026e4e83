"""A reader that times the answers it gets, and sets the source's clock beside ours."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

import pendulum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stitchhouse.links import Object
    from stitchhouse.walk import Page, Reader
    from stitchhouse.walk.page import Ask


@dataclass
class Times:
    """What the readers of one source measured. `gap` is the least time between two requests, in seconds."""

    gap: float
    seconds: list[float] = field(default_factory=list)
    ahead: list[float] = field(default_factory=list)
    """How far the source's clock was ahead of ours, in seconds; its Date header is cut off to whole ones."""

    @property
    def answer(self) -> float | None:
        return median(self.seconds) if self.seconds else None

    @property
    def clock(self) -> int | None:
        return round(median(self.ahead)) if self.ahead else None


class Timed:
    """Waits out the rate before it asks, so that the source is timed and not the waiting."""

    def __init__(self, reader: Reader, times: Times) -> None:
        self._reader = reader
        self._times = times

    @property
    def requests(self) -> int:
        return self._reader.requests

    def page(self, ask: Ask) -> Page:
        time.sleep(self._times.gap)
        sent, began = self._reader.requests, time.monotonic()
        page = self._reader.page(ask)
        took, sent = time.monotonic() - began, self._reader.requests - sent
        if sent == 1:
            self._times.seconds.append(took)
        if sent and page.date is not None:
            self._times.ahead.append((page.date - pendulum.now("UTC")).total_seconds())
        return page

    def details(self, ids: Sequence[int]) -> Page:
        return self._reader.details(ids)

    def more(self, rows: Sequence[Object]) -> Sequence[Object]:
        return self._reader.more(rows)
