"""Any JSON in any place: the engine loads it or says what is wrong, and nothing that was sent gets lost on the way.

A failing test prints the seed that replays it. `FUZZ_SEEDS=20000 pytest tests/test_fuzz.py` tries other seeds than the
few that are always tried.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from functools import partial
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any

import pendulum
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sources.stitchex.client import to_page
from sources.stitchex.datasets import DATASETS as EX
from sources.stitchlabs.client import Client, ListReader
from sources.stitchlabs.datasets import DATASETS as LABS
from stitchhouse.answer import Answer
from stitchhouse.columns import as_text
from stitchhouse.errors import StitchhouseError
from stitchhouse.tables import Side, build
from stitchhouse.walk import Ask, Page
from stitchhouse.walk.page import row_id
from tests.wire import Said, client, wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stitchhouse.batch import Batch
    from stitchhouse.dataset import Dataset, Table

SEEDS = os.environ.get("FUZZ_SEEDS")
SEEDED = settings(
    max_examples=int(SEEDS or 25),
    derandomize=SEEDS is None,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
LEAVES = (
    *(None, True, False, 0, -1, 5, 2**63, -(2**70), 10**400),
    *("", " ", "5", "05", "\0", "1e3", "NaN", "1.23456", "=1+1", "0000-00-00", "2024-05-01T10:00:00-0800", "'; drop x"),
)
NAMES = ("id", "type", "links", "fooBar", "foo_bar", "FooBar", "", "🎁", "_dlt_id", "account", "_row_hash", "position")
IDS = (1, 2, 3, 4, "1", "2", "3", "004", 2**63, None, -1)
EVERY = {f"stitchex.{one.name}": one for one in EX} | {f"stitchlabs.{one.name}": one for one in LABS}


def value(random: Random, depth: int = 3) -> Any:
    """Any JSON."""
    kind = random.random() if depth else 0.0
    if kind < 0.8:
        return random.choice(LEAVES)
    inner = [value(random, depth - 1) for _ in range(random.randrange(3))]
    return inner if kind < 0.9 else {random.choice(NAMES): one for one in inner}


def made(random: Random, dataset: Dataset, table: Table, depth: int = 4) -> dict[str, Any]:
    """An object of a table as it is declared, but with anything in any place, and with fields that nobody declared."""
    names = [*table.words, *table.respelled.values()]
    row = {name.partition(".")[0]: value(random) for name in names if random.random() < 0.5}
    row |= {random.choice(NAMES): value(random) for _ in range(random.randrange(3))}
    row["id"] = random.choice(IDS) if random.random() < 0.9 else value(random)
    links = {link.name: linked(random, dataset, link.table, depth) for link in table.links if random.random() < 0.7}
    if not dataset.links_in:
        return row | links
    links |= {"LoyaltyCards": [{"id": "3"}]} if random.random() < 0.2 else {}
    return row | {dataset.links_in: links if random.random() < 0.9 else value(random)}


def linked(random: Random, dataset: Dataset, table: str, depth: int) -> Any:
    """What stands under the name of a link."""
    if random.random() < 0.2:
        return value(random)
    nested = dataset.by_name.get(table) if not dataset.links_in else None
    entries: list[Any] = [{"id": random.choice(IDS), "type": random.choice(("a", "b", None))}, random.choice(IDS)]
    if nested is not None and depth:
        entries = [made(random, dataset, nested, depth - 1) for _ in range(2)]
    return [random.choice(entries) for _ in range(random.randrange(4))] if random.random() < 0.9 else entries[0]


def page_of(random: Random, dataset: Dataset) -> Page:
    """A page as a client hands it over: a row that is no object is told as the value of one."""
    rows = [made(random, dataset, dataset.table) for _ in range(random.randrange(5))]
    rows += [{"value": value(random)}] if random.random() < 0.2 else []
    if not dataset.links_in:
        return Page(rows=rows)
    beside = {table.block: table for table in dataset.tables if table.block}
    objects = {name: [made(random, dataset, table) for _ in range(3)] for name, table in beside.items()}
    objects["LoyaltyCards"] = [{"id": "3", "points": value(random)}]
    return Page(rows=rows, blocks={name: {str(one["id"]): one for one in held} for name, held in objects.items()})


@pytest.mark.parametrize("name", EVERY)
@SEEDED
@given(seed=st.integers(0, 2**32))
def test_no_row_is_lost(name: str, seed: int) -> None:
    """Of any rows, each id is loaded once, and a row without one is rejected with all that it held."""
    page = page_of(Random(seed), EVERY[name])
    batch = build(EVERY[name], "main", [page], side=Side())
    keys = [row_id(row) for row in page.rows]
    good = {key for key in keys if key is not None and key > 0}
    assert Counter(batch.root["id"].to_pylist()) == Counter(good)
    without = Counter(as_text(row) or "" for row, key in zip(page.rows, keys, strict=True) if key not in good)
    whole = Counter(one.raw for one in batch.rejected if (one.table, one.column) == (EVERY[name].table.name, ""))
    assert without - whole == Counter()


def marked(held: Any, marks: Iterator[int]) -> Any:
    """The same, with a number of its own in place of every id, and a mark of its own in place of every text."""
    if isinstance(held, dict):
        return {name: next(marks) + 1 if name == "id" else marked(one, marks) for name, one in held.items()}
    if isinstance(held, list):
        return [marked(one, marks) for one in held]
    return f"mark{next(marks)}." if isinstance(held, str) else held


def told(batch: Batch) -> str:
    """All that was loaded or rejected, as one text."""
    cells = [cell for table in batch.tables.values() for column in table.columns for cell in column.to_pylist()]
    shared = [as_text(row) for held in batch.shared.values() for _, row in held]
    return "\n".join([*map(str, cells), *map(str, shared), *(f"{one.key} {one.raw}" for one in batch.rejected)])


@pytest.mark.parametrize("name", [name for name in EVERY if name.startswith("stitchex")])
@SEEDED
@given(seed=st.integers(0, 2**32))
def test_no_value_is_lost(name: str, seed: int) -> None:
    """Of rows with different ids and all that is nested in them, every text in any place is loaded or rejected."""
    marks = count()
    rows = [marked(row, marks) for row in page_of(Random(seed), EVERY[name]).rows]
    found = told(build(EVERY[name], "main", [Page(rows=rows)], side=Side()))
    assert [mark for mark in re.findall(r"mark\d+\.", json.dumps(rows)) if mark not in found] == []


def body_of(random: Random, rows: str) -> Any:
    """Some answer, which may have rows and may say how many pages there are."""
    meta = {key: value(random) for key in ("current_page", "next_page", "total_pages", "last_page", "total")}
    listed = [made(random, EX[0], EX[0].table) for _ in range(2)] if random.random() < 0.5 else value(random)
    body = {rows: listed, "meta": meta if random.random() < 0.7 else value(random), "error": value(random)}
    kept = {name: held for name, held in body.items() if random.random() < 0.8}
    return kept if random.random() < 0.9 else value(random)


def read(page: Callable[[], Page]) -> tuple[Sequence[Any], list[str]]:
    """The rows of a page, or the lines of what is wrong with it."""
    try:
        return page().rows, []
    except StitchhouseError as error:
        return [], str(error).splitlines()


@SEEDED
@given(seed=st.integers(0, 2**32))
def test_any_envelope_of_stitchex(seed: int) -> None:
    """Any JSON in place of an answer is a page with all of its rows, or an error of one line."""
    random = Random(seed)
    for _ in range(20):
        body = body_of(random, "sales_orders")
        answer = Answer(status=200, data=json.loads(json.dumps(body)), date=pendulum.now("UTC"))
        rows, words = read(partial(to_page, answer, EX[1], 1, "stitchex.sales_orders, page 1", str))
        assert len(words) == 1 if words else len(rows) == len(body["sales_orders"])


@SEEDED
@given(seed=st.integers(0, 2**32))
def test_any_envelope_of_stitch_labs(seed: int) -> None:
    """The same over HTTP, where rows may come as an array, by id, or as one object."""
    body = body_of(Random(seed), "SalesOrders")
    with wire(Said(body)) as server:
        rows, words = read(lambda: ListReader(Client(client(server.url), "secret"), LABS[0], "main").page(Ask()))
    if words:
        assert len(words) == 1
    else:
        sent = body["SalesOrders"]
        assert len(rows) == (1 if isinstance(sent, dict) and "id" in sent else len(sent))
