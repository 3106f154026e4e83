"""Plays schedules and prints what they came to; exits 1 where a walk of ours lost, doubled or promised too much."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

from tests.simulation.kinds import BEYOND, KINDS, NAIVE, OURS
from tests.simulation.schedule import play
from tests.simulation.score import SHOWN, Score, score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.simulation.kinds import Kind

CHUNK = 250
COLUMNS = "schedules walks certified false lost doubled cursor deletes unsure".split()
GROUPS = (
    ("what the plans rest on holds: nothing may be lost", OURS),
    ("what the plans rest on does not hold: for comparison", BEYOND),
    ("naive walks: what the same schedules find", NAIVE),
)


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1_000, help="schedules per plan")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--plan", choices=sorted(KINDS), help="this one alone")
    parser.add_argument("--seed", type=int, help="replay one schedule of a plan, request by request")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args(words)
    if asked.seed is not None:
        if asked.plan is None:
            parser.error("a seed is replayed with --plan")
        played = play(KINDS[asked.plan], asked.seed)
        sys.stdout.write(played.log)
        return int(KINDS[asked.plan].promised and played.wrong)
    return _table(range(asked.first, asked.first + asked.seeds), asked.plan, asked.workers)


def _table(seeds: range, plan: str | None, workers: int) -> int:
    wrong: list[Score] = []
    _line("plan", *COLUMNS, "requests/sync", "seconds")
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        for title, kinds in GROUPS:
            chosen = [kind for kind in kinds if plan in {None, kind.name}]
            if chosen:
                _say(f"\n{title}")
            for kind in chosen:
                made = Score(kind.name)
                for part in pool.map(score, *_parts(kind, seeds)):
                    made.add(part)
                figures = [f"{getattr(made, name):,}" for name in COLUMNS]
                _line(kind.name, *figures, f"{made.requests / max(1, made.syncs):.1f}", f"{made.seconds:.1f}")
                if kind.promised and made.wrong:
                    wrong.append(made)
    for made in wrong:
        _say(f"\n{made.plan}: {len(made.wrong)} of {made.schedules} schedules went wrong; replay the first ones:")
        for seed in made.wrong[:SHOWN]:
            _say(f"  python -m tests.simulation --plan '{made.plan}' --seed {seed}")
    return int(bool(wrong))


def _parts(kind: Kind, seeds: range) -> tuple[list[str], list[range]]:
    parts = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    return [kind.name] * len(parts), parts


def _line(plan: str, *figures: str) -> None:
    _say(f"{plan:<44}" + "".join(f"{figure:>14}" if "/" in figure else f"{figure:>11}" for figure in figures))


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - this is a command


if __name__ == "__main__":
    sys.exit(main())
