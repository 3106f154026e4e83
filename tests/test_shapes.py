"""One field, several shapes: whatever the source sends, the same columns are filled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pipelines.load import pipeline_of
from pipelines.warehouse import Target
from sandbox import running
from stitchhouse.layout import layouts
from stitchhouse.merge import PERSONAL
from tests.conftest import ALL
from tests.contents import DATASETS
from tests.kept import KeptShop, entered, kept_shop
from tests.routes import apart, warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = "2026-11-10T09:00:00+00:00"
ERAS = ("2019", "2026")
FORMS: tuple[dict[str, str], ...] = (
    {"rows": "map", "blocks": "array", "links_empty": "null", "numbers": "json", "time_form": "z", "meta": "json"},
    {"blocks": "array", "links_empty": "object", "numbers": "bool", "time_form": "millis", "status_206": "off"},
)
"""Ways in which Stitch Labs could write the same."""


@pytest.fixture(scope="module")
def eras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, KeptShop]]:
    """The same shop in both generations of Stitchex, with the shapes that either is known to send."""
    made = {}
    with running(orders=30, organisations=1, control=True) as box, pytest.MonkeyPatch.context() as patch:
        box.control.clock(now=NOW)
        reshaped(box.control)
        for era in ERAS:
            made[era] = warehouse(box, tmp_path_factory.mktemp(era) / "project", "stitchex")
            box.control.switch(era=era)
            entered(made[era], patch)
            assert made[era].load(later=0, datasets=ALL).exit_code == 0
        yield made


def reshaped(control: Any) -> None:
    """Give some rows the shapes that the same field has elsewhere."""
    control.change("stitchex", "sales_orders", ids=first(control, "sales_orders"), set={"order_number": "A-17"})
    for product, seasons in zip(first(control, "products", 4), (71, [72, 71], [], None), strict=True):
        control.change("stitchex", "products", ids=[product], set={"season_id": seasons})
    control.change("stitchex", "skus", ids=first(control, "skus"), set={"ean": 4006381333931})
    lacking = {"billing_address": None, "shipping_contact": None}
    control.change("stitchex", "invoices", ids=first(control, "invoices"), set=lacking)
    pieces = first(control, "production_order_line_quantities", 2)
    control.change("stitchex", "production_order_line_quantities", ids=pieces[:1], set={"inventory_id": 12345})
    control.change("stitchex", "production_order_line_quantities", ids=pieces[1:], set={"inventory_id": None})
    control.add("stitchex", "customers")


def first(control: Any, resource: str, number: int = 1) -> list[int]:
    return list(control.ids("stitchex", resource)[:number])


@pytest.fixture(params=ERAS)
def shop(request: pytest.FixtureRequest, eras: dict[str, KeptShop]) -> KeptShop:
    return eras[request.param]


def test_a_number_or_a_text(shop: KeptShop) -> None:
    """Document numbers and bar codes are the same text, whether they come as numbers or as text."""
    numbers = {number for (number,) in shop.sql("select order_number from stitchex.sales_orders")}
    assert "A-17" in numbers
    assert sum(number.isdecimal() for number in numbers) > 20
    assert shop.sql("select ean from stitchex.skus order by id limit 2") == [("4006381333931",), ("8710000000001",)]
    assert shop.one("select count(*) from stitchex.pick_tickets where order_number = '1002'") > 0


def test_one_season_or_several(eras: dict[str, KeptShop]) -> None:
    """The seasons of a product are rows of a link table, whether they come as an id, as a list or as null."""
    asked = (
        "select product_id, list(season_id order by season_id) from stitchex.products__seasons group by 1 order by 1"
    )
    products = first(eras["2026"].control, "products", 4)
    held = {era: {key: seasons for key, seasons in eras[era].sql(asked) if key in products} for era in ERAS}
    assert held == {"2019": {products[0]: [71], products[1]: [72]}, "2026": {products[0]: [71], products[1]: [71, 72]}}


def test_an_id_or_an_object(shop: KeptShop) -> None:
    """An id that comes as an object elsewhere fills the same column; the object's other fields have their own."""
    table = "stitchex.production_order_line_quantities"
    some = shop.sql(f"select inventory_id, inventory_id_sku_id from {table} order by id limit 2")
    assert some == [("12345", None), (None, None)]
    assert (
        shop.one(f"select count(*) from {table} where inventory_id = '1' || sku_id and inventory_id_sku_id = sku_id")
        > 0
    )


def test_an_object_or_null(shop: KeptShop) -> None:
    """The columns of a nested object are null where the object is, and only there."""
    invoice = first(shop.control, "invoices")[0]
    billed = "select billing_address_line_1, billing_address_country, shipping_contact_email from stitchex.invoices"
    assert shop.sql(f"{billed} where id = {invoice}") == [(None, None, None)]
    assert shop.one(f"select count(*) from ({billed}) where billing_address_line_1 is not null") > 0
    counts = "count(*) filter (orders_count = 0), count(*) filter (last_order_id is null), count(last_order_status)"
    none, without, known = shop.sql(f"select {counts} from stitchex.customers")[0]
    assert none == without == 1
    assert known > 0


