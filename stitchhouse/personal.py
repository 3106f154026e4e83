"""What becomes of personal data before dlt sees a row: loaded, hashed or dropped; and nulled where it was forgotten.

Which columns are personal is declared; a column that nobody declared is, if its name says so. All of it happens to the
typed tables, before the rows' own hashes are made: so a row whose person was forgotten hashes the same in every run.
"""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, Self

import pyarrow as pa
import pyarrow.compute as pc

from stitchhouse.columns import as_text
from stitchhouse.dataset import ACCOUNT
from stitchhouse.errors import ConfigurationError
from stitchhouse.forgotten import Forgotten
from stitchhouse.layout import layouts
from stitchhouse.redact import SECRETS
from stitchhouse.ties import Names

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from stitchhouse.dataset import Dataset
    from stitchhouse.layout import Layout

Mode = Literal["load", "hash", "drop"]
MODES: tuple[Mode, ...] = ("load", "hash", "drop")
BY_NAME = re.compile(
    r"(^|_)(\w*names?|e_?mails?|\w*phones?|mobile|cell|fax|address(es)?|street\d?|line_\d|city|town|zip|post_?codes?|postal"
    r"|contacts?|recipient|attention|attn|buyer|birth\w*|dob|gender|notes?|comments?|message|vat|tax_?id|taxid|iban"
    r"|tracking|signature|ip|username|login)(_|$)"
)
"""A name of a column that says whose it is, or how to reach somebody."""
NESTED = ("{", "[")
"""How a text begins that holds an object or a list. Of whom was forgotten, one that nobody declared goes as a whole."""


def by_name(column: str) -> bool:
    """Whether a column that nobody declared is personal. An id tells nothing but which row is meant."""
    return bool(BY_NAME.search(column)) and (not column.endswith("_id") or "tax_id" in column)


@dataclass(frozen=True, kw_only=True)
class Personal:
    """How personal data is to be treated, and who was forgotten. `names` are what ties the tables of the source."""

    mode: Mode = "load"
    key: str = field(default="", repr=False)
    names: Names = field(default_factory=Names)
    forgotten: Forgotten = field(default_factory=Forgotten, compare=False)

    @classmethod
    def of(cls, source: str, datasets: Sequence[Dataset], named: Mapping[str, str], mode: str, key: str | None) -> Self:
        """As the settings of a source say. `named` are columns whose names do not tell their table."""
        known = next((one for one in MODES if one == mode), None)
        if known is None:
            raise ConfigurationError(f"sources.{source}.pii must be {', '.join(MODES[:-1])} or {MODES[-1]}")
        if mode == "hash" and not (key or "").strip():
            raise ConfigurationError(
                f"sources.{source}.pii_key is not set, and pii is hash; put a long random text into .dlt/secrets.toml "
                f"or the environment as SOURCES__{source.upper()}__PII_KEY, and keep it: with another one nothing joins"
            )
        SECRETS.add(key or "")
        return cls(mode=known, key=key or "", names=names_of(datasets, named))

    def remembering(self, state: Callable[[], dict[str, Any]]) -> Self:
        """The same, knowing whom the state of the source names as forgotten."""
        return replace(self, forgotten=Forgotten(state))

    @property
    def idle(self) -> bool:
        return self.mode == "load" and not self.forgotten

    def table(self, table: pa.Table, layout: Layout, erased: pa.ChunkedArray[Any] | None) -> pa.Table:
        """The table as it may be loaded; `erased` marks the rows of whom was forgotten."""
        for place, name in enumerate(table.column_names):
            column = table.column(place)
            kept: Any = column
            if name in columns_of(layout, table.column_names):
                kept = self._column(column)
                if erased is not None:
                    kept = pc.if_else(erased, pa.scalar(None, column.type), kept)
            elif pa.types.is_string(column.type) and name not in layout.key:
                if self.mode != "load":
                    kept = self._nested(column, layout)
                if erased is not None and name not in layout.columns:
                    kept = pc.if_else(pc.and_(erased, _nested(kept)), pa.scalar(None, column.type), kept)
            if kept is not column:
                table = table.set_column(place, table.schema.field(place), kept)
        return table

    def raw(self, raw: str, column: str, personal: Collection[str]) -> str:
        """The raw text of a value, or of a whole row where `column` is empty."""
        if self.mode == "load":
            return raw
        if column in personal or (column and column not in personal and by_name(column)):
            return self._text(raw) or ""
        if raw.startswith(NESTED):
            try:
                return as_text(self._object(json.loads(raw), personal)) or ""
            except (ValueError, RecursionError):
                return self._text(raw) or ""
        return raw if column else self._text(raw) or ""

    def _column(self, column: pa.ChunkedArray[Any]) -> Any:
        if self.mode == "load":
            return column
        if self.mode == "drop" or not pa.types.is_string(column.type):
            return pa.nulls(len(column), column.type)
        values = column.to_pylist()
        hashed = {value: self._text(value) for value in set(values)}
        return pa.array([hashed[value] for value in values], pa.string())

    def _nested(self, column: pa.ChunkedArray[Any], layout: Layout) -> Any:
        """A text that holds an object: its personal fields are none the less personal."""
        if not pc.any(_nested(column), min_count=1).as_py():
            return column
        values = [
            value if value is None else self.raw(value, "", layout.personal) if value.startswith(NESTED) else value
            for value in column.to_pylist()
        ]
        return pa.array(values, pa.string())

    def _text(self, value: str | None) -> str | None:
        if self.mode == "drop" or value is None:
            return None
        return hmac.digest(self.key.encode(), value.encode(errors="replace"), "sha256").hex() if value else value

    def _object(self, value: Any, personal: Collection[str], whose: bool = False) -> Any:  # noqa: FBT001, FBT002
        if isinstance(value, dict):
            return {
                name: self._object(part, personal, whose or name in personal or by_name(name))
                for name, part in value.items()
            }
        if isinstance(value, list):
            return [self._object(part, personal, whose) for part in value]
        return self._text(as_text(value)) if whose else value


def _nested(column: Any) -> Any:
    """Which texts hold an object or a list."""
    return pc.or_(*[pc.fill_null(pc.starts_with(column, pattern=sign), False) for sign in NESTED])  # noqa: FBT003 - Arrow's


def columns_of(layout: Layout, columns: Collection[str]) -> set[str]:
    """The personal ones of the columns of a table, declared or not."""
    undeclared = {name for name in columns if name not in layout.columns and not name.startswith("_") and by_name(name)}
    return {name for name in columns if name in layout.personal} | undeclared


def names_of(datasets: Sequence[Dataset], also: Mapping[str, str]) -> Names:
    """What the columns of a source say; `also` are those that are not called after their table."""
    named: dict[str, str] = {}
    aside = set()
    for dataset in datasets:
        named |= {table.foreign: table.name for table in (dataset.table, *dataset.tables)}
        lists = {one.table.name for one in datasets}
        aside |= {name for name, layout in layouts(dataset).items() if name in lists or not layout.personal}
    return Names(
        {column: table for column, table in (named | dict(also)).items() if column != ACCOUNT}, frozenset(aside)
    )
