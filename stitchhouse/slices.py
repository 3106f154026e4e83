"""Cuts a long read into loads, so that a run that dies loses little, and one that must stop stops cleanly."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stitchhouse.reading import Reading

REQUESTS = 1_000
"""Requests of one load: with two a second, what was read is loaded after about eight minutes."""
Place = tuple[str, str]


@dataclass
class Slices:
    """One run in several loads. `most` requests end the run, 0: none do; both are looked at between two batches."""

    requests: int = REQUESTS
    most: int = 0
    full: bool = False
    """Whether this load has enough: what is left comes with the next one."""
    over: bool = False
    """Whether the run has used up its requests."""
    going: dict[Place, Reading] = field(default_factory=dict)
    ended: set[Place] = field(default_factory=set)
    resumed: set[Place] = field(default_factory=set)
    """Read to the end after an earlier run began: what changed since then comes with one more load of this run."""
    _spent: int = 0
    _begun_at: int = 0

    def pages(self, usual: int, *, detailed: bool = False) -> int:
        """Pages of a batch: fewer where a load has few requests, so that it ends near them.

        `detailed` is set where each row may take a request of its own: a page alone is dozens then.
        """
        return (
            1 if detailed and self.most else max(1, min(usual, self.requests // 4, (self.most or self.requests) // 4))
        )

    def begin(self) -> None:
        """A new load begins."""
        self.full = False
        self._begun_at = self._spent + sum(reading.requests for reading in self.going.values())

    def cut(self, reading: Reading) -> bool:
        """Whether the read ends here for now."""
        spent = self._spent + reading.requests
        self.over = bool(self.most) and spent >= self.most
        self.full = not self.over and spent - self._begun_at >= self.requests
        return self.over or self.full

    def end(self, place: Place, reading: Reading | None = None, *, resumed: bool = False) -> None:
        """Nothing more of this dataset and account in this run, unless it was `resumed` and there are requests left."""
        self.going.pop(place, None)
        self._spent += reading.requests if reading else 0
        self.over = self.over or (bool(self.most) and self._spent >= self.most)
        if resumed and not self.over:
            self.resumed.add(place)
            self.full = True
        else:
            self.ended.add(place)
