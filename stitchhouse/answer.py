"""What an answer says besides its rows: JSON, the words of an error, the source's clock, and when to come back."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pendulum

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

JSON = msgspec.json.Decoder(float_hook=str)
"""Decimals stay the text that was sent, and whole numbers are exact at any size."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A successful answer. `date` is the source's clock in UTC, less the answer's age; ours where it sent none."""

    status: int
    data: Any
    date: datetime


def message_of(raw: bytes) -> str:
    """The words of an error body of any shape."""
    try:
        data = JSON.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return raw.decode(errors="replace") or "no words"
    if isinstance(data, list) and data:
        data = data[0]
    for name in ("message", "error_description", "error", "reason"):
        if isinstance(data, dict) and data.get(name):
            data = data[name]
    return str(data)


def retry_after(value: str | None, date: datetime | None) -> float | None:
    """Seconds to wait by a `Retry-After` of either form; a form that makes no sense counts as none."""
    if not value:
        return None
    if value.isascii() and value.isdigit() and len(value) < 9:  # noqa: PLR2004 - beyond that it is no wait
        return float(value)
    try:
        until = pendulum.instance(parsedate_to_datetime(value))
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, (until - (pendulum.instance(date) if date else pendulum.now("UTC"))).total_seconds())


def date_of(headers: Mapping[str, str]) -> datetime | None:
    try:
        date = pendulum.instance(parsedate_to_datetime(headers["Date"])).in_timezone("UTC")
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
    age = headers.get("Age", "0")
    return date.subtract(seconds=int(age)) if age.isascii() and age.isdigit() and len(age) < 9 else date  # noqa: PLR2004
