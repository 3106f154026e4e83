# ruff: noqa: T201 - a command, which prints
"""Every request of a sync goes wrong once, in every way: the run ends as it should, and two more at most make it whole.

`python -m tests.nth_fault` goes through all requests, faults and both APIs, prints what was other than expected, and
ends with 1 if anything was. `--every 20 --seed 3` takes a twentieth of the cases, as the seed chooses.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from stitchhouse.errors import OK, UNCERTAIN
from tests.kept import KeptShop, entered, kept_shop

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FAULTS: dict[str | int, tuple[set[int], set[int]]] = {
    500: ({OK}, {65, 69}),
    503: ({OK}, {65, 69}),
    429: ({OK}, {65, 75}),
    "drop": ({OK}, {65, 69}),
    "html": ({OK}, {65, 69}),
    "truncated": ({OK}, {65}),
    "empty": ({OK}, {65}),
    "error": ({OK, 65, 77}, {65, 77}),
    "redirect": ({65}, {65}),
    "expire": ({OK, 77}, {OK, 77}),
    403: ({OK, 77}, {OK, 77}),
    "organisation": ({OK, UNCERTAIN, 65}, {OK, UNCERTAIN, 65}),
    "duplicate": ({OK, UNCERTAIN, 65}, {OK, UNCERTAIN, 65}),
    "disorder": ({OK, UNCERTAIN, 65}, {OK, UNCERTAIN, 65}),
}
"""Kind of fault -> how a run may end that meets it once, and one that meets it at every try of a request.

A question that finds out what the source can do takes a 403, or an error in words, for its answer. A token of Stitchex
that expires is renewed; of Stitch Labs there is no other.
"""
TRIES = 5
STATES = ("first", "later")
"""Whether the fault meets the first sync of a shop, or one that follows changes."""
DATASETS = {"stitchlabs": ("sales_orders", "contacts"), "stitchex": ("sales_orders", "seasons", "customers")}
RUNS = 2
"""How many more runs may be needed."""


@dataclass(frozen=True)
class Case:
    api: str
    state: str
    request: int
    kind: str | int
    times: int

    def __str__(self) -> str:
        lasting = f" {self.times} times" if self.times > 1 else ""
        return f"{self.api}, {self.state} sync, request {self.request}, {self.kind}{lasting}"


@dataclass
class Found:
    """What some cases came to."""

    cases: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Faulty:
    """A small shop that was synced once and then changed; each case begins with a copy of its warehouse, or without."""

    def __init__(self, shop: KeptShop, state: str) -> None:
        self.shop, self.state = shop, state
        self._kept = shop.project.folder / "kept.duckdb"
        if state == "later":
            shop.load(datasets=DATASETS[shop.api])
            shutil.copy(shop.file, self._kept)
            shop.control.clock(advance=3600)
            shop.change(count=3)
            shop.control.add(shop.api, shop.resource, count=2)
            shop.lines(shop.open_orders()[0], add=1)
        shop.control.clock(advance=3600)

    def requests(self) -> int:
        """How many requests a sync without a fault sends."""
        self._begin()
        self.shop.control.clear_requests()
        self.shop.load(later=0, datasets=DATASETS[self.shop.api])
        return len(self.shop.control.requests())

    def run(self, case: Case, found: Found) -> None:
        """One sync with the fault, then others without, as many as may be needed."""
        self._begin()
        shop, datasets = self.shop, DATASETS[self.shop.api]
        shop.control.fault(case.kind, before=case.request, times=case.times, on="all")
        outcome = shop.sync(shop.api, datasets)
        shop.control.clear_faults()
        found.cases += 1
        found.codes[outcome.exit_code] += 1
        wrong = []
        if outcome.exit_code not in FAULTS[case.kind][case.times > 1]:
            wrong.append(f"ended with {outcome.exit_code}: {outcome.errors}")
        if bool(outcome.errors) != (outcome.exit_code not in {OK, UNCERTAIN}):
            wrong.append(f"ended with {outcome.exit_code} and says {outcome.errors}")
        wrong += [f"more than one line: {line!r}" for line in outcome.errors if "\n" in line or len(line) > 500]
        wrong += [
            f"moved the cursor of {one.dataset} without a certificate"
            for one in outcome.certificates
            if not one.certified and one.cursor_after != one.cursor_before
        ]
        differences: list[str] = []
        for _ in range(RUNS):
            shop.control.clock(advance=60)
            after = shop.sync(shop.api, datasets)
            differences = [f"ended with {after.exit_code}: {after.errors}"] if after.exit_code else shop.differences()
            if not differences:
                break
        wrong += [f"after {RUNS} more runs: {line}" for line in differences[:5]]
        found.wrong += [f"{case}: {line}" for line in wrong]

    def _begin(self) -> None:
        shutil.rmtree(self.shop.project.state, ignore_errors=True)
        shutil.rmtree(self.shop.project.folder / "user", ignore_errors=True)
        for file in self.shop.file.parent.glob("*.duckdb*"):
            file.unlink()
        if self.state == "later":
            shutil.copy(self._kept, self.shop.file)
        self.shop.project.enter()


@contextmanager
def faulty(folder: Path, api: str, state: str) -> Iterator[Faulty]:
    options = {"orders": 12, "organisations": 2 if api == "stitchex" else 1, "page_size_cap": 5, "page_size": 5}
    with kept_shop(folder, api, synced=False, **options) as shop, pytest.MonkeyPatch.context() as patch:
        entered(shop, patch)
        yield Faulty(shop, state)


def chosen(api: str, state: str, requests: int, every: int = 1, seed: int = 1) -> list[Case]:
    """All cases of one API and state, or one of so many."""
    cases = [
        Case(api, state, request, kind, times)
        for request in range(1, requests + 1)
        for kind in FAULTS
        if kind != "organisation" or api == "stitchex"
        for times in ((1,) if kind in {"duplicate", "disorder", "organisation"} else (1, TRIES))
    ]
    return Random(f"{seed} {api} {state}").sample(cases, -(-len(cases) // every))


def all_of(part: tuple[str, str, int], every: int, seed: int, parts: int) -> Found:
    """The cases of one API and state that fall to one of `parts` workers."""
    api, state, own = part
    found = Found()
    with tempfile.TemporaryDirectory() as folder, faulty(Path(folder) / "project", api, state) as shop:
        for case in chosen(api, state, shop.requests(), every, seed)[own::parts]:
            shop.run(case, found)
    return found


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.nth_fault", description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args(words)
    began, total = time.monotonic(), Found()
    parts = [(api, state, own) for own in range(asked.workers) for api in DATASETS for state in STATES]
    work = partial(all_of, every=asked.every, seed=asked.seed, parts=asked.workers)
    with ProcessPoolExecutor(asked.workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        for part, found in zip(parts, pool.map(work, parts), strict=True):
            total.cases += found.cases
            total.codes += found.codes
            total.wrong += found.wrong
            for line in found.wrong:
                print(line, flush=True)
            print(f"{part[0]}, {part[1]} sync: {found.cases} cases", file=sys.stderr, flush=True)
    ends = ", ".join(f"{count} with {code}" for code, count in sorted(total.codes.items()))
    took = time.monotonic() - began
    print(f"{total.cases} faults ({ends}); {len(total.wrong)} not as expected; {took:.0f} seconds; seed {asked.seed}")
    return 1 if total.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
