"""What a sync claims beside what happened: certificates, cursors and rows, against the source before and after it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from stitchhouse.deletes import FEW
from stitchhouse.layout import Layout, layouts
from stitchhouse.walk.window import LOOKBACK
from tests.contents import DATASETS, Difference, differences
from tests.intact import doubled, tables
from tests.moments import Content, Moment, Place, moment
from tests.untold import unexplained

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from stitchhouse.dataset import Dataset
    from stitchhouse.walk import Certificate
    from tests.kept import KeptShop


@dataclass
class Claims:
    """Holds what every sync of one shop claims against what the source was; `problems` are claims that were wrong."""

    shop: KeptShop
    datasets: Sequence[Dataset]
    accounts: Sequence[str]
    boxes: bool
    problems: list[str] = field(default_factory=list)
    silent: dict[Place, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Objects that changed without a new stamp: only a walk of everything can see that."""
    cursors: dict[Place, datetime | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tables: dict[str, dict[str, Layout]] = {}
        for dataset in self.datasets:
            own = {name: one for name, one in layouts(dataset).items() if not one.side}
            self.tables[dataset.name] = {name: one for name, one in own.items() if self.boxes or not one.asked}

    def now(self) -> Moment:
        return moment(self.shop, self.datasets, self.accounts, self.tables)

    def passed(self, before: Moment, after: Moment) -> None:
        """Time went by: remember what changed without a trace."""
        for place, objects in after.objects.items():
            for key, content in objects.items():
                old = before.objects[place].get(key)
                if old is not None and old != content and _stamp(old) == _stamp(content):
                    self.silent[place].add(key)

    def check(self, certificates: Sequence[Certificate], before: Moment, after: Moment) -> None:
        """A certified walk missed no bystander, and no cursor is beyond what was read."""
        self.passed(before, after)
        for one in certificates:
            place = (one.account, one.dataset)
            if place not in after.objects:
                continue
            self._cursor(one, place)
            if one.server_time is not None and not before.clock <= one.server_time <= after.clock:
                self.problems.append(f"{place}: {one.server_time} is not the source's clock, {before.clock} it was")
            objects, old = after.objects[place], before.objects[place]
            bystanders = {key for key, content in objects.items() if old.get(key) == content}
            if one.certified and one.asked == "all":
                self.silent[place] -= bystanders
            surely = bystanders - self.silent[place]
            if not one.certified or not self._claims_all(one):
                surely = {key for key in surely if self._behind(objects[key], one.cursor_before)}
            claim = f"certified ({one.plan}, {one.asked})" if one.certified else f"cursor at {one.cursor_before}"
            for difference in self.different(after, place, surely):
                self.problems.append(f"{one.dataset} {one.account}, {claim}: {_words(difference)}")
            if one.certified and one.asked.startswith("new after"):
                held = self._ids(place)
                self.problems += [f"{place}, {claim}: {key} is missing" for key in sorted(bystanders - held)]

    @staticmethod
    def _claims_all(one: Certificate) -> bool:
        """Whether every row that did not change meanwhile is right now: all was read, or all that changed."""
        changed = one.cursor_before is not None and one.asked.startswith("changed since")
        return one.asked == "all" or (changed and " and before " not in one.asked)

    def _ids(self, place: Place) -> set[int]:
        account, dataset = place
        if dataset not in tables(self.shop):
            return set()
        table = next(one for one in self.datasets if one.name == dataset).table.name
        held = f"""select id from {self.shop.api}."{table}" where account = '{account}'"""
        return {key for (key,) in self.shop.sql(held)}

    def _cursor(self, one: Certificate, place: Place) -> None:
        known, where = self.cursors.get(place), f"{one.dataset} {one.account}"
        if one.cursor_before != known:
            self.problems.append(f"{where}: the cursor was left at {known} and found at {one.cursor_before}")
        if one.cursor_after != one.cursor_before:
            if not one.certified:
                self.problems.append(f"{where}: the cursor moved without a certificate")
            if one.cursor_after is None or (one.cursor_before is not None and one.cursor_after < one.cursor_before):
                self.problems.append(f"{where}: the cursor moved back from {one.cursor_before} to {one.cursor_after}")
            elif one.server_time is None or one.cursor_after > one.server_time:
                self.problems.append(f"{where}: the cursor {one.cursor_after} is beyond the source's {one.server_time}")
        self.cursors[place] = one.cursor_after

    @staticmethod
    def _behind(content: Content, cursor: datetime | None) -> bool:
        stamp = _stamp(content)
        return cursor is not None and isinstance(stamp, str) and datetime.fromisoformat(stamp) < cursor - LOOKBACK

    def different(self, now: Moment, place: Place, ids: Collection[int] | None = None) -> Iterator[Difference]:
        """Where the warehouse is not what was told of these objects, or of all."""
        account, dataset = place
        own = self.tables[dataset]
        told = now.told[account]
        there = tables(self.shop)
        absent = [
            Difference(name, key, None, row) for name in own.keys() - there for key, row in told.rows[name].items()
        ]
        held = differences(self.shop.file, told, account, own.keys() & there) if there else ()
        for one in unexplained(self.shop.api, [*absent, *held]):
            table = one.place.partition(".")[0]
            whose = own[table].scope or "id"
            row = told.rows[table].get(one.key) or one.ours
            if ids is None or int(row[whose]) in ids:
                yield one

    def at_the_end(self, now: Moment) -> None:
        """After a quiet sync of everything the warehouse is the source, and what is gone from it is kept."""
        for place, objects in now.objects.items():
            for one in self.different(now, place):
                own = self.tables[place[1]]
                gone = one.theirs is None and isinstance(one.ours, dict)
                if not gone or int(one.ours[own[one.place].scope or "id"]) in objects:
                    self.problems.append(f"{place[1]} {place[0]}, at the end: {_words(one)}")
        self.problems += doubled(self.shop)

    def deleted(self, certificates: Sequence[Certificate], answers: Collection[str]) -> None:
        """What counts as deleted is gone; and all that is gone counts, where a certified walk could ask by id."""
        for one in certificates:
            place = (one.account, one.dataset)
            dataset = next(each for each in self.datasets if each.name == one.dataset)
            alive = set(self.shop.control.ids(self.shop.api, dataset.path))
            if one.dataset in {"channels", "seasons"}:
                alive = {key % 1000 for key in alive}
            marked = self._marked(place)
            if wrong := marked & alive:
                self.problems.append(f"{place}: {sorted(wrong)} count as deleted and are alive")
            gone = self._ids(place) - alive
            # Without any row on the list, nothing shows whether silence about an id means anything.
            asked = one.certified and one.dataset in answers and one.rows and len(gone) <= FEW
            if asked and gone != marked:
                self.problems.append(
                    f"{place}: {sorted(gone)} are gone, {sorted(marked)} count as deleted ({one.note})"
                )

    def _marked(self, place: Place) -> set[int]:
        account, dataset = place
        if "_deleted" not in tables(self.shop):
            return set()
        marks = f"select key from {self.shop.api}._deleted where account = '{account}' and table_name = '{dataset}'"
        return {int(key) for (key,) in self.shop.sql(marks)}


def datasets_of(api: str, names: Collection[str]) -> list[Dataset]:
    return [dataset for dataset in DATASETS[api] if dataset.name in names]


def _stamp(content: Content) -> Any:
    """The newest stamp of the object itself; its lines have their own."""
    return next((row["updated_at"] for (_, _), row in content.items() if "updated_at" in row), None)


def _words(one: Difference) -> str:
    what = "is missing" if one.ours is None and isinstance(one.theirs, dict) else ""
    what = what or ("is in the warehouse only" if one.theirs is None and isinstance(one.ours, dict) else "")
    return f"{one.place} {'/'.join(one.key)} {what or f'is {one.ours!r} instead of {one.theirs!r}'}"
