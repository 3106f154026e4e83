"""Lines that change their order while the orders are read, far apart in the same walk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kept import entered, kept_shop

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("api", ["stitchlabs", "stitchex"])
def test_a_line_that_is_read_under_two_orders_ends_under_one(
    api: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line read under its old order early in a walk and under its new one late is where it belongs afterwards."""
    sizes = {"page_size": 1, "page_size_cap": 1}
    with kept_shop(tmp_path / "shop", api, synced=False, orders=40, organisations=1, **sizes) as shop:
        entered(shop, monkeypatch)
        orders = shop.open_orders()
        giving, taking = orders[0], orders[-1]
        line = shop.line_ids(giving)[0]
        move = {"do": "lines", "api": api, "resource": shop.resource, "order": giving}
        shop.control.script({"before": 30, **move, "move": {"lines": [line], "to": taking}})
        assert shop.load(later=0).exit_code == 0
        shop.control.script()
        assert shop.load().exit_code == 0
        assert shop.load().exit_code == 0
        assert shop.differences() == []
        table = f"{api}.sales_order_line_items"
        assert shop.one(f"select sales_order_id from {table} where id = {line}") == taking
