"""Values as an API sends them, and what they become: properties of the column casts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stitchhouse.columns import Misfit, cast, parse_time
from stitchhouse.dataset import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

BAD = "¿?"
FORMS = (
    "0 1 -1 -0 +1 00 01 0x1f 1. .5 -.5 1.5 +1.50 1e2 1E-2 1e400 -1e2 1_000 1,5 nan inf -inf true false True TRUE "
    "False yes t f on off 2024-01-02 2024-1-2 20240102 2024-W01-1 2024-01-02T03:04:05Z 2024-01-02T03:04:05z "
    "2024-01-02T03:04 2024-01-02T03 2024-01-02T24:00:00Z 2024-01-02T03:04:60Z 2024-01-02T03:04:05.123456789Z "
    "2024-01-02T03:04:05,5Z 2024-01-02T03:04:05+01 2024-01-02T03:04:05-0330 2024-01-02T03:04:05+99:00 2024-02-30 "
    "0000-00-00 0000-00-00T00:00:00Z 0001-01-01T00:00:00+14:00 9999-12-31T23:59:59-12:00 10000-01-01T00:00:00Z "
    "9223372036854775807 9223372036854775808 -9223372036854775808 99999999999999.9999 99999999999999.99995 ١٢"
).split()
values = st.one_of(st.sampled_from(FORMS), st.sampled_from([f" {form}" for form in FORMS]), st.text(max_size=12))
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=offsets)  # noqa: DTZ001 - bounds of local times


def alone(value: Any, kind: Kind, zone: str = "UTC") -> tuple[Any, str]:
    """What a value becomes, and why it is not what was sent."""
    array, misfits = cast([value], kind, zone)
    return array[0].as_py(), misfits[0].reason if misfits else ""


def every_form(test: Callable[..., None]) -> Callable[..., None]:
    """Besides what hypothesis finds, always all forms, however busy the machine is."""
    for form in FORMS:
        test = example(value=form)(test)
    return settings(deadline=None)(test)


@pytest.mark.parametrize("kind", Kind)
@every_form
@given(value=values)
def test_a_value_means_the_same_in_any_company(kind: Kind, value: str) -> None:
    """What stands beside a value in its column changes neither what it becomes nor whether it is rejected."""
    array, misfits = cast([BAD, value, None], kind)
    single, own = cast([value], kind)
    reasons = {misfit.place: misfit.reason for misfit in misfits}
    assert array.slice(1, 1).equals(single)
    assert [reasons[place] for place in reasons if place == 1] == [misfit.reason for misfit in own]
    assert (array.slice(2, 1).null_count, 2 in reasons) == (1, False)
    assert kind is Kind.TEXT or 0 in reasons


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.TEXT])
@every_form
@given(value=values)
def test_nothing_is_lost(kind: Kind, value: str) -> None:
    """A value that becomes null and is not empty is reported with its raw text."""
    array, misfits = cast([value], kind)
    if array.null_count and value:
        assert [(misfit.place, misfit.raw) for misfit in misfits] == [(0, value)]


@given(st.lists(st.none() | st.text()))
def test_text_stays_as_it_is(texts: list[str | None]) -> None:
    """Text is neither trimmed nor made null when it is empty."""
    array, misfits = cast(texts, Kind.TEXT)
    assert (array.to_pylist(), misfits) == (texts, [])


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("sent", [[], [None, None], ["", None]])
def test_nothing_is_null(kind: Kind, sent: list[str | None]) -> None:
    """Nulls stay nulls, and an empty value is null in every kind but text, where it stays."""
    array, misfits = cast(sent, kind)
    assert array.to_pylist() == (sent if kind is Kind.TEXT else [None] * len(sent))
    assert misfits == []


@given(st.integers(-(2**63), 2**63 - 1))
def test_ids_come_back(number: int) -> None:
    """A whole number is the same number, as text or not, and is written back as it was sent."""
    assert alone(str(number), Kind.ID) == alone(number, Kind.ID) == (number, "")


@given(st.integers(0, 10**18))
@example(12)
def test_ids_with_zeros_before_them_are_no_numbers(number: int) -> None:
    """An id that would not be written back as it was sent is null and rejected."""
    assert alone(f"0{number}", Kind.ID) == (None, "not a value of kind ids")


@given(st.decimals(-(10**15), 10**15, allow_nan=False, places=7) | st.decimals(-2, 2, allow_nan=False, places=6))
@example(Decimal("0.00005"))
@example(Decimal("0.00015"))
@example(Decimal("99999999999999.99995"))
def test_money_is_rounded_half_to_even(amount: Decimal) -> None:
    """An amount keeps four decimals, half to even; a rounded one is told so, one beyond 14 digits is rejected."""
    value, reason = alone(f"{amount:f}", Kind.MONEY)
    rounded = amount.quantize(Decimal("0.0001"), ROUND_HALF_EVEN)
    if abs(rounded) >= 10**14:
        assert (value, reason) == (None, "out of range for DECIMAL(18,4)")
    else:
        assert (value, reason) == (rounded, "" if rounded == amount else "rounded")


@pytest.mark.parametrize(("sent", "meant"), [(0, False), (1, True), (False, False), (True, True)])
def test_flags_in_all_forms(sent: int, meant: bool) -> None:  # noqa: FBT001 - a flag is what is tested
    """0, 1, true and false mean the same as numbers, as JSON's own words and as text, alone and mixed."""
    text = str(sent).lower()
    assert alone(sent, Kind.FLAG) == alone(text, Kind.FLAG) == (meant, "")
    assert cast([sent, text, None, ""], Kind.FLAG)[0].to_pylist() == [meant, meant, None, None]


