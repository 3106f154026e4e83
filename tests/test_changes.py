"""What changes in the source is right in the warehouse after the next sync, and nothing else is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.kept import KeptShop, entered, kept_shop

if TYPE_CHECKING:
    from collections.abc import Iterator

LINES = "sales_order_line_items"
CLOSED_LINES = "completed_sales_order_line_items"


@pytest.fixture(scope="module", params=["stitchlabs", "stitchex"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptShop]:
    with kept_shop(tmp_path_factory.mktemp("shop") / "project", request.param, orders=150) as shop:
        yield shop


@pytest.fixture
def shop(kept: KeptShop, monkeypatch: pytest.MonkeyPatch) -> KeptShop:
    """Of either API; each test leaves source and warehouse equal."""
    return entered(kept, monkeypatch)


only_stitchlabs = pytest.mark.parametrize("kept", ["stitchlabs"], indirect=True)


def loads(shop: KeptShop, table: str, key: str = "id") -> dict[int, Any]:
    """The load that each row came with."""
    return dict(shop.sql(f"select {key}, any_value(_dlt_load_id) from {shop.api}.{table} group by all"))


def differing(before: dict[int, Any], after: dict[int, Any]) -> set[int]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def held_lines(shop: KeptShop, order: int, table: str = LINES) -> list[int]:
    return [row[0] for row in shop.sql(f"select id from {shop.api}.{table} where sales_order_id = {order} order by 1")]


def test_exactly_the_changed_orders_are_loaded_again(shop: KeptShop) -> None:
    """After 100 of 150 orders change, exactly these and their lines are replaced, and the summary counts 100."""
    orders, lines = loads(shop, "sales_orders"), loads(shop, LINES, "sales_order_id")
    changed = shop.change(count=100)
    assert len(set(changed)) == 100
    certificate = shop.load().certificates[-1]
    assert (certificate.changed, certificate.new, certificate.loaded) == (100, 0, 100)
    assert differing(orders, loads(shop, "sales_orders")) == set(changed)
    assert differing(lines, loads(shop, LINES, "sales_order_id")) == set(changed) & lines.keys()
    assert shop.differences() == []


def test_nothing_is_loaded_twice_after_many_changes_of_one_second(shop: KeptShop) -> None:
    """When more rows than fit a page changed in one second, the sync after the one that loaded them loads nothing."""
    shop.change(count=70)
    shop.load()
    assert shop.load().rows == {}
    assert shop.differences() == []


def test_nothing_is_loaded_twice_where_pages_meet(shop: KeptShop) -> None:
    """When changes of many seconds fill several pages, the sync after the one that loaded them loads nothing."""
    shop.control.clock(freeze=True)
    for order in shop.control.ids(shop.api, shop.resource)[:60]:
        shop.change(order)
        shop.control.clock(advance=1)
    shop.control.clock(freeze=False)
    assert shop.load().certificates[-1].changed == 60
    assert shop.load().rows == {}


def test_lines_follow_their_orders(shop: KeptShop) -> None:
    """A line that was added, removed, moved, removed and made again, or was an order's last is right afterwards."""
    adding, removing, giving, taking, emptied, renewed = shop.open_orders()[:6]
    added = shop.lines(adding, add=2)
    removed = shop.line_ids(removing)[0]
    shop.lines(removing, remove=[removed])
    moved = shop.line_ids(giving)[0]
    shop.lines(giving, move={"lines": [moved], "to": taking})
    shop.lines(emptied, remove="all")
    old = shop.line_ids(renewed)
    shop.lines(renewed, remove=old)
    fresh = shop.lines(renewed, add=len(old))
    shop.load()
    assert held_lines(shop, adding) == sorted(added)
    assert removed not in held_lines(shop, removing)
    assert moved in held_lines(shop, taking)
    assert moved not in held_lines(shop, giving)
    assert held_lines(shop, emptied) == []
    assert held_lines(shop, renewed) == sorted(fresh)
    assert not set(old) & set(fresh)
    assert shop.differences() == []


