"""The catalogue of faults, 40 to 60: envelopes and pages that are not as they should be, in the way of a real sync."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.spoiled import FINE, Fault, content, door_shop, said
from tests.wire import Said

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.spoiled import Spoil
    from tests.wire import Asked


def listed(data: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """The name of the list in an answer, and the list."""
    return next((name, held) for name, held in data.items() if isinstance(held, list))


def page_of(asked: Asked) -> int:
    return int(asked.path.partition("page=")[2].partition("&")[0])


def renamed(data: dict[str, Any], asked: Asked) -> None:  # noqa: ARG001
    data["things"] = data.pop(listed(data)[0])


def becomes(value: Any) -> Spoil:
    """The list is something else."""
    return content(lambda data, asked: data | {listed(data)[0]: value})  # noqa: ARG005


def meta(**wrong: Any) -> Spoil:
    return content(lambda data, asked: data | {"meta": data["meta"] | wrong})  # noqa: ARG005


def in_text(data: dict[str, Any], asked: Asked) -> None:  # noqa: ARG001
    data["meta"] = {name: None if held is None else str(held) for name, held in data["meta"].items()}


def without_meta(data: dict[str, Any], asked: Asked) -> None:
    if page_of(asked) > 1 or "since_id" in asked.path:
        del data["meta"]


def same_again(data: dict[str, Any], asked: Asked) -> None:  # noqa: ARG001
    if data["meta"]["next_page"]:
        data["meta"]["next_page"] = data["meta"]["current_page"]


def stranger(data: dict[str, Any], asked: Asked) -> None:  # noqa: ARG001
    listed(data)[1][-1]["organisation_id"] = 999


def repeated(*, older: bool) -> Spoil:
    """The first row of each page comes once more, older, or changed under the same stamp."""

    def spoil(data: dict[str, Any], asked: Asked) -> None:  # noqa: ARG001
        rows = listed(data)[1]
        if rows:
            other = copy.deepcopy(rows[0])
            other["notes" if "notes" in other else "name"] = "another content"
            if older:
                other["updated_at"] = "2001-01-01T00:00:00Z"
            rows.append(other)

    return content(spoil)


def hole(data: dict[str, Any], asked: Asked) -> None:
    if page_of(asked) == 2:
        listed(data)[1].clear()


def overlapping() -> Spoil:
    """Each page holds the first row of the page that was read before it as well."""
    kept: list[dict[str, Any]] = []

    def spoil(data: dict[str, Any], asked: Asked) -> None:  # noqa: ARG001
        rows = listed(data)[1]
        first = rows[:1]
        rows += kept
        kept[:] = first

    return content(spoil)


def short(data: dict[str, Any], asked: Asked) -> None:
    if page_of(asked) == 2:
        listed(data)[1].pop()


def beyond() -> Spoil:
    """One page more is counted than there are, and it holds the rows of the first one again."""
    kept: list[dict[str, Any]] = []

    def spoil(data: dict[str, Any], asked: Asked) -> None:
        name, rows = listed(data)
        real = data["meta"]["total_pages"]
        kept.extend([] if kept else rows)
        if page_of(asked) > real:
            data[name] = kept
        last = data["meta"]["total_pages"] = real + 1
        data["meta"]["next_page"] = page_of(asked) + 1 if page_of(asked) < last else None
        data["meta"]["current_page"] = page_of(asked)

    return content(spoil)


FAULTS = [
    Fault(40, "list renamed", 65, "holds no list .*it holds: meta, things", content(renamed)),
    Fault(41, "list is null", 65, "holds no list", becomes(None)),
    Fault(41, "list is an object", 65, "holds no list", becomes({"id": 1})),
    Fault(
        42, "meta missing on page 2", 65, "does not say whether more pages follow", content(without_meta), "invoices"
    ),
    Fault(43, "meta in text", 0, "", content(in_text)),
    Fault(44, "total_pages -1", 65, "meta says that total_pages is '-1'", meta(total_pages=-1)),
    Fault(44, "total_pages abc", 65, "meta says that total_pages is 'abc'", meta(total_pages="abc")),
    Fault(45, "next page is the same", 65, "page 1 says that the next page is 1", content(same_again), "sales_orders"),
    Fault(
        58,
        "row of another organisation",
        65,
        "a row of organisation 999 came, twice",
        content(stranger),
        "pick_tickets",
    ),
    Fault(10, "403 on one list", 77, "denies access", said(Said({"message": "no"}, 403))),
    Fault(11, "404 on a list", 78, "there is no such list", said(Said({"message": "not found"}, 404))),
]
MORE = [
    Fault(
        44,
        "total_pages 10**12",
        65,
        "meta says that there are 1000000000000 pages for",
        meta(total_pages=10**12),
        "customers",
    ),
    Fault(
        49, "total_count wrong", 10, "holds [0-9]+ rows, the source counts 4711", meta(total_count=4711), "sales_orders"
    ),
    Fault(53, "a row twice on a page", 0, "left out", repeated(older=True), "invoices"),
    Fault(
        53,
        "two copies of a row under one stamp",
        10,
        "rows came, the source counts",
        repeated(older=False),
        "pick_tickets",
    ),
    Fault(54, "empty page", 10, "5 rows came, the source counts 6", content(hole), "products"),
    Fault(51, "short page", 10, "page 2 of 8 holds 4 rows, others 5", content(short), "skus"),
]
LAST = [
    Fault(46, "a page beyond the end", 10, ".", beyond(), "skus"),
    Fault(52, "one row on two pages", 10, "no order to trust, and no two of 4 readings", overlapping(), "products"),
]


IGNORED = replace(FINE, number=56, name="filter ignored", words="so all was read again", on="payments")
SPARED = {"organisations"}
"""It comes with the login."""


def test_faults_of_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests) -> None:
    """In one sync each list is spoiled in another way and ends so; what is beside it is loaded, and later all is.

    At last since_id, honoured so far, gives the first page again and again: those walks end, and other plans read all.
    """
    with door_shop(tmp_path / "project", "stitchex", monkeypatch, organisations=1) as shop:
        assert shop.sync({}).exit_code == 0
        for faults in (FAULTS, MORE, LAST):
            shop.suffers(faults, SPARED, subtests)
        shop.shop.control.switch(since_id="ignored")
        shop.suffers([IGNORED], SPARED, subtests)
        (walk,) = [one for one in shop.shop.outcomes[-1].certificates if one.dataset == IGNORED.on]
        assert (walk.plan, walk.distinct > 5) == ("last page first", True)
        kept = shop.shop.sql(
            "select dataset, raw from stitchex._rejected where reason like 'other copies of the same key%'"
        )
        assert {dataset for dataset, _ in kept} == {"pick_tickets"}
        assert all("another content" in raw or "(edited)" in raw for _, raw in kept)
