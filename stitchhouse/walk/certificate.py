"""The certificate of a walk: what was read, and whether anything can have been missed. Loaded into `_walks`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from stitchhouse.dataset import Kind
from stitchhouse.errors import OK, UNCERTAIN

if TYPE_CHECKING:
    from datetime import datetime

    from stitchhouse.walk.loop import Walk


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """One walk of one dataset of one account.

    `server_time` is the source's clock at the first answer, `ended_at` this machine's at the end (never a cursor).
    `rows` counts what the pages held, `distinct` different ids, `doubled` repeats. `total_first` and `total_last` are
    the source's own count in the first and the last answer. `new`, `changed` and `unchanged` are None where the
    warehouse was not asked what it holds. `exit_code` is 0, 10, or the code of the error that ended the walk.
    """

    run: str
    dataset: str
    account: str
    plan: str = ""
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
    rejected: int = 0
    certified: bool = False
    why: str = ""
    note: str = ""
    cursor_before: datetime | None = None
    cursor_after: datetime | None = None
    exit_code: int = UNCERTAIN

    def of_walk(self, walk: Walk, cursor: datetime | None) -> Certificate:
        """With what the walk itself knows; `cursor` is where it moves to if nothing can have been missed."""
        why = walk.why
        return replace(
            self,
            plan=walk.plan.name,
            server_time=walk.server_time,
            pages=walk.pages,
            rows=walk.rows,
            total_first=walk.total_first,
            total_last=walk.total_last,
            certified=not why,
            why=why,
            cursor_after=self.cursor_before if why else cursor,
            exit_code=UNCERTAIN if why or self.rejected else OK,
        )

    def failed(self, why: str, exit_code: int) -> Certificate:
        return replace(self, certified=False, why=why, exit_code=exit_code)

    def noted(self, note: str) -> Certificate:
        return replace(self, note="; ".join(filter(None, (self.note, note))))

    def row(self) -> dict[str, Any]:
        return asdict(self)


COLUMNS: dict[str, Kind] = {
    "run": Kind.TEXT,
    "dataset": Kind.TEXT,
    "account": Kind.TEXT,
    "plan": Kind.TEXT,
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
    "rejected": Kind.COUNT,
    "certified": Kind.FLAG,
    "why": Kind.TEXT,
    "note": Kind.TEXT,
    "cursor_before": Kind.TIME,
    "cursor_after": Kind.TIME,
    "exit_code": Kind.COUNT,
}
