"""Odd values, names and links: each is sent by the source in a row of a real answer, and read by two real syncs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.kept import KeptShop, entered, kept_shop
from tests.odd_lists import Odd, odd_list
from tests.odd_rows import FINE, ODD
from tests.truth import differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pipelines.load import Outcome

ROW = "select {} from stitchex.sales_orders where id = {}"


class OddShop:
    """A shop in which every order is odd in its own way but a few, after today's sync and the next one."""

    def __init__(self, shop: KeptShop, rows: dict[int, Odd]) -> None:
        self.shop = shop
        self.rows = rows
        self.runs: list[Outcome] = []

    def of(self, odd: Odd) -> int:
        (key,) = (key for key, one in self.rows.items() if one is odd)
        return key

    def rejected(self, odd: Odd) -> set[tuple[str | None, str, str]]:
        """What is rejected of an order: by its id, or where it has none by a part of what it held."""
        told = self.shop.sql("select key, column_name, reason, raw from stitchex._rejected")
        parts = [raw for column, _, raw in odd.rejected if column is None]
        found = {(column, reason, raw) for key, column, reason, raw in told if key == str(self.of(odd)) and column}
        for _, column, reason, raw in told:
            found |= {(column, reason, part) for part in parts if column is None and part in raw}
        return found


@contextmanager
def odd_shop(folder: Path, group: Sequence[Odd]) -> Iterator[OddShop]:
    with (
        kept_shop(folder / "project", "stitchex", synced=False, orders=len(group) + 3) as shop,
        pytest.MonkeyPatch.context() as patch,
    ):
        entered(shop, patch)
        made = OddShop(shop, dict(zip(sorted(shop.control.ids("stitchex", "sales_orders")), group, strict=False)))
        with odd_list(shop.box.environment["SOURCES__STITCHEX__BASE_URL"], "sales_orders", made.rows) as url:
            patch.setenv("SOURCES__STITCHEX__BASE_URL", url)
            made.runs += [shop.load(), shop.load()]
        yield made


@pytest.fixture(scope="module")
def fine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OddShop]:
    with odd_shop(tmp_path_factory.mktemp("fine"), FINE) as shop:
        yield shop


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OddShop]:
    with odd_shop(tmp_path_factory.mktemp("bad"), ODD) as shop:
        yield shop


def held(shop: OddShop, odd: Odd) -> dict[str, Any]:
    key = shop.of(odd)
    quoted = {name: name if "(" in name else f'"{name}"' for name in odd.holds}
    return {name: shop.shop.one(ROW.format(column, key)) for name, column in quoted.items()}


@pytest.mark.parametrize("odd", FINE, ids=lambda odd: odd.name)
def test_a_value_that_fits(odd: Odd, fine: OddShop) -> None:
    """An odd value or name that can be kept is kept exactly, in a column of its own, and nothing of it is rejected."""
    assert held(fine, odd) == odd.holds
    assert fine.rejected(odd) == set()


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd.name)
def test_a_value_that_does_not_fit(odd: Odd, bad: OddShop) -> None:
    """A value that does not fit is null in its row, and stands in `_rejected` with place, reason and raw text."""
    if odd.holds:
        assert held(bad, odd) == odd.holds
    assert bad.rejected(odd) == set(odd.rejected)


def test_rows_without_a_value_that_does_not_fit(fine: OddShop) -> None:
    """Odd values that fit end with 0, certified; what was mended or is new in the source stands in the note, once."""
    first, second = fine.runs
    assert (first.exit_code, second.exit_code, second.rows) == (0, 0, {})
    (certificate,), (again,) = first.certificates, second.certificates
    assert certificate.certified
    assert again.certified
    assert certificate.rejected == fine.shop.one("select count(*) from stitchex._rejected") == 0
    assert "halves of characters that became U+FFFD: 1" in certificate.note
    assert "fields that stood twice in one object, of which the last counts: 1" in certificate.note
    for name in ("gift_wrap", "foo_bar_8a9e894f", "src_dlt_id", "src_account"):
        assert f"sales_orders.{name}" in certificate.note
        assert name not in again.note
    assert fine.shop.one("select count(*) from stitchex.sales_orders") == len(FINE) + 3


def test_neighbours_of_what_does_not_fit(bad: OddShop) -> None:
    """Today's run ends with 10 and the next with 0; every other order is loaded whole, and nothing is loaded again."""
    first, second = bad.runs
    assert (first.exit_code, second.exit_code, second.rows) == (10, 0, {})
    assert all(run.certificates[-1].certified for run in bad.runs)
    lost = [
        bad.of(odd) for odd in ODD if any(column is None for column, *_ in odd.rejected) and "lines" not in odd.name
    ]
    loaded = {key for (key,) in bad.shop.sql("select id from stitchex.sales_orders")}
    assert loaded == set(bad.shop.control.ids("stitchex", "sales_orders")) - set(lost)
    neighbours = loaded - bad.rows.keys()
    assert len(neighbours) == 3
    assert differences(bad.shop, "stitchex", only=neighbours) == []
    assert first.certificates[-1].rejected == bad.shop.one("select count(*) from stitchex._rejected")
    orders = "select id from stitchex.sales_orders"
    lines = "select count(*) from stitchex.sales_order_line_items where sales_order_id"
    assert bad.shop.one(f"{lines} is null or sales_order_id not in ({orders})") == 0
