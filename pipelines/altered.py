"""Whether the tables in the destination are as dlt made them: what somebody took away would be missing in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlt.common.schema.utils import has_table_seen_data

from pipelines.project import maker
from stitchhouse.errors import DestinationError
from stitchhouse.layout import layouts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    import dlt


def check_tables(pipeline: dlt.Pipeline, source: str) -> None:
    """Raises `DestinationError` for a table or column that is gone or of another type; a reset lets it be made anew."""
    if pipeline.default_schema_name is None:
        return
    # The schema knows the tables of datasets that were never read, too.
    made = {str(name): table for name, table in pipeline.default_schema.tables.items() if has_table_seen_data(table)}
    with pipeline.destination_client() as client:
        if not client.is_storage_initialized():
            return
        there = dict(client.get_storage_tables(made))  # every SQL destination has it
    if not any(there.values()):
        return
    typed = str(pipeline.destination.destination_name) == "duckdb"
    resources = dict(pipeline.state).get("sources", {}).get(source, {}).get("resources", {})
    for name, table in made.items():
        for what in _altered(table["columns"], there.get(name, {}), typed=typed):
            again = [dataset for dataset in _filling(source, name, resources) if not _afresh(resources[dataset])]
            if again:
                raise DestinationError(
                    f"{pipeline.dataset_name}.{name}{what}: changed in the destination by hand; nothing was read. Put "
                    f"it back, or have it made anew by stitchhouse reset {' '.join(f'{source}.{one}' for one in again)}"
                )


def _altered(made: Mapping[str, Any], there: Mapping[str, Any], *, typed: bool) -> Iterator[str]:
    if not there:
        yield " is gone"
        return
    for name, column in made.items():
        if "data_type" not in column:
            continue
        if name not in there:
            yield f".{name} is gone"
        elif typed and there[name].get("data_type") not in {column["data_type"], None}:
            yield f".{name} is {there[name]['data_type']} instead of {column['data_type']} (drop it, then reset)"


def _filling(source: str, table: str, read: Collection[str]) -> list[str]:
    """Of the datasets that were `read`: the one whose list the table is, else all that fill it, else every one."""
    datasets = [one for one in maker(source)[1] if one.name in read]
    own = [one.name for one in datasets if one.table.name == table]
    return own or [one.name for one in datasets if table in layouts(one)] or [one.name for one in datasets]


def _afresh(state: Mapping[str, Any]) -> bool:
    """Whether the next walk reads everything: nothing is remembered of any account, or it was reset."""
    return all(kept.get("afresh") for kept in state.get("accounts", {}).values())
