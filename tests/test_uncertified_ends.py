"""A walk that cannot prove itself moves nothing, and nothing beside it suffers: shown of every dataset in turn."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.load import pipeline_of
from pipelines.warehouse import Target
from tests.conftest import ALL
from tests.contents import DATASETS, ToldByLabs, differences, told_by_lists
from tests.kept import KeptShop, entered, kept_shop

if TYPE_CHECKING:
    from pathlib import Path

    from stitchhouse.dataset import Dataset

NOT_SPOILED = {"organisations"}
"""It comes with the login, and a login that fails fails all."""
DISORDERED = {
    "stitchlabs": {"invoices", "sales_orders"},
    "stitchex": {"invoices", "sales_orders"},
}
"""Datasets that come in another order with each request; the others fail five times at one page."""
FILTERS = ("id_filter", "updated_at", "since_id")
SIZES = ("page_size", "page_size_cap")
SHUFFLED = {"sort": "shuffled", "order": "shuffled"} | dict.fromkeys(FILTERS, "refused") | dict.fromkeys(SIZES, 7)
SORTED = {"sort": "honoured", "order": "id"} | dict.fromkeys(FILTERS, "honoured") | dict.fromkeys(SIZES, 2)
FAILURES: tuple[str | int, ...] = (500, "drop", "truncated")


def states(shop: KeptShop) -> dict[str, Any]:
    """What dlt's state in the destination holds of every dataset.

    Left out are what was probed, which a walk that broke forgets, the rows to be looked at once more, and why it broke.
    """
    pipeline = pipeline_of(shop.project, shop.api, Target(shop.project))
    found = {}
    for name, held in pipeline.state["sources"][shop.api]["resources"].items():
        (account,) = held["accounts"].values()
        own = {key: account[key] for key in account if key not in {"capabilities", "unsettled", "reported"}}
        found[name] = held | {"accounts": own}
    return found


def change(shop: KeptShop, dataset: Dataset) -> None:
    """Change five rows, or all, at as many moments: more than one page."""
    for key in shop.control.ids(shop.api, dataset.path)[:5]:
        shop.control.clock(advance=10)
        shop.control.change(shop.api, dataset.path, ids=[key])


@pytest.mark.parametrize("api", DATASETS)
def test_an_uncertified_end_moves_nothing(api: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spoiled walk leaves cursor and state, others are loaded and certified, and the next run brings everything."""
    with kept_shop(tmp_path / "project", api, synced=False, orders=20, page_size=2, page_size_cap=2) as shop:
        entered(shop, monkeypatch)
        for source in DATASETS:
            monkeypatch.setenv(f"SOURCES__{source.upper()}__BACKOFF", "0")
        shop.control.clock(now="2026-11-10T09:00:00+00:00")
        assert shop.load(datasets=ALL).exit_code == 0
        before = states(shop)
        spoiled_before = ""
        failures = cycle(FAILURES)
        # Backwards, so that the spoiled one, whose requests are counted, is read before the one that recovers.
        for dataset in reversed([one for one in DATASETS[api] if one.name not in NOT_SPOILED]):
            change(shop, dataset)
            disordered = dataset.name in DISORDERED[api]
            if disordered:
                assert not spoiled_before or shop.load(datasets=[spoiled_before]).exit_code == 0
                spoiled_before = ""
                shop.control.switch(**SHUFFLED)
            else:
                shop.control.fault(next(failures), before=2, times=5, api=api)
            outcome = shop.load(datasets=list(filter(None, (dataset.name, spoiled_before))))
            shop.control.switch(**SORTED)
            spoiled, *recovered = outcome.certificates
            assert (spoiled.dataset, spoiled.certified) == (dataset.name, False)
            assert spoiled.cursor_after == spoiled.cursor_before
            assert outcome.exit_code == (10 if disordered else 65)
            assert states(shop)[dataset.name] == before[dataset.name]
            assert [(one.dataset, one.certified) for one in recovered] == ([(spoiled_before, True)] * bool(recovered))
            spoiled_before = dataset.name
        assert shop.load(datasets=[spoiled_before]).exit_code == 0
        roots = {dataset.table.name for dataset in DATASETS[api]}
        told = ToldByLabs(shop) if api == "stitchlabs" else told_by_lists(shop, 4101)
        found = differences(shop.file, told, "main" if api == "stitchlabs" else "4101")
        assert [one for one in found if one.place.partition(".")[0] in roots] == []
