"""`stitchhouse reset`: the cursor of a dataset is forgotten, its rows are not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pipelines import locks
from pipelines.reset import forget
from tests.conftest import OpenShop, Shop, stitchhouse
from tests.dialogue import dialogue

if TYPE_CHECKING:
    from tests.calling import Caller

LABS, EX = "stitchlabs.sales_orders", "stitchex.sales_orders"


def test_all_is_read_again(call: Caller, shop: Shop) -> None:
    """After a reset a sync reads every row, loads those that differ, and has a cursor again; all rows stayed."""
    first = shop.sync("stitchlabs", ["sales_orders"]).certificates[0]
    assert first.cursor_after is not None
    shop.control.change("stitchlabs", "SalesOrders", count=2, stamp=False)
    assert shop.sync("stitchlabs", ["sales_orders"]).rows == {}
    line = call.fine("reset", LABS, "--yes").strip()
    assert line == (
        f"{LABS} main: forgot the cursor {first.cursor_after.isoformat()}; the next sync reads all of it again"
    )
    assert shop.one("select count(*) from stitchlabs.sales_orders") == 60
    after = shop.sync("stitchlabs", ["sales_orders"]).certificates[0]
    assert (after.cursor_before, after.cursor_after, after.rows) == (None, first.cursor_after, 60)
    assert (after.new, after.changed, after.unchanged) == (0, 2, 58)
    assert shop.sync("stitchlabs", ["sales_orders"]).certificates[0].plan == "keyset on updated_at"


def test_what_changed_without_a_trace(call: Caller, shop: Shop) -> None:
    """After reset, lines that changed without a new stamp of their order are loaded too, and then nothing more is."""
    shop.sync("stitchlabs", ["sales_orders"])
    line = shop.one("select min(id) from stitchlabs.sales_order_line_items")
    shop.control.change("stitchlabs", "SalesOrderLineItems", ids=[line], set={"description": "silent"}, stamp=False)
    silent = "select count(*) from stitchlabs.sales_order_line_items where description = 'silent'"
    shop.sync("stitchlabs", ["sales_orders"])
    assert shop.one(silent) == 0
    call.fine("reset", LABS, "--yes")
    shop.sync("stitchlabs", ["sales_orders"])
    assert shop.one(silent) == 1
    assert shop.sync("stitchlabs", ["sales_orders"]).rows == {}


def test_one_account(call: Caller, open_shop: OpenShop) -> None:
    """With --account only that account's memory goes, and the object tells each account with the cursor it had."""
    with open_shop(page_size=5) as shop:
        shop.sync("stitchex", ["sales_orders"])
    told = json.loads(call.fine("reset", EX, "--account", "4108", "--yes", "--json"))
    assert told == {"exit_code": 0, "forgotten": [{"dataset": EX, "account": "4108", "cursor": None}]}
    assert [line.split(":")[0] for line in call.fine("reset", EX, "--yes").splitlines()] == [f"{EX} 4101", f"{EX} 4115"]
    assert "nothing to forget" in call.fine("reset", EX, "--yes")


def test_nothing_to_forget(call: Caller, shop: Shop) -> None:
    """A dataset that was never loaded has nothing to forget, which is no error and makes no warehouse."""
    assert call.fine("reset", LABS, "--yes") == f"{LABS}: nothing to forget\n"
    assert not shop.file.exists()
    shop.sync("stitchlabs", ["sales_orders"])
    assert call.fine("reset", "stitchlabs.invoices", "--yes") == "stitchlabs.invoices: nothing to forget\n"
    assert call.fine("reset", EX, "--yes") == f"{EX}: nothing to forget\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sales_orders", "--yes"), f"more than one source; say {LABS} or {EX}"),
        (("stitchlabs.people", "--yes"), "is a table of stitchlabs."),
        (("orders", "--yes"), "no dataset 'orders' in stitchlabs, stitchex; there are: stitchlabs.sales_orders"),
        ((LABS,), "there is no terminal to ask on; say --yes"),
        ((LABS, "--yes", "--destination", "drawer"), "no destination 'drawer'"),
        ((), "Missing argument"),
    ],
)
@pytest.mark.usefixtures("project")
def test_wrong_words(call: Caller, arguments: tuple[str, ...], words: str) -> None:
    """A name that is unknown or means two datasets, or a reset that cannot ask first, ends with 64."""
    assert words in call.one_line(64, "reset", *arguments)


def test_while_another_run_loads(call: Caller, shop: Shop) -> None:
    """While a sync loads into the same schema nothing is forgotten: 75."""
    shop.sync("stitchlabs", ["sales_orders"])
    with locks.loading(shop.project, str(shop.file), "stitchlabs"):
        assert "another run" in call.one_line(75, "reset", LABS, "--yes")
    assert shop.sync("stitchlabs", ["sales_orders"]).certificates[0].cursor_before is not None


def test_on_a_new_machine(shop: Shop) -> None:
    """A reset is loaded into the destination, so it holds for a machine that has only that."""
    shop.sync("stitchlabs", ["sales_orders"])
    for expected in ("forgot the cursor", "nothing to forget"):
        code, out, err = stitchhouse("reset", LABS, "--yes", DLT_DATA_DIR=str(shop.project.folder / expected))
        assert (code, err) == (0, "")
        assert expected in out


def test_asking_first(shop: Shop) -> None:
    """On a terminal the reset is asked for; no, or Ctrl-C, forgets nothing."""
    shop.sync("stitchlabs", ["sales_orders"])
    with dialogue("reset", LABS) as talk:
        talk.answer(f"Forget how far {LABS} was read into {shop.file}", "n")
        assert talk.end() == 0
    assert "nothing was forgotten" in talk.seen
    with dialogue("reset", LABS) as talk:
        talk.until("[y/n]")
        talk.interrupt()
        assert talk.end() == 130
    assert "interrupted; nothing was changed" in talk.seen
    with dialogue("reset", LABS) as talk:
        talk.answer("[y/n]", "y")
        assert talk.end() == 0
    assert "forgot the cursor" in talk.seen


def test_what_is_forgotten() -> None:
    """The smallest cursor of the other accounts stays dlt's own; that an account's rows are whole is still known."""
    early, late = "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00"
    state = {
        "incremental": {"updated_at": {"last_value": early, "accounts": {"main": early, "uk": late}}},
        "accounts": {"main": {"capabilities": {"id_filter": "honoured"}, "certified": True}, "uk": {"certified": True}},
        "tables": ["sales_orders"],
    }
    assert forget(state, "updated_at", ["main", "nobody"]) == {"main": early}
    assert state == {
        "incremental": {"updated_at": {"last_value": late, "accounts": {"uk": late}}},
        "accounts": {"main": {"certified": True, "afresh": True}, "uk": {"certified": True}},
        "tables": ["sales_orders"],
    }
    assert forget(state, "updated_at") == {"uk": late}
    both = {account: {"certified": True, "afresh": True} for account in ("main", "uk")}
    assert state == {"accounts": both, "tables": ["sales_orders"]}
    assert forget(state, "updated_at") == {}
