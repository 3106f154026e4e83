"""Objects as an API sends them, and the typed tables they become; what does not fit is set aside, never lost."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.stitchex.datasets import PRODUCTS
from sources.stitchex.datasets import SALES_ORDERS as EX
from sources.stitchlabs.datasets import SALES_ORDERS as LABS
from stitchhouse.layout import ROW_HASH
from tests.rows_made import Row, made, only, order

if TYPE_CHECKING:
    from random import Random


def test_what_does_not_fit_is_set_aside() -> None:
    """A value that does not fit is null in its row and rejected with table, key, column, reason and raw text."""
    batch = made(EX, order(grand_total="12.34567", company_id="012", return_label="maybe", start_ship_date="soon"))
    row = only(batch, "sales_orders")
    assert row["grand_total"] == Decimal("12.3457")
    assert (row["company_id"], row["return_label"], row["start_ship_date"]) == (None, None, None)
    told = {(one.root, one.table, one.key, one.column, one.reason, one.raw) for one in batch.rejected}
    assert told == {
        (1, "sales_orders", "1", "grand_total", "rounded", "12.34567"),
        (1, "sales_orders", "1", "company_id", "not a value of kind ids", "012"),
        (1, "sales_orders", "1", "return_label", "not a value of kind flags", "maybe"),
        (1, "sales_orders", "1", "start_ship_date", "not a value of kind dates", "soon"),
    }


def test_what_does_not_fit_below_a_row_names_its_own_key() -> None:
    """A value of a line is rejected under the line's key and with the order it hangs on."""
    row = order()
    row["line_items"][0]["unit_price"] = "cheap"
    (told,) = made(EX, row).rejected
    assert (told.root, told.table, told.key, told.column) == (1, "sales_order_line_items", "11", "unit_price")


@pytest.mark.parametrize("key", [None, "", "012", "x", "1.0"])
def test_a_row_without_a_key_is_rejected_whole(key: Any) -> None:
    """A row without a usable id is set aside with all that it held, and its neighbours are kept."""
    batch = made(EX, order(id=key, notes="kept"), order(id=2, line_items=[]))
    assert only(batch, "sales_orders")["id"] == 2
    (told,) = [one for one in batch.rejected if not one.column and one.table == "sales_orders"]
    assert told.reason == "no key"
    assert '"notes":"kept"' in told.raw


def test_two_rows_without_a_key_are_two_rejects() -> None:
    """Rows that cannot be told apart by a key are told apart by what they hold."""
    batch = made(EX, {"notes": "one"}, {"notes": "another"}, {"notes": "one"})
    assert len({one.key for one in batch.rejected}) == 2


def test_a_field_has_its_column_in_any_company() -> None:
    """Fields whose names differ only in spelling have columns of their own, the same whatever comes beside them."""
    names = ("fooBar", "foo_bar", "FooBar", "foo bar", "_foo_bar", "src_foo_bar")
    alone = {name: made(EX, order(**{name: name})).new.pop().split(".")[1] for name in names}
    assert len(set(alone.values())) == len(names)
    together = only(made(EX, order(**{name: name for name in names})), "sales_orders")
    assert {name: together[column] for name, column in alone.items()} == {name: name for name in names}


def test_unknown_fields_become_columns_of_text() -> None:
    """Fields that nobody declared are kept as text, in columns of their own, and told once."""
    batch = made(EX, order(giftWrap=True, **{"Gift-Wrap": {"ribbon": 1}}), order(id=2, line_items=[]))
    first, second = batch.tables["sales_orders"].to_pylist()
    new = {name.split(".")[1] for name in batch.new}
    assert {first[name] for name in new} == {"true", '{"ribbon":1}'}
    assert {second[name] for name in new} == {None}
    assert len(new) == 2


def test_unknown_blocks_and_links_become_tables() -> None:
    """Side-loaded objects and links that nobody declared fill tables named after them, by id."""
    row = {"id": "7", "links": {"LoyaltyCards": [{"id": "3"}, {"id": "4", "type": "gold"}]}}
    cards = {"3": {"id": "3", "points": "12", "links": []}, "4": {"id": "4", "points": "x", "links": []}}
    batch = made(LABS, row, blocks={"LoyaltyCards": cards})
    held = [(one["id"], one["points"]) for one in batch.tables["loyalty_cards"].to_pylist()]
    assert held == [(3, "12"), (4, "x")]
    links = batch.tables["sales_orders__loyalty_cards"].to_pylist()
    assert [(one["sales_order_id"], one["loyalty_cards_id"], one["type"]) for one in links] == [
        (7, 3, ""),
        (7, 4, "gold"),
    ]
    assert batch.new == {"loyalty_cards", "loyalty_cards.points", "sales_orders__loyalty_cards"}
    assert batch.rejected == []


