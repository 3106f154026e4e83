"""A first load of any size: in slices, each loaded by itself, so that a run that ends early is gone on with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pipelines.project import datasets_of
from stitchhouse.walk import Window
from tests.conftest import stitchhouse
from tests.kept import KeptShop, entered, kept_shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APIS = ("stitchlabs", "stitchex")
PAGES: dict[str, Any] = {"page_size_cap": 5, "page_size": 5}


@pytest.fixture
def fresh(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeptShop]:
    """A shop of 60 orders on pages of 5, not yet synced."""
    with kept_shop(tmp_path / "shop", request.param, synced=False, **PAGES) as opened:
        yield entered(opened, monkeypatch)


def ids(shop: KeptShop) -> list[int]:
    return [one for (one,) in shop.sql(f"select id from {shop.api}.sales_orders order by id")]


@pytest.mark.parametrize("fresh", APIS, indirect=True)
def test_a_first_load_goes_on_where_it_stopped(fresh: KeptShop) -> None:
    """Run after run with few requests each brings every order once, newest first where the API allows it."""
    seen: list[int] = []
    asked, runs = 0, 0
    while True:
        runs += 1
        fresh.control.clear_requests()
        outcome = fresh.load(max_requests=8)
        asked += len(fresh.asked(fresh.api))
        certificate = outcome.certificates[0]
        held = ids(fresh)
        assert set(seen) <= set(held)
        if certificate.certified:
            break
        assert (outcome.exit_code, certificate.certified, certificate.cursor_after) == (10, False, None)
        assert "as many requests as were allowed" in certificate.why
        whole = fresh.control.ids(fresh.api, fresh.resource)
        assert held == (whole[-len(held) :] if fresh.api == "stitchlabs" else whole[: len(held)])
        seen = held
    assert runs >= 3
    assert certificate.distinct == certificate.new == 60
    assert certificate.unchanged == 0
    assert fresh.differences() == []
    # 12 pages, 12 to 18 detailed reads of 5, a few questions of what the list can do, and what each run asks anew.
    assert asked <= 60


@pytest.mark.parametrize("fresh", ["stitchex"], indirect=True)
def test_a_list_that_cannot_be_gone_on_with_is_read_again(fresh: KeptShop) -> None:
    """Where the source no longer filters by id, the walk that goes on begins anew, and its figures are its own."""
    fresh.load(max_requests=8)
    assert 0 < len(ids(fresh)) < 60
    fresh.control.switch(since_id="ignored")
    certificate = fresh.load().certificates[0]
    assert (certificate.plan, certificate.certified, certificate.asked) == ("last page first", True, "all")
    assert (certificate.distinct, certificate.total_first) == (60, 60)
    assert fresh.differences() == []


@pytest.mark.parametrize("fresh", ["stitchex"], indirect=True)
def test_what_changes_while_a_first_load_is_not_done_is_not_lost(fresh: KeptShop) -> None:
    """Orders that were loaded by an earlier slice and changed since come with the run that reads the last slice."""
    fresh.load(max_requests=8)
    first = ids(fresh)
    assert 0 < len(first) < 60
    fresh.change(*first[:3])
    fresh.control.add(fresh.api, fresh.resource, 2)
    outcome = fresh.load()
    assert outcome.exit_code == 0
    # The rest, and then what changed since the first run began: two walks, each with its certificate.
    assert [one.asked.partition(" ")[0] for one in outcome.certificates] in (["all,", "changed"], ["all,", "new"])
    assert fresh.differences() == []


@pytest.mark.parametrize("fresh", ["stitchlabs"], indirect=True)
def test_a_failing_page_costs_only_what_lies_behind_it(fresh: KeptShop) -> None:
    """Where a first load ends with an error, what was read stays, and the next run does not read it again."""
    fresh.control.fault(500, before=18, times=5, api="stitchlabs")
    outcome = fresh.load(slice_requests=8)
    assert outcome.exit_code in {65, 69}
    held = ids(fresh)
    assert 0 < len(held) < 60
    fresh.control.clear_faults()
    outcome = fresh.load()
    certificate, _ = outcome.certificates
    assert (outcome.exit_code, certificate.new) == (0, 60)
    assert "goes on beyond id" in certificate.asked
    assert fresh.differences() == []


@pytest.mark.parametrize("fresh", ["stitchex"], indirect=True)
def test_every_slice_is_a_load(fresh: KeptShop) -> None:
    """A long first read is loaded in several packages, one certificate for all of them, and equals the source."""
    loads = f"select count(*) from {fresh.api}._dlt_loads"
    outcome = fresh.load(datasets=(), slice_requests=12)
    assert outcome.exit_code == 0
    assert fresh.one(loads) >= 4
    assert fresh.one(f"select count(*) from {fresh.api}._walks where not certified") == 0
    names = datasets_of(fresh.api, [])
    assert fresh.one(f"select count(*) from {fresh.api}._walks") == len(names) == len(outcome.certificates)
    assert fresh.differences() == []


@pytest.mark.parametrize("fresh", ["stitchex"], indirect=True)
def test_datasets_that_no_request_was_left_for(fresh: KeptShop) -> None:
    """With `--max-requests` the datasets that were not begun say so, exit code 10, and come with the next run."""
    code, out, _ = stitchhouse(
        "sync", "stitchex", "--dataset", "sales_orders", "--dataset", "customers", "--max-requests", "6"
    )
    assert code == 10
    assert "customers 4101: NOT CERTIFIED: not begun" in out
    assert fresh.load(datasets=("sales_orders", "customers"), window=Window()).exit_code == 0
    assert fresh.one("select count(*) from stitchex.customers") > 0
