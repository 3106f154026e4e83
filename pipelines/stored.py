"""The tables of one source as a destination has them, asked and changed in SQL that every destination knows."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Self

from stitchhouse.dataset import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from contextlib import AbstractContextManager

    import dlt

MOST = 500
"""Ids in one statement."""


class Stored:
    """Holds one connection for as long as it lasts. `account` is whose rows are meant."""

    def __init__(self, pipeline: dlt.Pipeline, tables: Iterable[str]) -> None:
        self._pipeline = pipeline
        self.account = ""
        self.client: Any = pipeline.sql_client()
        self.columns: dict[str, dict[str, str | None]] = {}
        """Table -> column -> dlt's type of it."""
        with pipeline.destination_client() as client:
            for name, columns in client.get_storage_tables(list(dict.fromkeys(tables))):  # type: ignore[attr-defined] # as below
                if columns and not name.startswith("_dlt"):
                    self.columns[name] = {column: held.get("data_type") for column, held in columns.items()}

    def __enter__(self) -> Self:
        self.client.open_connection()
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close_connection()

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.client.execute_sql(sql, *values) or []]

    def change(self, sql: str, *values: Any) -> None:
        self.client.execute_sql(sql, *values)

    def at(self, table: str) -> str:
        return str(self.client.make_qualified_table_name(table))

    def quoted(self, column: str) -> str:
        return str(self.client.escape_column_name(column))

    def among(self, column: str, ids: Iterable[int]) -> Iterator[str]:
        """The conditions that a row is the account's, which is their value, and has one of `ids`, some at a time."""
        ordered = sorted(map(int, ids))
        for start in range(0, len(ordered), MOST):
            listed = ", ".join(map(str, ordered[start : start + MOST]))
            yield f"{ACCOUNT} = %s and {self.quoted(column)} in ({listed})"

    def select(self, table: str, column: str, where: str, ids: Collection[int]) -> set[int]:
        """The values of `column` in those of the account's rows whose column `where` is one of `ids`."""
        sql = f"select distinct {self.quoted(column)} from {self.at(table)} where "  # noqa: S608 - names of ours
        rows = (row for part in self.among(where, ids) for row in self.rows(sql + part, self.account))
        return {value for (value,) in rows if value is not None}

    def transaction(self) -> AbstractContextManager[Any]:
        """All or nothing, where the destination can."""
        able = self._pipeline.destination.capabilities().supports_transactions
        return self.client.begin_transaction() if able else nullcontext()

    def empty_staging(self) -> None:
        """The staging copies of the last load are kept until the next one: they go now."""
        with self.client.with_staging_dataset() as staged, self._pipeline.destination_client() as client:
            if not staged.has_dataset():
                return
            with client.with_staging_dataset():  # type: ignore[attr-defined] # every SQL destination has it
                names = [name for name, columns in client.get_storage_tables(list(self.columns)) if columns]  # type: ignore[attr-defined]
            if names:
                staged.truncate_tables(*names)
