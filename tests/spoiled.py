"""A shop read through a door that spoils answers: in one sync some datasets fail, each in its own way."""

from __future__ import annotations

import json
import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pipelines.load import pipeline_of
from pipelines.warehouse import Target
from stitchhouse.errors import worst
from tests.contents import DATASETS
from tests.kept import KeptShop, entered, kept_shop
from tests.wire import Asked, Said, passed_on, wire

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    import pytest

    from pipelines.load import Outcome
    from stitchhouse.dataset import Dataset
    from stitchhouse.walk import Certificate

    Spoil = Callable[[Asked, Said, int], Said]

BIG = {("stitchlabs", "sales_orders"), ("stitchlabs", "invoices")}
READS = {
    ("stitchlabs", "POST", "read"),
    ("stitchex", "POST", "/oauth/token"),
    ("stitchex", "POST", "/organisations/set_current_org"),
}
"""All that is ever sent, beside GET."""
NEXT_STEP = re.compile(
    r"run again|tell the vendor|check |ask for the right|requests_per_second|out with --dataset|let nobody else"
)


@dataclass(frozen=True)
class Fault:
    """An entry of the catalogue: what the `n`-th answer for a dataset becomes, and how the dataset ends then.

    `words` are in its reason; in its note, where nothing keeps it from being certified.
    """

    number: int
    name: str
    code: int
    words: str
    spoil: Spoil
    on: str = ""
    """The dataset, where it matters which one."""


def said(answer: Said) -> Spoil:
    """The same answer to everything."""
    return lambda asked, right, n: answer  # noqa: ARG005


def at_first(answer: Said) -> Spoil:
    """The answer to the first question only."""
    return lambda asked, right, n: answer if n == 1 else right  # noqa: ARG005


def body(change: Callable[[bytes], bytes], **headers: str) -> Spoil:
    """The right answer with other bytes."""

    def spoil(asked: Asked, right: Said, n: int) -> Said:  # noqa: ARG001
        kept = {name: value for name, value in right.headers.items() if name.title() not in headers}
        return replace(right, body=change(right.body), headers=kept | headers)

    return spoil


def content(change: Callable[[Any, Asked], Any]) -> Spoil:
    """The right answer with other content; `change` gets what was parsed of it, and may change it in place."""

    def spoil(asked: Asked, right: Said, n: int) -> Said:  # noqa: ARG001
        data = json.loads(right.body)
        changed = change(data, asked)
        return replace(right, body=json.dumps(data if changed is None else changed).encode())

    return spoil


FINE = Fault(0, "none", 0, "", lambda asked, right, n: right)  # noqa: ARG005


@dataclass
class DoorShop:
    """The shop, and what spoils the answers of a path now."""

    shop: KeptShop
    faults: dict[str, Fault] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)

    def answer(self, asked: Asked) -> Said:
        right = passed_on(asked, f"http://127.0.0.1:{self.shop.box.port}")
        route = asked.route.removesuffix("/detail")
        for path, fault in self.faults.items():
            if route.endswith(f"/{path}"):
                self.seen[path] += 1
                return fault.spoil(asked, right, self.seen[path])
        return right

    @property
    def datasets(self) -> Sequence[Dataset]:
        """Without those that fill the most tables, and take the longest to load."""
        return [one for one in DATASETS[self.shop.api] if (self.shop.api, one.name) not in BIG]

    def sync(self, faults: dict[str, Fault]) -> Outcome:
        """A sync of everything with these faults (by path of the dataset), after changes to some rows of each list."""
        for dataset in self.datasets:
            ids = self.shop.control.ids(self.shop.api, dataset.path)
            self.shop.control.change(self.shop.api, dataset.path, ids=ids[:2])
        self.shop.control.clock(advance=60)
        self.faults, self.seen = faults, Counter()
        outcome = self.shop.sync(self.shop.api, [dataset.name for dataset in self.datasets])
        self.faults = {}
        return outcome

    def suffers(self, faults: Sequence[Fault], spared: Collection[str], subtests: pytest.Subtests) -> None:
        """One sync with each fault at a dataset of its own, and each dataset as it should be afterwards."""
        at = self._placed(faults, spared)
        before, cursors = {one.name: self.contents(one) for one in self.datasets}, self.cursors()
        outcome = self.sync(at)
        assert outcome.error is None
        assert outcome.exit_code == worst([fault.code for fault in faults])
        ended, after = {one.dataset: one for one in outcome.certificates}, self.cursors()
        for dataset in self.datasets:
            fault = at.get(dataset.path, FINE)
            with subtests.test(fault=fault.name, dataset=dataset.name):
                check(fault, ended[dataset.name])
                if fault.code in {0, 10}:
                    assert self.contents(dataset) != before[dataset.name]
                else:
                    assert self.contents(dataset) == before[dataset.name]
                if fault.code:
                    assert after[dataset.name] == cursors[dataset.name]

    def cursors(self) -> dict[str, Any]:
        """dlt's own cursor of every dataset, as the destination has it."""
        pipeline = pipeline_of(self.shop.project, self.shop.api, Target(self.shop.project))
        held = pipeline.state["sources"][self.shop.api]["resources"]
        return {name: state.get("incremental") for name, state in held.items()}

    def contents(self, dataset: Dataset) -> list[tuple[Any, ...]]:
        table = f"{self.shop.api}.{dataset.table.name}"
        return self.shop.sql(f"select * exclude (_dlt_load_id) from {table} order by account, id")

    def _placed(self, faults: Sequence[Fault], spared: Collection[str]) -> dict[str, Fault]:
        taken = {fault.on for fault in faults} | set(spared)
        free = iter([dataset for dataset in self.datasets if dataset.name not in taken])
        paths = {dataset.name: dataset.path for dataset in self.datasets}
        return {paths[fault.on] if fault.on else next(free).path: fault for fault in faults}


@contextmanager
def door_shop(folder: Path, api: str, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Iterator[DoorShop]:
    """A shop of few rows and small pages, synced once, and read through a door from then on."""
    chosen = {"orders": 20, "page_size": 5, "page_size_cap": 5} | options
    with kept_shop(folder, api, synced=False, **chosen) as shop:
        made = DoorShop(shop)
        with wire(made.answer) as door:
            entered(shop, monkeypatch)
            for source in DATASETS:
                monkeypatch.setenv(f"SOURCES__{source.upper()}__BACKOFF", "0")
                monkeypatch.setenv(f"SOURCES__{source.upper()}__BASE_URL", f"{door.url}/{source}")
            shop.control.clock(now="2026-11-10T09:00:00+00:00")
            yield made
        sent = {(one["api"], one["method"], one["action"] or one["path"]) for one in shop.control.requests()}
        assert {one for one in sent if one[1] != "GET"} <= READS, "something else than a read was sent"


def check(fault: Fault, certificate: Certificate) -> None:
    """The dataset ended as the fault says, in one line that names dataset, page and next step."""
    assert certificate.exit_code == fault.code, certificate.why
    if not fault.code:
        assert certificate.certified
        assert re.search(fault.words, certificate.note), certificate.note
        return
    assert not certificate.certified
    assert certificate.cursor_after == certificate.cursor_before
    assert re.search(fault.words, certificate.why), certificate.why
    if fault.code != 10:
        assert "\n" not in certificate.why
        assert len(certificate.why) < 400
        assert re.search(rf"\.{certificate.dataset} of .*(page|id|detail)", certificate.why), certificate.why
        assert NEXT_STEP.search(certificate.why), certificate.why
