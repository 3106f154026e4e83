"""Rows of which the API tells only today's state, kept for every day."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pendulum
import pyarrow as pa
import pyarrow.compute as pc

from stitchhouse.dataset import ACCOUNT
from stitchhouse.layout import DAY, layouts

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from stitchhouse.dataset import Dataset


class Daily:
    """The snapshot of one walk. `last` is the day of the last whole one, as ISO text; so is `day`, of this one."""

    def __init__(self, dataset: Dataset, last: str, zone: str) -> None:
        self._dataset = dataset
        self._last = last
        self._zone = ZoneInfo(zone)
        self.day = last

    def of(self, root: pa.Table, changed: Collection[int], server: datetime | None) -> dict[str, pa.Table]:
        """The daily rows of a batch by table: all of them once a day, then only of what changed."""
        table = self._dataset.daily
        if table is None:
            return {}
        today = (server or pendulum.now("UTC")).astimezone(self._zone).date()
        self.day = today.isoformat()
        if self.day == self._last:
            root = root.filter(pc.is_in(root["id"], value_set=pa.array(sorted(changed), pa.int64())))
        given = {
            ACCOUNT: root[ACCOUNT],
            self._dataset.table.foreign: root["id"],
            DAY: pa.repeat(pa.scalar(today), len(root)),
        }
        columns = layouts(self._dataset)[table.name].columns
        return {table.name: pa.table({name: given[name] if name in given else root[name] for name in columns})}
