"""The `sync` command: the sources one after another, and what a run of them would cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.project import Project, check_datasets, chosen, datasets_of
from pipelines.terminal import Terminal
from stitchhouse.errors import worst

if TYPE_CHECKING:
    from collections.abc import Sequence


def run_sync(
    names: Sequence[str],
    *,
    datasets: Sequence[str],
    destination: str,
    accounts: Sequence[str],
    dry_run: bool,
    as_json: bool,
) -> int:
    """The exit code of the run: the worst of its sources'."""
    project = Project.find()
    project.enter()
    terminal = Terminal(as_json=as_json)
    sources, skipped = chosen(names)
    check_datasets(sources, datasets)
    wanted = {source: datasets_of(source, datasets) for source in sources}
    for source in [name for name in sources if not wanted[name]]:
        skipped.append(f"{source} skipped: none of its datasets was asked for")
        sources.remove(source)
    for line in skipped:
        terminal.say(line)

    from pipelines.load import sync
    from pipelines.warehouse import Target

    target = Target(project, destination)
    if dry_run:
        from pipelines.forecast import run_forecast

        return run_forecast(project, target, {name: wanted[name] for name in sources}, accounts, terminal)
    outcomes = []
    for source in sources:
        terminal.start(source)
        try:
            outcome = sync(
                project,
                source,
                target,
                datasets=wanted[source],
                accounts=accounts,
                show=terminal.show,
                done=terminal.done,
            )
        finally:
            terminal.stop()
        outcomes.append(outcome)
    terminal.summary(outcomes)
    return worst([outcome.exit_code for outcome in outcomes])
