"""Which plan a dataset is read by: the first whose assumptions the source was seen to meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stitchhouse.walk.keyset import KeysetOnId, KeysetOnStamp
from stitchhouse.walk.plans import LastPageFirst, PagesInOrder, Plan, WholeList
from stitchhouse.walk.probe import HONOURED

if TYPE_CHECKING:
    from datetime import datetime

    from stitchhouse.dataset import Dataset
    from stitchhouse.walk.probe import Capabilities


def choose(dataset: Dataset, able: Capabilities, since: datetime | None) -> Plan:
    """`since` bounds the read to what changed since then; None reads everything."""
    if not dataset.paged:
        return WholeList()
    if since is not None and able.stamp_order == HONOURED:
        if able.stamp_filter == HONOURED:
            return KeysetOnStamp(dataset.cursor, since)
        return LastPageFirst(dataset.cursor, since)
    if able.id_order == HONOURED:
        return KeysetOnId() if able.id_filter == HONOURED else LastPageFirst()
    return PagesInOrder()
