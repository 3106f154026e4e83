"""Typed tables as the source tells them beside what the warehouse holds of the same rows: what differs, by key.

Compared are the columns that the source fills; which run or batch brought a row is no difference.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from stitchhouse.columns import TYPES
from stitchhouse.dataset import ACCOUNT
from stitchhouse.hashes import row_hashes
from stitchhouse.layout import BATCH, DAY, ROW_HASH
from stitchhouse.schema import numbers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from stitchhouse.batch import Batch
    from stitchhouse.layout import Layout

OURS = frozenset({ACCOUNT, BATCH, ROW_HASH})


class What(StrEnum):
    """How a row differs."""

    MISSING = "missing"
    """The source answers it, the warehouse does not hold it."""
    DIFFERENT = "different"
    """Both have it, not with the same values."""
    EXTRA = "extra"
    """The warehouse holds it, the source does not answer it."""
    DOUBLED = "doubled"
    """The warehouse holds it more than once."""
    RETURNED = "returned"
    """The source answers what `_deleted` says is gone."""


class Difference(NamedTuple):
    """One row that differs. `by` is the id of the row that it hangs on, its own where it stands alone."""

    table: str
    what: What
    key: str
    by: int
    columns: tuple[str, ...] = ()


def compared(told: pa.Table, held: pa.Table, layout: Layout) -> Iterator[Difference]:
    """What differs between the rows that the source told and those that the warehouse holds of the same owners.

    A link that a copy beside other rows does not tell is not compared: the copy says nothing about it.
    """
    names = sorted({*told.column_names, *held.column_names} - OURS)
    told, held = (_with(table, names, layout) for table in (told, held))
    untold = set(layout.links) if layout.side and not layout.scope else set()
    same = [name for name in names if name not in untold]
    ours = _places(held, layout)
    theirs = _keys(told, layout)
    hashes = [list(row_hashes(table.select(same))) for table in (told, held)]
    links = {name: (told[name].to_pylist(), held[name].to_pylist()) for name in untold}
    owner = by_column(layout)
    for place, key in enumerate(theirs):
        found = ours.pop(key, [])
        by = told[owner][place].as_py()
        if not found:
            yield Difference(layout.name, What.MISSING, _text(key), by)
            continue
        if len(found) > 1:
            yield Difference(layout.name, What.DOUBLED, _text(key), by)
        at = found[0]
        differing = [name for name, (a, b) in links.items() if a[place] is not None and a[place] != b[at]]
        if hashes[0][place] != hashes[1][at]:
            differing += [name for name in same if told[name][place] != held[name][at]]
        if differing:
            yield Difference(layout.name, What.DIFFERENT, _text(key), by, tuple(differing))
    for key, found in ours.items():
        yield Difference(layout.name, What.EXTRA, _text(key), held[owner][found[0]].as_py())


def by_column(layout: Layout) -> str:
    """The column by which rows are compared together: the id of what they hang on, or their own."""
    return layout.scope or ("id" if "id" in layout.key else layout.key[1])


def is_daily(layout: Layout) -> bool:
    return not layout.scope and DAY in layout.key


def conform(table: pa.Table, layout: Layout) -> pa.Table:
    """Rows of the destination in the types that the source's rows have; undeclared columns are text."""
    arrays = []
    for name in table.column_names:
        kind = layout.columns.get(name)
        arrays.append(table[name].cast(TYPES[kind] if kind else pa.string()))
    return pa.table(arrays, names=table.column_names)


def without_empty(table: pa.Table) -> pa.Table:
    """The table with null in place of empty texts."""
    for place, part in enumerate(table.schema):
        if pa.types.is_string(part.type):
            column = table.column(place)
            table = table.set_column(
                place, part, pc.if_else(pc.equal(column, pa.scalar("")), pa.scalar(None, part.type), column)
            )
    return table


class Owners(NamedTuple):
    """The rows of one table that a batch speaks of: all that the source has of these ids stands in `told`."""

    layout: Layout
    ids: list[int]
    told: pa.Table


def spoken(batch: Batch, aside: Collection[int] = ()) -> Iterator[Owners]:
    """Table by table, what a batch says. A reply that was silent about a part of a row says nothing of that part.

    `aside` are rows that came without what only a detailed read shows.
    """
    root = batch.dataset.table.name
    for name, layout in batch.layouts.items():
        told = batch.tables.get(name)
        if layout.scope:
            above = batch.tables.get(layout.owner)
            if above is None:
                continue
            silent = batch.silent(name) | (set(aside) if layout.owner == root else set())
            ids = sorted(set(numbers(above["id"])) - silent)
            if told is None:
                told = pa.table({column: pa.array([], TYPES[kind]) for column, kind in layout.columns.items()})
            else:
                told = told.filter(pc.greater(told[layout.tombstone], pa.scalar(0, pa.int64())))
        elif told is None:
            continue
        else:
            ids = sorted(set(numbers(told[by_column(layout)])) - (set(aside) if name == root else set()))
        if len(told):
            told = told.filter(pc.is_in(told[by_column(layout)], value_set=pa.array(ids, pa.int64())))
        if ids:
            yield Owners(layout, ids, told)


class Odd(NamedTuple):
    """An object beside rows that differs: which dataset brought it, with which row, and how it differs."""

    dataset: str
    root: int | None
    differences: list[Difference]


class Beside:
    """Objects that came beside rows, which several rows and several datasets can bring in several forms.

    One is as it should be if the warehouse holds any form of it that the source told.
    """

    def __init__(self) -> None:
        self.fine: dict[str, array[int]] = defaultdict(lambda: array("q"))
        self.odd: dict[str, dict[int, Odd]] = defaultdict(dict)

    def take(
        self,
        dataset: str,
        table: str,
        ids: Sequence[int],
        differing: Mapping[int, list[Difference]],
        behind: Mapping[int, int | None],
    ) -> None:
        """What a batch told of these ids: those that differ, and the row `behind` each."""
        self.fine[table].extend(key for key in ids if key not in differing)
        for key, found in differing.items():
            self.odd[table].setdefault(key, Odd(dataset, behind[key], found))

    def seen(self, table: str) -> pa.Array[Any]:
        return pa.concat_arrays([_ids(self.fine[table]), _ids(list(self.odd[table]))])

    def differing(self) -> Iterator[Odd]:
        for table, odd in self.odd.items():
            asked = _ids(list(odd))
            fine = set(asked.filter(pc.is_in(asked, value_set=_ids(self.fine[table]))).to_pylist())
            yield from (one for key, one in odd.items() if key not in fine)


def _ids(ids: Sequence[int] | array[int]) -> pa.Array[Any]:
    return pa.array(ids, pa.int64())


def _with(table: pa.Table, names: Sequence[str], layout: Layout) -> pa.Table:
    """The table with these columns, null where it has none."""
    arrays: list[Any] = []
    for name in names:
        kind = layout.columns.get(name)
        held = name in table.column_names
        typed: pa.DataType = TYPES[kind] if kind else pa.string()
        arrays.append(table[name] if held else pa.array([None] * len(table), typed))
    return pa.table(arrays, names=list(names))


def _keys(table: pa.Table, layout: Layout) -> list[tuple[Any, ...]]:
    return list(zip(*(table[name].to_pylist() for name in layout.key if name != ACCOUNT), strict=True))


def _places(table: pa.Table, layout: Layout) -> dict[tuple[Any, ...], list[int]]:
    places: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for place, key in enumerate(_keys(table, layout)):
        places[key].append(place)
    return dict(places)


def _text(key: tuple[Any, ...]) -> str:
    return " ".join(map(str, key))
