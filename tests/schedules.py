"""What happens to a shop while it is synced: drawn from a seed, so that the same number is the same story again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from tests.contents import DATASETS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.kept import KeptShop

Step = dict[str, Any]

FORMS: dict[str, dict[str, Sequence[str]]] = {
    "stitchlabs": {
        "detail": ("all", "all", "first"),
        "unknown_detail": ("empty", "404", "deleted"),
        "time_form": ("offset", "compact", "z", "millis", "naive"),
        "numbers": ("text", "json", "bool"),
        "links_empty": ("list", "object", "null", "missing"),
        "meta": ("text", "json"),
        "rows": ("array", "map"),
        "blocks": ("map", "array"),
        "status_206": ("on", "off"),
    },
    "stitchex": {
        "era": ("2026", "2019"),
        "org_scope": ("token", "user"),
        "refresh": ("era", "on", "off"),
        "listing_meta": ("off", "on"),
    },
}
ABILITIES: dict[str, dict[str, Sequence[str]]] = {
    "stitchlabs": {
        "updated_at": ("honoured", "honoured", "honoured", "ignored", "refused"),
        "id_filter": ("honoured", "honoured", "honoured", "ignored", "refused"),
        "sort": ("honoured", "honoured", "honoured", "honoured", "ignored"),
    },
    "stitchex": {"since_id": ("honoured", "honoured", "honoured", "ignored", "refused")},
}
FAULTS: tuple[tuple[int | str, int], ...] = (
    *((500, 1), (502, 2), (503, 1), (504, 3), (429, 2), (500, 6), (400, 1), (401, 1), (403, 1), (404, 1)),
    *(("drop", 1), ("drop", 6), ("html", 1), ("truncated", 2), ("truncated", 6), ("empty", 1), ("error", 1)),
    *(("redirect", 1), ("expire", 1), ("expire", 2), ("organisation", 1), ("organisation", 3)),
    *(("duplicate", 1), ("duplicate", 3), ("disorder", 1), ("disorder", 3)),
)
"""(kind, how many requests in a row it spoils): some are survived, some end a walk."""
LEFT_ALONE = {"organisations"}
"""A dataset that comes with the login, and of which the sandbox changes nothing."""
NEVER_ADDED = {"channels"}
"""The sandbox's copy of a channel keeps the id that lists show, and a source with two of one id has no right answer."""
MODES = (*["quick"] * 6, "full", "full", "lookback", "few requests", "few requests", "ids", "since")


