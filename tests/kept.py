"""Shops whose warehouse lasts longer than one test."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.project import Project
from sandbox import running
from tests.conftest import ALWAYS, ORDERS, Shop
from tests.truth import ROOTS, differences, truth

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pipelines.load import Outcome

SMALL_PAGES: dict[str, Any] = {"page_size_cap": 10, "page_size": 10}
"""Options of either API."""


@dataclass
class KeptShop(Shop):
    """A shop whose warehouse lasts longer than one test, read through one API. `gone` are orders deleted there."""

    api: str = ""
    gone: set[int] = field(default_factory=set)

    @property
    def resource(self) -> str:
        return ROOTS[self.api]

    def load(self, *, later: float = 60, datasets: Sequence[str] = ORDERS, **asked: Any) -> Outcome:
        """A sync of this API, so many seconds of the sandbox's time after the last change."""
        self.control.clock(advance=later)
        outcome = self.sync(self.api, datasets, **asked)
        assert outcome.error is None
        return outcome

    def change(self, *ids: int, **rest: object) -> list[int]:
        chosen = {"ids": list(ids)} if ids else {}
        return list(self.control.change(self.api, self.resource, **chosen, **rest))

    def lines(self, order: int, **rest: object) -> list[int]:
        return list(self.control.lines(self.api, order, **rest)["ids"])

    def line_ids(self, order: int) -> list[int]:
        return [int(line["id"]) for line in self.control.truth(self.api, self.resource, order)["lines"]]

    def open_orders(self, least: int = 2) -> list[int]:
        """Orders whose lines can be edited alike on both APIs, with at least so many of them."""
        orders = truth(self, self.api)
        return [
            key for key, one in orders.items() if one["row"].get("complete", "0") == "0" and len(one["lines"]) >= least
        ]

    def differences(self) -> list[str]:
        return differences(self, self.api, self.gone)


@contextmanager
def kept_shop(folder: Path, api: str, *, synced: bool = True, **options: Any) -> Iterator[KeptShop]:
    """A shop of one organisation, synced once if not told otherwise. `entered` makes it the current one of a test."""
    (folder / ".dlt").mkdir(parents=True)
    with running(**{"orders": 60, "organisations": 1, "control": True} | options) as box:
        shop = KeptShop(box, Project(folder), api=api)
        if synced:
            with pytest.MonkeyPatch.context() as patch:
                entered(shop, patch)
                shop.load()
        yield shop


def entered(shop: KeptShop, monkeypatch: pytest.MonkeyPatch) -> KeptShop:
    """The shop, as the project and the source of whatever comes next."""
    project = shop.project
    monkeypatch.chdir(project.folder)
    monkeypatch.setenv("XDG_STATE_HOME", str(project.folder / "user"))
    monkeypatch.setenv("DLT_PROJECT_DIR", str(project.folder))
    monkeypatch.setenv("DLT_DATA_DIR", str(project.state))
    project.enter()
    for name, value in shop.box.environment.items():
        monkeypatch.setenv(name, value)
    for source in ("STITCHLABS", "STITCHEX"):
        monkeypatch.setenv(f"SOURCES__{source}__BACKOFF", "0.01")
    monkeypatch.setenv("SOURCES__STITCHEX__REREAD_DAYS", ALWAYS)
    return shop
