"""What `sync` is asked to read, from the options of the command."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pendulum
from pendulum.parsing.exceptions import ParserError

from pipelines.durations import duration
from stitchhouse.errors import UsageError
from stitchhouse.walk import Window

if TYPE_CHECKING:
    from collections.abc import Sequence


def window_of(  # noqa: PLR0913 - the options of the command, all named
    *, full: bool, lookback: str, since: str, until: str, ids: str, datasets: Sequence[str], sources: Sequence[str]
) -> Window:
    """Raises `UsageError` where the options contradict each other or cannot be read."""
    bounds = bool(since or until)
    if sum((full, bool(lookback), bounds, bool(ids))) > 1:
        raise UsageError("--full, --lookback, --since with --until, and --ids exclude each other; choose one")
    if ids and (len(datasets) != 1 or ("." not in datasets[0] and len(sources) != 1)):
        raise UsageError("--ids are ids of one dataset; say which, such as --dataset stitchex.sales_orders")
    if ids and not _ids(ids):
        raise UsageError("--ids names no id; write whole numbers with commas between them")
    if lookback:
        return Window(lookback=duration(lookback, "--lookback"))
    begin, end = _time(since, "--since"), _time(until, "--until")
    if begin and end and begin >= end:
        raise UsageError(f"--since {since} is not before --until {until}")
    return Window(full=full, since=begin, until=end, ids=_ids(ids))


def _time(text: str, option: str) -> datetime | None:
    """A date or a time as ISO 8601 has it; without an offset in UTC."""
    if not text:
        return None
    try:
        parsed = pendulum.parse(text)
    except (ParserError, ValueError):
        parsed = None
    if not isinstance(parsed, datetime):
        raise UsageError(f"{option} takes a date or a time such as 2026-11-01 or 2026-11-01T08:00:00Z, not {text!r}")
    return parsed.astimezone(UTC)


def _ids(text: str) -> tuple[int, ...]:
    words = text.replace(",", " ").split()
    if wrong := [word for word in words if not (word.isascii() and word.isdigit()) or int(word) >= 2**63]:
        raise UsageError(f"--ids takes whole numbers with commas between them, not {wrong[0]!r}")
    return tuple(dict.fromkeys(map(int, words)))
