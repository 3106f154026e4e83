"""The owner rule: a table with a list of its own is written by that dataset only.

A merge replaces whole rows, and a side-loaded copy lacks columns. So a copy is loaded only where it can overwrite
nothing: its owner is neither selected nor ever certified, or the object was made after the owner's cursor, so that
the owner has not loaded it yet. Any other change is brought whole by the owner's own next walk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dlt

from stitchhouse.columns import parse_time
from stitchhouse.layout import layouts
from stitchhouse.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stitchhouse.dataset import Dataset
    from stitchhouse.links import Object


class Owners:
    """The datasets of a source, by the table that each owns."""

    def __init__(self, datasets: Sequence[Dataset]) -> None:
        self.by_table = {dataset.table.name: dataset for dataset in datasets}
        self.tables = frozenset(name for dataset in datasets for name in layouts(dataset))
        """Every table of the source."""

    def wanted(self, dataset: Dataset, account: str) -> Callable[[str, Object], bool]:
        """Whether a side-loaded object of a table is to be loaded with `dataset`."""
        cursors: dict[str, Any] = {}

        def load(table: str, row: Object) -> bool:
            owner = self.by_table.get(table)
            if owner is None or owner.name == dataset.name:
                return True
            if table not in cursors:
                cursors[table] = self._bound(owner, account)
            bound = cursors[table]
            if not isinstance(bound, bool):
                stamp = parse_time(row.get("created_at"))
                return stamp is not None and stamp > bound
            return bound

        return load

    def _bound(self, owner: Dataset, account: str) -> Any:
        """True loads every copy, False none, a time those that are newer."""
        held = Memory(dlt.current.resource_state(owner.name), owner.cursor, account)
        if owner.name in dlt.current.source().selected_resources:
            return False
        if not held.certified:
            return True
        return held.cursor if held.cursor is not None else False
