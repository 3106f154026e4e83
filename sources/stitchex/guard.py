"""Whether an answer was for the right organisation, where its rows do not say (API reference, sections 3.4 and 13).

The current organisation is kept by the source, perhaps per user, so that another program with the same login can switch
it under a walk. A document that names its organisation, asked for by its id right after the answer, tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stitchhouse.envelope import objects
from stitchhouse.errors import RefusedError
from stitchhouse.faults import DeniedError
from stitchhouse.walk.page import row_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sources.stitchex.auth import Connection

COLUMN = "organisation_id"
DOCUMENTS = ("sales_orders", "invoices", "pick_tickets", "production_orders")
"""Lists whose rows name their organisation, the likeliest to have rows first."""
BY_ID = ("sales_orders", "pick_tickets")
"""Those of them that are known to answer one document by its id."""


class Guard:
    """Remembers one document per organisation."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._known: dict[int, str] = {}

    def note(self, organisation: int, path: str, rows: Iterable[dict[str, Any]]) -> None:
        """Take the first of these rows as the document to ask for, if it is the organisation's and can be asked for."""
        row = next(iter(rows), {})
        key = row_id(row)
        ours = key is not None and str(row.get(COLUMN)) == str(organisation)
        if ours and path in BY_ID and organisation not in self._known:
            self._known[organisation] = f"/{path}/{key}"

    def current(self, organisation: int, where: str, *, just_set: bool = False) -> bool:
        """Whether `organisation` is the current one. One without any document is believed to be if it was just set."""
        if (path := self._known.get(organisation)) is None:
            return self._look(organisation, where, just_set=just_set)
        try:
            answer = self.connection.get(path, organisation, f"{where}, check of the organisation")
        except (RefusedError, DeniedError):
            # Another organisation is current, or the document is gone: look for one anew.
            del self._known[organisation]
            return False
        return str(organisation) in set(_organisations(answer.data))

    def _look(self, organisation: int, where: str, *, just_set: bool) -> bool:
        for path in DOCUMENTS:
            try:
                answer = self.connection.get(f"/{path}", organisation, f"{where}, check of the organisation")
            except (RefusedError, DeniedError):
                # A login that may not read this list may read the next.
                continue
            rows = answer.data.get(path) if isinstance(answer.data, dict) else None
            found = [row for row in objects(rows or [], path, where) if row.get(COLUMN) is not None]
            if found:
                self.note(organisation, path, found)
                return all(str(row.get(COLUMN)) == str(organisation) for row in found)
        return just_set


def _organisations(data: Any) -> Iterable[str]:
    """Every organisation that a document in any envelope names."""
    if isinstance(data, dict):
        if COLUMN in data:
            yield str(data[COLUMN])
        else:
            for held in data.values():
                yield from _organisations(held)
    elif isinstance(data, list):
        for held in data:
            yield from _organisations(held)
