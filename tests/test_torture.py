"""A few schedules of the torture; `python -m tests.torture` plays as many as wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.kept import entered, kept_shop
from tests.schedules import drawn
from tests.torture import told

if TYPE_CHECKING:
    from pathlib import Path

SEEDS = {2: "stitchlabs", 64: "stitchex", 350: "stitchex", 387: "stitchex"}
"""Schedules that are soon over, by their API."""


@pytest.mark.parametrize("seed", SEEDS)
def test_a_schedule_of_changes_and_faults(seed: int, tmp_path: Path) -> None:
    """Whatever happens while the source is read, each claim of a sync holds, and one quiet sync brings the rest."""
    story = told(seed, tmp_path)
    assert story.problems == []
    assert (story.api, story.counts["walks"] > 0) == (SEEDS[seed], True)


def test_a_seed_is_the_same_schedule_again() -> None:
    """A schedule is drawn from its seed alone, and another seed gives another one."""
    assert [drawn(seed) for seed in range(50)] == [drawn(seed) for seed in range(50)]
    assert drawn(1) != drawn(2)


def test_certificates_outlive_a_load_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate that waits for a load to travel with outlives one that fails, and comes with the next."""
    tags = ("contact_tags",)
    with kept_shop(tmp_path / "shop", "stitchlabs", synced=False, orders=20) as shop:
        entered(shop, monkeypatch)
        monkeypatch.setenv("LOAD__RAISE_ON_MAX_RETRIES", "1")
        shop.load(datasets=tags)
        waiting = shop.load(datasets=tags).certificates[-1]
        assert shop.sql(f"select * from stitchlabs._walks where run = '{waiting.run}'") == []
        with duckdb.connect(str(shop.file)) as connection:
            # A second certificate of the dataset does not fit this index, so the load ends before any is in.
            connection.execute("create unique index once on stitchlabs._walks (dataset)")
        shop.control.change("stitchlabs", "ContactTags")
        assert shop.sync("stitchlabs", tags).exit_code == 74
        with duckdb.connect(str(shop.file)) as connection:
            connection.execute("drop index stitchlabs.once")
        shop.load(datasets=tags)
        assert shop.one(f"select count(*) from stitchlabs._walks where run = '{waiting.run}'") == 1
