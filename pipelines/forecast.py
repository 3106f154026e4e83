"""What a sync would ask: requests and hours, from one small look at every list. Loads nothing and keeps nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipelines import locks
from pipelines.connection import connect, host_of, logins, typed
from pipelines.load import pipeline_of
from pipelines.project import maker
from stitchhouse.errors import OK
from stitchhouse.forecast import Forecast, forecast
from stitchhouse.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipelines.project import Project
    from pipelines.terminal import Terminal
    from pipelines.warehouse import Target

RATE = 2.0
"""Requests per second where the settings say nothing."""


def run_forecast(
    project: Project, target: Target, wanted: Mapping[str, Sequence[str]], accounts: Sequence[str], terminal: Terminal
) -> int:
    found = []
    for source, datasets in wanted.items():
        rate = rate_of(source)
        for dataset, account, cost in _forecasts(project, target, source, datasets, accounts):
            hours = cost.requests / rate / 3600 if rate > 0 else 0.0
            found.append({"dataset": f"{source}.{dataset}", "account": account, "hours": hours, **vars(cost)})
            terminal.say(
                f"{source}.{dataset} {account}: {cost.plan}; {cost.rows} rows, at most {cost.requests} requests"
                + (f", {hours:.2f} hours at {rate:g} a second" if rate > 0 else "")
            )
    requests = sum(int(str(row["requests"])) for row in found)
    if terminal.as_json:
        print(json.dumps({"forecasts": found, "requests": requests}))  # noqa: T201 - the command line speaks
    terminal.say(f"in all at most {requests} requests; nothing was loaded")
    return OK


def rate_of(source: str) -> float:
    """Requests per second as the settings say; 0 sets no limit."""
    held = typed(source, "requests_per_second", RATE)
    return RATE if held is None else float(held)


def _forecasts(
    project: Project, target: Target, source: str, names: Sequence[str], accounts: Sequence[str]
) -> Iterator[tuple[str, str, Forecast]]:
    _, datasets = maker(source)
    with locks.loading(project, target.place, source), locks.walking(host_of(source), logins(source, accounts)):
        state: dict[str, Any] = {}
        if target.file is None or target.file.exists():
            target.ready()
            state = dict(pipeline_of(project, source, target).state)
        kept = state.get("sources", {}).get(source, {}).get("resources", {})
        api = connect(source, accounts)
        for dataset in datasets:
            if dataset.name not in names:
                continue
            for account in api.accounts():
                memory = Memory(kept.get(dataset.name, {}), dataset.cursor, account)
                yield dataset.name, account, forecast(dataset, account, api.reader(dataset, account), memory)
