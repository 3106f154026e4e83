"""The `sync` command: the sources one after another, and what a run of them would cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines import locks
from pipelines.durations import duration
from pipelines.project import Project, check_datasets, chosen, datasets_of, missing
from pipelines.terminal import Terminal
from stitchhouse.errors import OK, UNCERTAIN, UsageError, worst

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pipelines.warehouse import Target
    from stitchhouse.walk import Window


def run_sync(  # noqa: PLR0913 - the options of the command, all named
    names: Sequence[str],
    *,
    window: Window,
    max_requests: int,
    max_deletes: int,
    datasets: Sequence[str],
    destination: str,
    accounts: Sequence[str],
    dry_run: bool,
    wait: str,
    published: Path | None,
    as_json: bool,
) -> int:
    """The exit code of the run: the worst of its sources'."""
    seconds = duration(wait, "--wait").total_seconds()
    project = Project.find()
    project.enter()
    terminal = Terminal(as_json=as_json)
    wanted = asked(of_accounts(names, accounts), datasets, terminal)

    from pipelines.publish import check_publish, publish
    from pipelines.warehouse import Target

    target = Target(project, destination)
    if published is not None:
        check_publish(target, published)
    with locks.waiting(seconds, terminal.say):
        if dry_run:
            from pipelines.forecast import run_forecast

            return run_forecast(project, target, wanted, accounts, terminal)
        asking: dict[str, Any] = {"window": window, "max_requests": max_requests, "max_deletes": max_deletes}
        code = _sync(project, target, wanted, accounts, terminal, asking)
    if published is not None and code in {OK, UNCERTAIN}:
        publish(project, target, published)
        terminal.say(f"published to {published}")
    elif published is not None:
        terminal.say(f"not published to {published}: the run did not end well")
    return code


def of_accounts(names: Sequence[str], accounts: Sequence[str]) -> Sequence[str]:
    """The sources to work on. Accounts alone tell them: those of Stitch Labs are named in the settings."""
    if names or not accounts or missing("stitchlabs") or missing("stitchex"):
        return names
    from pipelines.connection import tokens

    own = tokens()
    found = {"stitchlabs" if account in own else "stitchex" for account in accounts}
    if len(found) > 1:
        raise UsageError("these accounts are of both sources; sync one source after the other")
    return list(found)


def asked(names: Sequence[str], datasets: Sequence[str], terminal: Terminal) -> dict[str, list[str]]:
    """The datasets to work on, by source. Says which sources are skipped, and why."""
    sources, skipped = chosen(names)
    check_datasets(sources, datasets)
    wanted = {source: datasets_of(source, datasets) for source in sources}
    skipped += [f"{source} skipped: none of its datasets was asked for" for source in sources if not wanted[source]]
    for line in skipped:
        terminal.say(line)
    return {source: found for source, found in wanted.items() if found}


def _sync(
    project: Project,
    target: Target,
    wanted: Mapping[str, Sequence[str]],
    accounts: Sequence[str],
    terminal: Terminal,
    asking: Mapping[str, Any],
) -> int:
    from pipelines.load import sync

    outcomes = []
    for source, found in wanted.items():
        terminal.start(source)
        try:
            outcome = sync(
                project,
                source,
                target,
                datasets=found,
                accounts=accounts,
                show=terminal.show,
                done=terminal.done,
                **asking,
            )
        finally:
            terminal.stop()
        outcomes.append(outcome)
    terminal.summary(outcomes)
    return worst([outcome.exit_code for outcome in outcomes])
