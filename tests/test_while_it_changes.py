"""The source changes while it is read: rows are edited, added, deleted and moved before every n-th request."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from tests.kept import SMALL_PAGES, KeptShop, entered, kept_shop
from tests.truth import differences, truth

if TYPE_CHECKING:
    from pathlib import Path

UNSORTED: dict[str, Any] = {"sort": "shuffled", "id_filter": "refused"}
PLANS: dict[str, tuple[str, dict[str, Any], str]] = {
    "labs by id": ("stitchlabs", {}, "keyset on id"),
    "labs without filters": ("stitchlabs", {"updated_at": "refused", "id_filter": "refused"}, "last page first"),
    "labs that ignores filters": ("stitchlabs", {"updated_at": "ignored", "id_filter": "ignored"}, "last page first"),
    "ex by id": ("stitchex", {}, "keyset on id"),
    "ex that refuses since_id": ("stitchex", {"since_id": "refused"}, "last page first"),
    "ex that ignores since_id": ("stitchex", {"since_id": "ignored"}, "last page first"),
}
CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "labs by stamp": ({}, "keyset on updated_at"),
    "labs without a filter on stamps": ({"updated_at": "refused"}, "last page first"),
    "labs that ignores the filter on stamps": ({"updated_at": "ignored"}, "last page first"),
}


def unrest(shop: KeptShop, seed: int) -> set[int]:
    """Changes to be made while the next walk runs; the orders that it will delete."""
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    random = Random(seed)
    orders = shop.open_orders()
    random.shuffle(orders)
    place = {"api": shop.api, "resource": shop.resource}
    deleted = orders[:6]
    steps: list[dict[str, Any]] = [{"do": "delete", "ids": [one], **place} for one in deleted]
    steps += [{"do": "lines", "order": one, "remove": "all", **place} for one in orders[6:9]]
    for giving, taking in zip(orders[9:13], orders[13:17], strict=True):
        line = random.choice(shop.line_ids(giving))
        steps.append({"do": "lines", "order": giving, "move": {"lines": [line], "to": taking}, **place})
    steps = [{"before": random.randint(1, 12), **step} for step in steps]
    endless = [
        {"do": "change", "count": random.randint(1, 4), **place},
        {"do": "add", "count": random.randint(0, 2), **place},
        {"do": "lines", "add": 1, **place},
    ]
    shop.control.script(*steps, every={"n": random.randint(1, 3), "do": endless})
    return set(deleted)


def walked(shop: KeptShop, seed: int) -> str:
    """A sync amid changes, which misses nothing that nobody touched, and a quiet one, which ends equal; its plan."""
    before = truth(shop, shop.api)
    deleted = unrest(shop, seed)
    outcome = shop.load(later=0)
    shop.control.script()
    after = truth(shop, shop.api)
    untouched = {key for key in before if after.get(key) == before[key]}
    assert len(untouched) < len(before) - len(deleted)
    assert outcome.exit_code == 0
    assert differences(shop, shop.api, only=untouched) == []
    assert shop.load().exit_code == 0
    held = {one for (one,) in shop.sql(f"select id from {shop.api}.sales_orders")}
    assert held - after.keys() <= deleted
    shop.gone |= held - after.keys()
    assert shop.differences() == []
    return outcome.certificates[-1].plan


@pytest.mark.parametrize(
    ("case", "seed"), [(case, seed) for case in PLANS for seed in ((5,) if case.startswith("ex") else (2,))]
)
def test_a_full_walk_amid_changes(case: str, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first, full walk misses nothing untouched whatever happens meanwhile, and the next run brings the rest."""
    api, switches, plan = PLANS[case]
    with kept_shop(tmp_path / "shop", api, synced=False, orders=50, seed=seed, **SMALL_PAGES, **switches) as shop:
        entered(shop, monkeypatch)
        assert walked(shop, seed) == plan


@pytest.mark.parametrize(("case", "seed"), [*((case, 4) for case in CHANGES), ("labs by stamp", 3)])
def test_a_walk_of_changes_amid_changes(case: str, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A walk of what changed misses none of it whatever changes meanwhile, and the next run brings the rest."""
    switches, plan = CHANGES[case]
    with kept_shop(tmp_path / "shop", "stitchlabs", orders=50, seed=seed, **SMALL_PAGES, **switches) as shop:
        entered(shop, monkeypatch)
        shop.change(count=35)
        shop.control.clock(advance=5)
        shop.change(count=25)
        shop.control.clock(advance=5)
        assert walked(shop, seed) == plan


def test_a_list_without_order_that_never_reads_alike_is_not_certified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list that comes in another order each time is not certified: rows are loaded, exit code 10, no cursor."""
    with kept_shop(tmp_path / "shop", "stitchlabs", synced=False, orders=40, **SMALL_PAGES, **UNSORTED) as shop:
        entered(shop, monkeypatch)
        outcome = shop.load()
        (certificate,) = outcome.certificates
        assert (outcome.exit_code, certificate.certified, certificate.plan) == (10, False, "repeat until stable")
        assert "no order" in certificate.why
        assert certificate.cursor_after is None
        assert shop.sql("select certified, why, cursor_after from stitchlabs._walks") == [
            (False, certificate.why, None)
        ]


def test_an_order_that_goes_away_leaves_the_cursor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cursor that was certified stays where it was when a later walk cannot be certified."""
    with kept_shop(tmp_path / "shop", "stitchlabs", orders=40, **SMALL_PAGES) as shop:
        entered(shop, monkeypatch)
        cursor = shop.outcomes[-1].certificates[0].cursor_after
        shop.control.clock(advance=3600)
        for order in reversed(shop.control.ids(shop.api, shop.resource)[:25]):
            shop.change(order, stamp=shop.control.clock(advance=10)["now"])
        shop.control.switch(sort="shuffled", id_filter="refused")
        outcome = shop.load()
        (certificate,) = outcome.certificates
        assert (outcome.exit_code, certificate.cursor_after) == (10, cursor)
        shop.control.switch(sort="honoured", id_filter="honoured")
        assert shop.load().exit_code == 0
        assert shop.outcomes[-1].certificates[0].cursor_after != cursor
        assert shop.differences() == []


@pytest.mark.parametrize(("api", "plan"), [("stitchlabs", "keyset on updated_at"), ("stitchex", "keyset on named ids")])
def test_a_list_that_outgrows_one_answer(api: str, plan: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that fits one answer is read whole each time, so silent edits show; one row too many, and it is walked."""
    with kept_shop(tmp_path / "shop", api, orders=10, **SMALL_PAGES) as shop:
        entered(shop, monkeypatch)
        shop.change(stamp=False)
        certificate = shop.load().certificates[-1]
        assert (certificate.plan, certificate.certified, certificate.pages) == ("whole list", True, 1)
        assert (certificate.rows, certificate.changed) == (10, 1)
        assert shop.differences() == []
        shop.control.add(api, shop.resource, 1)
        certificate = shop.load().certificates[-1]
        assert (certificate.plan, certificate.certified) == (plan, True)
        assert (certificate.new, certificate.changed) == (1, 0)
        assert shop.differences() == []
