"""Odd values, from the source to the warehouse."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.kept import KeptShop, entered, kept_shop

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def odd(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeptShop]:
    with kept_shop(tmp_path_factory.mktemp("shop") / "project", "stitchex", orders=20) as shop:
        yield entered(shop, monkeypatch)


def test_odd_values_of_the_source(odd: KeptShop) -> None:
    """Odd values are in `_rejected` with place, reason and raw text, once, however often their order is loaded."""
    key = odd.open_orders()[0]
    line = odd.line_ids(key)[0]
    odd.change(key, set={"deposit_percentage": "0.00005", "season_id": "0071", "proforma_date": "unknown"})
    odd.change(key, set={"custom_fields": [{"name": "Gift", "value": [1, {"a": None}], "hint": 5}]})
    odd.lines(key, set={str(line): {"weight": "heavy"}})
    outcome = odd.load()
    told = odd.sql(
        "select dataset, account, table_name, key, column_name, reason, raw from stitchex._rejected order by 5"
    )
    where = ("sales_orders", "4101")
    assert told == [
        (*where, "sales_orders", str(key), "deposit_percentage", "rounded", "0.00005"),
        (*where, "sales_orders", str(key), "proforma_date", "not a value of kind dates", "unknown"),
        (*where, "sales_orders", str(key), "season_id", "not a value of kind ids", "0071"),
        (*where, "sales_order_line_items", str(line), "weight", "not a decimal number", "heavy"),
    ]
    assert (outcome.exit_code, outcome.certificates[-1].rejected) == (10, 4)
    custom = odd.sql(f"select value, hint from stitchex.sales_order_custom_fields where sales_order_id = {key}")
    assert custom == [('[1,{"a":null}]', "5")]
    assert "sales_order_custom_fields.hint" in outcome.certificates[-1].note
    assert odd.one(f"select deposit_percentage from stitchex.sales_orders where id = {key}") == 0

    assert odd.load().rows == {}
    odd.change(key, set={"notes": "again"})
    assert odd.load().rows["sales_orders"] == 1
    assert odd.one("select count(*) from stitchex._rejected") == 4


def test_one_bad_value_after_another(odd: KeptShop) -> None:
    """A bad value that is replaced by another one, without a new stamp, is found and kept too."""
    key = odd.open_orders()[0]
    for value in ("0071", "0072", "0072"):
        odd.change(key, set={"season_id": value}, stamp=False)
        odd.load()
    assert odd.sql("select raw from stitchex._rejected order by 1") == [("0071",), ("0072",)]
    assert odd.outcomes[-1].rows == {}


def test_times_of_both_eras_are_the_same_instants(odd: KeptShop) -> None:
    """The same orders in the words of the older generation of the API are not taken for changed times."""
    before = odd.sql("select id, created_at, updated_at from stitchex.sales_orders order by 1")
    assert all(isinstance(created, datetime) and created.tzinfo is not None for _, created, _ in before)
    odd.control.switch(era="2019")
    odd.load()
    assert odd.sql("select id, created_at, updated_at from stitchex.sales_orders order by 1") == before
    assert odd.one("select min(created_at) from stitchex.sales_orders") > datetime(2023, 1, 1, tzinfo=UTC)
