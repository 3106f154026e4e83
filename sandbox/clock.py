"""The sandbox's own time: real by default, movable by tests."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import formatdate


class Clock:
    """Seconds since 1970; the base of the Date header, of update stamps and of token lives."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._frozen: float | None = None

    def now(self) -> float:
        return self._frozen if self._frozen is not None else time.time() + self._ahead

    def date(self) -> str:
        """The time as an HTTP Date header."""
        return formatdate(self.now(), usegmt=True)

    def set(self, moment: str) -> None:
        """Go to a time; one without an offset is UTC."""
        at = datetime.fromisoformat(moment)
        self.advance((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - self.now())

    def advance(self, seconds: float) -> None:
        if self._frozen is None:
            self._ahead += seconds
        else:
            self._frozen += seconds

    def freeze(self, *, frozen: bool) -> None:
        """Stop or let run; a clock that runs again goes on from where it stood."""
        now = self.now()
        self._frozen = now if frozen else None
        self._ahead = now - time.time()

    def reading(self) -> dict[str, object]:
        now = datetime.fromtimestamp(self.now(), UTC).isoformat(timespec="milliseconds")
        return {"now": now, "frozen": self._frozen is not None}
