"""Runs that are killed or told to end, and requests that go wrong: a slice of `tests.kills` and `tests.nth_fault`."""

from __future__ import annotations

import signal
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ORDERS
from tests.crashing import POINTS
from tests.kills import Killing, series, shop_of
from tests.nth_fault import Found, chosen, faulty

if TYPE_CHECKING:
    from pathlib import Path

FEW = ("between the jobs and their completion", "after the load counts", "before kept certificates are let go")
TOO_LITTLE = 120 * 2**20
"""Bytes: about what the libraries of a load take by themselves."""


@pytest.mark.parametrize("number", [0, 1])
def test_killed_syncs_lose_nothing(number: int) -> None:
    """After kills at any moment one quiet run makes the warehouse equal to the source, with no key twice."""
    outcome = series(number, seed=3, kills=2, datasets=ORDERS)
    assert outcome.found == []
    assert outcome.kills == 2


def test_a_sync_may_die_at_named_points() -> None:
    """Nor where they die between the jobs of a load, just after it counts, or before they forget what it carried."""
    outcome = series(0, seed=1, kills=len(FEW), points=FEW, datasets=ORDERS)
    assert outcome.found == []
    assert set(outcome.points) == set(FEW)


@pytest.mark.parametrize(
    ("name", "number", "code"),
    [("after a page", signal.SIGINT, 130), ("before a job of the load", signal.SIGTERM, 143)],
)
def test_a_sync_that_is_told_to_end(name: str, number: int, code: int, tmp_path: Path) -> None:
    """A sync that is interrupted while it reads or loads ends with 130 or 143, in one line; the next run is whole."""
    assert name in POINTS
    with shop_of(tmp_path / "project", "stitchlabs") as shop:
        told = Killing(shop, Random(1), ORDERS)
        ended, _ = told.run(None, name, 3, number)
        assert ended == code, told.errors()
        (line,) = told.errors().splitlines()
        assert "the next run goes on from there" in line
        assert told.peace() == []


def test_a_sync_that_runs_out_of_memory(tmp_path: Path) -> None:
    """A sync that dies for want of memory, however abruptly, is followed by a run that is whole."""
    with shop_of(tmp_path / "project", "stitchlabs") as shop:
        starved = Killing(shop, Random(1), ORDERS)
        assert starved.run(None, memory=TOO_LITTLE)[0] != 0
        assert starved.peace() == []


@pytest.mark.parametrize(("api", "state", "seed"), [("stitchlabs", "later", 4), ("stitchex", "later", 5)])
def test_a_request_that_goes_wrong(api: str, state: str, seed: int, tmp_path: Path) -> None:
    """Whichever request of a sync goes wrong in whatever way, the run ends as it should and two more make it whole."""
    found = Found()
    with faulty(tmp_path / "project", api, state) as shop:
        shop.run(Random(seed).choice(chosen(api, state, shop.requests())), found)
    assert found.wrong == []
    assert found.cases == 1
