"""The `reset` command: forgets how far a dataset was read, so that the next run reads all of it again."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from dlt.pipeline.exceptions import PipelineStepFailed

from pipelines import locks
from pipelines.load import pipeline_of
from pipelines.project import SOURCES, Project, check_datasets, maker
from pipelines.prompts import confirmed
from pipelines.terminal import Terminal
from pipelines.warehouse import Target
from pipelines.words import one_line
from stitchhouse.errors import OK, DestinationError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STAYS = ("certified", "unsettled", "afresh")
"""Of what is remembered of an account: that its rows are whole, so that copies of them beside others stay left out, and
which rows are still to be looked at again."""


def run_reset(names: Sequence[str], *, accounts: Sequence[str], destination: str, yes: bool, as_json: bool) -> int:
    """Rows and tables stay as they are; what never was loaded has nothing to forget, which is no error."""
    wanted = [whole(name) for name in names]
    project = Project.find()
    project.enter()
    terminal = Terminal(as_json=as_json)
    target = Target(project, destination)
    told = ", ".join(f"{source}.{dataset}" for source, dataset in wanted)
    question = f"Forget how far {told} was read into {target.place}, and read it all again next time?"
    if not confirmed("reset", question, yes=yes):
        terminal.say("nothing was forgotten")
        return OK
    by_source = defaultdict(list)
    for source, dataset in dict.fromkeys(wanted):
        by_source[source].append(dataset)
    forgotten = []
    for source, datasets in by_source.items():
        rows = _reset(project, target, source, datasets, accounts)
        for dataset in [] if as_json else datasets:
            _say(terminal, f"{source}.{dataset}", rows)
        forgotten += rows
    if as_json:
        print(json.dumps({"exit_code": OK, "forgotten": forgotten}))  # noqa: T201 - the command line speaks
    return OK


def whole(name: str) -> tuple[str, str]:
    """(source, dataset). Raises `UsageError` where no source has such a dataset, or more than one."""
    check_datasets(SOURCES, [name])
    held = [(source, dataset.name) for source in SOURCES for dataset in maker(source)[1]]
    found = [pair for pair in held if name in {pair[1], ".".join(pair)}]
    if len(found) > 1:
        raise UsageError(f"{name} is a dataset of more than one source; say {' or '.join(map('.'.join, found))}")
    return found[0]


def _reset(
    project: Project, target: Target, source: str, datasets: Sequence[str], accounts: Sequence[str]
) -> list[dict[str, Any]]:
    """One row per dataset and account that something was forgotten of. The state is loaded like any other package."""
    if target.file is not None and not target.file.exists():
        return []
    with locks.loading(project, target.place, source):
        target.ready()
        pipeline = pipeline_of(project, source, target)
        if pipeline.default_schema_name is None:
            return []
        columns = {dataset.name: dataset.cursor for dataset in maker(source)[1]}
        forgotten = []
        try:
            with pipeline.managed_state(extract_state=True) as state:
                held: Mapping[str, Any] = state.get("sources", {}).get(source, {}).get("resources", {})
                _check_accounts(held, accounts)
                for dataset in [name for name in datasets if name in held]:
                    cursors = forget(held[dataset], columns[dataset], accounts)
                    forgotten += [
                        {"dataset": f"{source}.{dataset}", "account": account, "cursor": cursor}
                        for account, cursor in cursors.items()
                    ]
            if forgotten:
                pipeline.normalize()
                pipeline.load()
        except PipelineStepFailed as error:
            words = one_line(error.exception)
            raise DestinationError(f"{error.step} failed: {words}; nothing was forgotten, run again") from None
    return forgotten


def _check_accounts(held: Mapping[str, Any], accounts: Sequence[str]) -> None:
    """Raises `UsageError` for an account of which nothing is remembered."""
    known = sorted({account for state in held.values() for account in state.get("accounts", {})})
    if unknown := [account for account in accounts if account not in known]:
        raise UsageError(f"nothing is remembered of account {unknown[0]!r}; there are: {', '.join(known)}")


def forget(state: dict[str, Any], column: str, accounts: Sequence[str] = ()) -> dict[str, str | None]:
    """Account -> the cursor that it had, of those of `accounts` (or all) that remembered anything."""
    held = state.get("accounts", {})
    own = state.get("incremental", {}).get(column, {})
    cursors = own.get("accounts", {})
    known = sorted({account for account, kept in held.items() if not kept.get("afresh")} | cursors.keys())
    chosen = [account for account in known if not accounts or account in accounts]
    before = {account: cursors.get(account) for account in chosen}
    for account in chosen:
        cursors.pop(account, None)
        held[account] = {name: value for name, value in held.get(account, {}).items() if name in STAYS} | {
            "afresh": True
        }
    if cursors:
        own["last_value"] = min(cursors.values())
    else:
        state.pop("incremental", None)
    return before


def _say(terminal: Terminal, dataset: str, forgotten: Sequence[Mapping[str, Any]]) -> None:
    rows = [row for row in forgotten if row["dataset"] == dataset]
    for row in rows:
        cursor = f"the cursor {row['cursor']}" if row["cursor"] else "what its list can do, it had no cursor"
        terminal.say(f"{dataset} {row['account']}: forgot {cursor}; the next sync reads all of it again")
    if not rows:
        terminal.say(f"{dataset}: nothing to forget")
