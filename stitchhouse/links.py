"""Objects along their links: one batch of rows -> the objects and foreign keys of every table.

Nothing is typed here: ids stay as they came, and each table's objects stay one list, in the order they were read.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stitchhouse.dataset import Link, Relation
from stitchhouse.layout import beside, layouts, link_column, link_table, pair_table
from stitchhouse.spelling import new_table_name, spelled
from stitchhouse.walk.page import row_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stitchhouse.dataset import Dataset, Table

Object = dict[str, Any]
Blocks = dict[str, dict[str, Object]]
"""Side-loaded blocks of a reply: block name -> id as text -> object."""

NOT_DELIVERED = "linked, but its block did not hold it"
NOT_ONE = "not just the one id that was expected in the link"
NO_LINKS = "the links are no object, so none of them was read"


@dataclass
class Found:
    """The objects bound for one table, and the columns that do not stand in the objects themselves."""

    objects: list[Object] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))


@dataclass
class Unfolded:
    """Everything that one batch holds. `unsaid[table]` are owners whose reply said nothing about that table."""

    found: dict[str, Found] = field(default_factory=lambda: defaultdict(Found))
    unsaid: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    odd: list[tuple[str, Any, str, str, Any]] = field(default_factory=list)
    """(table, id, column, reason, raw) of what the links held beyond their declaration."""
    strays: int = 0
    """Owned objects that no row of their page led to: another row's own read brings them."""
    new_links: dict[str, Link] = field(default_factory=dict)
    """Links that no declaration names, by the name of the table they fill."""
    shared: dict[str, list[tuple[Any, Object]]] = field(default_factory=lambda: defaultdict(list))
    """Nested objects that have a list of their own: table -> (id of the row, object with the ids of its parents)."""


