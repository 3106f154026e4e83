"""How far a read of everything got that has not ended yet: kept with its rows, so that the next run goes on there."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stitchhouse.tally import Tally
    from stitchhouse.walk import Certificate

COUNTS = (
    *("pages", "requests", "rows", "distinct", "doubled", "loaded"),
    *("new", "changed", "unchanged", "rejected", "rejected_new"),
)
"""Figures of a certificate that go on counting from one run to the next."""


@dataclass(frozen=True, kw_only=True)
class Begun:
    """`through` is the last id of which everything is loaded, `at` the source's clock at the very first answer.

    `newest` is the newest stamp so far, `total` the source's count at first, `full` whether everything was asked for
    though there was a cursor. Times are ISO 8601 text in UTC.
    """

    through: int
    full: bool = False
    at: str = ""
    newest: str = ""
    total: int | None = None
    unstamped: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, through: int, at: str, tally: Tally, certificate: Certificate, *, full: bool) -> Begun:
        """`certificate` counts all runs together, and `tally` went on from what an earlier run began `at`."""
        return cls(
            through=through,
            full=full,
            at=at or (certificate.server_time.isoformat() if certificate.server_time else ""),
            newest=tally.newest.isoformat() if tally.newest else "",
            total=certificate.total_first,
            unstamped=tally.unstamped,
            counts={name: getattr(certificate, name) for name in COUNTS if getattr(certificate, name)},
        )

    def kept(self) -> dict[str, Any]:
        """As dlt's state keeps it."""
        return {"through": self.through} | {name: value for name, value in asdict(self).items() if value}

    def counted(self, certificate: Certificate) -> dict[str, Any]:
        """The figures of a certificate, with what the earlier runs counted."""
        added = {
            name: (getattr(certificate, name) or 0) + self.counts.get(name, 0)
            for name in COUNTS
            if getattr(certificate, name) is not None
        }
        return added | ({} if self.total is None else {"total_first": self.total})

    def take(self, tally: Tally) -> None:
        """What the earlier runs saw counts for the cursor too."""
        tally.unstamped = self.unstamped
        tally.newest = datetime.fromisoformat(self.newest) if self.newest else None

    def earliest(self, server: datetime | None) -> datetime | None:
        times = [time for time in (server, datetime.fromisoformat(self.at) if self.at else None) if time is not None]
        return min(times, default=None)
