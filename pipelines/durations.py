"""Spans of time as people write them: 90s, 10m, 2h, 3d."""

from __future__ import annotations

import re
from datetime import timedelta

from stitchhouse.errors import UsageError

WRITTEN = re.compile(r"(\d{1,5})([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(text: str, option: str, word: str = "duration") -> timedelta:
    """What `text`, given with `option`, says; `0` needs no unit. Raises `UsageError`."""
    found = WRITTEN.fullmatch(text.strip())
    if text.strip() == "0":
        return timedelta()
    if found is None:
        raise UsageError(f"{option} {text!r} is no {word}; write 90s, 30m, 2h or 3d")
    return timedelta(**{UNITS[found[2]]: int(found[1])})
