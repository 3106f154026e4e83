"""The source at one time: every object of some datasets, as the sandbox holds it."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.options import SWITCHES
from tests.contents import Told, told_by_lists
from tests.schedules import FORMS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from stitchhouse.dataset import Dataset, Table
    from stitchhouse.layout import Layout
    from tests.kept import KeptShop

Place = tuple[str, str]
"""Account and dataset."""
Content = dict[tuple[str, tuple[Any, ...]], dict[str, Any]]
"""All rows of one object: (table, key) -> row."""
PLAIN = {name: SWITCHES[name].default for name in (*FORMS["stitchlabs"], "page_size")}
"""How the source is asked for the truth: forms of values are no part of it."""


class ToldOfSome(Told):
    """Some datasets of Stitch Labs, each row and what it owns asked of the sandbox's truth."""

    def __init__(self, shop: KeptShop, datasets: Collection[Dataset]) -> None:
        super().__init__(shop.api)
        self._shop = shop
        for dataset in datasets:
            for key in shop.control.ids(shop.api, dataset.path):
                self.stand(dataset.table.name, self._row(dataset.path, key))

    def of(self, entry: Any, table: Table) -> Any:
        return self._row(table.block, int(entry["id"])) if table.block else entry

    def _row(self, resource: str, key: int) -> Any:
        return self._shop.control.truth(self.api, resource, key)["row"]


@dataclass
class Moment:
    """The source at one time: what was told of each account, and every object of each dataset by id."""

    clock: datetime
    told: dict[str, Told]
    objects: dict[Place, dict[int, Content]] = field(default_factory=dict)


def moment(
    shop: KeptShop, datasets: Sequence[Dataset], accounts: Sequence[str], tables: Mapping[str, Mapping[str, Layout]]
) -> Moment:
    """The source as it is; `tables` are those of each dataset. Sends data requests: scripts and faults must be off."""
    with plain(shop):
        if shop.api == "stitchlabs":
            told: dict[str, Told] = {"main": ToldOfSome(shop, datasets)}
        else:
            told = {account: told_by_lists(shop, int(account)) for account in accounts}
    clock = datetime.fromisoformat(shop.control.clock()["now"]).replace(microsecond=0)
    made = Moment(clock, told)
    for account, one in told.items():
        for dataset in datasets:
            objects: dict[int, Content] = defaultdict(dict)
            for name, layout in tables[dataset.name].items():
                for key, row in one.rows[name].items():
                    objects[int(row[layout.scope or "id"])][name, key] = row
            made.objects[account, dataset.name] = dict(objects)
    return made


@contextmanager
def plain(shop: KeptShop) -> Iterator[None]:
    """The source in its plainest form, while it lasts."""
    held: Mapping[str, Any] = shop.control.switch()
    shop.control.switch(**PLAIN)
    try:
        yield
    finally:
        shop.control.switch(**{name: held[name] for name in PLAIN})