def test_a_linked_object_that_was_not_sent_is_told() -> None:
    """A line that a link names and no block holds is a row with its id alone, and is noted as rejected."""
    batch = made(LABS, {"id": "7", "links": {"SalesOrderLineItems": [{"id": "70"}]}})
    assert only(batch, "sales_order_line_items")["id"] == 70
    (told,) = batch.rejected
    assert (told.table, told.key) == ("sales_order_line_items", "70")


def test_an_invoice_belongs_to_the_order_that_names_it() -> None:
    """Beside orders, an invoice that names no order is the naming order's; one that nobody names is left to its own."""
    row = {"id": "7", "links": {"Invoices": [{"id": "60"}]}}
    invoices: dict[str, Row] = {"60": {"id": "60", "links": []}, "61": {"id": "61", "links": {"SalesOrders": []}}}
    batch = made(LABS, row, blocks={"Invoices": invoices})
    held = [(one["id"], one["sales_order_id"]) for one in batch.tables["invoices"].to_pylist()]
    assert (held, batch.strays) == ([(60, 7)], 1)


@pytest.mark.parametrize("key", [3, "3"])
def test_nested_objects_with_a_list_of_their_own(key: Any) -> None:
    """A product leads to its SKUs whatever form its id comes in, and an empty text in place of a list says none."""
    row = {"id": key, "season_id": "", "variations": [{"id": 31, "skus": [{"id": 311, "size": "S"}]}]}
    batch = made(PRODUCTS, row)
    (link,) = batch.tables["product_variations__skus"].to_pylist()
    assert (link["product_id"], link["variation_id"], link["sku_id"]) == (3, 31, 311)
    assert batch.shared["skus"] == [(3, {"product_id": key, "variation_id": 31, "id": 311, "size": "S"})]
    assert (batch.rejected, "products__seasons" in batch.tables) == ([], False)


def hashed(row: Row) -> int:
    return int(only(made(EX, row), "sales_orders")[ROW_HASH])


@pytest.mark.parametrize(
    "same",
    [
        {"grand_total": "30.0"},
        {"grand_total": 30},
        {"id": "1"},
        {"created_at": "2024-05-01T12:00:00+02:00"},
        {"return_label": "0"},
        {"currency": None},
        {"line_items": order()["line_items"][::-1]},
    ],
    ids=str,
)
def test_equal_rows_hash_equal(same: Row) -> None:
    """The same content in another form, with another offset or its lines in another order has the same hash."""
    assert hashed(order(**same)) == hashed(order())


@given(st.randoms(use_true_random=False))
def test_the_order_of_keys_and_lines_says_nothing(random: Random) -> None:
    """However the fields and lines of an order are shuffled, its hash is the same."""
    fields = list(order().items())
    random.shuffle(fields)
    shuffled = dict(fields)
    random.shuffle(shuffled["line_items"])
    for line in shuffled["line_items"]:
        random.shuffle(line["line_quantities"])
    assert hashed(shuffled) == hashed(order())


@pytest.mark.parametrize(
    "other",
    [
        {"grand_total": "30.01"},
        {"notes": ""},
        {"line_items": []},
        {"return_label": None},
        {"new": "field"},
        {"grand_total": "many"},
        {"grand_total": "30.000004"},
    ],
    ids=str,
)
def test_different_rows_hash_different(other: Row) -> None:
    """A change of any field, of an undeclared one too, or of a line changes the hash of its order."""
    assert hashed(order(**other)) != hashed(order())


def test_another_value_that_does_not_fit_is_a_change() -> None:
    """One bad value in place of another changes the hash, in the order and in its lines; the same one does not."""
    assert hashed(order(season_id="0071")) != hashed(order(season_id="0072"))
    assert hashed(order(season_id="0071")) == hashed(order(season_id="0071"))
    bad, worse = order(), order()
    bad["line_items"][0]["weight"], worse["line_items"][0]["weight"] = "heavy", "heavier"
    assert hashed(bad) != hashed(worse)


def test_a_moved_quantity_changes_the_hash() -> None:
    """Two orders that differ only in which line holds a quantity are different."""
    moved = order()
    moved["line_items"][1]["line_quantities"].append(moved["line_items"][0]["line_quantities"].pop())
    assert hashed(moved) != hashed(order())
