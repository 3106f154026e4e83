"""What `sync` can be asked to read: what changed, more of it, everything, a span of time, or some ids."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pendulum
import pytest

from pipelines.windows import window_of
from stitchhouse.errors import UsageError
from stitchhouse.walk import Window
from tests.conftest import stitchhouse
from tests.kept import SMALL_PAGES, KeptShop, entered, kept_shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APIS = ("stitchlabs", "stitchex")
LINES = "select count(*) from {}.sales_order_line_items where sales_order_id = {}"


@pytest.fixture
def shop(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeptShop]:
    """A shop of 60 orders on pages of 10, synced once."""
    with kept_shop(tmp_path / "shop", request.param, **SMALL_PAGES) as opened:
        yield entered(opened, monkeypatch)


@pytest.mark.parametrize("shop", APIS, indirect=True)
def test_a_full_sync_finds_silent_edits(shop: KeptShop) -> None:
    """A row or a line that changed without a new stamp is brought by `--full`, and by nothing before it."""
    order = min(shop.open_orders())
    line = shop.line_ids(order)[0]
    stamp = shop.one(f"select updated_at from {shop.api}.sales_orders where id = {order}")
    shop.change(order, set={"notes": "in silence"}, stamp=False)
    shop.control.lines(shop.api, order, remove=[line], stamp=False)
    outcome = shop.load(window=Window(full=True))
    assert outcome.exit_code == 0
    assert shop.one(f"select notes from {shop.api}.sales_orders where id = {order}") == "in silence"
    assert shop.one(f"select updated_at from {shop.api}.sales_orders where id = {order}") == stamp
    assert line not in [one for (one,) in shop.sql(f"select id from {shop.api}.sales_order_line_items")]
    assert shop.differences() == []


@pytest.mark.parametrize("shop", ["stitchlabs"], indirect=True)
def test_a_lookback_reads_rows_that_came_late(shop: KeptShop) -> None:
    """A row that became visible days after its stamp comes with `--lookback 3d`, not with a quick walk."""
    now = pendulum.instance(datetime.fromisoformat(shop.control.clock(advance=10 * 86400)["now"]))
    shop.change(count=1)
    shop.load()
    late = now.subtract(days=2).isoformat()
    (order,) = shop.change(min(shop.open_orders()), set={"notes": "late"}, stamp=late)
    notes = f"select notes from stitchlabs.sales_orders where id = {order}"
    shop.load()
    assert shop.one(notes) != "late"
    (certificate,) = shop.load(window=Window(lookback=timedelta(days=3))).certificates
    assert (certificate.plan, certificate.certified) == ("keyset on updated_at", True)
    assert shop.one(notes) == "late"


@pytest.mark.parametrize("shop", APIS, indirect=True)
def test_a_span_of_time_brings_its_rows_only_and_moves_no_cursor(shop: KeptShop) -> None:
    """`--since` and `--until` load what was updated in between; cursor and state stay where they were."""
    cursor = shop.outcomes[-1].certificates[0].cursor_after
    orders = shop.open_orders()[:3]
    begin = pendulum.instance(datetime.fromisoformat(shop.control.clock(advance=3600)["now"]))
    for order in orders:
        shop.change(order, set={"notes": "moved"}, stamp=shop.control.clock(advance=600)["now"])
    inside = Window(since=begin.add(minutes=15), until=begin.add(minutes=25))
    (certificate,) = shop.load(window=inside).certificates
    assert (certificate.certified, certificate.changed, certificate.cursor_after) == (True, 1, cursor)
    moved = f"select id from {shop.api}.sales_orders where notes = 'moved'"
    assert shop.sql(moved) == [(orders[1],)]
    assert "since" in certificate.asked
    assert shop.load().certificates[0].changed == 2
    assert shop.differences() == []


@pytest.mark.parametrize("shop", APIS, indirect=True)
def test_ids_are_loaded_anew_and_nothing_else(shop: KeptShop) -> None:
    """`--ids` loads these rows over what is there, whatever is known of them, and names those that were not listed."""
    first, second = shop.open_orders()[:2]
    for order in (first, second):
        shop.change(order, set={"notes": "again"}, stamp=False)
    (certificate,) = shop.load(window=Window(ids=(first, 99_999_999))).certificates
    assert (certificate.plan, certificate.certified, certificate.loaded) == ("keyset on named ids", True, 1)
    assert "99999999" in certificate.note
    assert shop.sql(f"select id from {shop.api}.sales_orders where notes = 'again'") == [(first,)]


@pytest.mark.parametrize("shop", ["stitchex"], indirect=True)
def test_a_quick_sync_of_stitchex_reads_what_can_still_change(shop: KeptShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed documents are read for so many days after their last change only; open and new ones always."""
    monkeypatch.setenv("SOURCES__STITCHEX__REREAD_DAYS", "30")
    shop.control.clock(advance=400 * 86400)
    shop.load(window=Window(full=True))
    done = "fulfillment_status = 'shipped' and financial_status = 'paid'"
    closed = shop.one(f"select min(id) from stitchex.sales_orders where {done}")
    still = shop.one(f"select max(id) from stitchex.sales_orders where not ({done})")
    shop.change(closed, set={"notes": "closed"}, stamp=False)
    shop.change(still, set={"notes": "open"}, stamp=False)
    (new,) = shop.control.add(shop.api, shop.resource, 1)
    shop.control.clear_requests()
    (certificate,) = shop.load().certificates
    pages = len([one for one in shop.asked("stitchex") if one["path"].endswith("/sales_orders")])
    assert (certificate.plan, certificate.certified, certificate.new) == ("keyset on named ids", True, 1)
    assert certificate.pages <= pages <= 7
    held = dict(shop.sql("select id, notes from stitchex.sales_orders"))
    assert held[still] == "open"
    assert new in held
    assert shop.load(window=Window(full=True)).exit_code == 0
    assert shop.one(f"select notes from stitchex.sales_orders where id = {closed}") == "closed"


