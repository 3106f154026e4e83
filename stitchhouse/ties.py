"""How the rows of a source's tables hang together: who refers to whom, and which rows speak of one person.

The same rules hold for tables of Arrow and for tables in a warehouse, so nothing here asks either of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

Ids = dict[str, set[int]]
"""Table -> ids of rows."""
Select = Callable[[str, str, str, Collection[int]], set[int]]
"""(table, column, where, ids) -> the values of `column` in those rows whose column `where` is one of `ids`."""


@dataclass(frozen=True, kw_only=True)
class Ties:
    """`refers` are (column, table whose ids it holds); `leads` are the (column, table, column, table) of a link table.

    A link leads from the row that it belongs to to what that row names.
    """

    identified: bool
    refers: tuple[tuple[str, str], ...]
    leads: tuple[tuple[str, str, str, str], ...] = ()


@dataclass(frozen=True)
class Names:
    """What the columns of a source say. `named` is column -> the table whose ids it holds.

    `aside` are tables to which no link leads a person's traces: what stands there belongs to others.
    """

    named: Mapping[str, str] = field(default_factory=dict)
    aside: Collection[str] = ()

    def ties(self, table: str, columns: Collection[str]) -> Ties:
        refers = tuple((column, self.named[column]) for column in columns if column in self.named)
        parent, _, linked = table.partition("__")
        leads: list[tuple[str, str, str, str]] = []
        if linked and linked not in self.aside:
            above = [column for column, target in refers if target == parent]
            towards = [column for column in columns if self.named.get(column, column[:-3]) == linked]
            # Deeper link tables name the rows of two owners; each of them leads.
            leads = [(one, parent, other, linked) for one in above for other in towards if one != other]
        return Ties(identified="id" in columns, refers=refers, leads=tuple(leads))


def spread(seeds: Mapping[str, Collection[int]], tables: Mapping[str, Ties], select: Select) -> Ids:
    """The seeds, every row that refers to one of them, whatever refers to those, and what their links lead to."""
    found: Ids = defaultdict(set)
    todo = [(table, set(ids)) for table, ids in seeds.items()]
    for table, ids in todo:
        found[table] |= ids

    def more(table: str, ids: set[int]) -> None:
        if fresh := ids - found[table]:
            found[table] |= fresh
            todo.append((table, fresh))

    while todo:
        target, ids = todo.pop()
        for name, ties in tables.items():
            for column, table in ties.refers:
                if table == target and ties.identified:
                    more(name, select(name, "id", column, ids))
            for column, table, other, linked in ties.leads:
                if table == target:
                    more(linked, select(name, other, column, ids))
    return {table: ids for table, ids in found.items() if ids}
