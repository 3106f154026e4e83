"""Syncs as they are usually written: page numbers forward, a cursor, no check: they lose rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import orjson

from stitchhouse.walk import Ask
from tests.simulation.reader import SimulatedReader
from tests.simulation.source import STAMP, moment, seconds
from tests.simulation.sync import Synced

if TYPE_CHECKING:
    from tests.simulation.source import Source
    from tests.simulation.sync import Destination
    from tests.simulation.unrest import Unrest

FAST = 5
"""Seconds by which a local clock is ahead."""


@dataclass(frozen=True, kw_only=True)
class Naive:
    """`cursor` is set to the newest stamp seen, the source's clock at the end, or a local clock at the start.

    `strict` asks for rows after the cursor, not from it on. `stop` asks for all rows and ends at the cursor.
    `each_page` keeps the cursor after every page, and the process may end after any.
    """

    order: Literal["id", "updated_at"] | None = STAMP  # type: ignore[assignment]
    descending: bool = False
    strict: bool = False
    stop: bool = False
    cursor: Literal["newest", "end", "local"] = "newest"
    lookback: int = 0
    each_page: bool = False


def sync(source: Source, unrest: Unrest, destination: Destination, rule: Naive) -> Synced:
    """One walk of page 1, 2, 3 ..., taken for complete whatever happened."""
    cursor: int | None = orjson.loads(destination.state).get("cursor")
    local = source.clock + FAST
    reader, synced = SimulatedReader(source, unrest), Synced()
    floor = None if cursor is None else cursor - rule.lookback + rule.strict
    newest = cursor
    load: list[dict[int, int]] = []
    synced.loads.append(load)
    number, more = 1, True
    while more:
        since = None if floor is None or rule.stop else moment(floor)
        page = reader.page(Ask(page=number, order=rule.order, descending=rule.descending, since=since))
        versions = {int(row["id"]): int(row["version"]) for row in page.rows}
        load.append(versions)
        synced.given.update(versions)
        stamps = [seconds(stamp) for stamp in page.stamps(STAMP)]
        newest = max([*stamps, *([] if newest is None else [newest])], default=None)
        reached = rule.stop and floor is not None and any(stamp < floor for stamp in stamps)
        more, number = page.more and bool(page.rows) and not reached, number + 1
        if rule.each_page:
            destination.rows.update(versions)
            destination.state = orjson.dumps({"cursor": newest})
            if more and not unrest.still and unrest.random.random() < 0.1:
                source.tell("  the process ends")
                return synced
    for batch in load:
        destination.rows.update(batch)
    after = {"newest": newest, "end": source.clock, "local": local}[rule.cursor]
    destination.state = orjson.dumps({"cursor": after})
    synced.ended = synced.certified = True
    synced.requests, synced.began = reader.requests, reader.began
    synced.floor = None if floor is None else moment(floor)
    source.tell("synced, cursor", after)
    return synced
