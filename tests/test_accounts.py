"""Several accounts in one schema: each holds its own source's rows, whatever happens to another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from pipelines.load import pipeline_of
from pipelines.warehouse import Target
from stitchhouse.columns import parse_time
from tests.conftest import ALL, stitchhouse
from tests.contents import Told, ToldByLabs, differences, shapes, told_by_lists
from tests.kept import KeptShop, entered, kept_shop
from tests.untold import unexplained

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNTS = {
    "stitchlabs": {"main": "stitchlabs", "second": "stitchlabs-2"},
    "stitchex": {"4101": "stitchex", "4108": "stitchex", "4115": "stitchex"},
}
"""Account -> the name by which the sandbox's control knows its source."""
SETTING = "SOURCES__STITCHLABS__ACCOUNTS"
SOME = ("contacts", "custom_id_types")
"""Two datasets of Stitch Labs, where all of them would show no more."""


@pytest.fixture(scope="module", params=ACCOUNTS)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptShop]:
    """A shop of every account of one API, synced once."""
    folder = tmp_path_factory.mktemp("shop") / "project"
    with (
        kept_shop(folder, request.param, synced=False, orders=40, organisations=3, accounts=2) as kept,
        pytest.MonkeyPatch.context() as patch,
    ):
        entered(kept, patch)
        patch.setenv("SOURCES__STITCHEX__BOX_ITEMS", "true")
        kept.control.clock(now="2026-11-10T09:00:00+00:00")
        assert kept.load(datasets=ALL).exit_code == 0
        yield kept


@pytest.fixture
def labs(project: Any, open_shop: Any) -> Iterator[KeptShop]:
    """Two accounts of Stitch Labs, nothing loaded yet."""
    with open_shop(orders=20, accounts=2) as opened:
        yield KeptShop(opened.box, project, api="stitchlabs")


def told(shop: KeptShop, account: str) -> Told:
    if shop.api == "stitchlabs":
        return ToldByLabs(shop, ACCOUNTS[shop.api][account])
    return told_by_lists(shop, int(account))


