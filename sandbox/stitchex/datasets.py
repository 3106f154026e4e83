"""What the face serves: one entry per list. A new dataset is a table in build.py and an entry here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sandbox.store import Row, Store, entries
from sandbox.stitchex.eras import dress

Keys = Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A paged list under its plural key.

    ``exact`` maps a query parameter to the column that it asks for; ``nested`` lists the tables inside a row with the
    key each is sent under; ``scoped`` rows belong to one organisation.
    """

    name: str
    one: str
    times: tuple[str, ...] = ("created_at", "updated_at")
    exact: dict[str, str]
    nested: tuple[tuple[str, str], ...] = ()
    since_id: bool = True
    scoped: bool = True


SALES_ORDERS = Dataset(
    name="sales_orders",
    one="sales_order",
    times=("created_at", "updated_at", "submitted_at", "confirmed_at"),
    exact={"by_order_number": "order_number"},
    nested=(("sales_order_line_items", "line_items"), ("sales_order_line_quantities", "line_quantities")),
)

DATASETS = {dataset.name: dataset for dataset in (SALES_ORDERS,)}


def renderer(store: Store, dataset: Dataset, era: str, zone_of: Callable[[Row], str | None]) -> Callable[[int], Row]:
    """A function from a key to the row as it is sent."""
    table = store[dataset.name]

    def send(key: int) -> Row:
        row = table.row(table.at(key))
        zone = zone_of(row)
        row = dress(row, era, zone, dataset.times, dataset.name)
        parents = [(row, table, key)]
        for name, shown in dataset.nested:
            child = store[name]
            below = []
            for parent, home, parent_key in parents:
                parent[shown] = listed = []
                for child_key, _ in entries(home.related(parent_key, name)):
                    position = child.at(child_key)
                    if position < 0:
                        continue
                    sent = dress(child.row(position), era, zone, (), shown)
                    listed.append(sent)
                    below.append((sent, child, child_key))
            parents = below
        return row

    return send
