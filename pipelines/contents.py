"""The rows themselves that a destination holds, asked of it in SQL and typed as the source's are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa
from dlt.common.destination.exceptions import DestinationException

from pipelines.held import LOAD_ID, Held
from pipelines.words import one_line
from stitchhouse.columns import TYPES
from stitchhouse.compare import OURS, by_column, conform, is_daily
from stitchhouse.dataset import ACCOUNT, Kind
from stitchhouse.errors import DestinationError
from stitchhouse.layout import DAY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    import dlt

    from stitchhouse.layout import Layout

AT_ONCE, CHUNK = 1_000, 100_000
"""Ids in one question, and rows of one part of its answer."""
ASIDE = OURS | {LOAD_ID, "_dlt_id"}


class Contents:
    """What `tables` of one schema hold, and others that come up. One connection for as long as it lasts."""

    def __init__(self, pipeline: dlt.Pipeline, tables: Collection[str]) -> None:
        self._tables = tables
        self.keeps_empty = str(pipeline.destination.destination_type).endswith(("duckdb", "motherduck"))
        """Whether an empty text stays one: where dlt loads CSV, such as into PostgreSQL, it becomes null."""
        self.held = Held(pipeline)
        self._client = pipeline.sql_client()
        self._filled: dict[str, Collection[str]] = {}

    def __enter__(self) -> Self:
        self.held.__enter__()
        self._client.open_connection()
        # Now, and not when the first rows are at hand: dlt keeps the frames of whoever makes it read its settings.
        self.held.columns(self._tables)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close_connection()
        self.held.__exit__()

    def holds(self, table: str, account: str) -> bool:
        """Whether a table has any row of an account; asked once for all, nobody else loads meanwhile."""
        if table not in self._tables:
            return bool(self.held.filled([table], account))
        if account not in self._filled:
            self._filled[account] = self.held.filled(self._tables, account)
        return table in self._filled[account]

    def rows(self, layout: Layout, account: str, ids: Sequence[int], day: str = "") -> pa.Table:
        """All rows of these owners, without the columns that are ours alone; of a daily table those of one day."""
        names = sorted(self.held.columns([layout.name]).get(layout.name, set()) - ASIDE)
        empty = pa.table({name: pa.array([], TYPES[layout.columns.get(name, Kind.TEXT)]) for name in names})
        if not self.holds(layout.name, account) or not ids:
            return empty
        by = self._client.escape_column_name(by_column(layout))
        columns, table = ", ".join(map(self._client.escape_column_name, names)), self._table(layout.name)
        # A range beside the list lets the destination leave out most of a large table.
        sql = f"select {columns} from {table} where account = %s and {by} between %s and %s and {by} in ({{}})"  # noqa: S608 - names of ours, and numbers
        sql += f" and {self._client.escape_column_name(DAY)} = %s" if is_daily(layout) else ""
        found = [empty]
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            values = [account, min(some), max(some), *([day] if is_daily(layout) else [])]
            parts = self._asked(sql.format(", ".join(map(str, some))), *values)
            try:
                found += [conform(part.rename_columns(names), layout) for part in parts]
            except pa.ArrowInvalid as error:
                words = f"{layout.name} does not have the types it was made with: {one_line(error, 160)}"
                raise DestinationError(f"{words}; nothing was changed") from None
        return pa.concat_tables(found)

    def ids(self, layout: Layout, account: str, day: str = "") -> pa.ChunkedArray[Any]:
        """The ids of all rows of an account, or of one day of a daily table."""
        if not self.holds(layout.name, account):
            return pa.chunked_array([], pa.int64())
        by = self._client.escape_column_name(by_column(layout))
        sql = f"select distinct {by} from {self._table(layout.name)} where account = %s"  # noqa: S608 - as above
        sql += f" and {self._client.escape_column_name(DAY)} = %s" if is_daily(layout) else ""
        return self._ids(sql, account, *([day] if is_daily(layout) else []))

    def orphans(self, layout: Layout, account: str) -> pa.ChunkedArray[Any]:
        """Ids that rows of a table name as what they hang on, and that their owner's table does not hold."""
        if not self.holds(layout.name, account):
            return pa.chunked_array([], pa.int64())
        by = self._client.escape_column_name(layout.scope)
        below, above = self._table(layout.name), self._table(layout.owner)
        return self._ids(
            f"select distinct below.{by} from {below} as below where below.account = %s and not exists "  # noqa: S608 - as above
            f"(select 1 from {above} as above where above.account = below.account and above.id = below.{by})",
            account,
        )

    def count(self, table: str, account: str) -> int:
        if not self.holds(table, account):
            return 0
        sql = f"select count(*) from {self._table(table)} where {ACCOUNT} = %s"  # noqa: S608 - as above
        return int(self._ids(sql, account)[0].as_py())

    def _table(self, name: str) -> str:
        return str(self._client.make_qualified_table_name(name))

    def _asked(self, sql: str, *values: Any) -> Iterator[pa.Table]:
        try:
            with self._client.execute_query(sql, *values) as cursor:
                yield from cursor.iter_arrow(chunk_size=CHUNK)
        except DestinationException as error:
            raise DestinationError(
                f"the warehouse could not be asked: {one_line(error)}; nothing was changed"
            ) from None

    def _ids(self, sql: str, *values: Any) -> pa.ChunkedArray[Any]:
        """One column of whole numbers, without nulls."""
        arrays = [part.column(0).combine_chunks().cast(pa.int64()) for part in self._asked(sql, *values)]
        return pa.chunked_array(arrays, pa.int64()).drop_null()


class Unheld:
    """The engine's `Known` for a comparison: says which rows there are, but takes none for known."""

    def __init__(self, held: Held) -> None:
        self.ids, self.deleted = held.ids, held.deleted

    def hashes(self, table: str, account: str, ids: Collection[int]) -> Mapping[int, int | None]:  # noqa: ARG002
        return {}

    def filled(self, tables: Collection[str], account: str) -> Collection[str]:  # noqa: ARG002
        return ()

    def values(self, table: str, column: str, account: str, ids: Collection[int]) -> Mapping[int, Any]:  # noqa: ARG002
        return {}

    def changeable(
        self,
        table: str,  # noqa: ARG002
        account: str,  # noqa: ARG002
        closed: Mapping[str, Sequence[str]],  # noqa: ARG002
        since: datetime,  # noqa: ARG002
    ) -> list[int]:
        return []

    def settled_id(self, table: str, account: str, before: datetime) -> int | None:  # noqa: ARG002
        return None

    def rejected(self, ids: Collection[str]) -> Collection[str]:  # noqa: ARG002
        return ()
