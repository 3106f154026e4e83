# ruff: noqa: T201 - a command, which prints
"""Syncs that are killed, at random moments and at named points, until one is left in peace: then nothing may differ.

`python -m tests.kills --kills 1000 --workers 2 --seed 7` prints what was killed where and what differed afterwards, and
ends with 1 if anything did. `--series N` repeats one series of a seed: the same changes, points and moments, the latter
as exactly as a clock allows.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.conftest import ALWAYS
from tests.crashing import LOADING, POINTS, command
from tests.intact import doubled, orphans, passed
from tests.kept import SMALL_PAGES, KeptShop, kept_shop

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

SERIES = 10
"""Kills before a run is left in peace."""
NAMED = 0.4
"""Share of the kills that are at a named point; the others are at any moment of a run."""
LOADED = 0.5
"""Share of the series that begin with a warehouse that is loaded; the others begin with none."""
RUNS = 12
"""Runs per kill before a series gives up."""
TIMEOUT = 120.0
"""Seconds after which a run that nobody kills is taken for one that hangs."""


@dataclass
class Outcome:
    """What one series, or all of them, came to."""

    kills: int = 0
    loading: int = 0
    without_state: int = 0
    runs: int = 0
    points: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        self.kills += other.kills
        self.loading += other.loading
        self.without_state += other.without_state
        self.runs += other.runs
        self.points += other.points
        self.found += other.found


def series(
    number: int, seed: int, kills: int = SERIES, *, points: Sequence[str] = (), datasets: Sequence[str] = ()
) -> Outcome:
    """Kill so many syncs of a shop that changes in between, then compare.

    With `points` at those, one after another; with `datasets` only those are read.
    """
    random = Random(f"{seed} {number}")
    api = ("stitchlabs", "stitchex")[number % 2]
    with tempfile.TemporaryDirectory() as folder, shop_of(Path(folder) / "project", api) as shop:
        killing = Killing(shop, random, datasets)
        if random.random() < LOADED:
            killing.peace()
        # A run often ends before its moment or point comes, but not always.
        while killing.outcome.kills < kills and killing.outcome.runs < RUNS * kills:
            killing.change()
            killing.once(points[killing.outcome.kills] if points else "")
        killing.outcome.found += [f"series {number}: {line}" for line in killing.peace()]
        if killing.outcome.kills < kills:
            killing.outcome.found.append(
                f"series {number}: only {killing.outcome.kills} of {killing.outcome.runs} runs died"
            )
        return killing.outcome


def shop_of(folder: Path, api: str) -> AbstractContextManager[KeptShop]:
    return kept_shop(folder, api, synced=False, orders=30, **SMALL_PAGES)


class Killing:
    """One shop, whose syncs are killed."""

    def __init__(self, shop: KeptShop, random: Random, datasets: Sequence[str] = ()) -> None:
        self.shop, self.random = shop, random
        self.outcome = Outcome()
        self._words = ["sync", shop.api, *(word for name in datasets for word in ("--dataset", name))]
        self._length = 3.0
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.crashing"])
        project = shop.project
        self._variables = shop.box.environment | {
            "XDG_STATE_HOME": str(project.folder / "user"),
            "DLT_PROJECT_DIR": str(project.folder),
            "DLT_DATA_DIR": str(project.state),
            "SOURCES__STITCHLABS__BACKOFF": "0.01",
            "SOURCES__STITCHEX__BACKOFF": "0.01",
            "SOURCES__STITCHEX__REREAD_DAYS": ALWAYS,
        }

    def change(self) -> None:
        """What a shop does between two runs, and once while the next one reads."""
        shop, control, random = self.shop, self.shop.control, self.random
        control.clock(advance=random.choice([1, 30, 4000]))
        shop.change(count=random.randint(0, 8) or 1)
        if random.random() < 0.5:
            control.add(shop.api, shop.resource, count=random.randint(1, 3))
        for _ in range(random.randint(0, 3)):
            control.lines(shop.api, None, add=random.randint(0, 2), remove=random.choice([[], "all"]))
        control.script({"before": random.randint(1, 30), "do": "change", "api": shop.api, "resource": shop.resource})

    def once(self, point: str = "") -> None:
        """One sync that is killed, if it lives until its moment or point."""
        random = self.random
        point = point or (random.choice(list(POINTS)) if random.random() < NAMED else "")
        call = random.randint(1, POINTS[point].most) if point else 1
        moment = random.uniform(0, self._length)
        code, step = self.run(None if point else moment, point, call)
        self.outcome.runs += 1
        if code == -signal.SIGKILL:
            self.outcome.kills += 1
            self.outcome.loading += step == LOADING
            self.outcome.points[point or "any moment"] += 1
            if random.random() < 0.5:
                self.outcome.without_state += 1
                shutil.rmtree(self.shop.project.state, ignore_errors=True)
        elif code not in {0, 10}:
            self.outcome.found.append(f"a sync that was not killed ended with {code}: {self.errors()}")

    def peace(self) -> list[str]:
        """What differs after one run that nobody kills."""
        shop = self.shop
        shop.control.script()
        found = passed(shop)
        shop.control.clock(advance=60)
        code, _ = self.run(None)
        self.outcome.runs += 1
        if code:
            return [*found, f"the quiet run ended with {code}: {self.errors()}"]
        return [*found, *shop.differences(), *doubled(shop), *orphans(shop)]

    def errors(self) -> str:
        file = self.shop.project.folder / "errors.txt"
        return (file.read_text() if file.exists() else "").strip()[-300:]

    def run(
        self, moment: float | None, point: str = "", call: int = 1, number: int = signal.SIGKILL, memory: int = 0
    ) -> tuple[int, int]:
        """(exit code, step that was reached) of one sync."""
        step = self._context.Value("i", 0)
        folder = self.shop.project.folder
        (folder / "errors.txt").unlink(missing_ok=True)
        told = (self._words, self._variables, folder, step, point, call, number, memory)
        process = self._context.Process(target=command, args=told)
        began = time.monotonic()
        process.start()
        process.join(TIMEOUT if moment is None else moment)
        if process.is_alive():
            os.kill(process.pid or 0, signal.SIGKILL)
            process.join()
        elif not process.exitcode:
            self._length = time.monotonic() - began
        code = process.exitcode
        return (1 if code is None else code), int(step.value)


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--series", type=int, help="only this series of the seed")
    asked = parser.parse_args(words)
    began, total = time.monotonic(), Outcome()
    numbers = range(-(-asked.kills // SERIES)) if asked.series is None else [asked.series]
    with ProcessPoolExecutor(asked.workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        for number, outcome in zip(numbers, pool.map(partial(series, seed=asked.seed), numbers), strict=True):
            total.add(outcome)
            for line in outcome.found:
                print(f"seed {asked.seed}, {line}", flush=True)
            print(f"series {number}: {total.kills} kills, {len(total.found)} differences", file=sys.stderr, flush=True)
    for point, count in sorted(total.points.items()):
        print(f"{count:6} {point}")
    print(
        f"{total.kills} kills in {total.runs} runs, {total.loading} of them in the load, {total.without_state} "
        f"followed by the loss of all local state; {len(total.found)} differences; "
        f"{time.monotonic() - began:.0f} seconds; seed {asked.seed}"
    )
    return 1 if total.found else 0


if __name__ == "__main__":
    raise SystemExit(main())
