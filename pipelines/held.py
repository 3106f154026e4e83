"""What the destination holds already, asked of it in SQL: the content memory that the engine wants.

Asked of the destination itself and not of dlt's schema, which is unknown after a load that died.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from stitchhouse.layout import ROW_HASH
from stitchhouse.ledger import DELETED, REJECTED
from stitchhouse.schema import numbers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    import dlt

LOADS, LOAD_ID = "_dlt_loads", "_dlt_load_id"


class Held:
    """The engine's `Known`, over a pipeline's destination.

    Holds one connection for as long as it lasts: to open one for every question costs more than the question.
    """

    def __init__(self, pipeline: dlt.Pipeline) -> None:
        self._pipeline = pipeline
        self._client = pipeline.sql_client()
        self._columns: dict[str, set[str]] = {}

    def __enter__(self) -> Self:
        self._client.open_connection()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close_connection()

    def columns(self, tables: Collection[str]) -> Mapping[str, set[str]]:
        """The columns of those of `tables` that exist, asked once per table: nobody else makes any while we load."""
        unknown = [name for name in tables if name not in self._columns]
        if unknown:
            self._columns |= {name: set() for name in unknown}
            with self._pipeline.destination_client() as client:
                if client.is_storage_initialized():
                    found = client.get_storage_tables(unknown)  # type: ignore[attr-defined] # every SQL destination has it
                    self._columns |= {name: set(columns) for name, columns in found}
        return {name: self._columns[name] for name in tables if self._columns.get(name)}

    def hashes(self, table: str, account: str, ids: Collection[int]) -> Mapping[int, int | None]:
        """A row whose load never completed has no hash: its lines may be missing, so it must be loaded again."""
        numbers = ", ".join(str(int(key)) for key in ids)
        columns = self.columns([table]).get(table)
        if not numbers or not columns:
            return {}
        held, loads = map(self._client.make_qualified_table_name, (table, LOADS))
        where = f"where held.account = %s and held.id in ({numbers})"
        sql = f"select held.id, null from {held} as held {where}"  # noqa: S608 - names of ours, and numbers
        if {ROW_HASH, LOAD_ID} <= columns:
            sql = f"""
                select held.id, case when loads.load_id is not null then held.{ROW_HASH} end
                from {held} as held
                left join {loads} as loads on loads.load_id = held.{LOAD_ID} and loads.status = 0
                {where}
            """  # noqa: S608 - as above
        return dict(self._rows(sql, account))

    def values(self, table: str, column: str, account: str, ids: Collection[int]) -> Mapping[int, Any]:
        numbers = ", ".join(str(int(key)) for key in ids)
        if not numbers or column not in self.columns([table]).get(table, ()):
            return {}
        held = self._client.make_qualified_table_name(table)
        name = self._client.escape_column_name(column)
        where = f"account = %s and {name} is not null and id in ({numbers})"
        return dict(self._rows(f"select id, {name} from {held} where {where}", account))  # noqa: S608 - as above

    def filled(self, tables: Collection[str], account: str) -> Collection[str]:
        there = self.columns(tables)
        if not there:
            return []
        parts = [
            f"select '{name}' where exists (select 1 from {self._client.make_qualified_table_name(name)} "  # noqa: S608
            "where account = %s)"
            for name in there
        ]
        return [row[0] for row in self._rows(" union all ".join(parts), *[account] * len(there))]

    def ids(self, table: str, account: str) -> pa.ChunkedArray[Any]:
        if not self.columns([table]):
            return pa.chunked_array([], pa.int64())
        held = self._client.make_qualified_table_name(table)
        with self._client.execute_query(f"select id from {held} where account = %s", account) as cursor:  # noqa: S608 - a name of ours
            # In one piece, DuckDB's cursor warns that it is out of date.
            parts = [part["id"].cast(pa.int64()) for part in cursor.iter_arrow(chunk_size=100_000)]
        return pa.chunked_array([chunk for part in parts for chunk in part.chunks], pa.int64())

    def deleted(self, table: str, account: str) -> Collection[int]:
        if not self.columns([DELETED.name]):
            return []
        held = self._client.make_qualified_table_name(DELETED.name)
        sql = f"select key from {held} where table_name = %s and account = %s"  # noqa: S608 - as above
        return {int(str(key)) for (key,) in self._rows(sql, table, account)}

    def changeable(self, table: str, account: str, closed: Mapping[str, Sequence[str]], since: datetime) -> list[int]:
        columns = self.columns([table]).get(table, set())
        if not {"updated_at", *closed} <= columns:
            return numbers(self.ids(table, account))
        held = self._client.make_qualified_table_name(table)
        shut = " and ".join(f"({self._is_one_of(column, values)})" for column, values in closed.items())
        sql = f"""
            select id from {held}
            where account = %s and (not coalesce({shut}, false) or updated_at is null or updated_at >= %s)
        """  # noqa: S608 - names and words of a declaration
        return [int(key) for (key,) in self._rows(sql, account, since)]

    def _is_one_of(self, column: str, values: Sequence[str]) -> str:
        name = self._client.escape_column_name(column)
        return " or ".join(f"{name} = {value}" if value.isdigit() else f"{name} = '{value}'" for value in values)

    def settled_id(self, table: str, account: str, before: datetime) -> int | None:
        if "created_at" not in self.columns([table]).get(table, ()):
            return None
        held = self._client.make_qualified_table_name(table)
        sql = f"""
            select max(id), min(case when created_at is null or created_at >= %s then id end)
            from {held} where account = %s
        """  # noqa: S608 - a name of ours
        ((greatest, unsettled),) = self._rows(sql, before, account)
        return None if greatest is None else int(greatest if unsettled is None else unsettled - 1)

    def rejected(self, ids: Collection[str]) -> Collection[str]:
        if not ids or not self.columns([REJECTED.name]):
            return []
        held = self._client.make_qualified_table_name(REJECTED.name)
        marks = ", ".join(["%s"] * len(ids))
        return {key for (key,) in self._rows(f"select id from {held} where id in ({marks})", *ids)}  # noqa: S608

    def forget_columns(self) -> None:
        """Tables may have come since they were looked at."""
        self._columns.clear()

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._client.execute_sql(sql, *values) or []]