class Unfold:
    """Follows the links of one page's objects from their table downwards, and adds what it finds to `out`."""

    def __init__(self, dataset: Dataset, blocks: Blocks, out: Unfolded) -> None:
        self.dataset = dataset
        self.blocks = blocks
        self.out = out
        self.reached: dict[str, set[str]] = defaultdict(set)
        """Ids of the objects of each block that were reached as owned by a row."""
        self.rows_of: dict[str, dict[str, Any]] = defaultdict(dict)
        """Table whose objects may not name their row -> id of an object as text -> id of the row that links to it."""

    def stand(self, table: Table, objects: Sequence[Object]) -> None:
        """Objects that stand alone, rows or side-loaded ones, with all that hangs on them."""
        self.out.found[table.name].objects += objects
        self._follow(table, table, objects, [row.get("id") for row in objects])

    def linked(self, row: Object, link: Link) -> list[Any]:
        """The entries of a link, none where it says nothing."""
        return _listed(self._links(row).get(link.name))

    def held(self, row: Object, link: Link) -> list[Any]:
        """The objects of a link, as far as their block holds them."""
        block = self.blocks.get(self.dataset.by_name[link.table].block, {})
        return [block.get(str(_id(entry)), entry) for entry in self.linked(row, link)]

    def row_of(self, table: Table, link: Link, row: Object) -> list[Any]:
        """The row that a side-loaded object belongs to: as it tells itself, or else as a row of this reply does."""
        told = self.linked(row, link)
        if told or link.table != self.dataset.table.name:
            return told
        found = self.rows_of[table.name].get(str(row.get("id")))
        return [] if found is None else [found]

    def _links(self, row: Object) -> Object:
        """The holder of a row's links; `links` may be `{}`, `[]`, null or missing: all mean none."""
        if not self.dataset.links_in:
            return row
        held = row.get(self.dataset.links_in)
        return held if isinstance(held, dict) else {}

    def _follow(self, owner: Table, table: Table, objects: Sequence[Object], roots: Sequence[Any]) -> None:
        if name := self.dataset.links_in:
            odd = [(row, held) for row in objects if type(held := row.get(name)) is not dict and held]
            self.out.odd += [(table.name, row.get("id"), name, NO_LINKS, held) for row, held in odd]
        for link in table.links:
            if link.relation is Relation.ONE:
                keys = self._one(table, link, objects)
                if owner is self.dataset.table:
                    self._pair(link, roots, keys)
            elif link.relation in {Relation.MANY, Relation.SHARED}:
                self._many(owner, table, link, objects, roots)
            elif link.relation is Relation.OWNED:
                self._owned(owner, table, link, objects, roots)
        if self.dataset.links_in and owner is self.dataset.table:
            self._undeclared(table, objects, roots)

    def _one(self, table: Table, link: Link, objects: Sequence[Object]) -> list[Any]:
        column, more = link_column(self.dataset, link), beside(self.dataset, link)
        columns, values = self.out.found[table.name].columns, []
        for row in objects:
            entries = self.row_of(table, link, row)
            entry: Any = entries[0] if entries else None
            values.append(_id(entry))
            for key, name in more.items():
                columns[name].append(entry.get(key) if isinstance(entry, dict) else None)
            odd = isinstance(entry, dict) and (len(entry) > 1 or "id" not in entry)
            if len(entries) > 1 or (odd and entry.keys() - more.keys() != {"id"}):
                self.out.odd.append((table.name, row.get("id"), column, NOT_ONE, entries))
        columns[column] += values
        return values

    def _pair(self, link: Link, roots: Sequence[Any], keys: Sequence[Any]) -> None:
        linked = self.dataset.by_name.get(link.table)
        if linked is None or not linked.pair:
            return
        pairs = self.out.found[pair_table(self.dataset.table, linked)]
        block = self.blocks.get(linked.block, {})
        for root, key in zip(roots, keys, strict=True):
            if key is not None:
                other = block.get(str(key), {})
                pairs.objects.append({name: other.get(name) for name in linked.pair_columns})
                pairs.columns[self.dataset.table.foreign].append(root)
                pairs.columns[linked.foreign].append(key)

    def _many(self, owner: Table, table: Table, link: Link, objects: Sequence[Object], roots: Sequence[Any]) -> None:
        name = link_table(table, link)
        out = self.out.found[name]
        column, blank = link_column(self.dataset, link), dict.fromkeys(link.keys.split(), "")
        asking = table is self.dataset.table and link.table in self.dataset.homing
        for row, root in zip(objects, roots, strict=True):
            for entry in self._entries(row, link, name, root):
                more = entry if isinstance(entry, dict) else {}
                if link.relation is Relation.SHARED:
                    above = {owner.foreign: root, table.foreign: row.get("id")}
                    nested = spelled(self.dataset.by_name[link.table], above | more)
                    self.out.shared[link.table].append((row_id({"id": root}), nested))
                    more = {}
                out.objects.append(blank | {k: v for k, v in more.items() if k != "id" and v is not None})
                self._above(out, owner, table, row, root)
                out.columns[column].append(_id(entry))
                if asking:
                    self.rows_of[link.table][str(_id(entry))] = root

    def _owned(self, owner: Table, table: Table, link: Link, objects: Sequence[Object], roots: Sequence[Any]) -> None:
        child = self.dataset.by_name[link.table]
        out = self.out.found[child.name]
        children, below = [], []
        for row, root in zip(objects, roots, strict=True):
            for position, entry in enumerate(self._entries(row, link, child.name, root), 1):
                below.append(root)
                children.append(self._object(child, entry))
                self._above(out, owner, table, row, root)
                if child.key != "id":
                    out.columns[child.key].append(position)
        out.objects += children
        self._follow(owner, child, children, below)

    def _object(self, child: Table, entry: Any) -> Object:
        if child.block:
            key = str(_id(entry))
            self.reached[child.block].add(key)
            if (known := self.blocks.get(child.block, {}).get(key)) is not None:
                return known
            self.out.odd.append((child.name, key, "", NOT_DELIVERED, entry))
            return {"id": key}
        return spelled(child, entry if isinstance(entry, dict) else {"value": entry})

    @staticmethod
    def _above(out: Found, owner: Table, parent: Table, row: Object, root: Any) -> None:
        out.columns[owner.foreign].append(root)
        if parent is not owner:
            out.columns[parent.foreign].append(row.get("id"))

    def _entries(self, row: Object, link: Link, table: str, root: Any) -> list[Any]:
        """The entries of a link. A row with links but without this one says nothing: its rows are left alone."""
        held = self._links(row)
        if held and link.name not in held:
            self._unsaid(table, root)
        return _listed(held.get(link.name))

    def _unsaid(self, table: str, root: Any) -> None:
        """Nothing was said about `table`, hence nothing about the tables below it either."""
        if (key := row_id({"id": root})) is not None:
            self.out.unsaid[table].add(key)
        declared = self.dataset.by_name.get(table)
        if declared is None:
            return
        for link in declared.links:
            if link.relation in {Relation.MANY, Relation.SHARED}:
                self._unsaid(link_table(declared, link), root)
            elif link.relation is Relation.OWNED:
                self._unsaid(link.table, root)
            elif link.relation is Relation.ONE:
                linked = self.dataset.by_name.get(link.table)
                if linked is not None and linked.pair:
                    self._unsaid(pair_table(self.dataset.table, linked), root)

    def _undeclared(self, table: Table, objects: Sequence[Object], roots: Sequence[Any]) -> None:
        """Links that no declaration names: kept as link tables, so that nothing is lost."""
        known = {link.name for link in table.links}
        for name in sorted(set().union(*map(self._links, objects)) - known):
            linked = new_table_name(name)
            if f"{table.name}__{linked}" in layouts(self.dataset):
                linked = f"new_{linked}"
            link = Link(name=name, table=linked, relation=Relation.MANY, column=f"{linked}_id", keys="type")
            self.out.new_links[link_table(table, link)] = link
            self._many(self.dataset.table, table, link, objects, roots)


def _listed(entries: Any) -> list[Any]:
    return entries if isinstance(entries, list) else [] if entries in (None, "") else [entries]


def _id(entry: Any) -> Any:
    return entry.get("id") if isinstance(entry, dict) else entry
