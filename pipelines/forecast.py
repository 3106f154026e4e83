"""What a sync would ask: requests and hours, from one small look at every list. Loads nothing and keeps nothing."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

from pipelines import locks
from pipelines.load import check_accounts, host_of, logins, pipeline_of, tokens
from pipelines.project import maker, module
from stitchhouse.errors import OK, ConfigurationError
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


def connect(source: str, accounts: Sequence[str], **terms: Any) -> Any:
    """The API of a source with this project's settings, for some accounts only; `terms` win over the settings."""
    check_accounts(source, accounts)
    make = module(source).connect
    given = {name: typed(source, name, one.default) for name, one in inspect.signature(make).parameters.items()}
    if accounts:
        given["organisations" if source == "stitchex" else "chosen"] = list(accounts)
    if source == "stitchlabs":
        given |= {"access_token": "", "accounts": tokens()}
    return make(**{name: value for name, value in given.items() if value is not None} | terms)


def typed(source: str, name: str, default: object) -> Any:
    """A setting in the type of its default, text where there is none: a variable of the environment is always text."""
    import dlt
    from dlt.common.configuration.exceptions import ConfigValueCannotBeCoercedException

    kind: type = list if isinstance(default, tuple) else type(default)
    kind = kind if kind in {list, bool, float, dict} else str
    try:
        return dlt.config.get(f"sources.{source}.{name}", kind)
    except ConfigValueCannotBeCoercedException:
        raise ConfigurationError(f"sources.{source}.{name} is not of the type {kind.__name__}") from None
