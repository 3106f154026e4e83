"""How a table is merged: by key, never appended; what hangs on a root is replaced as a whole with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlt.common.libs.pyarrow import py_arrow_to_table_schema_columns

from stitchhouse.dataset import ACCOUNT
from stitchhouse.schema import schema

if TYPE_CHECKING:
    from stitchhouse.layout import Layout

PERSONAL = "x-personal"
"""Hint of a column that can tell who a person is, or where to reach one; dlt's schema export shows it."""
MERGE = {"disposition": "merge", "strategy": "delete-insert"}


def hints(layout: Layout) -> dict[str, Any]:
    """dlt's hints for a table. Never primary_key and merge_key together: that join grows with change x table."""
    columns: dict[str, Any] = dict(py_arrow_to_table_schema_columns(schema(layout)))
    if layout.sort:
        columns[layout.sort]["dedup_sort"] = "desc"
    if layout.removed:
        columns[layout.removed]["hard_delete"] = True
    for name in layout.personal:
        columns[name][PERSONAL] = True
    return {
        "table_name": layout.name,
        "primary_key": list(layout.key),
        "write_disposition": replace_children(layout) if layout.scope else dict(MERGE),
        "columns": columns,
    }


def replace_children(layout: Layout) -> dict[str, Any]:
    """Replace all rows of every root in the load, wherever a row was before.

    The scope by root alone would double a row that moved to another root, and the scope by key alone would keep a row
    that was removed. A root that has none is named by its tombstone, a row whose key is negative and never loaded.
    """
    staged = "(SELECT {} FROM {{staging_table}})"
    scope = f"{ACCOUNT}, {layout.scope}"
    key = ", ".join(layout.key)
    return MERGE | {
        "destination_scope": f"({scope}) IN {staged.format(scope)} OR ({key}) IN {staged.format(key)}",
        "source_filter": f"{layout.tombstone} > 0",
    }
