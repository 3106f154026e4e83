"""`stitchhouse verify`: every row of the warehouse beside the source, and what differs by table, key and column."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from bench.verify import KINDS, Trial, named
from bench.verify import Shop as Trials
from tests.conftest import ALL
from tests.kept import KeptShop, entered, kept_shop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.calling import Caller
    from tests.conftest import OpenShop, Shop

LABS, EX = "stitchlabs.sales_orders", "stitchex.sales_orders"
LINES = "sales_order_line_items"
STITCHEX = pytest.mark.parametrize("kept", ["stitchex"], indirect=True)
"""For what does not depend on the API."""
LABS_ONLY = pytest.mark.parametrize("kept", ["stitchlabs"], indirect=True)


@pytest.fixture(scope="module", params=["stitchlabs", "stitchex"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptShop]:
    """A shop of each API, synced once; each test leaves the warehouse as it found it."""
    with kept_shop(tmp_path_factory.mktemp(request.param), request.param, orders=20) as shop:
        yield shop


@pytest.fixture
def shop(kept: KeptShop, monkeypatch: pytest.MonkeyPatch) -> KeptShop:
    return entered(kept, monkeypatch)


def behind(shop: Shop, *statements: str) -> None:
    """Change the warehouse while nobody looks."""
    with duckdb.connect(str(shop.file)) as connection:
        for statement in statements:
            connection.execute(statement)


def verified(call: Caller, shop: KeptShop, code: int, *arguments: str) -> dict[str, Any]:
    """What verify says of the orders, as one object."""
    ended, out, err = call("verify", shop.api, "--dataset", "sales_orders", "--json", *arguments)
    assert (ended, err) == (code, ""), out + err
    answer = json.loads(out)
    (dataset,) = answer["datasets"]
    assert answer["exit_code"] == dataset["exit_code"] == code
    assert dataset["equal"] is (dataset["differences"] == [])
    return dict(dataset)


def found(verdict: dict[str, Any]) -> list[tuple[Any, ...]]:
    """(table, what, key, columns ...) of every row that differs."""
    return rows(verdict["differences"])


def rows(differences: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(one["table"], one["what"], row["key"], *row["columns"]) for one in differences for row in one["rows"]]


def test_nothing_differs_after_a_sync(call: Caller, open_shop: OpenShop) -> None:
    """After a sync of everything no row of either API differs, and verify loads nothing and keeps nothing."""
    with open_shop(orders=20, organisations=1) as shop:
        for source in ("stitchlabs", "stitchex"):
            shop.sync(source, ALL)
        loads = "select count(*) from stitchlabs._dlt_loads union all select count(*) from stitchex._dlt_loads"
        before = shop.sql(loads)
        shop.control.clock(advance=60)
        lines = call.fine("verify").splitlines()
    assert len(lines) == 28
    assert all(": equal; " in line for line in lines)
    assert lines[0].startswith(f"{LABS} main: equal; 20 rows at the source, 20 in the warehouse; ")
    assert shop.sql(loads) == before


def test_what_differs_is_named_and_mended(call: Caller, shop: KeptShop) -> None:
    """A lost line, an altered text, a lost order and one too many are named; a repair mends the first three alone."""
    orders = f"{shop.api}.sales_orders"
    first, second, gone = (row[0] for row in shop.sql(f"select id from {orders} order by id limit 3"))
    others = f"select id, sales_order_id from {shop.api}.{LINES} where sales_order_id > {gone} order by id"
    line, parent = shop.sql(others)[0]
    before = dict(shop.sql(f"select id, _dlt_load_id from {orders}"))
    behind(
        shop,
        f"delete from {shop.api}.{LINES} where id = {line}",
        f"update {orders} set notes = 'altered' where id = {first}",
        f"insert into {orders} select * replace (999999999 as id) from {orders} where id = {second}",
        f"delete from {orders} where id = {gone}",
    )
    verdict = verified(call, shop, 10, "--repair")
    assert rows(verdict["repaired"]) == [
        (LINES, "missing", str(line)),
        ("sales_orders", "different", str(first), "notes"),
        ("sales_orders", "missing", str(gone)),
    ]
    assert found(verdict) == [("sales_orders", "extra", "999999999")]
    after = dict(shop.sql(f"select id, _dlt_load_id from {orders} where id != 999999999"))
    assert {key for key, load in after.items() if before[key] != load} == {first, gone, parent}
    behind(shop, f"delete from {orders} where id = 999999999")


@STITCHEX
def test_what_a_person_reads(call: Caller, shop: KeptShop) -> None:
    """Each table with differences is one line below its dataset: how many, which rows, and which columns."""
    line, number = shop.sql(f"select id, sales_order_id from {shop.api}.{LINES} order by id")[0]
    behind(shop, f"delete from {shop.api}.{LINES} where id = {line}")
    code, out, err = call("verify", shop.api, "--dataset", "sales_orders")
    lines = out.splitlines()
    assert (code, err) == (10, "")
    assert lines[0].startswith(f"{EX} ")
    assert ": DIFFERS: 1 missing; 20 rows at the source, 20 in the warehouse; " in lines[0]
    assert lines[1] == f"  {LINES}: 1 missing in the warehouse: {line}"
    code, out, _ = call("verify", shop.api, "--dataset", "sales_orders", "--repair")
    assert code == 0
    assert out.endswith(
        "\n  repaired: 1 rows were read again and loaded over; before that there were\n"
        f"    {LINES}: 1 missing in the warehouse: {line}\n"
    )
    assert shop.one(f"select sales_order_id from {shop.api}.{LINES} where id = {line}") == number


@STITCHEX
def test_what_changed_without_a_stamp(call: Caller, shop: KeptShop) -> None:
    """An order that the source changed silently is found, and mended by a repair."""
    key = shop.change(set={"notes": "silent"}, stamp=False)[0]
    assert found(verified(call, shop, 10)) == [("sales_orders", "different", str(key), "notes")]
    assert found(verified(call, shop, 0, "--repair")) == []
    assert shop.one(f"select notes from {shop.api}.sales_orders where id = {key}") == "silent"


@STITCHEX
def test_changes_since_the_sync(call: Caller, shop: KeptShop) -> None:
    """What changed at the source after the sync, with a new stamp, is told apart: the next sync brings it."""
    shop.control.clock(advance=3600)
    ids = [*shop.change(count=2), *shop.control.add(shop.api, shop.resource)]
    verdict = verified(call, shop, 0)
    assert (verdict["changed_since"], verdict["differences"]) == (sorted(ids), [])
    shop.load()
    assert verified(call, shop, 0)["changed_since"] == []


def test_what_the_next_sync_passes_over(call: Caller, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document closed long ago that changes none the less is a difference, as a quick sync does not read it."""
    with open_shop(orders=20, organisations=1, api="stitchex") as shop:
        shop.control.clock(advance=400 * 86400)
        shop.sync("stitchex", ["sales_orders"])
        done = "fulfillment_status = 'shipped' and financial_status = 'paid'"
        closed, still = (
            shop.one(f"select min(id) from stitchex.sales_orders where {which}") for which in (done, f"not ({done})")
        )
        shop.control.clock(advance=3600)
        shop.control.change("stitchex", "sales_orders", ids=[closed, still], set={"notes": "late"})
        monkeypatch.setenv("SOURCES__STITCHEX__REREAD_DAYS", "30")
        code, out, _ = call("verify", "--dataset", "stitchex.sales_orders", "--json", "--repair")
        (verdict,) = json.loads(out)["datasets"]
        late = "select id from stitchex.sales_orders where notes = 'late'"
        assert (code, verdict["changed_since"], rows(verdict["repaired"])[0][2]) == (0, [still], str(closed))
        assert shop.sql(late) == [(closed,)]
        shop.sync("stitchex", ["sales_orders"])
        assert shop.sql(f"{late} order by 1") == sorted([(closed,), (still,)])


