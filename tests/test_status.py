"""`stitchhouse status`: what is open, what is not finished, and how it is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from pipelines import locks
from pipelines.terminal import sentence
from tests.miscounting import DATASET, PAYMENTS, ROWS, Liar, status

if TYPE_CHECKING:
    from pipelines.project import Project
    from tests.calling import Caller
    from tests.conftest import OpenShop


def test_closing_a_walk(call: Caller, liar: Liar) -> None:
    """Status ends with 10 until a walk is closed, with 0 while the same reason comes again, with 10 when it is new."""
    shop = liar.shop
    liar.lies = True
    assert liar.sync()[0] == 10
    assert status(call)[0] == 10
    code, told = status(call, "--ack")
    (walk,) = told["walks"]
    assert (code, walk["certified"], walk["acknowledged_at"] is None) == (0, False, False)
    shut = {"dataset": DATASET, "account": "main", "why": walk["why"]}
    assert told["closed"] == {"walks": [shut], "rejected": 0}
    assert liar.sync()[0] == 0
    assert " no, closed " in call.fine("status")
    liar.lies = False
    assert liar.sync()[1].certified
    liar.lies = True
    assert liar.sync()[0] == 10
    assert status(call)[0] == 10
    with locks.loading(shop.project, str(shop.file), "stitchlabs"):
        assert "is being loaded" in call.one_line(75, "status", "stitchlabs", "--ack")


def test_closing_changes_nothing_else(call: Caller, liar: Liar) -> None:
    """Closing leaves cursor, rows, columns and certificates as they are, those kept on this machine included."""
    shop = liar.shop
    assert liar.sync()[0] == 0
    cursor = shop.outcomes[-1].certificates[0].cursor_after
    liar.lies = True
    assert [liar.sync()[0], liar.sync()[0]] == [10, 0]
    tables = "select table_name, column_name from information_schema.columns order by 1, 2"
    rows = "select * from stitchlabs.invoice_payments order by id"
    before = shop.sql(tables), shop.sql(rows)
    runs = [outcome.certificates[0].run for outcome in shop.outcomes]
    assert status(call, "--ack")[0] == 0
    assert (shop.sql(tables), shop.sql(rows)) == before
    assert shop.sql("select run from stitchlabs._walks order by ended_at") == [(run,) for run in runs]
    assert shop.one("select count(acknowledged_at) from stitchlabs._walks") == 1
    assert list((shop.project.state / "certificates").glob("*")) == []
    liar.lies = False
    after = liar.sync()[1]
    assert (after.certified, after.cursor_before, shop.outcomes[-1].rows) == (True, cursor, {})


def test_a_rejected_value_alarms_once(call: Caller, open_shop: OpenShop) -> None:
    """A value that does not fit ends one sync with 10, is open in the status until it is closed, and stays closed."""
    with open_shop(orders=8, organisations=1) as shop:

        def change(payment: int, **fields: str) -> int:
            shop.control.change(**PAYMENTS, ids=[payment], set=fields)
            shop.control.clock(advance=60)
            return shop.sync("stitchlabs", [DATASET]).exit_code

        first, second, *_ = shop.control.ids(*PAYMENTS.values())
        assert change(first, amount="heavy") == 10
        assert change(first, notes="again") == 0
        assert ", 1 rejected, as reported before; " in sentence(shop.outcomes[-1].certificates[0])
        held = shop.sql("select id, key, column_name, reason, raw from stitchlabs._rejected")
        code, told = status(call)
        (group,) = told["rejected"]
        assert code == 10
        assert (group["table_name"], group["column_name"], group["raw"]) == (DATASET, "amount", "heavy")
        assert (group["values"], group["open"]) == (1, 1)

        out = call.fine("status", "--ack")
        assert "stitchlabs: closed 1 rejected values of stitchlabs.invoice_payments" in out
        assert " closed  heavy" in out
        assert shop.sql("select id, key, column_name, reason, raw from stitchlabs._rejected") == held
        assert change(first, notes="and again") == 0
        assert call.fine("status", "--ack").startswith("stitchlabs: nothing is open")
        assert change(second, amount="light") == 10
        code, told = status(call)
        assert (code, [(one["values"], one["open"]) for one in told["rejected"]]) == (10, [(2, 1)])


def test_closing_before_the_first_sync(call: Caller, project: Project) -> None:
    """Before the first sync there is nothing to close: 78, and no warehouse is made."""
    assert "nothing was loaded yet" in call.one_line(78, "status", "--ack")
    assert not project.warehouse.exists()


def test_a_read_that_is_not_finished(call: Caller, open_shop: OpenShop) -> None:
    """A first read that stopped is shown with its rows so far and the id that it goes on from, until it has ended."""
    with open_shop(orders=20, organisations=1, page_size_cap=5) as shop:
        wanted = shop.control.ids(*PAYMENTS.values())
        sync = ("sync", "--dataset", f"stitchlabs.{DATASET}")
        assert call(*sync, "--max-requests", "2")[0] == 10
        code, told = status(call)
        (one,) = told["unfinished"]
        rows, through = shop.sql("select count(*), min(id) from stitchlabs.invoice_payments")[0]
        assert (code, one["dataset"], one["rows"], one["through"]) == (10, DATASET, rows, through)
        assert 0 < rows < len(wanted)
        assert f"stitchlabs.{DATASET}  main     {rows}" in call("status")[1]
        call.fine(*sync)
        code, told = status(call)
        assert (code, told["unfinished"], shop.one(ROWS)) == (0, [], len(wanted))


def test_an_older_warehouse(call: Caller, liar: Liar) -> None:
    """A warehouse whose certificates lack columns that later versions have is told of like any other."""
    certificate = liar.sync()[1]
    with duckdb.connect(str(liar.shop.file)) as connection:
        for table, columns in {
            "_walks": ("asked", "deleted", "through", "reported", "rejected_new", "acknowledged_at"),
            "_rejected": ("acknowledged_at",),
        }.items():
            for column in columns:
                connection.execute(f'alter table stitchlabs.{table} drop column "{column}"')
    code, told = status(call)
    assert (code, [walk["why"] for walk in told["walks"]]) == (0, [certificate.why])
