"""Watches a run for its certificates, and keeps those that found nothing until a run that loads something."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from stitchhouse.walk import Certificate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

TIMES = ("server_time", "ended_at", "cursor_before", "cursor_after")


class Watch:
    """The engine's observer. `show` is told each certificate while its walk goes on, `done` when it ended."""

    def __init__(self, file: Path, show: Callable[[Certificate], None], done: Callable[[Certificate], None]) -> None:
        self._file = file
        self._show = show
        self._done = done
        self._taken = 0
        self.certificates: list[Certificate] = []
        self.rows: Counter[str] = Counter()
        self.loads = False
        """Whether anything was handed over to be loaded."""

    def progress(self, certificate: Certificate) -> None:
        self._show(certificate)

    def walked(self, certificate: Certificate, rows: Mapping[str, int], *, loads: bool) -> bool:
        self.certificates.append(certificate)
        self.loads = self.loads or loads
        self.rows.update(rows)
        self._done(certificate)
        if not loads:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8") as lines:
                lines.write(_line(certificate.row()))
        return not loads

    def paused(self, certificate: Certificate) -> None:
        self._show(certificate)
        self.loads = True

    def carried(self) -> Sequence[Certificate]:
        held = kept(self._file)
        fresh, self._taken = held[self._taken :], len(held)
        return fresh

    def forget(self) -> None:
        """What is kept speaks of a warehouse that is gone."""
        self._file.unlink(missing_ok=True)

    def loaded(self) -> None:
        """The load succeeded: what was carried in it is in the warehouse now."""
        if not self._taken:
            return
        rest = kept(self._file)[self._taken :]
        if rest:
            keep(self._file, [one.row() for one in rest])
        else:
            self._file.unlink(missing_ok=True)
        self._taken = 0


def keep(file: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put these certificates in place of those in a file, all at once."""
    made = file.with_suffix(".new")
    made.write_text("".join(map(_line, rows)), encoding="utf-8")
    made.replace(file)


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, default=datetime.isoformat) + "\n"


def kept(file: Path) -> list[Certificate]:
    """The certificates in a file; a line cut off by a crash is left out, the walk it speaks of loaded nothing."""
    if not file.exists():
        return []
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            row: dict[str, Any] = json.loads(line)
            times = {name: datetime.fromisoformat(row[name]) if row[name] else None for name in TIMES}
            found.append(Certificate(**{**row, **times}))
        except (ValueError, TypeError, KeyError):
            continue
    return found
