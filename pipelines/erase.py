"""Erases a person from the tables of one source in a destination, whatever its SQL; and from what lies beside them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stitchhouse.dataset import ACCOUNT
from stitchhouse.layout import MORE, ROW_HASH, layouts
from stitchhouse.ledger import REJECTED, WALKS
from stitchhouse.personal import NESTED, by_name, names_of
from stitchhouse.ties import spread

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from pipelines.stored import Stored
    from stitchhouse.dataset import Dataset
    from stitchhouse.layout import Layout
    from stitchhouse.ties import Ids, Ties

SHORTEST = 4
"""Characters of a value from which on a rejected text that holds it speaks of the person."""


@dataclass
class Erased:
    """What was done: rows by table whose values are gone, and how many rejected values lost their text."""

    rows: dict[str, int] = field(default_factory=dict)
    rejected: int = 0


def shapes(datasets: Sequence[Dataset]) -> dict[str, Layout]:
    """Every table of a source, as the dataset declares it that owns it."""
    found: dict[str, Layout] = {}
    for dataset in datasets:
        for name, layout in layouts(dataset).items():
            if name not in found or found[name].side:
                found[name] = layout
    return found


class Erasure:
    """What one source has in the destination. `named` are columns whose names do not tell whose ids they hold.

    `stored.account` says whose rows are meant.
    """

    def __init__(self, stored: Stored, datasets: Sequence[Dataset], named: Mapping[str, str]) -> None:
        self.stored = stored
        self.layouts = shapes(datasets)
        names = names_of(datasets, named)
        self._ties: dict[str, Ties] = {
            name: names.ties(name, columns) for name, columns in stored.columns.items() if ACCOUNT in columns
        }

    def accounts(self, table: str, key: int) -> list[str]:
        """Whose rows of a table have this id."""
        if table not in self.stored.columns:
            return []
        sql = f"select {ACCOUNT} from {self.stored.at(table)} where id = %s order by 1"  # noqa: S608 - names of ours
        return [str(row[0]) for row in self.stored.rows(sql, key)]

    def found(self, table: str, key: int) -> Ids:
        """Every row that speaks of the person, by the ids of the tables."""
        return spread({table: [key]}, self._ties, self.stored.select)

    def alone(self, found: Ids) -> Ids:
        """Those that others may name, so that they need a tombstone of their own."""
        return {name: ids for name, ids in found.items() if name not in self.layouts or not self.layouts[name].scope}

    def erase(self, found: Ids) -> Erased:
        """Set the personal columns to null, and empty the rejected texts that speak of the person. All or nothing."""
        done = Erased()
        values = self.values(found)
        with self.stored.transaction():
            for table in self._ties:
                if count := self._empty(table, found):
                    done.rows[table] = count
            done.rejected = self._reject(found, values)
            for column in ("why", "note"):
                self._unquote(column, values)
        return done

    def personal(self, table: str) -> list[str]:
        """The personal columns that a table has in the destination, declared or not."""
        layout = self.layouts.get(table)
        named = set(layout.personal) if layout else set()
        return [
            column
            for column in self.stored.columns[table]
            if column in named or (self._undeclared(table, column) and by_name(column))
        ]

    def nested(self, table: str) -> list[str]:
        """The columns that nobody declared and that may hold objects, in which anything may stand."""
        return [
            column
            for column, kind in self.stored.columns[table].items()
            if kind == "text" and (column == MORE or self._undeclared(table, column))
        ]

    def _undeclared(self, table: str, column: str) -> bool:
        layout = self.layouts.get(table)
        return not column.startswith("_") and column not in (layout.columns if layout else {"id", ACCOUNT})

    def values(self, found: Ids) -> set[str]:
        """What the tables hold of the person, to find it again where it stands in a text."""
        values: set[str] = set()
        for table in self._ties:
            if personal := self.personal(table):
                columns = ", ".join(map(self.stored.quoted, personal))
                for where in self._named(table, found):
                    sql = f"select {columns} from {self.stored.at(table)} where {where}"  # noqa: S608 - names of ours
                    rows = self.stored.rows(sql, self.stored.account)
                    values |= {str(value) for row in rows for value in row if value is not None}
        return {value for value in values if len(value.strip()) >= SHORTEST}

    def _named(self, table: str, found: Ids) -> Iterator[str]:
        """The conditions by which the rows of a table speak of the person."""
        ties = self._ties[table]
        for column, target in [*([("id", table)] if ties.identified else []), *ties.refers]:
            yield from self.stored.among(column, found.get(target, ()))

    def _empty(self, table: str, found: Ids) -> int:
        """How many rows of a table spoke of the person; they say nothing personal any more."""
        at, quoted, personal = self.stored.at(table), self.stored.quoted, self.personal(table)
        signs = ", ".join(f"'{sign}'" for sign in NESTED)
        objects = {
            quoted(name): f"left({quoted(name)}, 1) in ({signs})" for name in self.nested(table) if name not in personal
        }
        held = " or ".join([*(f"{quoted(name)} is not null" for name in personal), *objects.values()])
        if not held:
            return 0
        hashes = [ROW_HASH] if ROW_HASH in self.stored.columns[table] else []
        nulls = [f"{quoted(name)} = null" for name in [*personal, *hashes]]
        nulls += [f"{name} = case when {nested} then null else {name} end" for name, nested in objects.items()]
        count = 0
        for where in self._named(table, found):
            sql = f"select count(*) from {at} where {where} and ({held})"  # noqa: S608 - as above
            ((rows,),) = self.stored.rows(sql, self.stored.account)
            if rows:
                sql = f"update {at} set {', '.join(nulls)} where {where} and ({held})"  # noqa: S608 - as above
                self.stored.change(sql, self.stored.account)
            count += rows
        return count

    def _reject(self, found: Ids, values: Collection[str]) -> int:
        """Rejected values are known by the key of their row, and those of rows without a key by what they say."""
        if REJECTED.name not in self.stored.columns:
            return 0
        at, key = self.stored.at(REJECTED.name), self.stored.quoted("key")
        sql = f"select id, table_name, {key}, raw from {at} where {ACCOUNT} = %s and raw <> ''"  # noqa: S608
        keys = {table: {str(key) for key in ids} for table, ids in found.items()}
        values = {*values, *(json.dumps(value, ensure_ascii=False)[1:-1] for value in values)}
        gone = [
            row[0]
            for row in self.stored.rows(sql, self.stored.account)
            if row[2] in keys.get(row[1], ()) or any(value in row[3] for value in values)
        ]
        for one in gone:
            self.stored.change(f"update {at} set raw = '' where id = %s", one)  # noqa: S608
        return len(gone)

    def _unquote(self, column: str, values: Collection[str]) -> None:
        """What walks said of themselves, in a column, may quote a value."""
        if WALKS.name not in self.stored.columns:
            return
        at = self.stored.at(WALKS.name)
        for (words,) in self.stored.rows(f"select distinct {column} from {at} where {column} <> ''"):  # noqa: S608
            if (told := without(words, values)) != words:
                self.stored.change(f"update {at} set {column} = %s where {column} = %s", told, words)  # noqa: S608


def without(words: str, values: Collection[str]) -> str:
    """The words with `***` in place of each value that they quote."""
    # The longest first: a part of one may be another.
    for value in sorted(values, key=len, reverse=True):
        words = words.replace(value, "***")
    return words
