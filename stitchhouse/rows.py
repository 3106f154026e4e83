"""The rows of one page -> those that can be loaded, each once; the others are rejected as they came."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stitchhouse.batch import NO_KEY, NOT_POSITIVE, SAME_AGE
from stitchhouse.columns import parse_time
from stitchhouse.walk.page import row_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stitchhouse.batch import Batch
    from stitchhouse.links import Object

NEVER = datetime.min.replace(tzinfo=UTC)


def usable(batch: Batch, rows: Sequence[Object], zone: str) -> Sequence[Object]:
    """The rows that have an id, and of several with the same one the newest. If none is newer, all are rejected too."""
    keys = [row_id(row) for row in rows]
    if len(set(keys)) == len(keys) and all(key is not None and key > 0 for key in keys):
        return rows
    copies: dict[int | None, list[Object]] = defaultdict(list)
    for key, row in zip(keys, rows, strict=True):
        copies[key].append(row)
    root = batch.dataset.table.name
    fit = []
    for key, same in copies.items():
        if key is None or key <= 0:
            for row in same:
                batch.reject_row(None, root, row, NO_KEY if key is None else NOT_POSITIVE)
        else:
            # The same id may be written in two ways.
            newest = [row | {"id": key} for row in _newest(same, batch.layouts[root].stamp, zone)]
            if any(row != newest[-1] for row in newest):
                batch.reject(key, root, key, "", SAME_AGE, newest)
            fit.append(newest[-1])
    return fit


def _newest(rows: Sequence[Object], stamp: str, zone: str) -> list[Object]:
    times = [parse_time(row.get(stamp), zone) or NEVER for row in rows]
    return [row for row, time in zip(rows, times, strict=True) if time == max(times)]
