"""What the destination holds already, asked of it in SQL: the content memory that the engine wants.

Asked of the destination itself and not of dlt's schema, which is unknown after a load that died.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from stitchhouse.layout import ROW_HASH

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import dlt

LOADS, LOAD_ID = "_dlt_loads", "_dlt_load_id"


class Held:
    """The engine's `Known`, over a pipeline's destination.

    Holds one connection for as long as it lasts. A DuckDB file that is opened and closed for every question costs more
    than the question, and a close now and then crashed the process (1 in some thousands, DuckDB 1.5.6).
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

    def _rows(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._client.execute_sql(sql, *values) or []]
