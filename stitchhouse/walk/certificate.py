"""The certificate of a walk: what was read, and whether anything can have been missed. Loaded into `_walks`."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from stitchhouse.dataset import Kind
from stitchhouse.errors import OK, UNCERTAIN

if TYPE_CHECKING:
    from datetime import datetime

    from stitchhouse.walk.loop import Walk

ONLY = "only "
"""How `asked` begins where certain rows were asked for, so that the walk says nothing of the others."""
FIGURES = re.compile(r"\d+(?:[-:.,+T ]+\d+)*")
"""Numbers, times, and rows of them."""


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """One walk of one dataset of one account. `asked` says what it was to read, in words.

    `server_time` is the source's clock at the first answer, `ended_at` this machine's at the end (never a cursor).
    `rows` counts what the pages held, `distinct` different ids, `doubled` repeats. `total_first` and `total_last` are
    the source's own count in the first and the last answer. `new`, `changed` and `unchanged` are None where the
    warehouse was not asked what it holds; then every one of the `rejected` values is `rejected_new` too. `deleted`
    counts rows found to be gone, None where none were looked for. `through` is the last id up to which a read that has
    not ended is loaded: the next run goes on beyond it. `why` says why nothing can have been missed, or why
    something can; `reported` that an earlier run said the same, so that it alarms nobody; `acknowledged_at` when
    somebody closed it. `exit_code` is 0, 10, or the code of the error that ended the walk.
    """

    run: str
    dataset: str
    account: str
    plan: str = ""
    asked: str = "all"
    server_time: datetime | None = None
    ended_at: datetime | None = None
    pages: int = 0
    requests: int = 0
    rows: int = 0
    distinct: int = 0
    doubled: int = 0
    total_first: int | None = None
    total_last: int | None = None
    passes: int = 1
    loaded: int = 0
    new: int | None = None
    changed: int | None = None
    unchanged: int | None = None
    deleted: int | None = None
    rejected: int = 0
    rejected_new: int = 0
    certified: bool = False
    why: str = ""
    reported: bool = False
    note: str = ""
    cursor_before: datetime | None = None
    cursor_after: datetime | None = None
    through: int | None = None
    exit_code: int = UNCERTAIN
    acknowledged_at: datetime | None = None

    def of_walk(
        self, walk: Walk, cursor: datetime | None, *, rejected_new: int | None = None, reported: bool = False
    ) -> Certificate:
        """With what the walk itself knows; `cursor` is where it moves to if nothing can have been missed.

        `rejected_new` counts the rejected values that the warehouse does not hold yet, None where nobody asked it.
        `reported` tells whether an earlier run told the same reason, by its `gist`: it alarms nobody again.
        """
        why = walk.why
        again = bool(why) and reported
        fresh = self.rejected if rejected_new is None else rejected_new
        return replace(
            self,
            plan=walk.plan.name,
            server_time=walk.server_time,
            pages=walk.pages,
            rows=walk.rows,
            total_first=walk.total_first,
            total_last=walk.total_last,
            passes=walk.passes,
            rejected_new=fresh,
            certified=not why,
            why=why or self._complete(walk),
            reported=again,
            cursor_after=self.cursor_before if why else cursor,
            through=self.through if why else None,
            exit_code=UNCERTAIN if fresh or (why and not again) else OK,
        )

    def _complete(self, walk: Walk) -> str:
        """Why nothing can have been missed: the plan's own reason, and the rows against the source's count."""
        counted = walk.total_first
        if counted is None or not walk.plan.whole:
            return walk.plan.reason
        if counted == self.distinct:
            return f"{walk.plan.reason}; {counted:,} of {counted:,} counted rows read"
        return f"{walk.plan.reason}; {self.distinct:,} rows read, the source counted {counted:,} when it began"

    @property
    def proof(self) -> str:
        """Why the plan cannot have missed anything, without the figures of this walk; empty where it can."""
        return self.why.partition("; ")[0] if self.certified else ""

    def failed(self, why: str, exit_code: int) -> Certificate:
        stays = self.cursor_before
        return replace(self, certified=False, why=why, reported=False, cursor_after=stays, exit_code=exit_code)

    def noted(self, note: str) -> Certificate:
        return replace(self, note="; ".join(filter(None, (self.note, note))))

    def row(self) -> dict[str, Any]:
        return asdict(self)


def gist(why: str) -> str:
    """What stays the same of a reason when it comes again: all but its figures."""
    return FIGURES.sub("#", why)


COLUMNS: dict[str, Kind] = {
    "run": Kind.TEXT,
    "dataset": Kind.TEXT,
    "account": Kind.TEXT,
    "plan": Kind.TEXT,
    "asked": Kind.TEXT,
    "server_time": Kind.TIME,
    "ended_at": Kind.TIME,
    "pages": Kind.COUNT,
    "requests": Kind.COUNT,
    "rows": Kind.COUNT,
    "distinct": Kind.COUNT,
    "doubled": Kind.COUNT,
    "total_first": Kind.COUNT,
    "total_last": Kind.COUNT,
    "passes": Kind.COUNT,
    "loaded": Kind.COUNT,
    "new": Kind.COUNT,
    "changed": Kind.COUNT,
    "unchanged": Kind.COUNT,
    "deleted": Kind.COUNT,
    "rejected": Kind.COUNT,
    "rejected_new": Kind.COUNT,
    "certified": Kind.FLAG,
    "why": Kind.TEXT,
    "reported": Kind.FLAG,
    "note": Kind.TEXT,
    "cursor_before": Kind.TIME,
    "cursor_after": Kind.TIME,
    "through": Kind.ID,
    "exit_code": Kind.COUNT,
    "acknowledged_at": Kind.TIME,
}
