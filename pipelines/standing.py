"""How a source stands in the warehouse, asked in SQL: last walks, what was rejected or is gone, rows per table."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pendulum

from pipelines.held import LOAD_ID
from pipelines.load import certificates_file
from pipelines.query import ask
from pipelines.warehouse import Target
from pipelines.watch import kept
from stitchhouse.dataset import ACCOUNT
from stitchhouse.ledger import WALKS
from stitchhouse.walk.certificate import ONLY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from pipelines.project import Project

Row = dict[str, Any]

SHOWN = (
    *("dataset", ACCOUNT, "ended_at", "certified_at", "plan", "asked", "certified", "why", "note", "rows"),
    *("cursor_after", "through", "rejected", "deleted", "reported", "acknowledged_at", "exit_code", "stale"),
)
"""Of a walk, what `status` tells."""
LONGEST_RAW = 80


@dataclass(frozen=True, kw_only=True)
class Standing:
    """`walks` are the last ones of each dataset and account, `rejected` groups of values of one column and reason."""

    walks: Sequence[Row] = ()
    rejected: Sequence[Row] = ()
    deleted: Sequence[Row] = ()
    unfinished: Sequence[Row] = ()
    tables: Sequence[Row] = ()

    @property
    def open(self) -> bool:
        """Whether anything waits for somebody to look at it."""
        return any(map(is_open, self.walks)) or any(group["open"] for group in self.rejected)

    @property
    def stale(self) -> bool:
        return any(walk["stale"] for walk in self.walks)

    def as_object(self) -> dict[str, Any]:
        return {
            "walks": [{name: walk.get(name) for name in SHOWN} for walk in self.walks],
            "rejected": self.rejected,
            "deleted": self.deleted,
            "unfinished": self.unfinished,
            "tables": self.tables,
        }


def is_open(walk: Mapping[str, Any]) -> bool:
    """Whether a walk was not certified and nobody closed it."""
    return not walk["certified"] and walk["acknowledged_at"] is None


@dataclass(frozen=True)
class Asking:
    """Questions to the schema of one source. Empty where nothing of it was ever loaded."""

    project: Project
    source: str
    destination: str
    columns: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        target = Target(self.project, self.destination)
        if target.file is not None and not target.file.exists():
            return
        of_schema = "select table_name, column_name from information_schema.columns where table_schema = '{schema}'"
        for row in self._rows(of_schema):
            self.columns[row["table_name"]].add(row["column_name"])

    def standing(self, oldest: datetime | None = None) -> Standing:
        """A dataset whose last certified walk is older than `oldest` is stale."""
        if WALKS.name not in self.columns:
            return Standing()
        walks = [
            walk | {"stale": oldest is not None and (walk["certified_at"] is None or walk["certified_at"] < oldest)}
            for walk in self.last_walks()
        ]
        gone = "select table_name, count(*) as rows from {schema}._deleted group by 1 order by 1"
        return Standing(
            walks=walks,
            rejected=self._rejected(),
            deleted=self._rows(gone),
            unfinished=self._unfinished(walks),
            tables=self._tables(),
        )

    def carried(self) -> list[Row]:
        """The certificates kept on this machine until a run that loads something."""
        target = Target(self.project, self.destination)
        return [one.row() for one in kept(certificates_file(self.project, target, self.source))]

    def last_walks(self) -> list[Row]:
        """The last walk of each dataset and account, with all that its certificate holds."""
        since_certified = """
            select walks.*
            from {schema}._walks as walks
            left join (
                select dataset, account, max(ended_at) as ended_at
                from {schema}._walks
                where certified {unasked}
                group by 1, 2
            ) as certified
                on certified.dataset = walks.dataset and certified.account = walks.account
            where certified.ended_at is null or walks.ended_at >= certified.ended_at
        """.replace("{unasked}", f"and asked not like '{ONLY}%'" if "asked" in self.columns[WALKS.name] else "")
        return last([*self._rows(since_certified), *self.carried()])

    def open_rejected(self) -> list[Row]:
        """The rejected values that nobody closed, whole."""
        found = self._rows("select * from {schema}._rejected")
        return [row for row in found if row.get("acknowledged_at") is None]

    def _rejected(self) -> list[Row]:
        """Where values were rejected and why, how many, how many of them are open, and one as it came."""
        groups = """
            select
                dataset,
                table_name,
                column_name,
                reason,
                count(*) as "values",
                count(*) - {closed} as open,
                min(raw) as raw
            from {schema}._rejected
            group by 1, 2, 3, 4
            order by 1, 2, 3, 4
        """
        closed = "count(acknowledged_at)" if "acknowledged_at" in self.columns["_rejected"] else "0"
        return [group | {"raw": shortened(group["raw"])} for group in self._rows(groups, closed=closed)]

    def _unfinished(self, walks: Iterable[Row]) -> list[Row]:
        """Reads that have not reached the end of their list: rows loaded so far, and the id they go on from."""
        rows = "select count(*) as rows from {schema}.{dataset} where account = '{account}'"
        return [
            {name: walk[name] for name in ("dataset", ACCOUNT, "through")} | one
            for walk in walks
            if walk.get("through") is not None
            for one in self._rows(rows, dataset=walk["dataset"], account=walk[ACCOUNT].replace("'", "''"))
        ]

    def _tables(self) -> list[Row]:
        """Rows of each table, and when the last of them was loaded."""
        part = "select '{name}' as name, count(*) as rows, {load} as load_id from {schema}.{name}"
        parts = [
            part.replace("{name}", name).replace("{load}", f"max({LOAD_ID})" if LOAD_ID in columns else "null")
            for name, columns in self.columns.items()
            if not name.startswith("_")
        ]
        return [
            {
                "table": row["name"],
                "rows": row["rows"],
                "last_loaded": pendulum.from_timestamp(float(row["load_id"])) if row["load_id"] else None,
            }
            for row in (self._rows(" union all ".join(parts) + " order by 1") if parts else [])
        ]

    def _rows(self, sql: str, **words: str) -> list[Row]:
        """What the destination answers; `{schema}` in the question is the source's."""
        names, rows = ask(self.project, sql.format(schema=self.source, **words), self.destination, None)
        return [dict(zip(names, row, strict=True)) for row in rows]


def last(walks: Collection[Row]) -> list[Row]:
    """The last walk of each dataset and account, with the time of the last certified one.

    A walk of certain rows only says nothing of the dataset, and does not count. A walk that was not certified is closed
    with the one before it, where that told the same reason and was closed. A run that did not get as far as the
    accounts names none: it counts until a later one does.
    """
    found: dict[tuple[str, str], Row] = {}
    for walk in sorted(walks, key=lambda walk: walk["ended_at"]):
        if str(walk.get("asked") or "").startswith(ONLY):
            continue
        place = (walk["dataset"], walk[ACCOUNT])
        before = found.get(place, {})
        closed = walk.get("acknowledged_at") or (before.get("acknowledged_at") if walk.get("reported") else None)
        certified = walk["ended_at"] if walk["certified"] else before.get("certified_at")
        found[place] = walk | {"acknowledged_at": closed, "certified_at": certified}
    latest = {dataset: max(w["ended_at"] for (d, _), w in found.items() if d == dataset) for dataset, _ in found}
    return [found[place] for place in sorted(found) if place[1] or found[place]["ended_at"] == latest[place[0]]]


def shortened(raw: str | None) -> str:
    text = " ".join((raw or "").split())
    return text if len(text) <= LONGEST_RAW else f"{text[:LONGEST_RAW]}..."
