"""Erases a person from the tables of one source in a destination, whatever its SQL; and from what lies beside them."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from stitchhouse.dataset import ACCOUNT
from stitchhouse.layout import ROW_HASH, layouts
from stitchhouse.ledger import REJECTED
from stitchhouse.personal import by_name, names_of
from stitchhouse.ties import spread

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    import dlt

    from stitchhouse.dataset import Dataset
    from stitchhouse.layout import Layout
    from stitchhouse.ties import Ids, Ties

MOST = 500
"""Ids in one statement."""
SHORTEST = 4
"""Characters of a value from which on a rejected text that holds it speaks of the person."""


@dataclass
class Erased:
    """What was done: rows by table whose values are gone, and how many rejected values lost their text."""

    rows: dict[str, int] = field(default_factory=dict)
    rejected: int = 0


class Erasure:
    """What one source has in the destination of `pipeline`. Holds one connection for as long as it lasts.

    `named` are columns whose names do not tell the table whose ids they hold; `of` says whose rows are meant.
    """

    def __init__(self, pipeline: dlt.Pipeline, datasets: Sequence[Dataset], named: Mapping[str, str]) -> None:
        self._pipeline = pipeline
        self._account = ""
        self._client: Any = pipeline.sql_client()
        self.layouts: dict[str, Layout] = {}
        for dataset in datasets:
            for name, layout in layouts(dataset).items():
                if name not in self.layouts or self.layouts[name].side:
                    self.layouts[name] = layout
        self._names = names_of(datasets, named)
        self._columns = self._stored()
        self._ties: dict[str, Ties] = {
            name: self._names.ties(name, columns) for name, columns in self._columns.items() if ACCOUNT in columns
        }

    def __enter__(self) -> Self:
        self._client.open_connection()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close_connection()

    def accounts(self, table: str, key: int) -> list[str]:
        """Whose rows of a table have this id."""
        if table not in self._columns:
            return []
        sql = f"select {ACCOUNT} from {self._at(table)} where id = %s order by 1"  # noqa: S608 - names of ours
        return [str(row[0]) for row in self._rows(sql, key)]

    def of(self, account: str) -> Self:
        self._account = account
        return self

    def found(self, table: str, key: int) -> Ids:
        """Every row that speaks of the person, by the ids of the tables."""
        return spread({table: [key]}, self._ties, self._select)

    def alone(self, found: Ids) -> Ids:
        """Those that others may name, so that they need a tombstone of their own."""
        return {name: ids for name, ids in found.items() if name not in self.layouts or not self.layouts[name].scope}

    def erase(self, found: Ids) -> Erased:
        """Set the personal columns to null, and empty the rejected texts that speak of the person. All or nothing."""
        done = Erased()
        values = self.values(found)
        able = self._pipeline.destination.capabilities().supports_transactions
        with self._client.begin_transaction() if able else nullcontext():
            for table in self._ties:
                personal = self.personal(table)
                if personal:
                    count = self._null(table, personal, found)
                    done.rows |= {table: count} if count else {}
            done.rejected = self._reject(found, values)
        return done

    def empty_staging(self) -> None:
        """The staging copies of the last load are kept until the next one: they go now."""
        with self._client.with_staging_dataset() as staged, self._pipeline.destination_client() as client:
            if not staged.has_dataset():
                return
            names = [name for name in self._columns if not name.startswith("_dlt")]
            with client.with_staging_dataset():  # type: ignore[attr-defined] # every SQL destination has it
                held = [name for name, columns in client.get_storage_tables(names) if columns]  # type: ignore[attr-defined]
            if held:
                staged.truncate_tables(*held)

    def personal(self, table: str) -> list[str]:
        """The personal columns that a table has in the destination, declared or not."""
        layout = self.layouts.get(table)
        declared = set(layout.columns) if layout else {"id", ACCOUNT}
        named = set(layout.personal) if layout else set()
        return [
            column
            for column in self._columns[table]
            if column in named or (column not in declared and not column.startswith("_") and by_name(column))
        ]

    def values(self, found: Ids) -> set[str]:
        """What the tables hold of the person, to find it again where it stands in a text."""
        values: set[str] = set()
        for table in self._ties:
            if personal := self.personal(table):
                columns = ", ".join(map(self._quoted, personal))
                for column, ids in self._named(table, found):
                    where = f"{ACCOUNT} = %s and {self._quoted(column)} in ({_list(ids)})"
                    rows = self._rows(f"select {columns} from {self._at(table)} where {where}", self._account)  # noqa: S608
                    values |= {str(value) for row in rows for value in row if value is not None}
        return {value for value in values if len(value.strip()) >= SHORTEST}

    def _stored(self) -> dict[str, list[str]]:
        """The tables that exist, with their columns."""
        known = [*self.layouts, *self._pipeline.default_schema.tables, REJECTED.name]
        with self._pipeline.destination_client() as client:
            stored = client.get_storage_tables(list(dict.fromkeys(known)))  # type: ignore[attr-defined] # as above
            return {name: list(columns) for name, columns in stored if columns and not name.startswith("_dlt")}

    def _named(self, table: str, found: Ids) -> Iterator[tuple[str, list[int]]]:
        """(column, ids) by which the rows of a table speak of the person."""
        ties = self._ties[table]
        for column, target in [*([("id", table)] if ties.identified else []), *ties.refers]:
            for part in _parts(found.get(target, ())):
                yield column, part

    def _null(self, table: str, personal: Sequence[str], found: Ids) -> int:
        count = 0
        hashes = [ROW_HASH] if ROW_HASH in self._columns[table] else []
        held = " or ".join(f"{self._quoted(name)} is not null" for name in personal)
        nulls = ", ".join(f"{self._quoted(name)} = null" for name in [*personal, *hashes])
        for column, ids in self._named(table, found):
            where = f"{ACCOUNT} = %s and {self._quoted(column)} in ({_list(ids)}) and ({held})"
            ((rows,),) = self._rows(f"select count(*) from {self._at(table)} where {where}", self._account)  # noqa: S608
            if rows:
                self._client.execute_sql(f"update {self._at(table)} set {nulls} where {where}", self._account)  # noqa: S608
            count += rows
        return count

    def _reject(self, found: Ids, values: Collection[str]) -> int:
        """Rejected values are known by the key of their row, and those of rows without a key by what they say."""
        if REJECTED.name not in self._columns:
            return 0
        at = self._at(REJECTED.name)
        sql = f"select id, table_name, {self._quoted('key')}, raw from {at} where {ACCOUNT} = %s and raw <> ''"  # noqa: S608
        keys = {table: {str(key) for key in ids} for table, ids in found.items()}
        gone = [
            row[0]
            for row in self._rows(sql, self._account)
            if row[2] in keys.get(row[1], ()) or any(value in row[3] for value in values)
        ]
        for key in gone:
            self._client.execute_sql(f"update {at} set raw = '' where id = %s", key)  # noqa: S608
        return len(gone)

    def _select(self, table: str, column: str, where: str, ids: Collection[int]) -> set[int]:
        found: set[int] = set()
        for part in _parts(ids):
            told = f"{ACCOUNT} = %s and {self._quoted(where)} in ({_list(part)})"
            sql = f"select distinct {self._quoted(column)} from {self._at(table)} where {told}"  # noqa: S608
            found |= {row[0] for row in self._rows(sql, self._account) if row[0] is not None}
        return found

    def _rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._client.execute_sql(sql, *values) or []]

    def _at(self, table: str) -> str:
        return str(self._client.make_qualified_table_name(table))

    def _quoted(self, column: str) -> str:
        return str(self._client.escape_column_name(column))


def _parts(ids: Iterable[int]) -> Iterator[list[int]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), MOST):
        yield ordered[start : start + MOST]


def _list(ids: Sequence[int]) -> str:
    return ", ".join(str(int(key)) for key in ids)
