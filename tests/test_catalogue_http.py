"""The catalogue of faults, 1 to 39: what goes wrong between us and the source, put into the way of a real sync."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.spoiled import Fault, at_first, body, door_shop, said
from tests.wire import Said

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.wire import Asked

GZIP = {"Content-Encoding": "gzip"}
ELSEWHERE = {"Location": "http://evil.example/api2/v2/Contacts"}


def cut(asked: Asked, right: Said, n: int) -> Said:  # noqa: ARG001
    """Half of the body; the connection is closed, and no header says how long it should have been."""
    return Said(right.body[: len(right.body) // 2], right.status)


def half_gzip(raw: bytes) -> bytes:
    return gzip.compress(raw)[:-40]


def too_old(asked: Asked, right: Said, n: int) -> Said:
    """The first answer holds a row that is older than what was asked for."""
    data = json.loads(right.body)
    if n == 1:
        data["Variants"][0]["updated_at"] = "2001-01-01T00:00:00+00:00"
        assert asked.json()["filter"]
    return replace(right, body=json.dumps(data).encode())


STAY = [
    Fault(
        7,
        "500 on one list",
        65,
        r"page 1 keeps failing while other requests are answered \(HTTP 500",
        said(Said(b"", 500)),
        on="products",
    ),
    Fault(
        10, "403 on one list", 77, "page 1: .* denies access .*ask for the right", said(Said({"message": "no"}, 403))
    ),
    Fault(11, "404 on a list", 78, "HTTP 404 .*there is no such list", said(Said({"message": "not found"}, 404))),
    Fault(13, "redirect", 65, r"redirect to evil\.example refused", said(Said(b"", 302, ELSEWHERE))),
    Fault(20, "reset in mid body", 65, "keeps failing.*cannot reach", said(Said({"Contacts": []}, cut=5))),
    Fault(22, "cut body", 65, "the answer is not JSON", cut),
    Fault(23, "cut gzip", 65, "the answer is not JSON", body(half_gzip, **GZIP)),
    Fault(25, "gzip that is none", 65, "not packed as it says", body(lambda raw: raw, **GZIP)),
    Fault(
        27,
        "HTML",
        65,
        "keeps failing.*got HTML, not JSON .*Back soon",
        said(Said(b"<html>Back soon</html>" + b" " * 999)),
    ),
    Fault(28, "empty body", 65, "not JSON: nothing", said(Said(b""))),
    Fault(29, "an error with 200", 65, "it says: under repair", said(Said({"error": "under repair"}))),
    Fault(
        14,
        "redirect to http",
        65,
        "redirect to 127.0.0.1 refused",
        said(Said(b"", 301, {"Location": "http://127.0.0.1/"})),
    ),
    Fault(
        17, "redirect to itself", 65, "redirect to another path refused", said(Said(b"", 307, {"Location": "/here"}))
    ),
    Fault(25, "br", 65, "packed in a way that was not asked for", body(lambda raw: raw, **{"Content-Encoding": "br"})),
    Fault(26, "gzip bomb", 65, "larger than 64 MB", said(Said(gzip.compress(b" " * (70 * 2**20), 1), headers=GZIP))),
    Fault(28, "204", 65, "not JSON: nothing", said(Said(b"", 204))),
    Fault(30, "null", 65, "it holds: NoneType", said(Said(b"null"))),
    Fault(30, "a list", 65, "it holds: list", said(Said([]))),
    Fault(30, "a text", 65, "it holds: str", said(Said(b'"ok"'))),
    Fault(33, "broken UTF-16", 65, "not JSON", body(lambda raw: raw.decode().encode("utf-16")[:-1])),
    Fault(35, "a tail", 65, "not JSON", body(lambda raw: raw + b" tail")),
]
PASS = [
    Fault(1, "429 once", 0, "", at_first(Said(b"", 429, {"Retry-After": "0"}))),
    Fault(4, "429 with a senseless wait", 0, "", at_first(Said(b"", 429, {"Retry-After": "9" * 5000}))),
    Fault(5, "503 once", 0, "", at_first(Said(b"", 503, {"Retry-After": "0"}))),
    Fault(6, "504 four times", 0, "", lambda asked, right, n: Said(b"", 504) if n < 5 else right),  # noqa: ARG005
    Fault(21, "short body once", 0, "", lambda asked, right, n: Said(right.body, cut=9) if n == 1 else right),  # noqa: ARG005
    Fault(
        24,
        "gzip without its end",
        0,
        "answers without the checksum at their end: [12]",
        body(lambda raw: gzip.compress(raw)[:-8], **GZIP),
    ),
    Fault(
        31,
        "called text/html",
        0,
        "answers that did not call themselves JSON: [12]",
        body(lambda raw: raw, **{"Content-Type": "text/html"}),
    ),
    Fault(33, "BOM", 0, "", body(lambda raw: b"\xef\xbb\xbf" + raw)),
    Fault(33, "UTF-16", 0, "", body(lambda raw: raw.decode().encode("utf-16"))),
    Fault(
        34,
        "invalid UTF-8",
        0,
        "characters that could not be read and became U",
        body(lambda raw: raw.replace(b'"name":"', b'"name":"\xff')),
        "products",
    ),
    Fault(
        57, "a row before the filter", 0, "came from a list filtered from .*so all was read again", too_old, "variants"
    ),
    Fault(36, "a stale copy", 0, "", body(lambda raw: raw, Age="4000")),
]
SPARED = {"contacts"}
"""Never spoiled itself."""


def test_faults_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests) -> None:
    """In one sync each dataset meets another fault and ends as that fault says; what is beside it is loaded.

    Those that end a dataset leave its rows and its cursor as they were, and the next sync brings what was missed.
    """
    with door_shop(tmp_path / "project", "stitchlabs", monkeypatch) as shop:
        assert shop.sync({}).exit_code == 0
        faults, replaced = STAY + PASS, []
        for part in range(3):
            shop.suffers(faults[part::3], SPARED, subtests)
            replaced.append(shop.shop.one("select count(*) from stitchlabs.products where name like '%\ufffd%'"))
        assert max(replaced) >= 2
        assert shop.sync({}).exit_code == 0
        asked = [one for one in shop.shop.asked("stitchlabs") if "page_size" in one["body"]]
        # The source gives five rows at most, however many it is asked for.
        assert {one["body"]["page_size"] for one in asked if one["rows"] == 5} == {50}
        assert max(one["rows"] for one in asked) == 5
        assert {one["status"] for one in asked} == {200, 206}
