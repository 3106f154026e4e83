"""The shape of every table that a dataset fills, derived from its declaration: columns, key, and how it is replaced."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from stitchhouse.dataset import ACCOUNT, Kind, Relation

if TYPE_CHECKING:
    from stitchhouse.dataset import Dataset, Link, Table

BATCH = "_batch"
"""Column of the tables that hang on a root: the number of its batch in the walk. Of two copies the later one counts."""
ROW_HASH = "_row_hash"
"""Column of a root table: a hash of the row as it was cast, so that a row that did not change need not be loaded."""


NUMBERED = {BATCH: Kind.COUNT}


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One table in the warehouse.

    `key` is unique and not null. `scope` is the column with the root's id: all rows of a root that was read are
    replaced; empty for tables whose rows stand alone. `tombstone` is the key column whose negative value says
    "this root has none".
    """

    name: str
    columns: dict[str, Kind]
    key: tuple[str, ...]
    scope: str = ""
    tombstone: str = ""
    side: bool = False
    """The objects come side-loaded with another dataset's rows."""

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
    return link.column or dataset.by_name[link.table].foreign


def link_table(parent: Table, link: Link) -> str:
    return f"{parent.name}__{link.table}"


@cache
def layouts(dataset: Dataset) -> dict[str, Layout]:
    """Every table of `dataset` by name, the root first."""
    root = dataset.table
    found = {root.name: _standing(dataset, root, {ROW_HASH: Kind.COUNT})}
    _below(dataset, root, found)
    for table in dataset.tables:
        if table.name not in found:
            found[table.name] = _standing(dataset, table, {}, side=True)
    return found


def _standing(dataset: Dataset, table: Table, more: dict[str, Kind], *, side: bool = False) -> Layout:
    columns = {ACCOUNT: Kind.TEXT, "id": Kind.ID} | linked_columns(dataset, table) | table.columns | more
    return Layout(name=table.name, columns=columns, key=(ACCOUNT, "id"), side=side)


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


def _below(dataset: Dataset, parent: Table, found: dict[str, Layout]) -> None:
    """The tables that are replaced with their root, from `parent` downwards."""
    root = dataset.table
    above = dict.fromkeys((root.foreign, parent.foreign), Kind.ID)
    for link in parent.links:
        if link.relation is Relation.MANY:
            found[link_table(parent, link)] = _link(dataset, parent, link, above)
        elif link.relation is Relation.OWNED:
            child = dataset.by_name[link.table]
            own = (child.key,) if child.key == "id" else (parent.foreign, child.key)
            columns = (
                {ACCOUNT: Kind.TEXT, child.key: Kind.ID}
                | above
                | linked_columns(dataset, child)
                | child.columns
                | NUMBERED
            )
            found[child.name] = Layout(
                name=child.name, columns=columns, key=(ACCOUNT, *own), scope=root.foreign, tombstone=child.key
            )
            _below(dataset, child, found)
        elif link.relation is Relation.ONE and (pair := dataset.by_name[link.table]).pair:
            linked = pair.foreign
            columns = {ACCOUNT: Kind.TEXT, root.foreign: Kind.ID, linked: Kind.ID} | pair.pair_columns | NUMBERED
            name = f"{root.name}__{pair.name}"
            key = (ACCOUNT, root.foreign, linked)
            found[name] = Layout(name=name, columns=columns, key=key, scope=root.foreign, tombstone=linked)


def _link(dataset: Dataset, parent: Table, link: Link, above: dict[str, Kind]) -> Layout:
    column = link_column(dataset, link)
    extra = link.keys.split()
    return Layout(
        name=link_table(parent, link),
        columns={ACCOUNT: Kind.TEXT} | above | {column: Kind.ID} | dict.fromkeys(extra, Kind.TEXT) | NUMBERED,
        key=(ACCOUNT, parent.foreign, column, *extra),
        scope=dataset.table.foreign,
        tombstone=column,
    )


def new_table(name: str) -> Layout:
    """The table of a side-loaded block that no declaration names: its objects by id, every field as text."""
    return Layout(name=name, columns={ACCOUNT: Kind.TEXT, "id": Kind.ID}, key=(ACCOUNT, "id"), side=True)
