"""What many schedules of one kind came to."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from time import process_time
from typing import TYPE_CHECKING

from tests.simulation import schedule
from tests.simulation.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN = 5
"""Seeds that are named where something went wrong."""


@dataclass
class Score:
    """Of one kind; `wrong` are seeds.

    `false` counts certified walks that missed a row, `lost` schedules that ended with a row missing or old for ever,
    `doubled` rows that came twice in one load, `cursor` schedules whose cursor went too far, `deletes` schedules with a
    wrong delete or one not found, `unsure` schedules whose last, quiet walk was not certified.
    """

    plan: str
    schedules: int = 0
    walks: int = 0
    certified: int = 0
    false: int = 0
    lost: int = 0
    doubled: int = 0
    cursor: int = 0
    deletes: int = 0
    unsure: int = 0
    syncs: int = 0
    requests: int = 0
    seconds: float = 0.0
    wrong: list[int] = field(default_factory=list)

    def add(self, other: Score) -> None:
        for one in fields(self):
            if one.name != "plan":
                setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


def score(plan: str, seeds: Iterable[int]) -> Score:
    """Play these seeds."""
    begun, made = process_time(), Score(plan)
    for seed in seeds:
        played = schedule.play(KINDS[plan], seed)
        made.schedules += 1
        made.walks += played.walks
        made.certified += played.certified
        made.false += played.false
        made.lost += bool(played.lost)
        made.doubled += played.doubled
        made.cursor += bool(played.moved)
        made.deletes += bool(played.buried or played.unburied)
        made.unsure += played.unsure
        made.syncs += played.syncs
        made.requests += played.requests
        if played.wrong:
            made.wrong.append(seed)
    made.seconds = process_time() - begun
    return made