@pytest.mark.parametrize("shop", ["stitchex"], indirect=True)
def test_a_quick_sync_skips_the_pages_of_closed_documents(shop: KeptShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where most documents are closed, a quick run asks for the pages that hold an open one, and for what is new."""
    monkeypatch.setenv("SOURCES__STITCHEX__REREAD_DAYS", "1")
    ids = shop.control.ids(shop.api, shop.resource)
    shop.change(*ids, set={"fulfillment_status": "shipped", "financial_status": "paid"})
    shop.change(ids[25], set={"financial_status": "partially_paid"})
    shop.control.clock(advance=30 * 86400)
    shop.load(window=Window(full=True))
    shop.control.clock(advance=86400)
    shop.change(ids[25], set={"financial_status": "paid"})
    (certificate,) = shop.load().certificates
    assert (certificate.pages, certificate.changed) == (2, 1)
    assert shop.differences() == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"full": True, "ids": "1"}, "exclude each other"),
        ({"full": True, "lookback": "3d"}, "exclude each other"),
        ({"ids": "1"}, "say which"),
        ({"ids": "1,x", "datasets": ["stitchex.sales_orders"]}, "whole numbers"),
        ({"lookback": "3 weeks"}, "write 90s"),
        ({"since": "yesterday"}, "a date or a time"),
        ({"since": "2026-11-02", "until": "2026-11-01"}, "is not before"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any], said: str) -> None:
    """Contradicting or unreadable options are refused before anything is read, in one line that says what to write."""
    none: dict[str, Any] = {"full": False, "lookback": "", "since": "", "until": "", "ids": ""}
    with pytest.raises(UsageError, match=said):
        window_of(**(none | {"datasets": [], "sources": []} | options))


@pytest.mark.parametrize("shop", ["stitchlabs"], indirect=True)
def test_the_options_of_the_command(shop: KeptShop) -> None:
    """`sync` takes the windows as options, says in its line what it read, and ends with 64 where they contradict."""
    place = ("stitchlabs", "--dataset", "sales_orders")
    code, out, error = stitchhouse("sync", *place, "--full", "--json")
    assert code == 0, error
    assert '"asked": "all"' in out
    order = min(shop.open_orders())
    code, out, error = stitchhouse("sync", *place, "--ids", f"{order}", "--json")
    assert code == 0, error
    assert f'"asked": "only id {order}"' in out
    code, _, error = stitchhouse("sync", *place, "--full", "--ids", "1")
    assert code == 64
    assert "exclude each other" in error
