"""Reads the simulated source as a client does: one request a page, with the checks that a client makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stitchhouse.errors import ContractError, UnavailableError
from stitchhouse.walk.page import Page
from tests.simulation.source import STAMP, Row, moment, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stitchhouse.links import Object
    from stitchhouse.walk import Ask
    from tests.simulation.source import Source
    from tests.simulation.unrest import Unrest

OURS, THEIRS = 1, 2


class CrashError(Exception):
    """The process ends here: nothing of this run is committed."""


class SimulatedReader:
    """A `Reader` of the simulated list. `began` is the source's clock when it first answered, small questions apart."""

    def __init__(self, source: Source, unrest: Unrest) -> None:
        self.source, self.unrest = source, unrest
        self.requests = 0
        self.began: int | None = None
        source.foreign = False

    def page(self, ask: Ask) -> Page:
        """Another organisation's page, or an empty one, is asked for once more with the organisation set anew."""
        page = self._ask(ask)
        if not ask.size and (not page.rows or self._strange(page)) and self.unrest.fault:
            self.source.foreign = False
            page = self._ask(ask, just_set=True)
            if self._strange(page):
                raise ContractError("a row of another organisation came, twice; the cursor stays")
        self.began = None if ask.size else self.source.clock if self.began is None else self.began
        return page

    def details(self, ids: Sequence[int]) -> Page:
        """The listed rows of `ids`, at once."""
        self.requests += 1
        self.unrest.between()
        rows = [row for key in ids if (row := self.source.rows.get(key)) is not None]
        return Page(rows=[shown(row, OURS) for row in rows], date=moment(self.source.clock))

    def more(self, rows: Sequence[Object]) -> Sequence[Object]:
        return rows

    def _ask(self, ask: Ask, *, just_set: bool = False) -> Page:
        source, unrest, nature = self.source, self.unrest, self.source.nature
        self.requests += 1
        if not ask.size:
            # What the list can do is found out while it stands still: pages as small as ours prove no order.
            unrest.between()
            self._fault(just_set=just_set)
        rows = source.answer(ask)
        counted = len(rows)
        if nature.torn and not ask.size:
            unrest.between()
            # The rows first and the count later, or the other way round.
            again = source.answer(ask)
            rows, counted = (again, counted) if unrest.random.random() < 0.5 else (rows, len(again))
        size = ask.size if ask.size and nature.sizes else nature.page
        last = -(-counted // size)
        first = (ask.page - 1) * size
        here = rows[first : first + size] if nature.paged else rows
        organisation = THEIRS if source.foreign else OURS
        source.tell("asked", asked(ask), "at", source.clock, "came", tuple(row.id for row in here), "of", counted)
        return Page(
            rows=[shown(row, organisation) for row in here],
            number=ask.page,
            last=last if nature.paged else None,
            total=counted if nature.paged else None,
            size=size if nature.paged else len(rows) + 1,
            more=nature.paged and ask.page < last,
            date=moment(source.clock),
        )

    def may_crash(self) -> None:
        """The process may end here, between two requests."""
        unrest = self.unrest
        if unrest.fault and not unrest.still and unrest.random.random() < unrest.fault / 2:
            self.source.tell("  the process ends while it loads")
            raise CrashError

    def _fault(self, *, just_set: bool) -> None:
        """Twice within one page nobody sets another organisation: an empty page could not tell."""
        source, unrest = self.source, self.unrest
        if not unrest.fault or unrest.still or unrest.random.random() >= unrest.fault:
            return
        kind = unrest.random.random()
        if kind < 0.4 and just_set:
            return
        if kind < 0.4:
            source.tell("  another organisation was set")
            source.foreign = True
        elif kind < 0.7:
            source.tell("  no answer")
            raise UnavailableError("the source did not answer; the cursor stays")
        else:
            source.tell("  the process ends")
            raise CrashError

    @staticmethod
    def _strange(page: Page) -> bool:
        return any(row["organisation"] != OURS for row in page.rows)


def shown(row: Row, organisation: int) -> Object:
    return {"id": row.id, STAMP: text(row.stamp), "version": row.version, "organisation": organisation}


def asked(ask: Ask) -> str:
    """A question in words, for the event log."""
    said = [f"page {ask.page}"]
    said += [f"by {ask.order}{' descending' if ask.descending else ''}"] if ask.order else []
    for word in ("after", "before", "since", "until", "at", "size"):
        value = getattr(ask, word)
        said += [f"{word} {value}"] if value else []
    return ", ".join(said)
