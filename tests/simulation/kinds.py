"""The kinds of schedule: which source each plan of ours meets, and the walks that are known to lose rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stitchhouse.walk.probe import HONOURED, IGNORED, REFUSED
from tests.simulation.naive import Naive
from tests.simulation.source import Nature
from tests.simulation.unrest import Hazards

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

UNABLE = (IGNORED, REFUSED)
ANY = (HONOURED, IGNORED, REFUSED)
NATURAL = ("id", "-id", "stamp", "-stamp", "heap")

EVERYTHING = Hazards()
STAYING = Hazards(returns=False)
"""A row that comes back into the middle of a list pushes others to pages already read: only plans by key stand that."""
CALM = Hazards(late=False, faults=False, odd=False)
LATE = Hazards(faults=False, odd=False)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`nature` draws a source; `naive` is the walk where it is not ours. `torn`: rows and count are of two moments."""

    name: str
    nature: Callable[[Random], Nature]
    hazards: Hazards = EVERYTHING
    torn: bool = False
    naive: Naive | None = None

    promised: bool = False
    """Whether nothing may be lost here: the walk is ours, and the source is one that its plan was made for."""


def keyset_on_id(random: Random) -> Nature:
    return _without_a_stamp_filter(random, id_filter=True)


def last_page_first(random: Random) -> Nature:
    return _without_a_stamp_filter(random, id_filter=False)


def _without_a_stamp_filter(random: Random, *, id_filter: bool) -> Nature:
    """A list that knows no stamps, or none to go by, and is sorted by id as it is or when it is asked to be."""
    by_id = random.random() < 0.5
    return Nature(
        id_filter=HONOURED if id_filter else random.choice(UNABLE),
        id_order=REFUSED if by_id else HONOURED,
        stamp_filter=random.choice(UNABLE),
        stamp_order=random.choice(UNABLE),
        natural="id" if by_id else random.choice(NATURAL),
        by_id=by_id,
        sizes=not by_id,
        stamped=not by_id,
        page=random.randint(2, 6),
    )


def keyset_on_stamp(random: Random) -> Nature:
    return Nature(natural=random.choice(NATURAL), page=random.randint(2, 6))


def last_page_first_with_a_stop(random: Random) -> Nature:
    return Nature(
        id_filter=random.choice(ANY),
        stamp_filter=random.choice(UNABLE),
        natural=random.choice(NATURAL),
        page=random.randint(2, 6),
    )


def newest_first(random: Random) -> Nature:
    return _without_abilities(random, "-id")


def unsorted(random: Random) -> Nature:
    return _without_abilities(random, "heap")


def _without_abilities(random: Random, natural: str) -> Nature:
    stamped = random.random() < 0.5
    return Nature(
        id_filter=random.choice(UNABLE),
        id_order=random.choice(UNABLE),
        stamp_filter=random.choice(UNABLE),
        stamp_order=random.choice(UNABLE),
        natural=natural,
        stamped=stamped,
        page=random.randint(2, 6),
    )


def whole_list(random: Random) -> Nature:
    return Nature(natural=random.choice(NATURAL), paged=False, stamped=random.random() < 0.5)


def anything(random: Random) -> Nature:
    """Any abilities and any order, also such as no plan was made for."""
    return Nature(
        id_filter=random.choice(ANY),
        id_order=random.choice(ANY),
        stamp_filter=random.choice(ANY),
        stamp_order=random.choice(ANY),
        natural=random.choice(NATURAL),
        sizes=random.random() < 0.7,
        page=random.randint(2, 6),
    )


def able(random: Random) -> Nature:
    """Everything honoured: what a naive walk loses here, no source is to blame for."""
    return Nature(natural=random.choice(NATURAL), page=random.randint(2, 6))


def heap(random: Random) -> Nature:
    return Nature(id_order=IGNORED, stamp_order=IGNORED, natural="heap", page=random.randint(2, 6))


OURS = (
    Kind(name="keyset on id", nature=keyset_on_id, promised=True),
    Kind(name="keyset on updated_at", nature=keyset_on_stamp, promised=True),
    Kind(name="last page first", nature=last_page_first, hazards=STAYING, promised=True),
    Kind(name="last page first, with a stop", nature=last_page_first_with_a_stop, hazards=STAYING, promised=True),
    Kind(name="newest first", nature=newest_first, hazards=STAYING, promised=True),
    Kind(name="repeat until stable", nature=unsorted, hazards=STAYING, promised=True),
    Kind(name="whole list", nature=whole_list, promised=True),
    Kind(name="any source", nature=anything, hazards=STAYING, promised=True),
)
BEYOND = (
    Kind(name="last page first, rows come back", nature=last_page_first),
    Kind(name="with a stop, rows come back", nature=last_page_first_with_a_stop),
    Kind(name="any source, rows come back", nature=anything),
    *(Kind(name=f"{kind.name}, torn counts", nature=kind.nature, hazards=kind.hazards, torn=True) for kind in OURS),
)
NAIVE = (
    Kind(name="naive: updated asc, >= max", nature=able, hazards=CALM, naive=Naive()),
    Kind(name="naive: updated asc, > max", nature=able, hazards=CALM, naive=Naive(strict=True)),
    Kind(name="naive: id asc, >= max", nature=able, hazards=CALM, naive=Naive(order="id")),
    Kind(name="naive: id desc, >= max", nature=able, hazards=CALM, naive=Naive(order="id", descending=True)),
    Kind(name="naive: updated desc, stop at max", nature=able, hazards=CALM, naive=Naive(descending=True, stop=True)),
    Kind(name="naive: no order", nature=heap, hazards=CALM, naive=Naive(order=None)),
    Kind(
        name="naive: state per page, crashes", nature=able, hazards=CALM, naive=Naive(descending=True, each_page=True)
    ),
    Kind(name="naive: cursor = end of run", nature=able, hazards=LATE, naive=Naive(cursor="end")),
    Kind(
        name="naive: cursor = local clock 5 s fast", nature=able, hazards=CALM, naive=Naive(order="id", cursor="local")
    ),
    Kind(name="naive: a lookback alone", nature=able, hazards=LATE, naive=Naive(lookback=900)),
)
KINDS = {kind.name: kind for kind in (*OURS, *BEYOND, *NAIVE)}
