"""Whole tables beside what the sandbox tells of them: every row, every field and every link, by declaration."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from sources import stitchex, stitchlabs
from stitchhouse.dataset import ACCOUNT, Relation
from stitchhouse.layout import DAY, beside, layouts, link_column, link_table, pair_table
from tests.sandbox.asking import Ex, Labs
from tests.truth import meant

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from stitchhouse.dataset import Dataset, Link, Table
    from stitchhouse.layout import Layout
    from tests.conftest import Shop

Row = dict[str, Any]
Rows = dict[tuple[Any, ...], Row]
"""The rows of one table and account by the rest of their key, which is text: ids compare as sent."""

DATASETS: dict[str, tuple[Dataset, ...]] = {"stitchlabs": stitchlabs.DATASETS, "stitchex": stitchex.DATASETS}
NAMES_ONLY = {"account_order_infos", "contact_warehouses"}
"""Blocks of which the references know no more than the name: the sandbox has none."""


@cache
def tables(api: str) -> dict[str, tuple[Dataset, Table]]:
    """Every table with all of its links: those of its own list, then those that only its copies beside rows tell."""
    found: dict[str, tuple[Dataset, Table]] = {}
    for dataset in sorted(DATASETS[api], key=lambda one: one.table.name):
        found[dataset.table.name] = (dataset, dataset.table)
    for dataset in DATASETS[api]:
        for table in dataset.tables:
            whose, known = found.setdefault(table.name, (dataset, table))
            loaded = {link.name for link in known.links if link.relation is not Relation.BACK}
            more = [link for link in table.links if link.name not in loaded and link.relation is not Relation.BACK]
            if more:
                found[table.name] = (whose, replace(known, links=(*known.links, *more)))
    return found


def shapes(api: str) -> dict[str, Layout]:
    """Every table of a schema by name."""
    return {name: one for dataset in DATASETS[api] for name, one in layouts(dataset).items()}


class Told:
    """The tables of one account as the sandbox's rows say."""

    def __init__(self, api: str) -> None:
        self.api = api
        self.rows: dict[str, Rows] = defaultdict(dict)
        self._shapes = shapes(api)

    def of(self, entry: Any, table: Table) -> Any:  # noqa: ARG002 - where blocks hold the objects, the table tells which
        """The object that an entry of a link stands for."""
        return entry

    def stand(self, name: str, row: Row) -> None:
        """A row that belongs to no other, with all that hangs on it."""
        dataset, table = tables(self.api)[name]
        self._put(table.name, {"id": row[_named(table, "id")]} | cells(dataset, table, row))
        self._follow(dataset, table, table, row, row[_named(table, "id")])

    def day(self, dataset: Dataset, row: Row, today: str) -> None:
        """What a daily table keeps of a row."""
        if dataset.daily:
            own = {dataset.table.foreign: row["id"], DAY: today}
            self._put(dataset.daily.name, own | {name: row[name] for name in dataset.daily.columns})

    def _put(self, name: str, row: Row) -> None:
        key = tuple(str(row[part]) for part in self._shapes[name].key if part != ACCOUNT)
        self.rows[name][key] = row

    def _follow(self, dataset: Dataset, owner: Table, table: Table, row: Row, root: Any) -> None:
        above = {owner.foreign: root} | ({} if table is owner else {table.foreign: row.get("id")})
        for link in table.links:
            entries = _entries(dataset, row, link)
            if link.relation is Relation.ONE and owner.name == "sales_orders":
                self._pair(owner, link, root, entries)
            elif link.relation in {Relation.MANY, Relation.SHARED}:
                for entry in entries:
                    sent = entry if isinstance(entry, dict) and link.relation is Relation.MANY else {}
                    more = dict.fromkeys(link.keys.split(), "") | {key: sent[key] for key in sent.keys() - {"id"}}
                    column = link_column(dataset, link)
                    self._put(link_table(table, link), above | {column: _id(entry)} | more)
            elif link.relation is Relation.OWNED:
                _, child = tables(self.api)[link.table]
                for position, entry in enumerate(entries, 1):
                    held = self.of(entry, child)
                    held = held if isinstance(held, dict) else {"value": held}
                    own = {} if child.key == "id" else {child.key: position}
                    self._put(child.name, above | own | cells(dataset, child, held))
                    self._follow(dataset, owner, child, held, root)

    def _pair(self, root: Table, link: Link, key: Any, entries: Sequence[Any]) -> None:
        _, pair = tables(self.api)[link.table]
        if pair.pair and entries:
            self._put(pair_table(root, pair), {root.foreign: key, pair.foreign: entries[0]["id"]})


