"""What must hold before a dataset is read, whatever dlt's own tools did: rows can be merged, and tables are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dlt
from dlt.common.schema.utils import has_table_seen_data

from stitchhouse.errors import ConfigurationError

if TYPE_CHECKING:
    from stitchhouse.owners import Owners


def check_terms(owners: Owners) -> None:
    """Raises `ConfigurationError` where this run would double rows, or empty tables that nobody fills again."""
    destination = dlt.current.pipeline().destination
    if destination is None:
        return
    if "delete-insert" not in (destination.capabilities().supported_merge_strategies or ()):
        raise ConfigurationError(
            f"destination {destination.destination_name} cannot replace rows by key (delete-insert), so each run would "
            "double them; load into a database"
        )
    refresh = dlt.current.load_package_state()["state"].get("refresh")
    if refresh and len(dlt.current.source().selected_resources) < len(owners.by_table):
        raise ConfigurationError(
            f"refresh={refresh!r} is for the whole source, because its datasets share tables; choose no dataset, or "
            "use `stitchhouse reset`"
        )


def forget_dropped(state: dict[str, Any]) -> bool:
    """Whether dlt's tools dropped a table of the dataset (`dlt pipeline drop`): then it is read from the start."""
    tables = dlt.current.source_schema().tables
    dropped = any(name not in tables or not has_table_seen_data(tables[name]) for name in state.get("tables", ()))
    if dropped:
        state.clear()
    return dropped
