"""Rows that are gone from the source: missed by a certified walk of everything, and then not answered by their id.

Absence alone is no delete. Nothing is ever removed from a table: the key goes to `_deleted`, and out of it again when
the row comes back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from stitchhouse.dataset import ACCOUNT
from stitchhouse.detail import Details
from stitchhouse.errors import RefusedError
from stitchhouse.ledger import DELETED, RETURNED
from stitchhouse.schema import numbers, schema

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable
    from datetime import datetime

    from stitchhouse.dataset import Dataset
    from stitchhouse.memory import Known
    from stitchhouse.walk import Reader

FEW, PART = 10, 0.01
"""More rows than this many, and more than this part of the table, are not believed to be gone."""


class Deletes:
    """What one walk finds gone or back. `most` raises the number that is believed."""

    def __init__(self, dataset: Dataset, account: str, reader: Reader, known: Known | None, most: int) -> None:
        self.table = dataset.table.name
        self.account = account
        self.note = ""
        self.refused = False
        """Whether more rows are absent than are believed to be gone."""
        self.gone: list[int] | None = None
        """Ids found gone now; None where none were looked for."""
        self.alive: set[int] = set()
        """Ids that were not listed, but answered by id."""
        self.back: set[int] = set()
        self._reader, self._known, self._most = reader, known, most
        self._marked: set[int] | None = None

    def saw(self, ids: Iterable[int]) -> None:
        """Rows that were listed: those of them that counted as gone are back."""
        self.back |= self._marks() & set(ids)

    def look(self, seen: array[int], several: bool | None) -> None:  # noqa: FBT001 - as `Details` has it
        """After a certified walk of everything that listed `seen`. `several` as of a detailed read."""
        if self._known is None:
            return
        held = self._known.ids(self.table, self.account)
        absent = held.filter(pc.invert(pc.is_in(held, value_set=pa.array(seen, pa.int64()))))
        missing = sorted(set(numbers(absent)) - self._marks())
        self.gone = []
        if not missing:
            return
        believed = max(FEW, int(len(held) * PART), self._most)
        if len(missing) > believed:
            self.refused = True
            self.note = (
                f"{len(missing)} rows of {len(held)} were not listed; no more than {believed} are believed to be gone, "
                f"so none was marked; look at the source, and if it is so: sync --full --max-deletes {len(missing)}"
            )
            return
        self._confirm(missing, seen, several)

    def _confirm(self, missing: list[int], seen: array[int], several: bool | None) -> None:  # noqa: FBT001
        if not self._answers(seen):
            why = "the source answers no row by id" if seen else "there is no row left to try it with"
            self.note = f"{len(missing)} rows were not listed, but {why}, so none was marked"
            return
        details = Details(self._reader, several=several)
        try:
            self.alive = {key for page in details.read(missing) for key in page.ids()}
        except RefusedError as refused:
            self.note = f"{len(missing)} rows were not listed, but asked for by id ({refused}), so none was marked"
            return
        self.gone = [key for key in missing if key not in self.alive]
        if self.alive:
            self.note = f"{len(self.alive)} rows were not listed, but are answered by id, so they are not gone"

    def _answers(self, seen: array[int]) -> bool:
        """Whether a row that was listed is answered by its id, so that silence about another one means something."""
        try:
            return bool(seen) and seen[-1] in self._reader.details([seen[-1]]).ids()
        except RefusedError:
            return False

    def rows(self, at: datetime | None, walk: str) -> pa.Table:
        """The rows for `_deleted`: those gone, and those back, which take theirs away."""
        marks: list[dict[str, Any]] = [
            {"table_name": self.table, ACCOUNT: self.account, "key": str(key), "at": at, "walk": walk, RETURNED: back}
            for back, keys in ((False, self.gone or ()), (True, sorted(self.back)))
            for key in keys
        ]
        return pa.Table.from_pylist(marks, schema=schema(DELETED))

    def _marks(self) -> set[int]:
        if self._marked is None:
            self._marked = set() if self._known is None else set(self._known.deleted(self.table, self.account))
        return self._marked
