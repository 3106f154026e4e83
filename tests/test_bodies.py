"""The bytes of an answer: what is parsed, what is asked for again, and what is refused."""

from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime, timedelta

import pytest

from stitchhouse.errors import ContractError, StitchhouseError
from tests.wire import FINE, Said, ask, wire


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        (Said(b"<html><p>Down for maintenance</p>" + b"x" * 9000), 69, "HTML, not JSON.*Down for maintenance"),
        (Said(b'{"a": 1} tail'), 65, "not JSON"),
        (Said(b""), 65, "not JSON: nothing"),
        (Said(b"", 204), 65, "not JSON: nothing"),
        (Said(b"[" * 200_000), 65, "JSON"),
    ],
)
def test_answers_that_are_no_json(said: Said, code: int, words: str) -> None:
    """An answer that is no JSON is asked for five times and then told in one short line."""
    with wire(said) as server, pytest.raises(StitchhouseError, match=words) as caught:
        ask(server)
    assert (len(server.asked), caught.value.exit_code) == (5, code)
    assert len(str(caught.value)) < 200
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        Said({"fine": True}, cut=3),
        Said(gzip.compress(b'{"fine": true}')[:-12], headers={"Content-Encoding": "gzip"}),
        Said(b'{"fine": true}', headers={"Content-Encoding": "gzip"}),
    ],
    ids=["cut", "cut gzip", "no gzip"],
)
def test_a_body_that_does_not_arrive_whole(wrong: Said) -> None:
    """A body that is cut off, or not in the encoding it claims, is asked for again."""
    with wire([wrong, FINE]) as server:
        assert ask(server).data == {"fine": True}
        assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8-sig", ""),
        ("utf-16", ""),
        ("utf-16-le", "application/json"),
        ("utf-32", "application/json; charset=utf-8"),
        ("latin-1", "application/json; charset=ISO-8859-1"),
        ("utf-8", "application/json; charset=ISO-8859-1"),
        ("cp1252", 'application/json; charset="windows-1252"'),
        ("utf-8", "application/json; charset=nonsense"),
    ],
)
def test_encodings(encoding: str, declared: str) -> None:
    """A byte order mark, UTF-16 and a declared charset are read for what they are, and nothing is replaced."""
    with wire(Said('{"city": "Köln"}'.encode(encoding), headers={"Content-Type": declared})) as server:
        answer = ask(server)
    assert (answer.data, answer.mended) == ({"city": "Köln"}, {})


@pytest.mark.parametrize(
    ("sent", "read", "mended"),
    [
        (b'"K\xf6ln \xef\xbf\xbd"', "K\ufffdln \ufffd", 1),
        (b'"\\ud800 and \\ude00, \\ud83d\\ude00"', "\ufffd and \ufffd, \U0001f600", 2),
        (b"NaN", "NaN", 0),
        (b"[1.10, -Infinity]", ["1.10", "-Infinity"], 0),
        (b"1" * 5000, "1" * 5000, 0),
        (b'"a\tb"', "a\tb", 0),
    ],
    ids=["invalid UTF-8", "half characters", "NaN", "infinity", "5,000 digits", "tab"],
)
def test_values_that_no_json_may_hold(sent: bytes, read: object, mended: int) -> None:
    """One odd value does not cost its page: it comes as text, and every character that was replaced is counted."""
    with wire(Said(b'{"odd": ' + sent + b', "fine": 1.50}')) as server:
        answer = ask(server)
    assert answer.data == {"odd": read, "fine": "1.50"}
    assert sum(answer.mended.values()) == mended
    assert len(server.asked) == 1


@pytest.mark.parametrize(("age", "seconds"), [("4000", 4000), ("0", 0), ("-5", 0), ("soon", 0), ("9" * 20, 0)])
def test_a_stale_copy(age: str, seconds: int) -> None:
    """The source's clock is that of the answer's making, not of its way through a cache; we ask for no kept copies."""
    with wire(Said({}, headers={"Date": "Fri, 02 Feb 2024 10:00:00 GMT", "Age": age})) as server:
        assert ask(server).date == datetime(2024, 2, 2, 10, tzinfo=UTC) - timedelta(seconds=seconds)
        assert server.asked[0].headers["cache-control"] == "no-cache"


def test_no_clock() -> None:
    """Where the source sends no time that can be read, ours counts, and the answers of which that is so are counted."""
    with wire(Said({}, headers={"Date": "a moment ago"})) as server:
        before = datetime.now(UTC)
        answer = ask(server)
    assert before <= answer.date <= datetime.now(UTC)
    assert answer.mended == {"answers without a Date that can be read, in whose place our own clock counts": 1}


def test_a_huge_body() -> None:
    """A body beyond 64 MB after decoding is refused with 65 and not asked for again, however small it was sent."""
    packed = gzip.compress(b" " * (65 * 2**20), 1)
    with wire(Said(packed, headers={"Content-Encoding": "gzip"})) as server:
        with pytest.raises(ContractError, match="larger than 64 MB"):
            ask(server)
        assert len(server.asked) == 1


def test_a_dripping_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that comes byte by byte is given up after 60 seconds, not when it ends, and asked for again."""
    real = time.monotonic
    begun = real() * 200
    monkeypatch.setattr(time, "monotonic", lambda: real() * 200)
    with wire([Said(b'{"fine": false}' + b" " * 150, drip=0.02), FINE]) as server:
        assert ask(server).data == {"fine": True}
        assert len(server.asked) == 2
    assert 60 <= time.monotonic() - begun < 300


def test_numbers_are_exact() -> None:
    """Decimals stay the text that was sent and whole numbers are right at any length."""
    said = b'{"price": 1.10, "small": 1E-7, "many": 0.1234567890123456789, "id": 123456789012345678901234567890}'
    with wire(Said(said, headers={"Content-Type": "text/plain"})) as server:
        assert ask(server).data == {
            "price": "1.10",
            "small": "1E-7",
            "many": "0.1234567890123456789",
            "id": 123456789012345678901234567890,
        }