def test_times_with_an_offset_or_in_utc(eras: dict[str, KeptShop]) -> None:
    """The same shop has the same times in both generations, of which one writes offsets and the other Z."""
    compared = 0
    for dataset in DATASETS["stitchex"]:
        for name, layout in layouts(dataset).items():
            times = [column for column, kind in layout.columns.items() if kind.value == "times"]
            if times and "id" in layout.columns:
                older, newer = (eras[era].sql(f"select id, {', '.join(times)} from stitchex.{name}") for era in ERAS)
                assert sorted(older, key=str) == sorted(newer, key=str), name
                compared += len(older) * len(times)
    assert compared > 200


def test_both_generations_fill_the_same_columns(eras: dict[str, KeptShop]) -> None:
    """Every table has the same columns in both generations, and the channel's own spelling of its id changes none."""
    described = "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'stitchex'"
    older, newer = (set(eras[era].sql(described)) for era in ERAS)
    assert older == newer
    assert ("channels", "id", "BIGINT") in newer
    assert not {name for _, name, _ in newer if "channel_ID".casefold() == name.casefold() and name != "channel_id"}


def test_the_stock_of_every_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A synced day has one row per SKU with the latest stock that was read on it; a day without a sync has none."""
    with kept_shop(tmp_path / "project", "stitchex", synced=False, orders=20, organisations=1) as shop:
        entered(shop, monkeypatch)
        one, other = first(shop.control, "skus", 2)

        def day(clock: str, stock: int) -> None:
            shop.control.clock(now=f"2026-11-{clock}:00+00:00")
            shop.control.change("stitchex", "skus", ids=[one], set={"in_stock": stock})
            assert shop.load(later=0, datasets=["skus"]).exit_code == 0

        day("10T09:00", 5)
        day("10T15:00", 4)
        day("10T23:59", 7)
        day("11T00:01", 7)
        day("14T12:00", 2)
        held = "select date::varchar, in_stock from stitchex.inventory where sku_id"
        assert shop.sql(f"{held} = {one} order by 1") == [("2026-11-10", 7), ("2026-11-11", 7), ("2026-11-14", 2)]
        (stock,) = {stock for _, stock in shop.sql(f"{held} = {other}")}
        assert shop.one(f"select in_stock from stitchex.skus where id = {other}") == stock
        number = len(shop.control.ids("stitchex", "skus"))
        assert shop.sql("select count(*) from stitchex.inventory group by date") == [(number,)] * 3


def test_skus_that_come_with_products(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Products fill the SKUs as long as nobody reads their own list; what that list said is never overwritten."""
    with kept_shop(tmp_path / "project", "stitchex", synced=False, orders=20, organisations=1) as shop:
        entered(shop, monkeypatch)
        one = first(shop.control, "skus")[0]
        product = shop.control.truth("stitchex", "skus", one)["row"]["product_id"]
        held = f"select color, product_name, product_id from stitchex.skus where id = {one}"

        def changed(color: str, *datasets: str) -> tuple[Any, ...]:
            shop.control.clock(advance=3600)
            shop.control.change("stitchex", "skus", ids=[one], set={"color": color})
            assert shop.load(datasets=datasets).exit_code == 0
            return shop.sql(held)[0]

        name = shop.control.truth("stitchex", "skus", one)["row"]["product_name"]
        assert changed("red", "products") == ("red", None, product)
        assert shop.one("select count(*) from stitchex.skus") == len(shop.control.ids("stitchex", "skus"))
        assert changed("blue", "products", "skus") == ("blue", name, product)
        assert changed("grey", "products") == ("blue", name, product)
        assert changed("grey", "skus") == ("grey", name, product)


def test_a_changed_sku_comes_with_its_product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as nobody reads the SKUs' own list, a SKU that changed is loaded with its product, which did not."""
    with kept_shop(tmp_path / "project", "stitchex", synced=False, orders=20, organisations=1) as shop:
        entered(shop, monkeypatch)
        ids = first(shop.control, "skus")
        for color in ("red", "green"):
            shop.control.change("stitchex", "skus", ids=ids, set={"color": color})
            shop.load(datasets=["products"])
            assert shop.one(f"select color from stitchex.skus where id = {ids[0]}") == color


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_forms_of_stitch_labs(form: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrays, maps and single objects, numbers as text or not, other spellings of times: the rows are the same."""
    datasets = ["sales_orders", "contacts", "variants"]
    with running(orders=20, control=True, api="stitchlabs") as box:
        box.control.clock(now=NOW)
        plain, other = (warehouse(box, tmp_path / name, "stitchlabs") for name in ("plain", "other"))
        entered(plain, monkeypatch)
        assert plain.load(later=0, datasets=datasets).exit_code == 0
        box.control.switch(**form)
        entered(other, monkeypatch)
        assert other.load(later=0, datasets=datasets).exit_code == 0
        assert apart(plain, other) == {}


@pytest.mark.parametrize("api", DATASETS)
def test_personal_columns_are_marked(api: str, eras: dict[str, KeptShop]) -> None:
    """Every word in `personal` is a column of its table, and dlt's schema marks these columns and no others."""
    declared = set()
    for dataset in DATASETS[api]:
        for table in (dataset.table, *dataset.tables):
            assert table.personal_columns <= table.declared.keys(), table.name
            declared |= {(table.name, column) for column in table.personal_columns}
    assert len(declared) > 20
    if api == "stitchex":
        shop = eras["2026"]
        schema = pipeline_of(shop.project, api, Target(shop.project)).default_schema
        marked = {
            (name, column)
            for name, table in schema.tables.items()
            for column, hints in table["columns"].items()
            if hints.get(PERSONAL)
        }
        assert marked == declared
