"""One contract for every dataset and every table of it, generated from the declarations."""

from __future__ import annotations

from contextlib import ExitStack
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

import pytest

from sources import stitchex, stitchlabs
from stitchhouse.dataset import Kind
from stitchhouse.layout import ROW_HASH, Layout, layouts
from stitchhouse.ledger import REJECTED, WALKS
from tests.kept import KeptShop, entered, kept_shop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stitchhouse.dataset import Dataset

DATASETS: dict[str, tuple[Dataset, ...]] = {"stitchlabs": stitchlabs.DATASETS, "stitchex": stitchex.DATASETS}
TYPES = {
    Kind.ID: "BIGINT",
    Kind.COUNT: "BIGINT",
    Kind.MONEY: "DECIMAL(18,4)",
    Kind.FLAG: "BOOLEAN",
    Kind.TIME: "TIMESTAMP WITH TIME ZONE",
    Kind.DATE: "DATE",
    Kind.TEXT: "VARCHAR",
}
SHOWN_WHILE_OPEN = {"sales_order_line_items", "sales_order_custom_line_items"}
"""Of a closed order the source shows the completed ones instead; all values of both are compared below."""
NEVER_SENT = {
    "account_order_infos",
    "attributes",
    "fulfillment_orders__account_addresses",
    "packing_slips__account_addresses",
}
"""Tables for what the references name but no reply to an order is known to hold."""
PARTS = [(api, dataset) for api, datasets in DATASETS.items() for dataset in datasets]
LAYOUTS = [(api, layout) for api, dataset in PARTS for layout in layouts(dataset).values()]
ROOTS = [(api, layouts(dataset)[dataset.table.name]) for api, dataset in PARTS]


def each(cases: list[tuple[str, Layout]]) -> pytest.MarkDecorator:
    named = [pytest.param(api, layout, id=f"{api}.{layout.name}") for api, layout in cases]
    return pytest.mark.parametrize(("api", "layout"), named)


both = pytest.mark.parametrize("api", list(DATASETS))


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], KeptShop]]:
    """A shop of each API, synced twice with nothing changed in between; started when it is first asked for."""
    with ExitStack() as running:

        @cache
        def started(api: str) -> KeptShop:
            folder = tmp_path_factory.mktemp("shop") / "project"
            shop = running.enter_context(kept_shop(folder, api, orders=120, organisations=2))
            with pytest.MonkeyPatch.context() as patch:
                entered(shop, patch)
                shop.control.clear_requests()
                shop.load()
            return shop

        yield started


@pytest.fixture
def kept(api: str, shops: Callable[[str], KeptShop]) -> KeptShop:
    return shops(api)


def described(shop: KeptShop, table: str) -> dict[str, str]:
    return {row[0]: row[1] for row in shop.sql(f'describe {shop.api}."{table}"')}


@each(LAYOUTS + [(api, layout) for api in DATASETS for layout in (WALKS, REJECTED)])
def test_a_table_has_its_columns(kept: KeptShop, layout: Layout) -> None:
    """Every declared column is there with its declared type, in its order, and nothing else but the load's id."""
    expected = {name: TYPES[kind] for name, kind in layout.columns.items()} | {"_dlt_load_id": "VARCHAR"}
    assert list(described(kept, layout.name).items()) == list(expected.items())
    assert layout.name.startswith("_") or next(iter(expected)) == "account"


@each(LAYOUTS + [(api, layout) for api in DATASETS for layout in (WALKS, REJECTED)])
def test_a_key_is_unique_and_whole(kept: KeptShop, layout: Layout) -> None:
    """No two rows have the same key, no part of a key is null, and every row tells its load."""
    table, key = f'{kept.api}."{layout.name}"', ", ".join(layout.key)
    assert kept.sql(f"select {key} from {table} group by all having count(*) > 1") == []
    nulls = " or ".join(f"{name} is null" for name in (*layout.key, "_dlt_load_id"))
    assert kept.one(f"select count(*) from {table} where {nulls}") == 0
    nullable = f"table_schema = '{kept.api}' and table_name = '{layout.name}' and is_nullable = 'NO'"
    declared = kept.sql(f"select column_name from information_schema.columns where {nullable}")
    assert {name for (name,) in declared} >= set(layout.key)


