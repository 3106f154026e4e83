"""Which plans a dataset is read by: the first one that the source was seen to bear, and what to fall back to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stitchhouse.walk.keyset import KeysetOnId, KeysetOnStamp, NamedIds
from stitchhouse.walk.passes import NewestFirst, UntilStable
from stitchhouse.walk.plans import LastPageFirst, Plan, WholeList
from stitchhouse.walk.probe import HONOURED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stitchhouse.dataset import Dataset
    from stitchhouse.walk.probe import Capabilities
    from stitchhouse.walk.window import Window


def plans(dataset: Dataset, able: Capabilities, window: Window) -> Iterator[Plan]:
    """The plans for a window, best first.

    Each checks on every page what it rests on; where that breaks, the next one begins anew. The last rests on nothing.
    """
    by_id = able.id_order == HONOURED and able.id_filter == HONOURED
    if not dataset.paged:
        yield WholeList()
    if by_id and (window.ids or window.after is not None):
        yield NamedIds(window.ids, window.after)
    if window.since is not None and able.stamp_order == HONOURED:
        if able.stamp_filter == HONOURED:
            yield KeysetOnStamp(dataset.cursor, window.since, window.until, by_id=by_id)
        yield LastPageFirst(dataset.cursor, window.since)
    if able.id_order == HONOURED:
        if by_id:
            # A list that is sorted by nature cannot be turned round.
            yield KeysetOnId(newest_first=not dataset.sorted_by_id, start=window.start)
        yield LastPageFirst()
    yield NewestFirst()
    yield UntilStable(dataset.cursor)
