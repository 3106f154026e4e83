"""A table that has a list of its own is written by that list's walk alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dlt
import duckdb

from sources.stitchlabs import stitchlabs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import OpenShop, Shop


def load(folder: Path, *datasets: str) -> None:
    """These datasets in a plain pipeline, all in one load."""
    destination = dlt.destinations.duckdb(str(folder / "anybody.duckdb"))
    pipeline = dlt.pipeline("own", destination=destination, dataset_name="own", pipelines_dir=str(folder / "working"))
    pipeline.run(stitchlabs().with_resources(*datasets))


def ask(folder: Path, question: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder / "anybody.duckdb"), read_only=True) as connection:
        return connection.execute(question).fetchall()


def test_a_table_belongs_to_its_own_dataset(open_shop: OpenShop, tmp_path: Path) -> None:
    """Copies that come with orders fill a table until its own walk was certified; then they only bring what is new."""
    with open_shop(orders=20) as shop:
        contacts = shop.control.ids("stitchlabs", "Contacts")
        owned = "select count(*) from own.contacts where _row_hash is not null"
        load(tmp_path, "sales_orders")
        assert 0 < ask(tmp_path, "select count(*) from own.contacts")[0][0] <= len(contacts)
        load(tmp_path, "sales_orders", "contacts")
        assert ask(tmp_path, owned) == ask(tmp_path, "select count(*) from own.contacts") == [(len(contacts),)]

        changed, made_now = touched(shop, tmp_path)
        load(tmp_path, "sales_orders")
        assert ask(tmp_path, f"select count(*) from own.contacts where name = '{changed}'") == [(0,)]
        assert ask(tmp_path, f"select count(*) from own.contacts where name = '{made_now}'") == [(1,)]
        load(tmp_path, "contacts")
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
        load(tmp_path, "sales_orders", "contacts")
        contacts = shop.control.ids("stitchlabs", "Contacts")
        rows = "select count(*), count(_row_hash), count(distinct id) from own.contacts"
        assert ask(tmp_path, rows) == [(len(contacts),) * 3]
