"""The shape of every table that a dataset fills, derived from its declaration: columns, key, and how it is replaced."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from stitchhouse.dataset import ACCOUNT, Kind, Relation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stitchhouse.dataset import Dataset, Link, Table

BATCH = "_batch"
"""Column of the tables that hang on another one: the number of the batch. Of two copies in a walk the later counts."""
MORE = "_more"
"""Column of a table that would become too wide: JSON of the undeclared columns that it has no room for."""
ROW_HASH = "_row_hash"
"""Column of a table with a list of its own: a hash of the row as cast, so that an unchanged row need not be loaded."""
DAY = "date"
"""Column of a daily table: the day, by the source's clock, in the account's time zone."""

HASHED = {ROW_HASH: Kind.COUNT}
NUMBERED = {BATCH: Kind.COUNT}


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One table in the warehouse.

    `key` is unique and not null. `owner` is the table on whose rows these hang, and `scope` the column with that
    row's id: all rows of an owner that was read are replaced. Both are empty for tables whose rows stand alone.
    `tombstone` is the key column whose negative value says "this owner has none".
    """

    name: str
    columns: dict[str, Kind]
    key: tuple[str, ...]
    owner: str = ""
    scope: str = ""
    tombstone: str = ""
    side: bool = False
    """The objects come with another dataset's rows."""
    asked: bool = False
    """The rows come only by one more request per row of the owner."""
    links: tuple[str, ...] = ()
    """Columns of links to one, with what else their entries hold."""
    removed: str = ""
    """The column whose true value takes the row with this key away."""
    personal: frozenset[str] = frozenset()
    """Columns that can tell who a person is, or where to reach one."""

    @property
    def sort(self) -> str:
        """The column that says which of two copies in one load is the newer."""
        return BATCH if self.scope else self.stamp

    @property
    def stamp(self) -> str:
        """The column that says when a row last changed."""
        return "updated_at" if "updated_at" in self.columns else ""


def link_column(dataset: Dataset, link: Link) -> str:
    """The column that holds the linked id."""
    return link.column or dataset.foreign(link.table)


def link_table(parent: Table, link: Link) -> str:
    return f"{parent.name}__{link.table}"


def pair_table(root: Table, pair: Table) -> str:
    """The table of what belongs to both, a row of the root and an object that it leads to."""
    return f"{root.name}__{pair.name}"


@cache
def layouts(dataset: Dataset) -> dict[str, Layout]:
    """Every table of `dataset` by name, the root first; what hangs on a table follows it."""
    found: dict[str, Layout] = {}
    every = (dataset.table, *dataset.tables)
    owned = {link.table for table in every for link in table.links if link.relation is Relation.OWNED}
    for table in every:
        if table.name not in owned:
            side = table is not dataset.table
            found[table.name] = _standing(dataset, table, side=side)
            found |= {one.name: one for one in _below(dataset, table, table, side=side)}
    if dataset.daily is not None:
        found[dataset.daily.name] = _daily(dataset, dataset.daily)
    return found


def _standing(dataset: Dataset, table: Table, *, side: bool) -> Layout:
    columns = {ACCOUNT: Kind.TEXT, "id": Kind.ID} | linked_columns(dataset, table) | table.columns
    columns |= {} if side and not table.listed else HASHED
    return Layout(
        name=table.name,
        columns=columns,
        key=(ACCOUNT, "id"),
        side=side,
        links=tuple(linked_columns(dataset, table)),
        personal=table.personal_columns,
    )


def linked_columns(dataset: Dataset, table: Table) -> dict[str, Kind]:
    """The columns of the links to one: the linked id, and what else an entry holds."""
    columns = {}
    for link in table.links:
        if link.relation is Relation.ONE:
            columns[link_column(dataset, link)] = Kind.ID
            columns |= dict.fromkeys(beside(dataset, link).values(), Kind.TEXT)
    return columns


def beside(dataset: Dataset, link: Link) -> dict[str, str]:
    """Key of an entry of a link to one -> its column."""
    stem = link_column(dataset, link).removesuffix("_id")
    return {key: f"{stem}_{key}" for key in link.keys.split()}


def _below(dataset: Dataset, owner: Table, parent: Table, *, side: bool, asked: bool = False) -> Iterator[Layout]:
    """The tables that are replaced with the rows of `owner`, from `parent` downwards."""
    above = dict.fromkeys((owner.foreign, parent.foreign), Kind.ID)
    for link in parent.links:
        if link.relation in {Relation.MANY, Relation.SHARED}:
            yield link_layout(dataset, owner, parent, link, side=side)
        elif link.relation is Relation.OWNED:
            child, late = dataset.by_name[link.table], asked or bool(link.asked)
            own = (child.key,) if child.key == "id" else (parent.foreign, child.key)
            yield Layout(
                name=child.name,
                columns={ACCOUNT: Kind.TEXT, child.key: Kind.ID}
                | above
                | linked_columns(dataset, child)
                | child.columns
                | NUMBERED,
                key=(ACCOUNT, *own),
                owner=owner.name,
                scope=owner.foreign,
                tombstone=child.key,
                side=side,
                asked=late,
                personal=child.personal_columns,
            )
            yield from _below(dataset, owner, child, side=side, asked=late)
        elif link.relation is Relation.ONE and not side:
            linked = dataset.by_name.get(link.table)
            if linked is not None and linked.pair:
                yield _pair(owner, linked)


def link_layout(dataset: Dataset, owner: Table, parent: Table, link: Link, *, side: bool = False) -> Layout:
    """The table of a link to many, declared or not."""
    column, extra = link_column(dataset, link), link.keys.split()
    above = dict.fromkeys((owner.foreign, parent.foreign), Kind.ID)
    return Layout(
        name=link_table(parent, link),
        columns={ACCOUNT: Kind.TEXT} | above | {column: Kind.ID} | dict.fromkeys(extra, Kind.TEXT) | NUMBERED,
        key=(ACCOUNT, parent.foreign, column, *extra),
        owner=owner.name,
        scope=owner.foreign,
        tombstone=column,
        side=side,
    )


def _pair(root: Table, pair: Table) -> Layout:
    return Layout(
        name=pair_table(root, pair),
        columns={ACCOUNT: Kind.TEXT, root.foreign: Kind.ID, pair.foreign: Kind.ID} | pair.pair_columns | NUMBERED,
        key=(ACCOUNT, root.foreign, pair.foreign),
        owner=root.name,
        scope=root.foreign,
        tombstone=pair.foreign,
    )


def _daily(dataset: Dataset, table: Table) -> Layout:
    root = dataset.table.foreign
    columns = {ACCOUNT: Kind.TEXT, root: Kind.ID, DAY: Kind.DATE} | table.columns
    return Layout(name=table.name, columns=columns, key=(ACCOUNT, root, DAY), side=True)


def new_table(name: str) -> Layout:
    """The table of a side-loaded block that no declaration names: its objects by id, every field as text."""
    return Layout(name=name, columns={ACCOUNT: Kind.TEXT, "id": Kind.ID}, key=(ACCOUNT, "id"), side=True)
