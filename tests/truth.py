"""The warehouse beside the sandbox's truth, order by order.

Values are compared by the type that DuckDB gives their column, read here anew and not by the product's own casts.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb

from sources.stitchlabs.datasets import SALES_ORDERS
from stitchhouse.dataset import Relation
from stitchhouse.layout import link_column, link_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tests.conftest import Shop

Row = dict[str, Any]
ROOTS = {"stitchlabs": "SalesOrders", "stitchex": "sales_orders"}


def truth(shop: Shop, api: str) -> dict[int, Row]:
    """Every order that the sandbox holds now, with its lines."""
    resource = ROOTS[api]
    return {key: shop.control.truth(api, resource, key) for key in shop.control.ids(api, resource)}


def differences(shop: Shop, api: str, gone: Collection[int] = (), only: Collection[int] | None = None) -> list[str]:
    """What the warehouse has otherwise than the source: orders, all that hangs on them, every field.

    Orders that are `gone` from the source are expected to be kept in the warehouse as they were read last. With `only`
    no others are looked at.
    """
    with duckdb.connect(str(shop.file), read_only=True) as connection:
        held = Warehouse(connection, api)
        orders = truth(shop, api)
        if only is not None:
            orders = {key: orders[key] for key in only}
        ours = held.by_id("sales_orders")
        found = [f"order {key} is missing" for key in sorted(orders.keys() - ours.keys())]
        if only is None:
            extra = ours.keys() - orders.keys()
            found += [f"order {key} is in the warehouse only" for key in sorted(extra.symmetric_difference(gone))]
        compare = _labs_order if api == "stitchlabs" else _ex_order
        for key in orders.keys() & ours.keys():
            found += [f"order {key}: {line}" for line in compare(held, key, orders[key])]
        return found


class Warehouse:
    """Whole tables of one schema, read once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, schema: str) -> None:
        self._connection = connection
        self._schema = schema
        self._types: dict[str, dict[str, str]] = {}
        self._by: dict[tuple[str, str], dict[int, list[Row]]] = {}
        connection.execute("set TimeZone = 'UTC'")

    def by_id(self, table: str) -> dict[int, Row]:
        return {key: rows[0] for key, rows in self._grouped(table, "id").items()}

    def below(self, table: str, order: int, column: str = "sales_order_id") -> list[Row]:
        return self._grouped(table, column).get(order, [])

    def types(self, table: str) -> dict[str, str]:
        if table not in self._types:
            described = self._connection.execute(f'describe {self._schema}."{table}"').fetchall()
            self._types[table] = {row[0]: row[1] for row in described}
        return self._types[table]

    def _grouped(self, table: str, column: str) -> dict[int, list[Row]]:
        if (table, column) not in self._by:
            cursor = self._connection.execute(f'select * from {self._schema}."{table}"')
            names = [part[0] for part in cursor.description or []]
            grouped: dict[int, list[Row]] = {}
            for values in cursor.fetchall():
                row = dict(zip(names, values, strict=True))
                grouped.setdefault(row[column], []).append(row)
            self._by[table, column] = grouped
        return self._by[table, column]

    def fields(self, table: str, row: Row, sent: Row) -> Iterator[str]:
        """Fields of one object that differ from what was sent."""
        types = self.types(table)
        for name, value in sent.items():
            if name not in types:
                yield f"{table}.{name} has no column"
            elif row[name] != (expected := meant(value, types[name])):
                yield f"{table} {sent.get('id')} {name}: {row[name]!r} instead of {expected!r}"


def meant(value: Any, kind: str) -> Any:
    """A JSON value as a column of a DuckDB type should hold it."""
    if value is None or (value == "" and kind != "VARCHAR"):
        return None
    if kind == "BOOLEAN":
        return {"0": False, "1": True}[str(int(value))]
    if kind == "TIMESTAMP WITH TIME ZONE":
        return datetime.fromisoformat(value).astimezone(UTC)
    if kind == "DATE":
        return date.fromisoformat(value)
    if kind == "VARCHAR":
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return int(value) if kind == "BIGINT" else Decimal(str(value))


def _labs_order(held: Warehouse, key: int, order: Row) -> Iterator[str]:
    sent = dict(order["row"])
    links = sent.pop("links")
    row = held.by_id("sales_orders")[key]
    yield from held.fields("sales_orders", row, sent)
    for link in SALES_ORDERS.table.links:
        linked: list[Any] = [int(entry["id"]) for entry in links[link.name]]
        if link.relation is Relation.ONE:
            here: list[Any] = [row[link_column(SALES_ORDERS, link)]]
            there = linked or [None]
        elif link.relation is Relation.OWNED:
            here = sorted(child["id"] for child in held.below(link.table, key))
            there = sorted(linked)
        else:
            name = link_table(SALES_ORDERS.table, link)
            column, extra = link_column(SALES_ORDERS, link), link.keys.split()
            here = sorted([entry[column], *(entry[more] for more in extra)] for entry in held.below(name, key))
            there = sorted([int(entry["id"]), *(entry[more] for more in extra)] for entry in links[link.name])
        if here != there:
            yield f"{link.name}: {here} instead of {there}"
    table = "completed_sales_order_line_items" if links["CompletedSalesOrderLineItems"] else "sales_order_line_items"
    lines = {line["id"]: line for line in held.below(table, key)}
    for line in order["lines"]:
        if (own := lines.get(int(line["id"]))) is not None:
            yield from held.fields(table, own, {k: v for k, v in line.items() if k != "links"})
            variant: list[Any] = [int(entry["id"]) for entry in line["links"]["Variants"]] or [None]
            if [own["variant_id"]] != variant:
                yield f"{table} {line['id']}: variant {own['variant_id']} instead of {variant}"


def _ex_order(held: Warehouse, key: int, order: Row) -> Iterator[str]:
    sent = {name: value for name, value in order["row"].items() if name not in {"line_items", "custom_fields"}}
    yield from held.fields("sales_orders", held.by_id("sales_orders")[key], sent)
    custom = sorted(held.below("sales_order_custom_fields", key), key=lambda row: int(row["position"]))
    if len(custom) != len(order["row"]["custom_fields"]):
        yield f"{len(custom)} custom fields instead of {len(order['row']['custom_fields'])}"
    for row, one in zip(custom, order["row"]["custom_fields"], strict=False):
        yield from held.fields("sales_order_custom_fields", row, one)
    yield from _ex_lines(held, key, order["lines"])


def _ex_lines(held: Warehouse, key: int, sent: list[Row]) -> Iterator[str]:
    for table, objects in (
        ("sales_order_line_items", sent),
        ("sales_order_line_quantities", [piece for line in sent for piece in line["line_quantities"]]),
    ):
        rows = {row["id"]: row for row in held.below(table, key)}
        wanted = {one["id"]: one for one in objects}
        if rows.keys() != wanted.keys():
            yield f"{table}: {sorted(rows)} instead of {sorted(wanted)}"
        for one in wanted.keys() & rows.keys():
            plain = {name: value for name, value in wanted[one].items() if name != "line_quantities"}
            yield from held.fields(table, rows[one], plain)
    for line in sent:
        own = {row["id"] for row in held.below("sales_order_line_quantities", line["id"], "sales_order_line_item_id")}
        if own != {piece["id"] for piece in line["line_quantities"]}:
            yield f"line {line['id']} has quantities {sorted(own)}"
