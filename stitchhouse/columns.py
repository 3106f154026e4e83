"""One column: values as the API sent them -> one typed Arrow array, and what did not fit.

The whole column is cast at once; only a column with a value that does not fit is read value by value. A value that does
not fit becomes null and is reported with its raw text, so that neither the row nor the value is lost.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from stitchhouse.dataset import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TYPES: dict[Kind, pa.DataType] = {
    Kind.ID: pa.int64(),
    Kind.COUNT: pa.int64(),
    Kind.MONEY: pa.decimal128(18, 4),
    Kind.FLAG: pa.bool_(),
    Kind.TIME: pa.timestamp("us", "UTC"),
    Kind.DATE: pa.date32(),
    Kind.TEXT: pa.string(),
}

ROUNDED = "rounded"
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
WHOLE = re.compile(r"0|-?[1-9]\d{0,18}", re.ASCII)
FLAGS = {"0": False, "1": True, "false": False, "true": True}
CENT_OF_A_CENT = Decimal("0.0001")
LARGEST = Decimal(10) ** 14
EARLIEST, LATEST = (pa.scalar(time.replace(tzinfo=UTC), TYPES[Kind.TIME]) for time in (datetime.min, datetime.max))  # noqa: DTZ901


class Misfit(NamedTuple):
    """A value that was not loaded as it came: its place in the column, why, and its raw text."""

    place: int
    reason: str
    raw: str


def cast(values: Sequence[Any], kind: Kind, zone: str = "UTC") -> tuple[pa.Array[Any], list[Misfit]]:
    """`values` as one array of the type of `kind`. `zone` is where a time without an offset is at home."""
    array = _natural(values, kind)
    if array is not None:
        return array, []
    text = _text(values)
    if kind is Kind.TEXT:
        return text, []
    blank = pc.equal(text, pa.scalar(""))
    if pc.any(blank).as_py():
        text = pc.if_else(blank, pa.scalar(None, pa.string()), text)
    try:
        return _CAST[kind](text), []
    except pa.ArrowInvalid:
        return _one_by_one(text, kind, zone)


def _natural(values: Sequence[Any], kind: Kind) -> pa.Array[Any] | None:
    """The column where JSON's own type is the column's type already."""
    if kind not in {Kind.ID, Kind.COUNT, Kind.FLAG}:
        return None
    try:
        return pa.array(values, TYPES[kind])
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return None


def _text(values: Sequence[Any]) -> pa.Array[Any]:
    try:
        return pa.array(values, pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([as_text(value) for value in values], pa.string())


def as_text(value: object) -> str | None:
    """A JSON value as the text that the API would have sent for it."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _whole(text: pa.Array[Any]) -> pa.Array[Any]:
    array = text.cast(pa.int64())
    if not pc.all(pc.equal(array.cast(pa.string()), text), min_count=0).as_py():
        raise pa.ArrowInvalid("not the same digits when written back")
    return array


def _times(text: pa.Array[Any]) -> pa.Array[Any]:
    array = text.cast(TYPES[Kind.TIME])
    inside = pc.and_(pc.greater_equal(array, EARLIEST), pc.less_equal(array, LATEST))
    if not pc.all(inside, min_count=0).as_py():
        raise pa.ArrowInvalid("outside the years 1 to 9999")
    return array


def _date(text: pa.Array[Any]) -> pa.Array[Any]:
    if not pc.all(pc.match_substring_regex(text, r"^\d{4}-\d\d-\d\d([T ].*)?$"), min_count=0).as_py():
        raise pa.ArrowInvalid("not a date")
    return pc.utf8_slice_codeunits(text, 0, 10).cast(pa.date32())


_CAST: dict[Kind, Callable[[pa.Array[Any]], pa.Array[Any]]] = {
    Kind.ID: _whole,
    Kind.COUNT: _whole,
    Kind.MONEY: lambda text: text.cast(TYPES[Kind.MONEY]),
    Kind.FLAG: lambda text: text.cast(pa.bool_()),
    Kind.TIME: _times,
    Kind.DATE: _date,
}


def _one_by_one(text: pa.Array[Any], kind: Kind, zone: str) -> tuple[pa.Array[Any], list[Misfit]]:
    home = ZoneInfo(zone)
    values: list[Any] = []
    misfits = []
    for index, raw in enumerate(text.to_pylist()):
        if raw is None:
            values.append(None)
            continue
        value, reason = _value(raw, kind, home)
        values.append(value)
        if reason:
            misfits.append(Misfit(index, reason, raw))
    return pa.array(values, TYPES[kind]), misfits


def _value(raw: str, kind: Kind, home: ZoneInfo) -> tuple[Any, str]:
    """(value, reason): a value without a reason fits, a reason without a value is lost, both is a rounded value."""
    try:
        if kind is Kind.MONEY:
            return _money(raw)
        if kind is Kind.FLAG:
            return FLAGS[raw.lower()], ""
        if kind is Kind.TIME:
            return _time(raw, home), ""
        if kind is Kind.DATE:
            return date.fromisoformat(raw[:10]) if raw[10:11] in {"", "T", " "} else _no(raw), ""
        return _whole_number(raw)
    except (ValueError, KeyError, OverflowError):
        return None, f"not a value of kind {kind.value}"


def _no(raw: str) -> NoReturn:
    raise ValueError(raw)


def _whole_number(raw: str) -> tuple[int | None, str]:
    if not WHOLE.fullmatch(raw):
        _no(raw)
    number = int(raw)
    return (number, "") if -(2**63) <= number < 2**63 else (None, "out of range for a whole number")


def _money(raw: str) -> tuple[Decimal | None, str]:
    if not NUMBER.fullmatch(raw):
        return None, "not a decimal number"
    exact = Decimal(raw)
    if abs(exact) >= LARGEST:
        return None, "out of range for DECIMAL(18,4)"
    value = exact.quantize(CENT_OF_A_CENT, ROUND_HALF_EVEN)
    if abs(value) >= LARGEST:
        return None, "out of range for DECIMAL(18,4)"
    return value, "" if value == exact else ROUNDED


def _time(raw: str, home: ZoneInfo) -> datetime:
    value = datetime.fromisoformat(raw)
    return (value if value.tzinfo else value.replace(tzinfo=home)).astimezone(UTC)


def parse_time(raw: object, zone: str = "UTC") -> datetime | None:
    """One time for a cursor, in UTC; None where there is none or it cannot be read. `zone` as for a column."""
    if not isinstance(raw, str) or not raw:
        return None
    try:
        return _time(raw, ZoneInfo(zone))
    except (ValueError, OverflowError):
        return None
