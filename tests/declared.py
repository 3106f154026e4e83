"""What the product's declarations lack of the vendors' lists: entry -> what is missing."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sources import stitchex, stitchlabs
from sources.stitchlabs.datasets import FILTERS
from stitchhouse.dataset import Kind, Relation
from stitchhouse.layout import layouts, link_column, link_table
from stitchhouse.spelling import spelled
from tests import lists

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stitchhouse.dataset import Dataset, Table
    from tests.lists import Field

Missing = dict[str, str]

TYPES = {
    Kind.ID: "BIGINT",
    Kind.COUNT: "BIGINT",
    Kind.MONEY: "DECIMAL",
    Kind.FLAG: "BOOLEAN",
    Kind.TIME: "TSTZ",
    Kind.DATE: "DATE",
    Kind.TEXT: "VARCHAR",
}
(ORDERS,) = (dataset for dataset in stitchlabs.DATASETS if dataset.path == "SalesOrders")


def order_attributes() -> Missing:
    columns = layouts(ORDERS)["sales_orders"].columns
    return {name: said for name, kind in lists.ATTRIBUTES.items() if (said := _lacks(columns, name, kind))}


def order_filters() -> Missing:
    return {name: "is in no filter" for name in lists.FILTERS if name not in FILTERS["SalesOrders"]}


def base_links() -> Missing:
    """A base link is a link of the root, and its block a table."""
    found = {link.name for link in ORDERS.table.links if link.relation is not Relation.BACK}
    return {name: "is no link of the order" for name in lists.BASE_LINKS if name not in found & ORDERS.by_block.keys()}


def secondary_links() -> Missing:
    """Every step of a path is kept by a table on one of its two sides, and every block beside an order is a table.

    What a side-loaded object says of its links covers one reply only. Where that is not loaded, the step counts if the
    linked table keeps it from its side, or if the object has a list of its own that does. Of a block of which only the
    name is known, no more is asked than that it is a table.
    """
    return {path: said for path, link in lists.SECONDARY_LINKS.items() if (said := broken(link.follow))}


def broken(follow: tuple[str, ...]) -> str:
    """The first step from the order that no table keeps."""
    for here, name in pairwise((ORDERS.path, *follow)):
        if name not in ORDERS.by_block:
            return f"{name} is no table"
        if name not in lists.SECONDARY["names_only"] and not (_keeps(here, name) or _keeps(name, here)):
            return f"neither {here} nor {name} keeps the link between them"
    return ""


def _keeps(holder: str, linked: str) -> bool:
    columns = {
        one["column"] for one in lists.SECONDARY["columns"] if (one["holder"], one["linked"]) == (holder, linked)
    }
    forms = [dataset.by_block[holder] for dataset in stitchlabs.DATASETS if holder in dataset.by_block]
    loaded = {link.name for table in forms for link in table.links if link.relation is not Relation.BACK}
    return linked in loaded or any(columns & table.declared.keys() for table in forms)


def reads() -> Missing:
    """An example asks for a dataset by what it can be asked for."""
    missing = {}
    for name, request in lists.READS.items():
        dataset = next((one for one in stitchlabs.DATASETS if one.path == request.resource), None)
        tests = [entry for tests in request.body.get("filter", {}).values() for entry in tests]
        asked = {key for entry in (*tests, *request.body.get("sort", ())) for key in entry} - {"operation"}
        if dataset is None or (request.path.endswith("/detail") and not dataset.detail):
            missing[name] = f"{request.path} is no dataset"
        elif unknown := asked - FILTERS[dataset.path]:
            missing[name] = f"{', '.join(sorted(unknown))} cannot be asked for"
    return missing


def writes() -> Missing:
    """Every attribute and link that an example writes can be read, under the name that reads have for it."""
    missing = {}
    for name, request in lists.WRITES.items():
        body = request.body
        bulk = {"links": body.get("bulk_action", {})}
        written = [said for row in (*body[request.resource], bulk) for said in _unknown(ORDERS.table, row)]
        if strange := body.keys() - {request.resource, *lists.WRITTEN["instructions"]}:
            written += sorted(strange)
        if written:
            missing[name] = f"{', '.join(written)} cannot be read"
    return missing


def _unknown(table: Table, row: Mapping[str, Any], keys: str = "") -> Iterator[str]:
    known = {"id", *table.declared, *keys.split(), *lists.WRITTEN["instructions"], "links"}
    yield from (f"{table.name}.{name}" for name in row if _read(name) not in known)
    links = {link.name: link for link in table.links}
    for name, entries in row.get("links", {}).items():
        block = ORDERS.by_block.get(_read(name))
        if block is None or _read(name) not in links:
            yield f"{table.name} -> {name}"
            continue
        for entry in entries:
            yield from _unknown(block, entry, links[_read(name)].keys)


def _read(name: str) -> str:
    renamed: str = lists.WRITTEN["renames"].get(name, name)
    return renamed


def ex_datasets() -> Missing:
    """A named dataset has a list that is read and a table that it fills."""
    paths, tables = _ex_lists(), _ex_columns()
    return {
        name: f"the list {one['list']} or the table {one['table']}"
        for name, one in lists.EX_DATASETS.items()
        if one["list"] not in paths or one["table"] not in tables
    }


def ex_lists() -> Missing:
    paths = _ex_lists()
    return {
        name: "is no dataset" if name not in paths else "is declared with the wrong paging"
        for name, one in lists.EX_LISTS.items()
        if name not in paths or paths[name].paged is not one["paged"]
    }


def ex_fields() -> Missing:
    """A field is read along the declared links, as rows are, into the table and type of the list."""
    missing = {}
    for entry, field in lists.EX_FIELDS.items():
        dataset = _ex_lists().get(field.list)
        table, column = _place(dataset, field) if dataset else ("", "")
        if dataset is None or table != field.table:
            missing[entry] = f"is read into {table or 'no table'} instead of {field.table}"
        elif said := _lacks(layouts(dataset)[table].columns, column, field.type):
            missing[entry] = f"{table}.{column} {said}"
    return missing


def _place(dataset: Dataset, field: Field) -> tuple[str, str]:
    """The table and the column that a field is read into; an array of plain values fills a table of its own."""
    table = dataset.table
    for name in filter(None, field.at.split(".")):
        link = next((link for link in table.links if link.name == name), None)
        if link is None:
            return "", ""
        table = dataset.by_name[link.table]
    array = next((link for link in table.links if link.name == field.name), None)
    if array and array.relation is not Relation.OWNED:
        return link_table(table, array), link_column(dataset, array)
    row: Any = 0
    for name in reversed(field.name.split(".")):
        row = {name: row}
    if array:
        table, row = dataset.by_name[array.table], {"value": 0}
    (column,) = spelled(table, row)
    return table.name, column


def ex_writes() -> Missing:
    """What can be written can be read, where a list shows it."""
    tables = _ex_columns()
    missing = {}
    for name, one in lists.EX_WRITES.items():
        if shown := one.get("list"):
            unknown = [field for field in one["fields"] if field not in tables.get(shown, {})]
            if unknown or shown not in tables:
                missing[name] = f"{', '.join(unknown) or shown} cannot be read"
    return missing


def _ex_lists() -> dict[str, Dataset]:
    return {dataset.path: dataset for dataset in stitchex.DATASETS}


def _ex_columns() -> dict[str, dict[str, Kind]]:
    return {name: one.columns for dataset in stitchex.DATASETS for name, one in layouts(dataset).items()}


def _lacks(columns: Mapping[str, Kind], name: str, kind: str) -> str:
    if name not in columns:
        return "is no column"
    return "" if TYPES[columns[name]] == kind else f"is {TYPES[columns[name]]} instead of {kind}"
