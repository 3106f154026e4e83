"""What a run that died leaves behind, and what the next run makes of it."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import dlt
import duckdb

from sources.stitchlabs import stitchlabs

if TYPE_CHECKING:
    from tests.conftest import Shop

LINES = "select id, sales_order_id, quantity, price from stitchlabs.sales_order_line_items order by all"


def order_with_lines(shop: Shop) -> int:
    return int(shop.one("select min(sales_order_id) from stitchlabs.sales_order_line_items"))


def test_an_order_whose_load_died_before_its_lines_is_loaded_again(shop: Shop) -> None:
    """An order that is in the warehouse, but by a load that never completed, is not taken for loaded."""
    shop.sync("stitchlabs")
    whole = shop.sql(LINES)
    order = order_with_lines(shop)
    with duckdb.connect(str(shop.file)) as connection:
        # What a load leaves that died between its tables: the order, no lines, no completed load, no new state.
        connection.execute(f"update stitchlabs.sales_orders set _dlt_load_id = '1.5' where id = {order}")
        connection.execute(f"delete from stitchlabs.sales_order_line_items where sales_order_id = {order}")
        connection.execute("delete from stitchlabs._dlt_pipeline_state")
    outcome = shop.sync("stitchlabs")
    assert outcome.exit_code == 0
    assert shop.sql(LINES) == whole
    (certificate,) = outcome.certificates
    assert (certificate.new, certificate.changed) == (0, 1)


def test_lines_whose_load_died_before_their_order_are_replaced(shop: Shop) -> None:
    """Lines that a dead load left without their order do not outlive an order that has none."""
    shop.sync("stitchlabs")
    order = order_with_lines(shop)
    with duckdb.connect(str(shop.file)) as connection:
        connection.execute(f"delete from stitchlabs.sales_orders where id = {order}")
        connection.execute("delete from stitchlabs._dlt_pipeline_state")
    shop.control.lines("stitchlabs", order, remove="all")
    shop.sync("stitchlabs")
    assert shop.one(f"select count(*) from stitchlabs.sales_order_line_items where sales_order_id = {order}") == 0
    assert shop.one(f"select count(*) from stitchlabs.sales_orders where id = {order}") == 1


def test_the_state_of_a_machine_may_be_lost(shop: Shop) -> None:
    """A run on a machine that has never seen the project goes on from the cursor in the destination."""
    shop.sync("stitchlabs")
    shutil.rmtree(shop.project.state)
    shop.project.enter()
    shop.control.clear_requests()
    outcome = shop.sync("stitchlabs")
    assert outcome.rows == {}
    assert len(shop.asked("stitchlabs")) == 1


def test_a_warehouse_that_is_gone_is_rebuilt(shop: Shop) -> None:
    """Where the warehouse was deleted, nothing on the machine claims that its rows are loaded."""
    shop.sync("stitchlabs")
    shop.file.unlink()
    outcome = shop.sync("stitchlabs")
    assert outcome.certificates[0].new == 60
    assert shop.one("select count(*) from stitchlabs.sales_orders") == 60


def test_a_warehouse_of_a_plain_pipeline_is_taken_over(shop: Shop) -> None:
    """Rows that a plain dlt pipeline loaded into the same schema are neither doubled nor lost by our commands."""
    destination = dlt.destinations.duckdb(str(shop.file))
    shop.file.parent.mkdir(parents=True)
    os.environ["NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID"] = "false"
    try:
        folder = str(shop.project.folder / "elsewhere")
        pipeline = dlt.pipeline("stitchlabs", destination=destination, dataset_name="stitchlabs", pipelines_dir=folder)
        pipeline.run(stitchlabs().with_resources("sales_orders"))
    finally:
        os.environ["NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID"] = "true"
    shop.control.clock(advance=3600)
    shop.control.change("stitchlabs", "SalesOrders", count=5)
    shop.control.clock(advance=3600)
    outcome = shop.sync("stitchlabs")
    assert outcome.exit_code == 0, outcome
    assert outcome.certificates[0].changed == 5
    assert shop.one("select count(*) from stitchlabs.sales_orders") == 60
