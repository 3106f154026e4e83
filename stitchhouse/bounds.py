"""The bounds that a window has for one list: how far it was read, and what of it can still change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from stitchhouse import memory
from stitchhouse.begun import Begun
from stitchhouse.errors import ConfigurationError

if TYPE_CHECKING:
    from stitchhouse.dataset import Dataset
    from stitchhouse.memory import Known, Memory
    from stitchhouse.walk import Window

REREAD = timedelta(days=30)
"""How long after its last change a closed row is still read again by a quick walk of a list without a cursor."""
LONGEST = 36_500


def reread_for(days: float) -> timedelta:
    """Raises `ConfigurationError` for what is no number of days."""
    if not 0 <= days <= LONGEST:
        raise ConfigurationError(f"sources.stitchex.reread_days must be from 0 to {LONGEST}; nothing was read")
    return timedelta(days=days)


def bounded(
    window: Window, dataset: Dataset, account: str, kept: Memory, known: Known | None, reread: timedelta
) -> tuple[Window, Begun | None]:
    """The window of this walk, and the unfinished read of everything that it goes on with, if there is one."""
    if window.own:
        return window, None
    quick = None if window.full else _changeable(window, dataset, account, kept, known, reread)
    if quick is not None:
        return quick, None
    whole = window.changed_since(None if kept.unstamped else kept.cursor)
    if whole.since is None and kept.begun:
        begun = Begun(**kept.begun)
        if begun.full == window.full:
            return replace(whole, start=begun.through), begun
    return whole, None


def _changeable(
    window: Window, dataset: Dataset, account: str, kept: Memory, known: Known | None, reread: timedelta
) -> Window | None:
    """For a list that cannot be asked for changes: what is new, and what is not closed or was closed lately."""
    table, read_at = dataset.table.name, kept.read_at
    if known is None or not dataset.closed or read_at is None or kept.afresh or not kept.certified:
        return None
    after = known.settled_id(table, account, read_at - memory.LOOKBACK)
    if after is None or kept.reached is None:
        return None
    # Rows beyond may be held because they were asked for by id, or by a walk that did not end.
    after = min(after, kept.reached)
    ids = known.changeable(table, account, dataset.closed_words, read_at - reread)
    return replace(window, ids=tuple(ids), after=after)
