"""What happens to the source between two requests, drawn from one random stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stitchhouse import slices
from tests.simulation.source import NEVER_STAMPED

if TYPE_CHECKING:
    from random import Random

    from tests.simulation.source import Source

DAY = 86_400
PACES = ((0, 0, 0, 1), (0, 1, 2), (1, 5, 30), (10, 60, 240))
"""Seconds that a request takes, by how fast the source is."""
DELAYS = (0, 0, 20, 840)
"""Seconds until a change can be seen, at most. The product's lookback of 900 covers them."""


@dataclass(frozen=True, kw_only=True)
class Hazards:
    """What can happen. `departs`: rows are deleted or archived. `returns`: archived rows come back, with a new stamp.

    `late`: changes are seen only some time after their stamp. `faults`: no answer, the process ends, or another
    organisation is set meanwhile. `odd`: rows without a stamp, and stamps far ahead.
    """

    departs: bool = True
    returns: bool = True
    late: bool = True
    faults: bool = True
    odd: bool = True


class Unrest:
    """Changes the source. Nothing in it asks what the walk does."""

    def __init__(self, random: Random, source: Source, hazards: Hazards) -> None:
        self.random, self.source, self.hazards = random, source, hazards
        self.rate = random.choice((0.2, 0.6, 1.5))
        self.pace = random.choice(PACES)
        self.delay = random.choice(DELAYS) if hazards.late else 0
        self.odd = hazards.odd and random.random() < 0.2
        self.fault = random.choice((0.0, 0.02, 0.1)) if hazards.faults else 0.0
        self.still = False

    def begin(self) -> None:
        """Three to 24 rows, seldom more, so that a read takes several loads; some of one second, most of long ago."""
        source, random = self.source, self.random
        burst = source.clock - random.randint(0, 8 * DAY)
        many = self.hazards.faults and random.random() < 0.1
        for _ in range(random.randint(30, 60) if many else random.randint(3, 24)):
            stamp = burst if random.random() < 0.3 else source.clock - int(8 * DAY * random.random() ** 3)
            row = source.new(self._id(), self._stamp(stamp) if source.nature.stamped else NEVER_STAMPED)
            row.written = min(stamp, source.clock)
            source.put(row)
        if source.nature.natural == "heap":
            # One in order of id by chance would pass for a list that is sorted.
            random.shuffle(source.heap)
        source.strangers = [source.new(9_000 + n, source.clock - n) for n in range(random.randint(1, 5))]
        source.tell("begins with", tuple((row.id, row.stamp) for row in source.rows.values()))

    def pass_by(self, changes: int, seconds: int) -> None:
        """Between two syncs: some changes over some time."""
        for _ in range(changes):
            self.source.clock += self.random.randint(0, max(1, 2 * seconds // max(1, changes)))
            self.source.settle()
            self.change()

    def between(self) -> None:
        """Between two requests."""
        source = self.source
        source.clock += self.random.choice(self.pace)
        source.settle()
        if not self.still:
            while self.random.random() < self.rate / (1 + self.rate):
                self.change()

    def loads(self) -> slices.Slices:
        """How a run is cut into loads; mostly it is not."""
        random = self.random
        if self.still or not self.hazards.faults or random.random() < 0.5:
            return slices.Slices()
        most = random.randint(5, 40) if random.random() < 0.3 else 0
        return slices.Slices(requests=random.randint(3, 20), most=most)

    def change(self) -> None:
        random, source, hazards = self.random, self.source, self.hazards
        kind = random.random()
        living = [key for key, row in source.rows.items() if row.listed and not (source.late and source.busy(key))]
        if kind < 0.25 or not living:
            self._write(self._id(), "added")
        elif kind < 0.65:
            self._write(random.choice(living), "edited")
        elif kind < 0.75:
            for key in random.sample(living, min(len(living), random.randint(2, 7))):
                self._write(key, "edited together")
        elif kind < 0.90 and hazards.departs:
            key = random.choice(living)
            source.remove(key)
            source.tell("  deleted: id", key)
        elif kind < 0.95 and hazards.departs:
            key = random.choice(living)
            source.rows[key].listed = False
            source.changes += 1
            source.tell("  archived: id", key)
        elif hazards.returns:
            hidden = [key for key, row in source.rows.items() if not row.listed]
            if hidden:
                self._write(random.choice(hidden), "taken back", at_once=True)

    def _write(self, key: int, what: str, *, at_once: bool = False) -> None:
        random, source = self.random, self.source
        stamp = self._stamp(source.clock, new=True) if source.nature.stamped else NEVER_STAMPED
        row = source.new(key, stamp)
        source.tell(" ", what, "id", key, "at", stamp)
        if self.delay and not at_once and random.random() < 0.4:
            source.late.append((source.clock + random.randint(1, self.delay), row))
        else:
            source.put(row, random.randint(0, 2))

    def _stamp(self, stamp: int, *, new: bool = False) -> int:
        if not self.odd or self.random.random() > 0.1:
            return stamp
        return stamp + 700 * DAY if new or self.random.random() < 0.5 else NEVER_STAMPED

    def _id(self) -> int:
        self.source.allocated += self.random.choice((1, 1, 1, 3))
        return self.source.allocated