class ToldByLabs(Told):
    """An account of Stitch Labs, every object asked of the sandbox's truth."""

    def __init__(self, shop: Shop, api: str = "stitchlabs") -> None:
        super().__init__("stitchlabs")
        self._shop, self._account = shop, api
        every = tables(self.api).values()
        owned = {link.table for _, table in every for link in table.links if link.relation is Relation.OWNED}
        for _, table in every:
            if table.name not in owned | NAMES_ONLY:
                for key in shop.control.ids(api, table.block):
                    self.stand(table.name, shop.control.truth(api, table.block, key)["row"])
        if api == self.api:
            self._beside_orders(shop)

    def of(self, entry: Any, table: Table) -> Any:
        if not table.block:
            return entry
        return self._shop.control.truth(self._account, table.block, int(entry["id"]))["row"]

    def _beside_orders(self, shop: Shop) -> None:
        """What a variant tells only below an order."""
        with Labs(shop.box) as labs:
            variants = labs.detail(*shop.control.ids(self.api, "SalesOrders"))["Variants"]
        for row in self.rows["sales_orders__variants"].values():
            held = variants[row["variant_id"]]
            row |= {name: held[name] for name in tables(self.api)["variants"][1].pair_columns}


def told_by_lists(shop: Shop, organisation: int) -> Told:
    """An organisation of Stitchex as its lists show it now, with the boxes of its pick tickets and today's stock."""
    told = Told("stitchex")
    today = shop.control.clock()["now"][:10]
    with Ex(shop.box, organisation) as ex:
        for dataset in stitchex.DATASETS:
            for row in _listed(ex, dataset):
                if dataset is stitchex.DATASETS[0] and row["id"] != organisation:
                    continue
                boxes = ex.get(f"/pick_tickets/{row['id']}/box_items").json() if dataset.name == "pick_tickets" else {}
                told.stand(dataset.name, row | boxes)
                if dataset.daily:
                    told.day(dataset, row, today)
    return told


def _listed(ex: Ex, dataset: Dataset) -> list[Row]:
    rows: list[Row] = []
    page: int | None = 1
    while page:
        reply = ex.get(f"/{dataset.path}", page=page).json()
        rows += reply[dataset.path]
        page = reply.get("meta", {}).get("next_page")
    return rows


def cells(dataset: Dataset, table: Table, row: Row) -> Row:
    """Column -> value as sent, of everything in an object but its links to others' tables."""
    found: Row = {}
    links = {link.name for link in table.links if link.relation is not Relation.BACK}
    aside = {dataset.links_in, *links, *table.pair_columns}
    for name, value in row.items():
        ours = table.respelled.get(name, name)
        if isinstance(value, dict) and ours in table.nested:
            for part, inner in value.items():
                found[ours if part == "id" and ours in table.declared else f"{ours}_{part}"] = inner
        elif name not in aside and (value is not None or ours not in table.nested):
            found[ours] = value
    for link in table.links:
        if link.relation is Relation.ONE:
            entry: Row = next(iter(_entries(dataset, row, link)), {})
            found[link_column(dataset, link)] = entry.get("id")
            found |= {column: entry.get(key) for key, column in beside(dataset, link).items()}
    return found


def _named(table: Table, ours: str) -> str:
    """The source's name of a field of ours."""
    return next((theirs for theirs, name in table.respelled.items() if name == ours), ours)


def _entries(dataset: Dataset, row: Row, link: Link) -> list[Any]:
    held = (row[dataset.links_in] if dataset.links_in else row).get(link.name)
    return held if isinstance(held, list) else [] if held is None else [held]


def _id(entry: Any) -> Any:
    return entry["id"] if isinstance(entry, dict) else entry


class Difference(NamedTuple):
    """Where ours is not what was told: `place` is a table, or `table.column`; None is a row that one side lacks."""

    place: str
    key: tuple[Any, ...]
    ours: Any
    theirs: Any


def differences(file: Path, told: Told, account: str, only: Collection[str] | None = None) -> Iterator[Difference]:
    """Where the tables of an account, or `only` some of them, are not what was told."""
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name, layout in shapes(told.api).items():
            if only is not None and name not in only:
                continue
            cursor = connection.execute(f'select * from {told.api}."{name}" where account = ?', [account])
            types = {part[0]: str(part[1]) for part in cursor.description or []}
            held = [dict(zip(types, values, strict=True)) for values in cursor.fetchall()]
            ours = {tuple(str(row[part]) for part in layout.key if part != ACCOUNT): row for row in held}
            theirs = told.rows.get(name, {})
            for key in ours.keys() ^ theirs.keys():
                yield Difference(name, key, ours.get(key), theirs.get(key))
            for key in ours.keys() & theirs.keys():
                for column, value in theirs[key].items():
                    kind = types.get(column, "no column")
                    expected = meant(value[:10] if kind == "DATE" and value else value, kind)
                    if kind == "no column" or ours[key][column] != expected:
                        yield Difference(f"{name}.{column}", key, ours[key].get(column, kind), expected)
