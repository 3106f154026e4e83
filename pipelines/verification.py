"""One dataset of one account, read in full and compared with what the warehouse holds. Loads nothing."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.verdict import Verdict
from stitchhouse.bounds import REREAD
from stitchhouse.compare import Difference, What, compared, is_daily, spoken, without_empty
from stitchhouse.errors import StitchhouseError
from stitchhouse.schema import numbers
from stitchhouse.trail import row_behind
from stitchhouse.walk import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime, timedelta

    from pipelines.contents import Contents
    from stitchhouse.batch import Batch
    from stitchhouse.compare import Beside
    from stitchhouse.dataset import Dataset
    from stitchhouse.memory import Memory
    from stitchhouse.reading import Reading

LOOKED_AT_TWICE = 500
"""Rows that are read once more by id before they are said to differ."""


class Verification:
    """Compares batch by batch; `read` makes a reading of a window that takes nothing for known.

    `kept` is what the last sync remembered, `reread` how long it reads closed rows again. `beside` collects what came
    beside the rows, for all datasets together.
    """

    def __init__(  # noqa: PLR0913 - what it is made of, all named
        self,
        source: str,
        dataset: Dataset,
        account: str,
        *,
        read: Callable[[Window], Reading],
        kept: Memory,
        contents: Contents,
        beside: Beside,
        reread: timedelta = REREAD,
    ) -> None:
        self.dataset, self.account, self.read, self.kept = dataset, account, read, kept
        self.contents, self.beside, self.reread = contents, beside, reread
        self.verdict = Verdict(source, dataset.name, account)
        self.odd: dict[int, list[Difference]] = defaultdict(list)
        self._listed: Sequence[int] = ()
        self.late: set[int] = set()
        """Of the rows that differ, those that the source changed after the last sync began."""

    def run(self) -> None:
        """Read all, look again at what differs, and say it. Never raises `StitchhouseError`: the verdict holds it."""
        reading, verdict = self.read(Window(full=True)), self.verdict
        self._listed = reading.picking.tally.ids
        try:
            self._take_all(reading)
            verdict.certificate = reading.certificate()
            if verdict.certified:
                self._absent(reading)
            self._look_again()
        except StitchhouseError as error:
            verdict.error = error
            verdict.certificate = reading.certificate().failed(str(error), error.exit_code)
        verdict.notes += [verdict.certificate.note] if verdict.certificate.note else []
        verdict.held = self.contents.count(self.dataset.table.name, self.account)
        self._say()

    @property
    def seen(self) -> pa.Array[Any]:
        """Every id that the source listed."""
        return pa.array(self._listed, pa.int64())

    def again(self, ids: Sequence[int]) -> None:
        """Compare these rows alone, once more."""
        self._take_all(self.read(Window(ids=tuple(ids))))
        self._say()

    def _take_all(self, reading: Reading) -> None:
        for batch in reading.batches:
            self._take(batch, reading.picking.details.gone, reading.picking.daily.day)

    def _take(self, batch: Batch, aside: Collection[int], today: str) -> None:
        for layout, ids, told in spoken(batch, aside):
            daily = is_daily(layout)
            if daily and self.kept.day != today:
                continue
            held = self.contents.rows(layout, self.account, ids, today)
            both = (told, held) if self.contents.keeps_empty else (without_empty(told), without_empty(held))
            differing: dict[int, list[Difference]] = defaultdict(list)
            for one in compared(*both, layout):
                differing[one.by].append(one)
            if layout.side and not daily:
                behind = {key: row_behind(batch, layout.owner or layout.name, key) for key in differing}
                self.beside.take(self.dataset.name, layout.name, ids, differing, behind)
            else:
                for key, found in differing.items():
                    self.odd[key] += found
            self.verdict.compared[layout.name] += len(told)
            if layout.name == self.dataset.table.name and layout.stamp and self.kept.read_at is not None:
                self.late |= self._late(told, held, layout.stamp, self.kept.read_at)

    def _late(self, told: pa.Table, held: pa.Table, stamp: str, since: datetime) -> set[int]:
        """Rows that the next sync brings: stamped after the last one began, and later than the warehouse holds them."""
        fresh = told.filter(pc.greater(told[stamp], pa.scalar(since, told.schema.field(stamp).type)))
        had = dict(zip(held["id"].to_pylist(), held[stamp].to_pylist(), strict=True)) if len(fresh) else {}
        pairs = zip(numbers(fresh["id"]), fresh[stamp].to_pylist(), strict=True)
        late = {key for key, time in pairs if (before := had.get(key)) is None or before < time}
        if late and self.dataset.closed:
            # A quick run passes over what was closed long ago.
            known, table = self.contents.held, self.dataset.table.name
            read = known.changeable(table, self.account, self.dataset.closed_words, since - self.reread)
            late -= had.keys() - set(read)
        return late

    def _absent(self, reading: Reading) -> None:
        """What the warehouse holds and the source did not list; what `_deleted` tells of is counted apart."""
        table = self.dataset.table.name
        held = self.contents.held.ids(table, self.account).unique()
        absent = set(numbers(held.filter(pc.invert(pc.is_in(held, value_set=self.seen)))))
        marked = absent & set(self.contents.held.deleted(table, self.account))
        self.verdict.deleted = len(marked)
        deletes = reading.deletes
        gone = sorted(absent - marked - deletes.alive)
        self.verdict.standing.add(Difference(table, What.EXTRA, str(key), key) for key in gone)
        for key in sorted(deletes.back):
            self.odd[key].append(Difference(table, What.RETURNED, str(key), key))

    def _look_again(self) -> None:
        """Read once more, by id, what differs: it may have been half changed when it was read."""
        first = list(self.odd)[:LOOKED_AT_TWICE]
        if first:
            before, self.odd = self.odd, defaultdict(list)
            counted = self.verdict.compared.copy()
            self._take_all(self.read(Window(ids=tuple(first))))
            self.verdict.compared = counted
            for key, found in before.items():
                back = [one for one in found if one.what is What.RETURNED]
                self.odd[key] += back if key in first else found

    def _say(self) -> None:
        found = {key: differences for key, differences in sorted(self.odd.items()) if differences}
        self.verdict.since = [key for key in found if key in self.late]
        for key, differences in found.items():
            if key not in self.late:
                self.verdict.mendable.add(differences)
                self.verdict.roots.add(key)