def test_lines_move_on_and_back(shop: KeptShop) -> None:
    """A line that goes to another order and comes back with the next sync stands once, where it belongs."""
    here, there = shop.open_orders()[-2:]
    line = shop.line_ids(here)[0]
    for giving, taking in ((here, there), (there, here)):
        shop.lines(giving, move={"lines": [line], "to": taking})
        shop.load()
        assert shop.sql(f"select sales_order_id from {shop.api}.{LINES} where id = {line}") == [(taking,)]
    assert shop.differences() == []


@only_stitchlabs
def test_lines_of_reopened_orders_are_live_again(shop: KeptShop) -> None:
    """The lines of an order that is reopened leave the completed ones and return there when it is closed."""
    held = {one for (one,) in shop.sql(f"select distinct sales_order_id from stitchlabs.{CLOSED_LINES}")}
    reopened, *_ = sorted(held)
    completed = held_lines(shop, reopened, CLOSED_LINES)
    shop.change(reopened, set={"complete": "0"})
    shop.load()
    assert held_lines(shop, reopened) == shop.line_ids(reopened) != []
    assert held_lines(shop, reopened, CLOSED_LINES) == []
    assert shop.differences() == []
    shop.change(reopened, set={"complete": "1"})
    shop.load()
    assert held_lines(shop, reopened) == []
    assert held_lines(shop, reopened, CLOSED_LINES) == completed
    assert shop.differences() == []


def test_two_edits_within_one_second(shop: KeptShop) -> None:
    """An order that is edited, loaded and edited again within one second is right after the next sync."""
    order = shop.open_orders()[3]
    line = shop.line_ids(order)[0]
    word = "description" if shop.api == "stitchlabs" else "product_name"
    shop.control.clock(freeze=True)
    for text in ("first", "second"):
        shop.lines(order, set={str(line): {word: text}})
        shop.load(later=0)
    shop.control.clock(freeze=False)
    shop.load()
    assert shop.one(f"select {word} from {shop.api}.{LINES} where id = {line}") == "second"
    assert shop.differences() == []


@only_stitchlabs
def test_what_was_read_too_soon_is_read_again(shop: KeptShop) -> None:
    """An order that was loaded within the second of its change is read once more, and not loaded if it is the same."""
    shop.control.clock(freeze=True)
    (order,) = shop.change(shop.open_orders()[4])
    shop.load(later=0)
    shop.control.clock(freeze=False)
    shop.control.clear_requests()
    assert shop.load().rows == {}
    asked = [request["body"]["SalesOrders"] for request in shop.asked("stitchlabs") if "/detail" in request["path"]]
    assert asked == [[{"id": order}]]
    shop.control.clear_requests()
    assert shop.load().rows == {}
    assert not [request for request in shop.asked("stitchlabs") if "/detail" in request["path"]]


def test_silent_edits(shop: KeptShop) -> None:
    """An edit without a new stamp is found by a full walk, and by a quick one only when the order changes again."""
    oldest = f"select arg_min(id, updated_at) from {shop.api}.sales_orders"
    (order,) = shop.change(shop.one(oldest), set={"notes": "in silence"}, stamp=False)
    walked = shop.load().certificates[-1]
    notes = f"select notes from {shop.api}.sales_orders where id = {order}"
    seen = walked.plan == "keyset on named ids"
    assert seen == (shop.api == "stitchex")
    assert (shop.one(notes) == "in silence") == seen
    shop.change(order, set={"po_num" if shop.api == "stitchlabs" else "purchase_order_ref": "aloud"})
    shop.load()
    assert shop.one(notes) == "in silence"
    assert shop.differences() == []


def test_new_orders_come_and_deleted_ones_stay(shop: KeptShop) -> None:
    """New orders are loaded with their lines; one that the source no longer shows is kept as it was."""
    deleted = shop.open_orders()[6]
    row = shop.sql(f"select * from {shop.api}.sales_orders where id = {deleted}")
    lines = held_lines(shop, deleted)
    shop.control.delete(shop.api, shop.resource, ids=[deleted])
    shop.gone.add(deleted)
    added = shop.control.add(shop.api, shop.resource, 3)
    certificate = shop.load().certificates[-1]
    assert (certificate.new, certificate.changed) == (3, 0)
    assert shop.sql(f"select * from {shop.api}.sales_orders where id = {deleted}") == row
    assert held_lines(shop, deleted) == lines
    assert all(held_lines(shop, one) for one in added)
    assert shop.differences() == []