@dataclass(frozen=True, kw_only=True)
class Sync:
    """One sync under change. `later` are the seconds since the one before; `reach` is how soon most things happen."""

    mode: str
    datasets: tuple[str, ...]
    later: int
    reach: int
    loses_state: bool
    switches: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[Step] = ()


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A shop by its `options`, and its syncs. All that is left to chance later comes from `random`."""

    seed: int
    api: str
    datasets: tuple[str, ...]
    options: Mapping[str, Any]
    syncs: tuple[Sync, ...]
    boxes: bool

    def random(self, place: object) -> Random:
        return Random(f"{self.seed} {place}")


def drawn(seed: int) -> Schedule:
    """The schedule of a seed."""
    random = Random(seed)
    api = random.choice(["stitchlabs", "stitchex"])
    every = [dataset.name for dataset in DATASETS[api] if dataset.name not in LEFT_ALONE]
    names = {random.choice(every) for _ in range(random.randint(1, 3))}
    if random.random() < 0.15:
        names.add("sales_orders")
    datasets = tuple(name for name in every if name in names)
    size = random.choice([1, 2, 2, 3, 5, 7])
    options = {
        "orders": random.randint(6, 24),
        "seed": random.randint(1, 10**6),
        "organisations": random.choice([1, 1, 2]) if api == "stitchex" else 1,
        **({"page_size": size} if api == "stitchex" else {"page_size_cap": size}),
        **{name: random.choice(values) for name, values in (FORMS[api] | ABILITIES[api]).items()},
    }
    syncs = tuple(_sync(random, api, datasets) for _ in range(random.choice([1, 1, 2, 2, 3])))
    return Schedule(seed=seed, api=api, datasets=datasets, options=options, syncs=syncs, boxes=random.random() < 0.3)


def _sync(random: Random, api: str, datasets: Sequence[str]) -> Sync:
    faults = []
    for _ in range(random.choice([0, 0, 1, 1, 2, 3])):
        status, times = random.choice(FAULTS)
        on = "login" if random.random() < 0.1 and api == "stitchex" else "data"
        faults.append({"status": status, "times": times, "before": random.randint(1, 20), "on": on, "api": api})
    chosen = [name for name in datasets if random.random() < 0.8] or list(datasets)
    moved = {name: random.choice(values) for name, values in ABILITIES[api].items() if random.random() < 0.1}
    return Sync(
        mode=random.choice(MODES),
        datasets=tuple(chosen),
        later=random.choice([0, 1, 30, 1200, 7200, 90_000]),
        reach=random.choice([6, 15, 40]),
        loses_state=random.random() < 0.2,
        switches=moved,
        faults=faults,
    )


def unrest(schedule: Schedule, number: int, shop: KeptShop, listed: Mapping[str, Sequence[int]]) -> list[Step]:
    """What users do while a sync runs. `listed` are the ids of each dataset; no row is deleted and edited by its id."""
    random = schedule.random(f"unrest {number}")
    reach = schedule.syncs[number].reach
    now = datetime.fromisoformat(shop.control.clock()["now"])
    steps: list[Step] = []
    for dataset in DATASETS[schedule.api]:
        if dataset.name not in schedule.datasets:
            continue
        place = {"api": schedule.api, "resource": dataset.path}
        ids = list(listed[dataset.name])
        random.shuffle(ids)
        for _ in range(random.randint(0, 4)):
            stamp = random.choice([*[True] * 8, _at(now, -60), _at(now, 6 * 3600), _at(now, 9 * 86_400)])
            steps.append({"do": "change", "count": random.randint(1, 3), "stamp": stamp, **place})
        if random.random() < 0.5 and dataset.name not in NEVER_ADDED:
            steps.append({"do": "add", "count": random.randint(1, 2), **place})
        if random.random() < 0.5:
            steps += [{"do": "delete", "ids": [key], **place} for key in ids[: random.randint(1, 3)]]
        if random.random() < 0.3:
            steps += [{"do": "archive", "ids": [key], **place} for key in ids[3:4]]
        if dataset.name == "sales_orders":
            kept = [key for key in shop.open_orders() if key in ids[4:]]
            steps += _lines(random, schedule.api, shop, kept)
    steps += [{"do": "clock", "advance": random.choice([0.4, 1, 2, 61, 1200])} for _ in range(random.randint(0, 6))]
    random.shuffle(steps)
    return [{"before": random.randint(1, reach), **step} for step in steps]


def _at(now: datetime, seconds: int) -> str:
    """A stamp beside the clock: a row that becomes visible late, or one that is dated ahead."""
    return (now + timedelta(seconds=seconds)).isoformat()


def _lines(random: Random, api: str, shop: KeptShop, orders: Sequence[int]) -> list[Step]:
    """Orders that lose all lines, get more, or give one to another order: each order in one of these only."""
    steps: list[Step] = []
    left = list(orders)
    while len(left) > 1 and random.random() < 0.7:
        what, order = random.choice(["empty", "more", "move"]), left.pop()
        if what == "empty":
            steps.append({"do": "lines", "api": api, "order": order, "remove": "all"})
        elif what == "more":
            steps.append({"do": "lines", "api": api, "order": order, "add": random.randint(1, 2)})
        else:
            moved = {"lines": [random.choice(shop.line_ids(order))], "to": left.pop()}
            steps.append({"do": "lines", "api": api, "order": order, "move": moved})
    return steps