@given(moments, st.sampled_from(["T", " "]), st.sampled_from(["seconds", "milliseconds", "microseconds"]))
def test_times_with_an_offset_are_instants(moment: datetime, between: str, precision: str) -> None:
    """A time with any offset, in any of its forms, is that instant in UTC."""
    text = moment.isoformat(between, precision)
    instant = datetime.fromisoformat(text).astimezone(UTC)
    forms = [text, text[:-3] + text[-2:]]
    if text.endswith("00:00"):
        forms.append(text[:-6] + "Z")
    assert cast(forms, Kind.TIME)[0].to_pylist() == [instant] * len(forms)
    assert [parse_time(form) for form in forms] == [instant] * len(forms)


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - bounds of local times
    st.sampled_from(["UTC", "Europe/Lisbon", "Asia/Kolkata"]),
)
def test_times_without_an_offset_are_at_home(moment: datetime, zone: str) -> None:
    """A time without an offset is in the account's zone, in whatever company."""
    instant = moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert alone(moment.isoformat(), Kind.TIME, zone) == (instant, "")
    mixed, misfits = cast(["2024-01-01T00:00:00Z", moment.isoformat(" ")], Kind.TIME, zone)
    assert (mixed.to_pylist(), misfits) == ([datetime(2024, 1, 1, tzinfo=UTC), instant], [])


@given(st.dates(), st.sampled_from(["", "T00:00:00Z", " 23:59", "T23:30:00-08:00"]))
def test_dates_are_as_written(day: date, rest: str) -> None:
    """A date is its first ten characters, whatever time follows."""
    assert alone(f"{day.isoformat()}{rest}", Kind.DATE) == (day, "")


def test_a_misfit_tells_its_place() -> None:
    """Each value that does not fit is told with its index, reason and raw text; the others keep theirs."""
    array, misfits = cast(["1", "1.23456", None, "many", ""], Kind.MONEY)
    assert array.to_pylist() == [Decimal("1.0000"), Decimal("1.2346"), None, None, None]
    assert misfits == [Misfit(1, "rounded", "1.23456"), Misfit(3, "not a decimal number", "many")]
