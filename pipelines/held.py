"""What the destination holds already, asked of it in SQL: the content memory that the engine wants.

Asked of the destination itself and not of dlt's schema, which is unknown after a load that died.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stitchhouse.layout import ROW_HASH

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import dlt

LOADS, LOAD_ID = "_dlt_loads", "_dlt_load_id"


class Held:
    """The engine's `Known`, over a pipeline's destination."""

    def __init__(self, pipeline: dlt.Pipeline) -> None:
        self._pipeline = pipeline
        self._columns: dict[str, set[str]] = {}

    def columns(self, tables: Collection[str]) -> Mapping[str, set[str]]:
        """The columns of those of `tables` that exist, asked once per table."""
        unknown = [name for name in tables if name not in self._columns]
        if unknown:
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
        with self._pipeline.sql_client() as client:
            held, loads = map(client.make_qualified_table_name, (table, LOADS))
            where = f"where held.account = %s and held.id in ({numbers})"
            sql = f"select held.id, null from {held} as held {where}"  # noqa: S608 - names of ours, and numbers
            if {ROW_HASH, LOAD_ID} <= columns:
                sql = f"""
                    select held.id, case when loads.load_id is not null then held.{ROW_HASH} end
                    from {held} as held
                    left join {loads} as loads on loads.load_id = held.{LOAD_ID} and loads.status = 0
                    {where}
                """  # noqa: S608 - as above
            return dict(_rows(client, sql, account))

    def filled(self, tables: Collection[str], account: str) -> Collection[str]:
        there = self.columns(tables)
        if not there:
            return []
        with self._pipeline.sql_client() as client:
            parts = [
                f"select '{name}' where exists (select 1 from {client.make_qualified_table_name(name)} "  # noqa: S608
                "where account = %s)"
                for name in there
            ]
            return [row[0] for row in _rows(client, " union all ".join(parts), *[account] * len(there))]


def _rows(client: Any, sql: str, *values: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = client.execute_sql(sql, *values) or []
    return rows
