"""Seeded schedules of change and faults through the real pipeline, over HTTP into DuckDB.

`python -m tests.torture --schedules 300`; a failure prints the seed and the command that replays it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.load import sync
from pipelines.warehouse import Target
from sandbox.stitchex.datasets import DATASETS as SERVED
from stitchhouse.errors import DestinationError, LocalError
from stitchhouse.walk import Window
from tests.claims import Claims, datasets_of
from tests.kept import KeptShop, entered, kept_shop
from tests.schedules import Schedule, drawn, unrest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipelines.load import Outcome

START = "2026-11-10T09:00:00+00:00"
TALLIED = ("walks", "certified", "requests", "changes", "faults", "lost states")


@dataclass
class Story:
    """What became of one schedule. `problems` is empty where every claim held and the warehouse equals the source."""

    seed: int
    api: str
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    plans: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def told(seed: int, folder: Path) -> Story:
    """Run the schedule of a seed in an empty folder."""
    schedule = drawn(seed)
    story = Story(seed, schedule.api)
    began = time.monotonic()
    made = kept_shop(folder / "project", schedule.api, synced=False, **schedule.options)
    with made as shop, pytest.MonkeyPatch.context() as patch:
        entered(shop, patch)
        for source in ("STITCHLABS", "STITCHEX"):
            patch.setenv(f"SOURCES__{source}__BACKOFF", "0.0005")
        patch.setenv("SOURCES__STITCHEX__BOX_ITEMS", str(schedule.boxes).lower())
        shop.control.clock(now=START, freeze=True)
        _play(schedule, shop, story)
    story.seconds = time.monotonic() - began
    return story


def _play(schedule: Schedule, shop: KeptShop, story: Story) -> None:
    accounts = ["main"] if schedule.api == "stitchlabs" else _organisations(shop, schedule)
    claims = Claims(shop, datasets_of(schedule.api, schedule.datasets), accounts, schedule.boxes, story.problems)
    moment = claims.now()
    for number, one in enumerate(schedule.syncs):
        shop.control.clock(advance=one.later)
        if one.loses_state:
            shutil.rmtree(shop.project.state, ignore_errors=True)
            shop.project.enter()
            story.counts["lost states"] += 1
        shop.control.switch(**one.switches)
        listed = _listed(schedule, shop)
        steps = unrest(schedule, number, shop, listed)
        mode = _mode(schedule, number, listed, shop.control.clock()["now"])
        shop.control.script(*steps)
        for fault in one.faults:
            shop.control.fault(**fault)
        outcome = _synced(shop, one.datasets, mode)
        shop.control.script()
        shop.control.clear_faults()
        before, moment = moment, claims.now()
        claims.check(outcome.certificates, before, moment)
        _tally(story, outcome, changes=len(steps), faults=len(one.faults))
    shop.control.clock(advance=7200)
    outcome = _synced(shop, schedule.datasets, {"window": Window(full=True)})
    _tally(story, outcome)
    before, moment = moment, claims.now()
    claims.check(outcome.certificates, before, moment)
    claims.at_the_end(moment)
    claims.deleted(outcome.certificates, _answered_by_id(schedule))
    story.problems += [f"at the end: {line}" for line in outcome.errors]


def _mode(schedule: Schedule, number: int, listed: Mapping[str, Sequence[int]], now: str) -> dict[str, Any]:
    """What the sync is asked for, in the words of `pipelines.load.sync`."""
    random, sync = schedule.random(f"mode {number}"), schedule.syncs[number]
    if sync.mode == "ids":
        ids = [key for name in sync.datasets for key in listed[name]]
        return {"window": Window(ids=tuple(random.sample(ids, min(len(ids), 4))))}
    if sync.mode == "since":
        since = datetime.fromisoformat(now) - timedelta(days=random.choice([1, 400]))
        return {"window": Window(since=since, until=since + timedelta(days=random.choice([2, 200])))}
    window = Window(full=sync.mode == "full" or (sync.mode == "few requests" and random.random() < 0.3))
    if sync.mode == "lookback":
        window = Window(lookback=timedelta(days=3))
    return {"window": window, "max_requests": random.randint(4, 40) if sync.mode == "few requests" else 0}


def _synced(shop: KeptShop, datasets: Sequence[str], mode: Mapping[str, Any]) -> Outcome:
    outcome = sync(shop.project, shop.api, Target(shop.project), datasets=datasets, **mode)
    if isinstance(outcome.error, DestinationError | LocalError):
        raise outcome.error
    return outcome


def _answered_by_id(schedule: Schedule) -> set[str]:
    """Datasets of which the source says by id that a row is gone."""
    if schedule.api == "stitchlabs":
        return set() if schedule.options["unknown_detail"] == "deleted" else set(schedule.datasets)
    return {name for name in schedule.datasets if SERVED[name].one}


def _organisations(shop: KeptShop, schedule: Schedule) -> list[str]:
    return [str(key) for key in shop.control.ids(shop.api, "organisations")][: schedule.options["organisations"]]


def _listed(schedule: Schedule, shop: KeptShop) -> dict[str, list[int]]:
    chosen = datasets_of(schedule.api, schedule.datasets)
    return {dataset.name: shop.control.ids(shop.api, dataset.path) for dataset in chosen}


def _tally(story: Story, outcome: Outcome, **more: int) -> None:
    walks = outcome.certificates
    story.plans.update(one.plan or "none" for one in walks)
    story.counts.update(more)
    story.counts["walks"] += len(walks)
    story.counts["certified"] += sum(one.certified for one in walks)
    story.counts["requests"] += sum(one.requests for one in walks)


def _in_a_folder(seed: int) -> Story:
    """A schedule whose own crash is one more thing that it can find."""
    with tempfile.TemporaryDirectory(dir=_fast()) as folder:
        try:
            return told(seed, Path(folder))
        except Exception:  # noqa: BLE001 - a traceback is what must never come
            return Story(seed, drawn(seed).api, problems=[traceback.format_exc(limit=-4)])


def _fast() -> Path | None:
    """A folder in memory, where there is one: thousands of small commits wait for no disk."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    return memory if memory.is_dir() else None


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - this is a command


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--schedules", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1, help="of the first schedule")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args(arguments)
    stories: list[Story] = []
    began = time.monotonic()
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(given.workers, mp_context=spawn) as pool:
        waiting = [pool.submit(partial(_in_a_folder, given.seed + place)) for place in range(given.schedules)]
        for done in as_completed(waiting):
            story = done.result()
            stories.append(story)
            if story.problems:
                _complain(story)
    _report(stories, time.monotonic() - began)
    return int(any(story.problems for story in stories))


