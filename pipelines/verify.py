"""The `verify` command: source and warehouse side by side, row by row, and on request what differs is loaded again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipelines.commands import asked, of_accounts
from pipelines.project import Project
from pipelines.terminal import Terminal
from stitchhouse.errors import ConfigurationError, StitchhouseError, worst

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.verdict import Verdict


def run_verify(
    names: Sequence[str],
    *,
    datasets: Sequence[str],
    destination: str,
    accounts: Sequence[str],
    repair: bool,
    as_json: bool,
) -> int:
    """10 where anything differs, or where the source could not be read with a certificate."""
    project = Project.find()
    project.enter()
    terminal = Terminal(as_json=as_json)
    wanted = asked(of_accounts(names, accounts), datasets, terminal)

    from pipelines.comparison import mend, verify
    from pipelines.warehouse import Target

    target = Target(project, destination)
    if target.file is not None and not target.file.exists():
        raise ConfigurationError("nothing was loaded yet; run stitchhouse sync first")
    found: list[Verdict] = []
    errors: list[StitchhouseError] = []
    for source, chosen in wanted.items():
        verdicts: list[Verdict] = []
        terminal.start(source)
        try:
            verdicts = verify(
                project, source, target, terminal, datasets=chosen, accounts=accounts, named=bool(datasets)
            )
            if repair:
                mend(project, source, target, terminal, verdicts)
        except StitchhouseError as error:
            errors.append(error)
            terminal.errors.print(f"stitchhouse: {source}: {error}", markup=False)
        finally:
            terminal.stop()
        found += verdicts
        if not as_json:
            _say(terminal, source, verdicts)
    code = worst([*(verdict.exit_code for verdict in found), *(error.exit_code for error in errors)])
    if as_json:
        told = {"exit_code": code, "errors": list(map(str, errors)), "datasets": [one.as_object() for one in found]}
        print(json.dumps(told))  # noqa: T201 - the command line speaks
    return code


def _say(terminal: Terminal, source: str, verdicts: Sequence[Verdict]) -> None:
    for verdict in verdicts:
        first, *more = verdict.lines()
        terminal.say(f"{source}.{first}")
        for line in more:
            terminal.say(f"  {line}")
