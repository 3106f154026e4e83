"""What a run shows: live progress and a table on a terminal, plain lines without one, one JSON object for machines."""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stitchhouse.errors import worst

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.status import Status

    from pipelines.load import Outcome
    from stitchhouse.walk import Certificate

WIDE = 250
"""Columns of a table that goes into a file or a pipe."""
QUIET_SECONDS = 10
"""Without a terminal, a long walk says how far it is this often."""


class Terminal:
    """Shows one run, source after source."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.console = Console(soft_wrap=True, highlight=False)
        self.errors = Console(stderr=True, soft_wrap=True, highlight=False)
        self.as_json = as_json
        self.source = ""
        self._live: Status | None = None
        self._said = time.monotonic()

    def say(self, line: str) -> None:
        """A line about the run itself; with --json it goes to stderr, so that stdout stays one object."""
        (self.errors if self.as_json else self.console).print(line, markup=False)

    def start(self, source: str) -> None:
        self.source = source
        self._said = time.monotonic()
        if self.console.is_terminal and not self.as_json:
            self._live = self.console.status(f"{source}: connecting")
            self._live.start()

    def show(self, certificate: Certificate, becomes: str = "to load") -> None:
        text = f"{self.source}.{certificate.dataset} {certificate.account}: {far(certificate, becomes)}"
        if self._live is not None:
            self._live.update(text)
        elif not self.as_json and time.monotonic() - self._said > QUIET_SECONDS:
            self._said = time.monotonic()
            self.say(text)

    def done(self, certificate: Certificate) -> None:
        self._said = time.monotonic()
        if not certificate.account:
            # No dataset got as far as the accounts, all for the same reason, which the summary tells once.
            return
        if not self.as_json and self._live is None:
            self.say(f"{self.source}.{sentence(certificate)}")

    def stop(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def summary(self, outcomes: Sequence[Outcome]) -> None:
        if self.as_json:
            print(json.dumps(as_object(outcomes), default=datetime.isoformat))  # noqa: T201 - the command line speaks
        elif self.console.is_terminal:
            self.console.print(as_table(outcomes))
            for line in proofs([one for outcome in outcomes for one in outcome.certificates]):
                self.say(line)
        for outcome in outcomes:
            for certificate in outcome.certificates:
                if certificate.note and not self.as_json:
                    self.say(f"{outcome.source}.{certificate.dataset} {certificate.account}: note: {certificate.note}")
            sys.stdout.flush()
            for line in outcome.errors:
                self.errors.print(f"stitchhouse: {outcome.source}: {line}", markup=False)


def wide_console() -> Console:
    """A console for tables: as wide as the terminal, or wide enough for any where there is none."""
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console.width = WIDE
    return console


def far(certificate: Certificate, becomes: str) -> str:
    """How far a walk is; `becomes` is what is done with the rows that are picked of it."""
    count = f" of {certificate.total_first}" if certificate.total_first is not None else ""
    return f"page {certificate.pages}, {certificate.rows}{count} rows read, {certificate.loaded} {becomes}"


def sentence(certificate: Certificate) -> str:
    """A certificate in one line."""
    one = certificate
    read = one.plan if one.asked == "all" else f"{one.plan}, {one.asked}"
    verdict = f"certified ({read})" if one.certified else f"NOT CERTIFIED{_again(one)}: {one.why}"
    count = "" if one.total_first is None else f" (source counts {one.total_first})"
    compared = "" if one.new is None else f"{one.new} new, {one.changed} changed, {one.unchanged} unchanged, "
    deleted = "" if one.deleted is None else f"{one.deleted} deleted, "
    complete = f"; nothing missed: {one.proof}" if one.certified else ""
    return (
        f"{one.dataset} {one.account}: {verdict}; {one.pages} pages, {one.requests} requests; "
        f"{one.rows} rows{count}: {compared}{deleted}{_rejected(one)}{complete}"
    )


def _again(certificate: Certificate) -> str:
    return ", as reported before" if certificate.reported else ""


def _rejected(certificate: Certificate) -> str:
    """How many values were rejected, and how many of them an earlier run rejected already."""
    known = certificate.rejected - certificate.rejected_new
    if not known:
        return f"{certificate.rejected} rejected"
    before = "as reported before" if known == certificate.rejected else f"{known} of them as reported before"
    return f"{certificate.rejected} rejected, {before}"


def as_table(outcomes: Sequence[Outcome]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("dataset", "account", "pages", "requests", "rows", "source", "new", "changed", "same", "rejected"):
        table.add_column(name, justify="left" if name in {"dataset", "account"} else "right", no_wrap=True)
    table.add_column("certified")
    for outcome in outcomes:
        for one in outcome.certificates:
            no = f"[red]no[/red]{_again(one)}: {escape(one.why)}"
            verdict = f"[green]yes[/green], {one.plan}" if one.certified else no
            numbers = (one.pages, one.requests, one.rows, one.total_first, one.new, one.changed, one.unchanged)
            cells = ["" if number is None else f"{number:,}" for number in (*numbers, one.rejected)]
            table.add_row(f"{outcome.source}.{one.dataset}", one.account, *cells, verdict)
    return table


def proofs(certificates: Sequence[Certificate]) -> list[str]:
    """Why nothing can have been missed, once for each plan by which a walk was certified."""
    found = {one.plan: one.proof for one in certificates if one.certified}
    return [f"{plan}: nothing missed: {proof}" for plan, proof in found.items()]


def as_object(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "exit_code": worst([outcome.exit_code for outcome in outcomes]),
        "sources": [
            {
                "source": outcome.source,
                "exit_code": outcome.exit_code,
                "error": str(outcome.error) if outcome.error else None,
                "rows_loaded": outcome.rows,
                "walks": [certificate.row() for certificate in outcome.certificates],
            }
            for outcome in outcomes
        ],
    }
