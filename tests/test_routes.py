"""What is in the warehouse depends on the source alone, not on the way that it was read."""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING

import pytest

from sandbox import running
from tests.kept import KeptShop, entered
from tests.routes import apart, names, parts, warehouse

if TYPE_CHECKING:
    from pathlib import Path

SEED = int(os.environ.get("ROUTES_SEED", "7"))
"""Chooses routes and changes; a failure prints it, and the variable replays it."""
SMALL, LARGE = {"page_size": 10, "page_size_cap": 7}, {"page_size": 100, "page_size_cap": 50}
LISTED = {
    "stitchlabs": ("SalesOrders", "Contacts", "Invoices", "InvoicePayments", "Products", "Variants", "Attributes"),
    "stitchex": ("sales_orders", "invoices", "payments", "pick_tickets", "customers", "products", "skus", "seasons"),
}
"""Resources in which the shop changes, the first two by new rows too.

What has no list, or what hangs on a row without a new stamp, would show only with the next change of that row.
"""


def load(shop: KeptShop, patch: pytest.MonkeyPatch, *runs: list[str]) -> None:
    entered(shop, patch)
    for run in runs:
        outcome = shop.load(later=1, datasets=run)
        assert outcome.exit_code == 0, outcome.errors


def change(shop: KeptShop, random: Random) -> None:
    """An hour later: rows are changed and added, one order loses lines and another gets some."""
    shop.control.clock(advance=3600)
    for resource in random.sample(LISTED[shop.api], 3):
        shop.control.change(shop.api, resource, count=2)
    added = random.choice(LISTED[shop.api][:2])
    shop.control.add(shop.api, added, count=2)
    first, second = random.sample(shop.open_orders(), 2)
    shop.lines(first, remove=shop.line_ids(first)[:1])
    shop.lines(second, add=1)


@pytest.mark.parametrize("api", LISTED)
def test_two_routes_lead_to_one_warehouse(api: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any order of datasets, in one run or many, on small pages or large, synced often or once, gives the same rows."""
    random, said = Random(SEED), f"replay with ROUTES_SEED={SEED}"
    with running(orders=20, organisations=1, control=True) as box:
        often, rarely = (warehouse(box, tmp_path / name, api) for name in ("often", "rarely"))
        box.control.clock(now="2026-11-10T08:00:00+00:00")
        box.control.switch(**SMALL)
        load(often, monkeypatch, names(api))
        box.control.switch(**LARGE)
        runs = parts(random, names(api), 3)
        load(rarely, monkeypatch, *runs[:2], runs[0], runs[2])
        assert apart(often, rarely) == {}, f"{said}, before any change; {runs}"
        change(often, random)
        load(often, monkeypatch, *parts(random, names(api), 2))
        box.control.switch(**SMALL)
        runs = parts(random, names(api), 2)
        load(rarely, monkeypatch, *runs)
        assert apart(often, rarely) == {}, f"{said}, after all changes; {runs}"


def test_a_poorer_copy_takes_nothing_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files beside variants do not name their product, those beside products do: it is known by every route."""
    routes: dict[str, list[list[str]]] = {
        "rich": [["products"]],
        "last": [["variants"], ["products"]],
        "first": [["products"], ["variants"]],
        "once": [["products", "variants"]],
    }
    with running(orders=30, control=True, api="stitchlabs") as box:
        box.control.clock(now="2026-11-10T08:00:00+00:00")
        held = {}
        for name, runs in routes.items():
            shop = warehouse(box, tmp_path / name, "stitchlabs")
            load(shop, monkeypatch, runs[0])
            if name == "last":
                assert shop.one("select count(product_id) from stitchlabs.product_files") == 0
            load(shop, monkeypatch, *runs[1:])
            if name == "first":
                box.control.clock(advance=3600)
                box.control.change("stitchlabs", "Variants", count=40)
                load(shop, monkeypatch, ["variants"])
            held[name] = set(shop.sql("select id, product_id from stitchlabs.product_files"))
        assert held == dict.fromkeys(routes, held["rich"])
        assert all(product for _, product in held["rich"])
