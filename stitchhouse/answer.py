"""What an answer says besides its rows: JSON, the words of an error, the source's clock, and when to come back."""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pendulum

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

JSON = msgspec.json.Decoder(float_hook=str)
"""Decimals stay the text that was sent, and whole numbers are exact at any size."""
INSTEAD = "\ufffd"
HALF = re.compile("[\ud800-\udfff]")
"""Half of a pair that only together is a character."""
LONGEST_NUMBER = 4000
"""Digits of a whole number; Python refuses to read much longer ones, which stay the text that was sent."""
NO_UTF8 = "characters that could not be read and became U+FFFD"
HALVES = "halves of characters that became U+FFFD"
TWICE = "fields that stood twice in one object, of which the last counts"
NO_END = "answers without the checksum at their end"
ECHO = "answers repeated a secret of ours, which became ***"
UNDATED = "answers without a Date that can be read, in whose place our own clock counts"
NOT_NAMED = "answers that did not call themselves JSON"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A successful answer. `date` is the source's clock in UTC, less the answer's age; ours where it sent none.

    `mended` counts, by their words, the oddities that did not keep it from being read.
    """

    status: int
    data: Any
    date: datetime
    mended: Mapping[str, int] = field(default_factory=dict)


def parsed(raw: bytes, content_type: str, *, closely: bool = False) -> tuple[Any, Counter[str]]:
    """A body of JSON, and what had to be mended in it. Raises `ValueError` or `RecursionError` where it is none.

    The fast parser takes what the standard allows. What it refuses is read once more, as far as nothing is guessed:
    in the encoding that a byte order mark or the header tells, and with NaN and halves of characters as text. Only
    that slow reading, which `closely` asks for at once, sees fields that stand twice in one object.
    """
    mended: Counter[str] = Counter()
    if content_type and "json" not in content_type.lower():
        mended[NOT_NAMED] += 1
    if not closely:
        with suppress(msgspec.DecodeError, UnicodeDecodeError):
            return JSON.decode(raw), mended

    def made(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        fields = dict(pairs)
        if len(fields) < len(pairs):
            mended[TWICE] += len(pairs) - len(fields)
        return fields

    text = _text(raw, content_type, mended)
    data = json.loads(
        text, parse_float=str, parse_constant=str, parse_int=_number, object_pairs_hook=made, strict=False
    )
    if "\\ud" in text.lower():
        text, halves = HALF.subn(INSTEAD, json.dumps(data, ensure_ascii=False))
        if halves:
            mended[HALVES] += halves
            data = json.loads(text, parse_int=_number)
    return data, mended


def _text(raw: bytes, content_type: str, mended: Counter[str]) -> str:
    encoding = json.detect_encoding(raw)
    if not encoding.startswith("utf-8"):
        return raw.decode(encoding)
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        header = Message()
        header["Content-Type"] = content_type
        charset = header.get_content_charset("utf-8")
    try:
        # An unknown name is a LookupError; UTF-8 was tried.
        if codecs.lookup(charset).name != "utf-8":
            return raw.decode(charset)
    except (LookupError, UnicodeDecodeError):
        pass
    text = raw.decode(encoding, errors="replace")
    mended[NO_UTF8] += text.count(INSTEAD) - raw.count(INSTEAD.encode())
    return text


def _number(digits: str) -> int | str:
    return int(digits) if len(digits) <= LONGEST_NUMBER else digits


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