def rows(shop: KeptShop, account: str) -> dict[str, set[tuple[Any, ...]]]:
    """Every row of an account to the last column, by table; of our own tables too, but for the certificates."""
    with duckdb.connect(str(shop.file), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        there = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        asked = there & {*shapes(shop.api), "_rejected", "_deleted"}
        return {
            name: set(connection.execute(f'select * from {shop.api}."{name}" where account = ?', [account]).fetchall())
            for name in asked
        }


def own_ids(shop: KeptShop, account: str, dataset: str) -> list[int]:
    """The ids of a list of one account: of the warehouse, since not every row says whose it is."""
    return [key for (key,) in shop.sql(f"select id from {shop.api}.{dataset} where account = '{account}' order by 1")]


def cursors(shop: KeptShop, dataset: str) -> dict[str, str]:
    pipeline = pipeline_of(shop.project, shop.api, Target(shop.project))
    held = pipeline.state["sources"][shop.api]["resources"][dataset]["incremental"]["updated_at"]
    assert held["last_value"] == min(held["accounts"].values())
    return dict(held["accounts"])


def accounts(monkeypatch: pytest.MonkeyPatch, **tokens: str) -> None:
    monkeypatch.setenv(SETTING, json.dumps(tokens))


def test_every_account_is_its_own_source_s(shop: KeptShop) -> None:
    """Every row, field and link of every account is what its own source holds, though ids of several are the same."""
    for account in ACCOUNTS[shop.api]:
        assert unexplained(shop.api, differences(shop.file, told(shop, account), account)) == []
    shared = f"select count(*) from (select id from {shop.api}.channels group by 1 having count(*) > 1)"
    assert shop.one(shared) > 0


def test_what_happens_to_one_account_touches_no_other(shop: KeptShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows changed, deleted and all gone in one account change no byte of another's, nor what is said of it."""
    entered(shop, monkeypatch)
    *others, moved = ACCOUNTS[shop.api]
    api = ACCOUNTS[shop.api][moved]
    paths = ("SalesOrders", "Contacts") if shop.api == "stitchlabs" else ("sales_orders", "customers")
    orders, parties = ("sales_orders", "contacts") if shop.api == "stitchlabs" else paths
    before = {account: rows(shop, account) for account in others}
    first, *rest = own_ids(shop, moved, orders)
    shop.control.change(api, paths[0], ids=rest[:5])
    shop.control.change(api, paths[1], ids=own_ids(shop, moved, parties)[:2])
    shop.control.delete(api, paths[0], ids=[first])
    assert shop.load(datasets=ALL).rows[orders] == 5
    shop.control.delete(api, paths[0], ids=rest)
    assert shop.load(datasets=ALL).exit_code == 0
    assert {account: rows(shop, account) for account in others} == before
    assert rows(shop, moved)["_rejected"] == set()


def test_one_account_alone(labs: KeptShop) -> None:
    """`--account` reads that account, and leaves the others' rows and cursors as they are."""
    labs.load(datasets=SOME)
    held, cursor = rows(labs, "main"), cursors(labs, "contacts")
    for api in ACCOUNTS["stitchlabs"].values():
        labs.control.clock(advance=3600)
        labs.control.change(api, "Contacts", count=2, set={"name": "changed"})
    labs.control.clear_requests()
    words = ("--dataset", "contacts", "--account", "second")
    code, out, err = stitchhouse("sync", "stitchlabs", *words)
    assert (code, err) == (0, ""), out
    assert {request["api"] for request in labs.control.requests()} == {"stitchlabs-2"}
    assert rows(labs, "main") == held
    assert labs.one("select count(*) from stitchlabs.contacts where name = 'changed'") == 2
    after = cursors(labs, "contacts")
    assert after["main"] == cursor["main"]
    assert after["second"] > cursor["second"]


def test_an_account_that_nobody_knows(labs: KeptShop) -> None:
    """`--account` with a name that the settings do not hold ends with 64, names those there are, and asks nothing."""
    code, _, err = stitchhouse("sync", "stitchlabs", "--account", "nobody")
    assert code == 64
    assert "'nobody'" in err
    assert "main, second" in err
    assert labs.asked("stitchlabs") == []


def test_a_refused_account_fails_alone(labs: KeptShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account whose token is refused ends with 77; the accounts before and after it are loaded and certified."""
    accounts(monkeypatch, first="sandbox", refused="nobody's", last="sandbox-2")
    outcome = labs.sync("stitchlabs", SOME)
    assert outcome.exit_code == 77
    codes = {(one.dataset, one.account): one.exit_code for one in outcome.certificates}
    assert codes == {
        (name, account): 77 * (account == "refused") for name in SOME for account in ("first", "refused", "last")
    }
    held = labs.sql("select account, count(*) from stitchlabs.contacts group by 1 order by 1")
    sent = {
        account: len(labs.control.ids(api, "Contacts"))
        for account, api in zip(("first", "last"), ACCOUNTS["stitchlabs"].values(), strict=True)
    }
    assert dict(held) == sent
    assert cursors(labs, "contacts").keys() == {"first", "last"}


def test_an_account_is_added_later(labs: KeptShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new account is read whole, beside an old one of which nothing is read or loaded again."""
    accounts(monkeypatch, main="sandbox")
    labs.load(datasets=SOME)
    held, cursor = rows(labs, "main"), cursors(labs, "contacts")
    accounts(monkeypatch, main="sandbox", second="sandbox-2")
    outcome = labs.load(datasets=SOME)
    new = {(one.dataset, one.account): one.new for one in outcome.certificates if one.dataset == "contacts"}
    assert new == {("contacts", "main"): 0, ("contacts", "second"): len(labs.control.ids("stitchlabs-2", "Contacts"))}
    assert rows(labs, "main") == held
    after = cursors(labs, "contacts")
    assert after["main"] == cursor["main"]
    assert set(after) == {"main", "second"}
    assert all(parse_time(value) for value in after.values())