def _complain(story: Story) -> None:
    _say(f"seed {story.seed} ({story.api}): {len(story.problems)} problems")
    for line in story.problems[:8]:
        _say(f"  {line}")
    _say(f"  again: python -m tests.torture --schedules 1 --seed {story.seed}")


def _report(stories: Sequence[Story], seconds: float) -> None:
    _say(f"{'':12}{'schedules':>12}" + "".join(f"{name:>13}" for name in TALLIED) + f"{'failed':>10}{'s each':>8}")
    for api in ("stitchlabs", "stitchex"):
        own = [story for story in stories if story.api == api]
        counts: Counter[Any] = sum((story.counts for story in own), Counter())
        failed = sum(bool(story.problems) for story in own)
        each = sum(story.seconds for story in own) / max(1, len(own))
        numbers = "".join(f"{counts[name]:>13,}" for name in TALLIED)
        _say(f"{api:12}{len(own):>12,}{numbers}{failed:>10,}{each:>8.1f}")
    plans: Counter[str] = sum((story.plans for story in stories), Counter())
    _say("plans: " + ", ".join(f"{name} {number:,}" for name, number in plans.most_common()))
    _say(f"{len(stories):,} schedules in {seconds:,.0f} s, {sum(bool(one.problems) for one in stories)} failed")


if __name__ == "__main__":
    sys.exit(main())
