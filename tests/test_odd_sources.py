"""What a source does with its stamps, its links and the number of its fields, read by real syncs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.query import run_query
from tests.kept import KeptShop, entered, kept_shop
from tests.odd_lists import Odd, edited, odd_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DETAIL = "/SalesOrders/detail"


@pytest.fixture
def labs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeptShop]:
    with kept_shop(tmp_path / "project", "stitchlabs", synced=False, orders=20) as shop:
        yield entered(shop, monkeypatch)


@pytest.fixture
def ex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeptShop]:
    with kept_shop(tmp_path / "project", "stitchex", synced=False, orders=20) as shop:
        yield entered(shop, monkeypatch)


@contextmanager
def behind(shop: KeptShop, monkeypatch: pytest.MonkeyPatch, route: str, edit: Callable[[Any], None]) -> Iterator[None]:
    """Within it, what the shop answers on `route` is edited."""
    name = f"SOURCES__{shop.api.upper()}__BASE_URL"
    with edited(shop.box.environment[name], route, edit) as url, monkeypatch.context() as patch:
        patch.setenv(name, url)
        yield


def test_rows_without_a_stamp(labs: KeptShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows without `updated_at` are loaded, the note counts them, and their changes are found by reading all."""
    key, other = labs.control.ids("stitchlabs", "Contacts")[:2]

    def unstamped(body: Any) -> None:
        for row in body["Contacts"]:
            if int(row["id"]) == key:
                row.pop("updated_at")

    with behind(labs, monkeypatch, "/Contacts", unstamped):
        first = labs.load(datasets=["contacts"])
        assert (first.exit_code, first.certificates[-1].certified) == (0, True)
        assert "1 rows have no updated_at that can be read" in first.certificates[-1].note
        labs.control.change("stitchlabs", "Contacts", ids=[key, other], set={"name": "Renamed"}, stamp=False)
        assert labs.load(datasets=["contacts"]).exit_code == 0
    assert labs.sql(
        f"select name, updated_at is null from stitchlabs.contacts where id in ({key}, {other}) order by id"
    ) == [
        ("Renamed", True),
        ("Renamed", False),
    ]


def test_a_stamp_in_the_future(labs: KeptShop) -> None:
    """A row of the year 2099 is loaded with its stamp, but is no cursor: what changes afterwards is found."""
    key, other = labs.control.ids("stitchlabs", "Contacts")[:2]
    labs.control.change("stitchlabs", "Contacts", ids=[key], set={"name": "Early"}, stamp="2099-01-01T00:00:00+00:00")
    first = labs.load(datasets=["contacts"]).certificates[-1]
    assert (first.certified, first.exit_code) == (True, 0)
    assert "1 rows are stamped more than a day ahead" in first.note
    assert first.cursor_after is not None
    assert first.cursor_after.year < 2099
    labs.control.change("stitchlabs", "Contacts", ids=[other], set={"name": "Later"})
    assert labs.load(datasets=["contacts"]).exit_code == 0
    names = f"select name, year(updated_at) = 2099 from stitchlabs.contacts where id in ({key}, {other}) order by id"
    assert labs.sql(names) == [("Early", True), ("Later", False)]


def test_a_stamp_that_goes_back(ex: KeptShop) -> None:
    """A row that comes with an older stamp than before is loaded as it was read last."""
    ex.load()
    (key,) = ex.change(set={"notes": "older"}, stamp="2020-01-01T00:00:00+00:00")
    assert ex.load().exit_code == 0
    told = f"select notes, year(updated_at) from stitchex.sales_orders where id = {key}"
    assert ex.sql(told) == [("older", 2020)]


def test_links_that_lead_nowhere_or_in_circles(labs: KeptShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows keep links to what was not delivered, to themselves and to each other, and one link in two roles is two."""
    keys = sorted(labs.control.ids("stitchlabs", "SalesOrders"))[:2]
    gone: list[int] = []

    def linked(body: Any) -> None:
        for row in body["SalesOrders"]:
            links = row["links"]
            if int(row["id"]) in keys:
                links["SalesOrders"] = [{"id": str(key)} for key in keys]
            if int(row["id"]) == keys[0]:
                address = body["Addresses"] and links["Addresses"][0]["id"]
                links["Addresses"] = [{"id": address, "type": kind} for kind in ("billing", "shipping")]
                gone[:] = [int(line["id"]) for line in links["SalesOrderLineItems"]][:1]
                body["SalesOrderLineItems"].pop(str(gone[0]))
                body["Addresses"].pop(address)

    with behind(labs, monkeypatch, DETAIL, linked):
        first, second = labs.load(), labs.load()
    assert (first.exit_code, second.exit_code, second.rows) == (10, 0, {})
    assert first.certificates[-1].certified
    circle = "select sales_order_id, sales_orders_id from stitchlabs.sales_orders__sales_orders order by 1, 2"
    assert labs.sql(circle) == [(one, other) for one in keys for other in keys]
    roles = f"select type, count(*) from stitchlabs.sales_orders__addresses where sales_order_id = {keys[0]} group by 1"
    assert sorted(labs.sql(roles)) == [("billing", 1), ("shipping", 1)]
    line = f"select sales_order_id, quantity from stitchlabs.sales_order_line_items where id = {gone[0]}"
    assert labs.sql(line) == [(keys[0], None)]
    reason = "linked, but its block did not hold it"
    assert labs.sql("select key, reason from stitchlabs._rejected") == [(str(gone[0]), reason)]


def test_fields_without_end(ex: KeptShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table gets 1,000 columns at most; all that is beyond stands in one more, as JSON, and is told in few words."""
    keys = sorted(ex.control.ids("stitchex", "sales_orders"))[:2]
    rows = {
        key: Odd(name="", more=",".join(f'"key_{place}_{number}":"{number}"' for number in range(1500)))
        for place, key in enumerate(keys)
    }
    ex.control.switch(page_size=1)
    with odd_list(ex.box.environment["SOURCES__STITCHEX__BASE_URL"], "sales_orders", rows) as url:
        monkeypatch.setenv("SOURCES__STITCHEX__BASE_URL", url)
        first, second = ex.load(), ex.load()
    assert (first.exit_code, second.exit_code, second.rows) == (0, 0, {})
    assert "and 9" in first.certificates[-1].note
    assert len(first.certificates[-1].note) < 1000
    columns = ex.sql("describe stitchex.sales_orders")
    assert len(columns) <= 1002
    found = ex.sql(f"select * from stitchex.sales_orders where id in ({keys[0]}, {keys[1]}) order by id")
    names = [column[0] for column in columns]
    for place, row in enumerate(found):
        own = {
            name: value for name, value in zip(names, row, strict=True) if name.startswith("key_") and value is not None
        }
        more = ex.one(f"select len(json_keys(_more)) from stitchex.sales_orders where id = {keys[place]}")
        assert len(own) + more == 1500
        assert all(name == f"key_{place}_{value}" for name, value in own.items())


def test_formulas_stay_text(ex: KeptShop, capsys: pytest.CaptureFixture[str]) -> None:
    """Text is loaded as it came; as CSV, what a spreadsheet would take for a formula gets a quote in front."""
    (key,) = ex.change(set={"notes": "=1+1", "internal_notes": "'; drop table x; --"})
    ex.load()
    asked = f"select notes, internal_notes, id from stitchex.sales_orders where id = {key}"
    assert ex.sql(asked) == [("=1+1", "'; drop table x; --", key)]
    run_query(asked, "duckdb", None, "csv")
    assert capsys.readouterr().out.splitlines() == ["notes,internal_notes,id", f"'=1+1,'; drop table x; --,{key}"]
