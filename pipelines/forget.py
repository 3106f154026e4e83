"""The `forget` command: erases a person from the warehouse, and keeps the next sync from bringing them back."""

from __future__ import annotations

import json
import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from dlt.common.destination.exceptions import DestinationException
from dlt.pipeline.exceptions import PipelineStepFailed

from pipelines import locks
from pipelines.erase import Erased, Erasure, shapes, without
from pipelines.hidden import private
from pipelines.load import certificates_file, pipeline_of
from pipelines.project import SOURCES, Project, maker, module
from pipelines.prompts import confirmed
from pipelines.publish import rewrite
from pipelines.stored import Stored
from pipelines.terminal import Terminal
from pipelines.warehouse import Target
from pipelines.watch import keep, kept
from pipelines.words import one_line
from stitchhouse.errors import OK, DestinationError, UsageError
from stitchhouse.forgotten import Forgotten
from stitchhouse.layout import layouts
from stitchhouse.ledger import SHARED

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    import dlt

    from stitchhouse.ties import Ids

BEYOND = (
    "the source itself",
    "files made with --publish",
    "backups and exports",
    "other destinations",
    "what others copied",
)
"""Where we cannot reach."""


def run_forget(table: str, key: int, *, account: str, destination: str, yes: bool, as_json: bool) -> int:
    """Whoever is forgotten already is forgotten once more: what was not erased then is erased now."""
    source, name = whole(table)
    project = Project.find()
    project.enter()
    terminal = Terminal(as_json=as_json)
    target = Target(project, destination)
    told = f"{source}.{name} {key}"
    if not confirmed("forget", f"Erase all that {target.place} holds of {told}? It cannot be brought back", yes=yes):
        terminal.say("nothing was erased")
        return OK
    if target.file is not None and not target.file.exists():
        raise UsageError(f"there is no warehouse at {target.file}, so nobody to forget in it")
    with ExitStack() as stack:
        stack.enter_context(private())
        # The file is written anew as a whole, so no load of the other source may go on in it.
        for schema in SOURCES if target.file is not None else [source]:
            stack.enter_context(locks.loading(project, target.place, schema))
        target.ready()
        whose, done = _forget(project, target, source, name, key, account)
    _tell(terminal, target, f"{told} of account {whose}", done, as_json=as_json)
    return OK


def whole(name: str) -> tuple[str, str]:
    """(source, table). Raises `UsageError` where no source has such a table, more than one has, or nobody is in it."""
    held: dict[str, dict[str, bool]] = {}
    for source in SOURCES:
        for dataset in maker(source)[1]:
            for table, layout in layouts(dataset).items():
                known = held.setdefault(source, {})
                known[table] = known.get(table, False) or (bool(layout.personal) and "id" in layout.columns)
    found = [(source, table) for source in held for table in held[source] if name in {table, f"{source}.{table}"}]
    if not found:
        raise UsageError(f"no table {name!r} in {', '.join(SOURCES)}; warehouse/README.md names them all")
    if len(found) > 1:
        raise UsageError(f"{name} is a table of more than one source; say {' or '.join(map('.'.join, found))}")
    source, table = found[0]
    if not held[source][table]:
        there = ", ".join(other for other, personal in held[source].items() if personal)
        raise UsageError(f"{source}.{table} holds nothing personal under an id; there are: {there}")
    return source, table


def _forget(project: Project, target: Target, source: str, table: str, key: int, account: str) -> tuple[str, Erased]:
    """(account, what was done). The tombstones are loaded first: whatever happens then, nobody comes back."""
    pipeline = pipeline_of(project, source, target)
    if pipeline.default_schema_name is None:
        raise UsageError(f"{target.place} holds nothing of {source} yet, so nobody to forget")
    try:
        datasets = maker(source)[1]
        with Stored(
            pipeline, [*shapes(datasets), *pipeline.default_schema.tables, *(layout.name for layout in SHARED)]
        ) as stored:
            erasure = Erasure(stored, datasets, module(source).NAMED)
            whose = stored.account = _account(erasure, f"{source}.{table}", table, key, account)
            found = erasure.found(table, key)
            bury(pipeline, source, whose, {**erasure.alone(found), table: found[table]})
            values = erasure.values(found)
            done = erasure.erase(found)
            stored.empty_staging()
    except (PipelineStepFailed, DestinationException) as error:
        cause = error.exception if isinstance(error, PipelineStepFailed) else error
        message = f"{source}.{table} {key}: not all was erased: {one_line(cause)}; run the same again"
        raise DestinationError(message) from None
    shutil.rmtree(pipeline.working_dir, ignore_errors=True)
    _clean(certificates_file(project, target, source), values)
    if target.file is not None:
        rewrite(target.file)
    return whose, done


def _account(erasure: Erasure, told: str, table: str, key: int, account: str) -> str:
    """Whose row it is that is to be forgotten."""
    held = erasure.accounts(table, key)
    if account and account not in held:
        raise UsageError(f"{told} {key} of account {account} is not in the warehouse; nothing was erased")
    if not held:
        raise UsageError(f"{told} {key} is not in the warehouse; nothing was erased")
    if not account and len(held) > 1:
        raise UsageError(f"{told} {key} is a row of several accounts; say --account {' or --account '.join(held)}")
    return account or held[0]


def bury(pipeline: dlt.Pipeline, source: str, account: str, found: Ids) -> None:
    """Load the tombstones: with the state of the source, so that they hold wherever it is read from now on."""
    with pipeline.managed_state(extract_state=True) as state:
        own: dict[str, Any] = state.setdefault("sources", {}).setdefault(source, {})
        Forgotten(lambda: own).add(account, found)
    pipeline.normalize()
    pipeline.load()


def _clean(file: Path, values: Collection[str]) -> None:
    """Certificates that wait for the next load may quote what a row said."""
    if not file.exists():
        return
    rows = [certificate.row() for certificate in kept(file)]
    keep(file, [row | {name: without(row[name], values) for name in ("why", "note")} for row in rows])


def _tell(terminal: Terminal, target: Target, told: str, done: Erased, *, as_json: bool) -> None:
    if as_json:
        rows = {"forgotten": told, "rows": done.rows, "rejected": done.rejected, "not_reached": list(BEYOND)}
        print(json.dumps({"exit_code": OK, **rows}))  # noqa: T201 - the command line speaks
        return
    counted = ", ".join(f"{count:,} of {table}" for table, count in done.rows.items()) or "none"
    terminal.say(f"{told}: personal columns emptied in {target.place}; rows: {counted}")
    if done.rejected:
        terminal.say(f"{done.rejected:,} rejected values lost their text")
    terminal.say("the next sync brings none of it back")
    terminal.say(f"not reached, see to it yourself: {', '.join(BEYOND)}")
