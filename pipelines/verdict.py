"""What a comparison of one dataset found, for the exit code, for a person and for a machine."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stitchhouse.compare import What
from stitchhouse.errors import OK, UNCERTAIN, worst

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stitchhouse.compare import Difference
    from stitchhouse.errors import StitchhouseError
    from stitchhouse.walk import Certificate

SHOWN = 5
"""Rows named per table and kind; the rest are counted."""
WORDS = {
    What.MISSING: "missing in the warehouse",
    What.DIFFERENT: "different",
    What.EXTRA: "in the warehouse, but not answered by the source",
    What.DOUBLED: "more than once in the warehouse",
    What.RETURNED: "in _deleted, but answered by the source",
}


@dataclass
class Findings:
    """What differs, counted by table and kind, the first few by name."""

    counts: Counter[tuple[str, What]] = field(default_factory=Counter)
    shown: dict[tuple[str, What], list[Difference]] = field(default_factory=lambda: defaultdict(list))

    def add(self, differences: Iterable[Difference]) -> None:
        for one in differences:
            place = (one.table, one.what)
            self.counts[place] += 1
            if len(self.shown[place]) < SHOWN:
                self.shown[place].append(one)

    def __add__(self, other: Findings) -> Findings:
        both = Findings(self.counts + other.counts)
        for place in both.counts:
            both.shown[place] = [*self.shown.get(place, []), *other.shown.get(place, [])][:SHOWN]
        return both

    def lines(self) -> Iterator[str]:
        """One for each table and kind."""
        for (table, what), count in sorted(self.counts.items()):
            rows = "; ".join(_shown(row) for row in self.shown[table, what])
            more = f"; and {count - SHOWN} more" if count > SHOWN else ""
            yield f"{table}: {count} {WORDS[what]}: {rows}{more}"

    def as_objects(self) -> list[dict[str, Any]]:
        return [
            {"table": table, "what": what.value, "count": count, "rows": list(map(_row, self.shown[table, what]))}
            for (table, what), count in sorted(self.counts.items())
        ]


@dataclass
class Verdict:
    """One dataset of one account, source beside warehouse.

    `mendable` differs and comes right when the rows `roots` are read and loaded again, `standing` does not. `since`
    are rows changed at the source after the last sync, which the next one brings; `left` are objects without a list of
    their own that no row leads to any more, by table; neither is a difference. `deleted` counts rows that `_deleted`
    tells as gone. `repaired` is what differed before these rows were loaded over.
    """

    source: str
    dataset: str
    account: str
    certificate: Certificate | None = None
    error: StitchhouseError | None = None
    held: int = 0
    compared: Counter[str] = field(default_factory=Counter)
    mendable: Findings = field(default_factory=Findings)
    standing: Findings = field(default_factory=Findings)
    roots: set[int] = field(default_factory=set)
    since: list[int] = field(default_factory=list)
    left: dict[str, list[int]] = field(default_factory=dict)
    deleted: int = 0
    notes: list[str] = field(default_factory=list)
    repaired: Findings | None = None

    @property
    def found(self) -> Findings:
        return self.mendable + self.standing

    @property
    def certified(self) -> bool:
        return self.error is None and self.certificate is not None and self.certificate.certified

    @property
    def equal(self) -> bool:
        return not self.found.counts

    @property
    def exit_code(self) -> int:
        failed = [self.error.exit_code] if self.error else []
        return worst([*failed, OK if self.certified and self.equal else UNCERTAIN])

    def lines(self) -> Iterator[str]:
        """The verdict in one line, then one for each thing to know about it."""
        one = self.certificate
        read = "nothing read" if one is None else f"{one.distinct} rows at the source, {self.held} in the warehouse"
        compared = f"{self.compared.total()} rows of {len(self.compared)} tables compared"
        yield f"{self.dataset} {self.account}: {self._word()}; {read}; {compared}" + (
            f"; {one.requests} requests" if one else ""
        )
        yield from self.found.lines()
        if self.since:
            yield f"changed at the source since the last sync, which the next one brings: {_some(self.since)}"
        if self.deleted:
            yield f"{self.deleted} that the source no longer answers stand in _deleted"
        for table, ids in sorted(self.left.items()):
            yield f"{table}: no row at the source leads any more to {_some(ids)}; absence is not deletion, they stay"
        if self.repaired is not None:
            yield f"repaired: {len(self.roots)} rows were read again and loaded over; before that there were"
            yield from (f"  {line}" for line in self.repaired.lines())
        for note in self.notes:
            yield f"note: {note}"

    def _word(self) -> str:
        differs = ", ".join(f"{count} {what}" for what, count in sorted(self._by_kind().items()))
        found = f"DIFFERS: {differs}" if differs else "equal"
        if self.certified:
            return found
        why = self.error or (self.certificate.why if self.certificate else "nothing was read")
        return f"CANNOT BE SURE: {why}; " + (found if differs else "what was read does not differ")

    def _by_kind(self) -> Counter[str]:
        kinds: Counter[str] = Counter()
        for (_, what), count in self.found.counts.items():
            kinds[what.value] += count
        return kinds

    def as_object(self) -> dict[str, Any]:
        one = self.certificate
        return {
            "dataset": f"{self.source}.{self.dataset}",
            "account": self.account,
            "exit_code": self.exit_code,
            "equal": self.equal,
            "certified": self.certified,
            "why": str(self.error or "") or (one.why if one else ""),
            "rows": one.distinct if one else 0,
            "held": self.held,
            "compared": dict(self.compared),
            "requests": one.requests if one else 0,
            "differences": self.found.as_objects(),
            "changed_since": self.since,
            "deleted": self.deleted,
            "left": self.left,
            "repaired": None if self.repaired is None else self.repaired.as_objects(),
            "notes": self.notes,
        }


def _row(row: Difference) -> dict[str, Any]:
    return {"key": row.key, "columns": list(row.columns)}


def _shown(row: Difference) -> str:
    return f"{row.key} ({', '.join(row.columns)})" if row.columns else row.key


def _some(ids: Sequence[int]) -> str:
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return f"id {', '.join(map(str, ids[:SHOWN]))}{more}"