@LABS_ONLY
def test_what_nothing_leads_to(call: Caller, shop: KeptShop) -> None:
    """An object without a list that no row leads to is named, but no difference; one that is led to must be right."""
    behind(
        shop,
        "insert into stitchlabs.addresses select * replace (999999999 as id) from stitchlabs.addresses limit 1",
        "update stitchlabs.addresses set city = 'Elsewhere' where id = (select min(id) from stitchlabs.addresses)",
    )
    verdict = verified(call, shop, 0, "--repair")
    assert (verdict["left"], found(verdict)) == ({"addresses": [999999999]}, [])
    ((table, what, _, *columns),) = rows(verdict["repaired"])
    assert (table, what, columns) == ("addresses", "different", ["city"])
    assert shop.one("select count(*) from stitchlabs.addresses where city = 'Elsewhere'") == 0
    behind(shop, "delete from stitchlabs.addresses where id = 999999999")


@STITCHEX
def test_any_wrong_row(shop: KeptShop) -> None:
    """Whichever row of whichever table is altered, deleted, added or doubled behind our back, verify names it."""
    trials = Trials(shop.box, shop.project.folder)
    for seed, kind in enumerate(sorted({*KINDS})):
        trial = Trial(trials, shop.api, kind, random.Random(seed))
        wrong = trial.make()
        verdicts = trials.verdicts(shop.api)
        trial.take_back()
        assert named(wrong, verdicts), (seed, wrong, [line for one in verdicts for line in one.lines()])
    assert [one.exit_code for one in trials.verdicts(shop.api)] == [0]


