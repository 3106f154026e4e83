"""The commands at work, as a person or a scheduler calls them."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from pipelines.query import ask
from sources.stitchlabs import DATASETS
from stitchhouse.errors import UsageError
from tests.conftest import Shop, stitchhouse

if TYPE_CHECKING:
    from pipelines.project import Project
    from tests.calling import Caller


def test_sync(call: Caller, shop: Shop) -> None:
    """A sync prints one plain line per dataset and account with its figures, and a second one finds nothing new."""
    code, out, err = stitchhouse("sync")
    assert (code, err) == (0, ""), out + err
    first = out.splitlines()
    assert [line.split(":")[0].rpartition(" ")[0] for line in first].count("stitchex.sales_orders") == 3
    labs = next(line for line in first if line.startswith("stitchlabs.sales_orders main: certified"))
    assert "60 rows (source counts 60): 60 new, 0 changed, 0 unchanged, 0 rejected" in labs
    assert "\x1b" not in "".join(first)
    before = shop.one("select count(*) from stitchex._walks")
    answer: dict[str, Any] = json.loads(call.fine("sync", "--json"))
    assert (answer["exit_code"], [source["exit_code"] for source in answer["sources"]]) == (0, [0, 0])
    assert [source["rows_loaded"] for source in answer["sources"]] == [{}, {}]
    assert all(walk["certified"] for source in answer["sources"] for walk in source["walks"])
    assert shop.one("select count(*) from stitchex._walks") == before


def test_json_of_a_failure(call: Caller, shop: Shop) -> None:
    """With --json a failure is in the object too, whose exit code is the command's."""
    code, out, _ = call("sync", "stitchex", "--json", SOURCES__STITCHEX__PASSWORD="wrong")
    assert (code, json.loads(out)["exit_code"]) == (77, 77)
    assert shop.asked("stitchex") == []


def test_dry_run(call: Caller, shop: Shop) -> None:
    """A dry run prints requests and hours, and loads nothing and changes nothing."""
    out = call.fine("sync", "--dry-run", SOURCES__STITCHLABS__REQUESTS_PER_SECOND="50")
    assert re.search(r"stitchlabs.sales_orders main: keyset on id; 60 rows, at most \d+ requests, 0\.\d\d hours", out)
    assert re.search(r"in all at most \d+ requests; nothing was loaded", out)
    assert not shop.file.exists()
    code, out, _ = call("sync", "stitchlabs", "--dry-run", "--json")
    forecasts = {one["dataset"]: one["rows"] for one in json.loads(out)["forecasts"]}
    assert code == 0
    assert forecasts.keys() == {f"stitchlabs.{dataset.name}" for dataset in DATASETS}
    assert forecasts["stitchlabs.sales_orders"] == 60


def test_choices(call: Caller, shop: Shop) -> None:
    """Only the dataset and the account asked for are read; what is not configured is named as skipped."""
    call.fine("sync", "--dataset", "stitchex.sales_orders", "--account", "4108")
    assert shop.sql("select distinct account from stitchex.sales_orders") == [("4108",)]
    assert shop.asked("stitchlabs") == []
    assert "stitchlabs skipped: none of its datasets was asked for" in call.fine(
        "sync", "--dry-run", "--dataset", "stitchex.sales_orders"
    )
    assert "stitchex skipped: sources.stitchex.email is not set" in call.fine(
        "sync", "--dry-run", SOURCES__STITCHEX__EMAIL=""
    )


def test_status(call: Caller, shop: Shop) -> None:
    """Status tells the last walk and the rows per table, and ends with 10 once a dataset is older than wished."""
    shop.sync("stitchlabs")
    assert re.search(r"stitchlabs.sales_orders +main +.* yes .*\n", call.fine("status"))
    assert re.search(r"stitchlabs.sales_orders +60 ", call.fine("status", "--max-age", "2h"))
    code, out, _ = call("status", "--max-age", "0m", "--json")
    assert (code, json.loads(out)["exit_code"]) == (10, 10)
    assert [walk["stale"] for walk in json.loads(out)["sources"]["stitchlabs"]["walks"]] == [True]


def test_status_before_the_first_sync(call: Caller, project: Project) -> None:
    """Before the first sync, status and query say that there is nothing yet: 78."""
    assert [call("status")[0], call("query", "select 1")[0]] == [78, 78]
    assert not project.warehouse.exists()


def test_status_after_a_login_that_was_mended(call: Caller, shop: Shop) -> None:
    """A login that failed once leaves no trace in the status once it works."""
    assert call("sync", "stitchex", SOURCES__STITCHEX__PASSWORD="wrong")[0] == 77
    assert shop.sync("stitchex").exit_code == 0
    walks = json.loads(call.fine("status", "--json"))["sources"]["stitchex"]["walks"]
    assert [(walk["dataset"], walk["certified"]) for walk in walks] == [("sales_orders", True)] * 3


def test_query(call: Caller, shop: Shop) -> None:
    """A question is answered as a table, as CSV or as JSON, with nulls, commas and times told apart."""
    shop.sync("stitchlabs")
    sql = (
        "select 'a,\"b' as t, null as nothing, 1.10::decimal(9,2) as money, timestamptz '2024-03-01 12:00:00+02' as at"
    )
    assert list(csv.reader(io.StringIO(call.fine("query", sql, "--format", "csv")))) == [
        ["t", "nothing", "money", "at"],
        ['a,"b', "", "1.10", "2024-03-01 10:00:00+00:00"],
    ]
    (row,) = json.loads(call.fine("query", sql, "--format", "json"))
    assert (row["t"], row["nothing"], row["money"]) == ('a,"b', None, "1.10")
    assert call.fine("query", "select count(*) as orders from stitchlabs.sales_orders").split() == ["orders", "60"]
    code, out, err = call("query", "delete from stitchlabs.sales_orders")
    assert (code, out, len(err.splitlines())) == (64, "", 1)
    assert shop.one("select count(*) from stitchlabs.sales_orders") == 60


@pytest.mark.parametrize(
    "sql",
    [
        "insert into stitchlabs.sales_orders (account, id) values ('x', 1)",
        "select 1; drop table stitchlabs.sales_orders",
        "copy (select 1) to 'out.csv'",
        "attach 'other.duckdb'",
        "select * from read_csv('/etc/passwd')",
        "set enable_external_access = true",
    ],
)
def test_query_only_reads(project: Project, sql: str) -> None:
    """A question cannot change the warehouse, write a file or reach beyond it: 64, and the file is as before."""
    project.warehouse.parent.mkdir()
    with duckdb.connect(str(project.warehouse)) as connection:
        connection.execute("create schema stitchlabs")
        connection.execute("create table stitchlabs.sales_orders (account varchar, id bigint)")
    before = project.warehouse.read_bytes()
    with pytest.raises(UsageError, match="the query failed"):
        ask(project, sql, "duckdb", None)
    assert project.warehouse.read_bytes() == before
    assert {path.name for path in project.folder.iterdir()} == {".dlt", ".stitchhouse", "warehouse"}