@each([case for case in LAYOUTS if case[1].name not in NEVER_SENT])
def test_a_table_is_filled(kept: KeptShop, layout: Layout) -> None:
    """A table of something that the source has holds rows, and no tombstone."""
    assert kept.one(f'select count(*) from {kept.api}."{layout.name}"') > 0
    ids = [name for name in layout.key if layout.columns[name] is Kind.ID]
    assert kept.one(f'select count(*) from {kept.api}."{layout.name}" where least({", ".join(ids)}) <= 0') == 0


@each(ROOTS)
def test_a_root_has_a_hash(kept: KeptShop, layout: Layout) -> None:
    """Every row of a root table carries the hash of its content."""
    assert kept.one(f"select count(*) from {kept.api}.{layout.name} where {ROW_HASH} is null") == 0


@both
def test_a_second_run_loads_nothing(kept: KeptShop) -> None:
    """With nothing changed, a second run loads no row of data and every walk is certified."""
    first, second = kept.outcomes
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert all(walk.certified for walk in (*first.certificates, *second.certificates))
    assert second.rows == {}
    loads = kept.one(f"select count(distinct _dlt_load_id) from {kept.api}.sales_orders")
    assert loads == 1


@both
def test_a_second_run_asks_little(kept: KeptShop) -> None:
    """With nothing changed, a dataset that has a cursor asks one question; the others read their list once."""
    with_cursor = {dataset.name for dataset in DATASETS[kept.api] if dataset.cursor}
    requests = {walk.dataset: walk.requests for walk in kept.outcomes[1].certificates if walk.dataset in with_cursor}
    assert requests == dict.fromkeys(with_cursor, 1)
    if kept.api == "stitchlabs":
        assert len(kept.asked(kept.api)) == 1
    else:
        pages = sum(walk.pages for walk in kept.outcomes[1].certificates if walk.dataset == "sales_orders")
        assert len(kept.asked(kept.api)) == pages == 2


@both
def test_everything_of_the_source_is_there(kept: KeptShop) -> None:
    """The warehouse adds up to the source's own orders, lines, units and value."""
    told = kept.control.summary(kept.api)
    if kept.api == "stitchlabs":
        lines = " union all ".join(
            f"select id, quantity, price, quantity units from stitchlabs.{name}"
            for name in ("sales_order_line_items", "completed_sales_order_line_items")
        )
    else:
        lines = """select l.id, unit_price price, sum(quantity) units from stitchex.sales_order_line_items l
                   left join stitchex.sales_order_line_quantities q on l.id = q.sales_order_line_item_id group by all"""
    counted = kept.sql(f"select count(*), sum(units)::int, sum(units * price) from ({lines})")
    assert counted == [(told["lines"], told["units"], Decimal(told["value"]))]
    assert kept.one(f"select count(*) from {kept.api}.sales_orders") == told["orders"]


@both
def test_every_owned_object_is_there(kept: KeptShop) -> None:
    """The ids of every table that hangs on orders are the source's ids, none lost and none made up."""
    blocks = {
        layout.name: dataset.by_name[layout.name].block or layout.name
        for dataset in DATASETS[kept.api]
        for layout in layouts(dataset).values()
        if layout.scope and "id" in layout.key and layout.name not in SHOWN_WHILE_OPEN
    }
    for table, block in blocks.items():
        held = {one for (one,) in kept.sql(f"select id from {kept.api}.{table} where sales_order_id is not null")}
        assert held == set(kept.control.ids(kept.api, block)), table


@both
def test_every_value_is_the_source_s(kept: KeptShop) -> None:
    """Every field of every order and line, amounts, times, flags, ids, texts and nulls, is what the source holds."""
    assert kept.differences() == []
    assert kept.sql(f"select * from {kept.api}._rejected") == []