@STITCHEX
def test_a_row_that_is_gone(call: Caller, shop: KeptShop) -> None:
    """What the source deleted is a difference until a full sync has noted it; then it is only counted."""
    (key,) = shop.control.delete(shop.api, shop.resource, count=1)
    assert found(verified(call, shop, 10)) == [("sales_orders", "extra", str(key))]
    call.fine("sync", shop.api, "--dataset", "sales_orders", "--full")
    verdict = verified(call, shop, 0)
    assert (verdict["deleted"], verdict["rows"], verdict["held"]) == (1, verdict["held"] - 1, verdict["held"])


def test_personal_data_that_was_hashed(call: Caller, open_shop: OpenShop) -> None:
    """What was loaded hashed is compared hashed; with another setting than it was loaded with, it differs."""
    hashed = {"SOURCES__STITCHEX__PII": "hash", "SOURCES__STITCHEX__PII_KEY": "a long random text"}
    with open_shop(orders=20, organisations=1) as shop:
        call.fine("sync", "stitchex", "--dataset", "customers", **hashed)
        assert "customers " in call.fine("verify", "stitchex", "--dataset", "customers", **hashed)
        assert "@" not in shop.one("select max(email) from stitchex.customer_people")
        code, out, _ = call("verify", "stitchex", "--dataset", "customers")
    assert code == 10
    assert "  customer_people: " in out


def test_a_list_that_cannot_be_trusted(call: Caller, open_shop: OpenShop) -> None:
    """Where no order and no filter can be trusted and the list keeps changing, verify says that it cannot be sure."""
    with open_shop(orders=20, sort="ignored", id_filter="ignored", updated_at="ignored", page_size_cap=3) as shop:
        shop.sync("stitchlabs", ["products"])
        shop.control.fault("disorder", times=1000)
        shop.control.script(every={"n": 4, "do": [{"do": "add", "api": "stitchlabs", "resource": "Products"}]})
        code, out, _ = call("verify", "--dataset", "stitchlabs.products")
    assert code == 10
    assert "stitchlabs.products main: CANNOT BE SURE: " in out


def test_wrong_words(call: Caller, open_shop: OpenShop) -> None:
    """Without a warehouse 78, for a dataset that no source has 64, and where a token is refused 77."""
    with open_shop(orders=20) as shop:
        assert "nothing was loaded yet" in call.one_line(78, "verify")
        assert not shop.file.exists()
        assert "no dataset 'orders'" in call.one_line(64, "verify", "--dataset", "orders")
        shop.sync("stitchlabs", ["seasons", "custom_id_types"])
        code, out, err = call("verify", "stitchlabs", SOURCES__STITCHLABS__ACCESS_TOKEN="wrong-token-0000")
    assert code == 77
    assert "custom_id_types main: CANNOT BE SURE: " in out
    assert "wrong-token" not in out + err
