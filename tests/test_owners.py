"""A dataset is one entry, and its table is written by its own walk alone."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import dlt
import duckdb

from sources.stitchlabs import DATASETS, connect
from stitchhouse.dataset import Dataset
from stitchhouse.owners import Owners
from stitchhouse.resource import Terms, resource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dlt.extract import DltResource, DltSource

    from tests.conftest import OpenShop, Shop

SALES_ORDERS = DATASETS[0]
CONTACTS = Dataset(
    name="contacts",
    path="Contacts",
    table=SALES_ORDERS.by_name["contacts"],
    tables=(SALES_ORDERS.by_name["contact_types"],),
    cursor="updated_at",
    links_in="links",
)


def load(shop: Shop, folder: Path, *datasets: str) -> None:
    """These datasets in a plain pipeline, all in one load."""
    destination = dlt.destinations.duckdb(str(folder / "anybody.duckdb"))
    pipeline = dlt.pipeline("own", destination=destination, dataset_name="own", pipelines_dir=str(folder / "working"))
    pipeline.run(with_contacts(shop).with_resources(*datasets))


def ask(folder: Path, question: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder / "anybody.duckdb"), read_only=True) as connection:
        return connection.execute(question).fetchall()


def with_contacts(shop: Shop) -> DltSource:
    """Stitch Labs with one more dataset: one more entry."""

    @cache
    def api() -> Any:
        return connect(shop.box.stitchlabs_url, "sandbox", requests_per_second=0)

    @dlt.source(name="stitchlabs", max_table_nesting=0)
    def extended() -> Iterator[DltResource]:
        datasets = (SALES_ORDERS, CONTACTS)
        owners = Owners({dataset.table.name: dataset for dataset in datasets})
        for dataset in datasets:
            yield resource(dataset, api, Terms(), owners)

    made: DltSource = extended()
    return made


def test_a_table_belongs_to_its_own_dataset(open_shop: OpenShop, tmp_path: Path) -> None:
    """Copies that come with orders fill a table until its own walk was certified; then they only bring what is new."""
    with open_shop(orders=20) as shop:
        contacts = shop.control.ids("stitchlabs", "Contacts")
        owned = "select count(*) from own.contacts where _row_hash is not null"
        load(shop, tmp_path, "sales_orders")
        assert 0 < ask(tmp_path, "select count(*) from own.contacts")[0][0] <= len(contacts)
        load(shop, tmp_path, "sales_orders", "contacts")
        assert ask(tmp_path, owned) == ask(tmp_path, "select count(*) from own.contacts") == [(len(contacts),)]

        changed, made_now = touched(shop, tmp_path)
        load(shop, tmp_path, "sales_orders")
        assert ask(tmp_path, f"select count(*) from own.contacts where name = '{changed}'") == [(0,)]
        assert ask(tmp_path, f"select count(*) from own.contacts where name = '{made_now}'") == [(1,)]
        load(shop, tmp_path, "contacts")
        assert ask(tmp_path, f"select count(*) from own.contacts where name = '{changed}'") == [(1,)]
        assert ask(tmp_path, owned) == [(len(contacts),)]


def touched(shop: Shop, folder: Path) -> tuple[str, str]:
    """Change a contact and make another a new one, and change an order of each; their names."""
    held = ask(folder, "select id, contact_id from own.sales_orders where contact_id is not null order by 1")
    (order, old), (other, new) = held[0], next(pair for pair in held if pair[1] != held[0][1])
    shop.control.clock(advance=3600)
    later = shop.control.clock()["now"]
    shop.control.change("stitchlabs", "Contacts", ids=[old], set={"name": "changed"})
    shop.control.change("stitchlabs", "Contacts", ids=[new], set={"name": "made now", "created_at": later})
    shop.control.change("stitchlabs", "SalesOrders", ids=[order, other])
    return "changed", "made now"


def test_an_owner_in_the_same_load_writes_alone(open_shop: OpenShop, tmp_path: Path) -> None:
    """Selected together from the start, the owner's rows stand whole, and no copy overwrites one."""
    with open_shop(orders=20) as shop:
        load(shop, tmp_path, "sales_orders", "contacts")
        contacts = shop.control.ids("stitchlabs", "Contacts")
        rows = "select count(*), count(_row_hash), count(distinct id) from own.contacts"
        assert ask(tmp_path, rows) == [(len(contacts),) * 3]
