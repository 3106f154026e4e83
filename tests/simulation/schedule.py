"""One schedule: syncs while everything happens, then a quiet source; and what was wrong afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING

from tests.simulation import naive, sync
from tests.simulation.source import Source, seconds
from tests.simulation.unrest import DAY, Unrest

if TYPE_CHECKING:
    from tests.simulation.kinds import Kind
    from tests.simulation.sync import Synced

QUIET = 2
"""Syncs after the last change; the destination must be equal then."""


@dataclass
class Played:
    """What became of a schedule. `log` is its event log, request by request.

    `lost` are rows missing or old for ever; `missed` were there all the while and not read by a walk that was
    certified, and `false` counts such walks. `moved` tells of cursors that went where no proof allows, `buried` of
    living rows taken for deleted, `unburied` of deleted ones that a certified read of everything did not find, and
    `unsure` is set where not even the last quiet walk was certified.
    """

    syncs: int = 0
    walks: int = 0
    certified: int = 0
    requests: int = 0
    doubled: int = 0
    false: int = 0
    lost: list[int] = field(default_factory=list)
    unsure: int = 0
    missed: list[int] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    buried: list[int] = field(default_factory=list)
    unburied: list[int] = field(default_factory=list)
    told: list[tuple[object, ...]] = field(default_factory=list)

    @property
    def wrong(self) -> bool:
        return bool(
            self.lost or self.false or self.moved or self.doubled or self.buried or self.unburied or self.unsure
        )

    @property
    def log(self) -> str:
        return "".join(" ".join(map(str, words)) + "\n" for words in self.told)


def play(kind: Kind, seed: int, random: Random | None = None) -> Played:
    """The schedule of a seed, or of a random stream."""
    random = random or Random(f"{kind.name} {seed}")
    source = Source(replace(kind.nature(random), torn=kind.torn))
    unrest = Unrest(random, source, kind.hazards)
    destination, played = sync.Destination(), Played(told=source.told)
    source.tell(source.nature)
    unrest.begin()
    for number in range(busy := random.randint(1, 3)):
        _once(kind, source, unrest, destination, played, full=random.random() < 0.15)
        if number < busy - 1 or random.random() < 0.5:
            unrest.pass_by(random.randint(0, 4), random.choice((2, 60, 1_800, DAY)))
    unrest.still, quiet = True, sync.Synced()
    source.tell("quiet from here on")
    for _ in range(QUIET):
        source.clock += unrest.delay + random.choice((1, 3_600))
        source.settle()
        quiet = _once(kind, source, unrest, destination, played)
    played.unsure = int(not quiet.certified)
    played.lost = sorted(
        row.id for row in source.rows.values() if row.listed and destination.rows.get(row.id) != row.version
    )
    if kind.naive is None:
        _end(kind, source, unrest, destination, played)
    for word, wrong in (
        ("lost or old for ever:", played.lost),
        ("missed:", played.missed),
        ("cursor:", played.moved),
        ("taken for deleted:", played.buried),
        ("deleted, not found:", played.unburied),
    ):
        if wrong:
            source.tell(word, *wrong)
    return played


def _once(
    kind: Kind, source: Source, unrest: Unrest, destination: sync.Destination, played: Played, *, full: bool = False
) -> sync.Synced:
    """One sync, and what can be said against it."""
    begun = source.changes
    source.tell("sync at", source.clock)
    if kind.naive is None:
        synced = sync.sync(source, unrest, destination, full=full)
    else:
        synced = naive.sync(source, unrest, destination, kind.naive)
    played.syncs += 1
    played.requests += synced.requests
    for load in synced.loads:
        played.doubled += sum(map(len, load)) - len({key for batch in load for key in batch})
    played.walks += synced.ended
    played.certified += synced.certified
    if synced.certified:
        missed = _missed(source, unrest.delay, begun, synced)
        played.missed += missed
        played.false += bool(missed)
    if kind.naive is None:
        played.moved += _moved(source, synced)
        played.buried += [key for key in synced.gone if key in source.rows]
    return synced


def _end(kind: Kind, source: Source, unrest: Unrest, destination: sync.Destination, played: Played) -> None:
    """A last read of everything finds what is gone, and nothing else."""
    synced = _once(kind, source, unrest, destination, played, full=True)
    played.buried += [key for key in destination.gone if key in source.rows and source.rows[key].listed]
    if synced.certified and not synced.refused and any(source.listed()):
        played.unburied += [key for key in destination.rows if key not in source.rows and key not in destination.gone]


def _missed(source: Source, delay: int, begun: int, synced: Synced) -> list[int]:
    """Rows that stood there untouched all the while, settled when the walk began, and were not read.

    A row is settled if whatever was written before it can be seen.
    """
    began = source.clock if synced.began is None else synced.began
    floor = None if synced.floor is None else seconds(synced.floor)
    return [
        row.id
        for row in source.rows.values()
        if row.listed
        and row.touched <= begun
        and row.stamp <= began
        and (row.written < began - delay or not (delay or synced.resumed))
        and (floor is None or row.stamp >= floor)
        and row.id not in synced.given
    ]


def _moved(source: Source, synced: Synced) -> list[str]:
    """What is wrong with the cursor after a sync."""
    if synced.after == synced.before:
        return []
    if not synced.certified or synced.after is None:
        return [f"moved from {synced.before} to {synced.after} by a walk that is not certified"]
    after = seconds(synced.after)
    newest = max((source.stamps[version - 1] for version in synced.given.values()), default=-1)
    limit = min(newest, source.clock if synced.began is None else synced.began)
    if after > limit:
        return [f"at {after}, beyond {limit}"]
    if synced.before is not None and synced.after < synced.before:
        return [f"went back from {synced.before} to {synced.after}"]
    return []
