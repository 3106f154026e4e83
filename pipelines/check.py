"""The `check` command: whether each source can be read, how, and how fast. Writes nothing and loads nothing."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pendulum

from pipelines import locks
from pipelines.answers import Able, Answers, complaints, show, what, who
from pipelines.commands import asked, of_accounts
from pipelines.connection import connect, host_of, logins
from pipelines.forecast import rate_of
from pipelines.load import pipeline_of
from pipelines.project import Project, maker
from pipelines.terminal import Terminal
from pipelines.timed import Timed, Times
from pipelines.warehouse import Target, file_error
from stitchhouse.errors import OK, CredentialsError, StitchhouseError, worst
from stitchhouse.forecast import forecast
from stitchhouse.memory import Memory
from stitchhouse.walk import Capabilities, WholeList, Window, probe
from stitchhouse.walk.choice import plans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stitchhouse.dataset import Dataset
    from stitchhouse.walk import Reader


def run_check(
    names: Sequence[str], *, datasets: Sequence[str], accounts: Sequence[str], destination: str, as_json: bool
) -> int:
    """The worst of what was found. What fails does not keep the rest from being looked at."""
    project = Project.find()
    project.enter(writes=False)
    terminal = Terminal(as_json=as_json)
    target = Target(project, destination) if destination else None
    found = []
    for source, wanted in asked(of_accounts(names, accounts), datasets, terminal).items():
        terminal.start(source)
        try:
            found.append(_answers(source, wanted, accounts, terminal))
        finally:
            terminal.stop()
    place = _reached(project, target) if target else None
    code = worst([*(one.exit_code for one in found), *([place["exit_code"]] if place else [])])
    if as_json:
        answer = {"exit_code": code, "sources": [asdict(one) for one in found], "destination": place}
        print(json.dumps(answer))  # noqa: T201 - the command line speaks
    else:
        show(found, place, terminal)
    for line in complaints(found, place):
        terminal.errors.print(f"stitchhouse: {line}", markup=False)
    return code


def _answers(source: str, names: Sequence[str], accounts: Sequence[str], terminal: Terminal) -> Answers:
    found = Answers(source=source)
    try:
        found.host, found.requests_per_second = host_of(source), rate_of(source)
        times = Times(gap=1 / found.requests_per_second if found.requests_per_second > 0 else 0.0)
        with locks.walking(found.host, logins(source, accounts)):
            api = connect(source, accounts, **({"keep_token": False} if source == "stitchex" else {}))
            found.accounts = _accounts(source, api)
            _say(terminal, who(found))
            for account in api.accounts():
                for dataset in [one for one in maker(source)[1] if one.name in names]:
                    able = _able(source, dataset, account, Timed(api.reader(dataset, account), times))
                    found.datasets.append(able)
                    _say(terminal, what(able))
    except StitchhouseError as error:
        found.error, found.exit_code = str(error), error.exit_code
    else:
        found.answer_seconds, found.clock = times.answer, times.clock
        found.requests = sum(one.requests for one in found.datasets)
        each = max(times.gap, times.answer or 0.0)
        found.hours = found.requests * each / 3600 if each else None
    codes = [found.exit_code, *(one.exit_code for one in found.datasets)]
    if OK in codes[1:] or (source == "stitchex" and found.accounts):
        found.credentials = "accepted"
    elif CredentialsError.exit_code in codes:
        found.credentials = "refused"
    found.exit_code = worst(codes)
    return found


def _accounts(source: str, api: Any) -> list[dict[str, Any]]:
    """Every account that can be read, and whether the settings select it."""
    selected = list(api.accounts())
    listed = api.connection.organisations() if source == "stitchex" else [{"id": name} for name in selected]
    return [
        {"account": str(one["id"]), "name": str(one.get("name") or ""), "selected": str(one["id"]) in selected}
        for one in listed
    ]


def _able(source: str, dataset: Dataset, account: str, reader: Reader) -> Able:
    found = Able(dataset=f"{source}.{dataset.name}", account=account)
    try:
        able = probe(reader, dataset.cursor, sorted_by_id=dataset.sorted_by_id) if dataset.paged else Capabilities()
        found.capabilities = asdict(able) if dataset.paged else {}
        memory = Memory({}, dataset.cursor, account)
        memory.keep(capabilities=found.capabilities)
        cost = forecast(dataset, account, reader, memory)
        found.rows, found.requests, found.first = cost.rows, cost.requests, cost.plan
        found.later = next(plans(dataset, able, _next_time(dataset))).name
        if cost.pages == 1:
            # What fits one answer is read whole, without a plan.
            found.first = found.later = WholeList.name
    except StitchhouseError as error:
        found.error, found.exit_code = str(error), error.exit_code
    return found


def _next_time(dataset: Dataset) -> Window:
    """What the run after the first one reads."""
    if dataset.cursor:
        return Window(since=pendulum.now("UTC"))
    return Window(after=0) if dataset.closed else Window()


def _reached(project: Project, target: Target) -> dict[str, Any]:
    """Whether the destination answers, asked without changing it."""
    place: dict[str, Any] = {"name": target.name, "place": target.place, "state": "", "error": None, "exit_code": OK}
    try:
        place["state"] = _opened(target.file) if target.file else "reachable"
        if target.file is None:
            with tempfile.TemporaryDirectory() as folder:
                pipeline_of(project, "stitchlabs", target, Path(folder))
    except StitchhouseError as error:
        place |= {"state": "", "error": str(error), "exit_code": error.exit_code}
    return place


def _opened(file: Path) -> str:
    import duckdb

    if not file.exists():
        return "not there yet, the first sync makes it"
    try:
        duckdb.connect(str(file), read_only=True).close()
    except (duckdb.Error, OSError) as error:
        raise file_error(file, error) from None
    return "can be opened"


def _say(terminal: Terminal, line: str) -> None:
    """Plain lines as they come; a terminal shows a table at the end, and machines get one object."""
    if not terminal.as_json and not terminal.console.is_terminal:
        terminal.say(line)
