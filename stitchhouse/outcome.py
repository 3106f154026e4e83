"""What a reading comes to: its certificate, and what the next run is to know of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pendulum

from stitchhouse import memory
from stitchhouse.begun import Begun
from stitchhouse.errors import UNCERTAIN
from stitchhouse.walk import Certificate
from stitchhouse.walk.certificate import ONLY, gist

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from stitchhouse.reading import Reading
    from stitchhouse.walk import Walk


def certificate(reading: Reading) -> Certificate:
    """What was read so far. Before the walk has ended, it is not certified."""
    tally, walk, compared = reading.picking.tally, reading.walk, reading.known is not None
    notes = [
        *(walk.broke if walk else ()),
        *tally.notes(),
        *reading.picking.gone(),
        reading.deletes.note,
        *_absent(reading),
    ]
    # A walk that broke began anew, so what earlier runs read and counted was read and counted again.
    begun = None if walk is None or walk.broke else reading.begun
    asked = replace(reading.asked, start=None) if walk is not None and walk.broke else reading.asked
    bare = Certificate(
        run=reading.run,
        dataset=reading.dataset.name,
        account=reading.account,
        asked=(ONLY if reading.window.own else "") + asked.words(),
        ended_at=pendulum.now("UTC"),
        requests=reading.requests,
        distinct=tally.distinct,
        doubled=tally.doubled,
        loaded=tally.loaded,
        new=tally.new if compared else None,
        changed=tally.changed if compared else None,
        unchanged=tally.unchanged if compared else None,
        deleted=None if reading.deletes.gone is None else len(reading.deletes.gone),
        rejected=tally.rejected,
        note="; ".join(filter(None, notes)),
        cursor_before=reading.cursor_before,
        cursor_after=reading.cursor_before,
        through=None if reading.window.own or (walk and walk.broke) else reading.through,
    )
    if walk is None:
        return bare
    fresh = reading.rejected_new if compared else None
    reported = bool(reading.kept.reported) and gist(walk.why) == reading.kept.reported
    made = bare.of_walk(walk, _cursor(reading, walk), rejected_new=fresh, reported=reported)
    if begun is not None:
        made = replace(made, **begun.counted(made))
    return replace(made, exit_code=UNCERTAIN) if reading.deletes.refused else made


def remember(reading: Reading, certificate: Certificate) -> None:
    """Move the cursor after a certified walk; after any other, forget nothing that is still to be looked at."""
    tally, walk = reading.picking.tally, reading.walk
    if not reading.window.own:
        reading.kept.keep(reported="" if certificate.certified else gist(certificate.why))
    if walk is None or not certificate.certified or reading.window.own:
        leave(reading, certificate)
        return
    _keep_abilities(reading)
    cursor = certificate.cursor_after
    reading.kept.keep(
        window=tally.window(cursor), unsettled=_text_keys(tally.again), certified=True, day=reading.picking.daily.day
    )
    reading.kept.keep(afresh=False)
    reading.kept.keep(begun={})
    if reading.dataset.closed:
        _keep_reach(reading, walk)
    if reading.asked.since is None and reading.asked.after is None:
        reading.kept.keep(unstamped=bool(reading.dataset.cursor and tally.unstamped))
    if cursor is not None:
        reading.kept.move(cursor)


def leave(reading: Reading, certificate: Certificate) -> None:
    """Keep where to go on, and what is still to be looked at, of a read that has not ended well, or not yet."""
    _keep_abilities(reading)
    reading.kept.keep(unsettled=_text_keys(reading.picking.waiting) | _text_keys(reading.picking.tally.again))
    if not reading.window.own and reading.through is not None and reading.walk is not None and not reading.walk.broke:
        at = reading.begun.at if reading.begun else ""
        begun = Begun.of(reading.through, at, reading.picking.tally, certificate, full=reading.window.full)
        reading.kept.keep(begun=begun.kept())


def _keep_reach(reading: Reading, walk: Walk) -> None:
    """For a list that cannot be asked for changes: up to which id, and when, everything was listed."""
    kept, begun = reading.kept, reading.begun
    kept.keep(reached=max([*reading.picking.tally.ids, kept.reached or 0]))
    read_at = begun.earliest(walk.server_time) if begun else walk.server_time
    if read_at is not None and (reading.loads or kept.changed):
        # An older time only makes the next run read more, so that a run without news needs no load for it.
        kept.keep(read_at=read_at.isoformat())


def _keep_abilities(reading: Reading) -> None:
    """What the source was seen to do; where it broke a rule, the next run asks anew."""
    walk = reading.walk
    broken = walk is None or bool(walk.broke) or bool(walk.plan.verdict())
    reading.kept.keep(capabilities={} if broken else reading.able.known(), several=reading.picking.details.several)


def _absent(reading: Reading) -> list[str]:
    """What was asked for by id and not listed."""
    if not reading.window.ids or reading.walk is None or not reading.walk.ended:
        return []
    absent = sorted(set(reading.window.ids).difference(reading.picking.tally.ids))
    shown = ", ".join(map(str, absent[:5]))
    return [f"{len(absent)} of the ids asked for were not listed: {shown}"] if absent else []


def _cursor(reading: Reading, walk: Walk) -> datetime | None:
    if reading.window.own:
        return reading.cursor_before
    server = walk.server_time if reading.begun is None else reading.begun.earliest(walk.server_time)
    return memory.next_cursor(reading.cursor_before, server, reading.picking.tally.newest)


def _text_keys(ids: Mapping[int, int]) -> dict[str, int]:
    """As JSON keeps it."""
    return {str(key): value for key, value in sorted(ids.items())}
