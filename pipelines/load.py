"""One source into one destination: the unit of work. Importable by whatever schedules it, and safe to repeat."""

from __future__ import annotations

import os
import shutil
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
from dlt.common.configuration.exceptions import ConfigValueCannotBeCoercedException
from dlt.pipeline.exceptions import PipelineStepFailed

from pipelines import locks
from pipelines.altered import check_tables
from pipelines.connection import check_accounts, host_of, logins, mistyped
from pipelines.failures import failure
from pipelines.garbage import rarely
from pipelines.held import LOAD_ID, Held
from pipelines.hidden import private
from pipelines.identity import check_identity
from pipelines.project import Project, maker
from pipelines.watch import Watch
from stitchhouse.errors import (
    OK,
    UNCERTAIN,
    DestinationError,
    LocalError,
    StitchhouseError,
    worst,
)
from stitchhouse.layout import layouts
from stitchhouse.ledger import WALKS
from stitchhouse.slices import REQUESTS, Slices
from stitchhouse.walk import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipelines.warehouse import Target
    from stitchhouse.walk import Certificate


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a sync of one source did. `rows` are the rows loaded by table, without our own tables."""

    source: str
    certificates: Sequence[Certificate] = ()
    rows: dict[str, int] = field(default_factory=dict)
    error: StitchhouseError | None = None

    @property
    def errors(self) -> list[str]:
        """One line for each thing that ended the run, or a dataset of it, with an error."""
        ended = [one.why for one in self.certificates if one.exit_code not in {OK, UNCERTAIN}]
        return list(dict.fromkeys([*ended, *([str(self.error)] if self.error else [])]))

    @property
    def exit_code(self) -> int:
        codes = [certificate.exit_code for certificate in self.certificates]
        return worst([*codes, *([self.error.exit_code] if self.error else [])])


def sync(  # noqa: PLR0913 - all but the first three are named
    project: Project,
    source: str,
    target: Target,
    *,
    datasets: Sequence[str],
    accounts: Sequence[str] = (),
    window: Window = Window(),  # noqa: B008 - frozen
    slice_requests: int = REQUESTS,
    max_requests: int = 0,
    max_deletes: int = 0,
    show: Callable[[Certificate], None] = lambda certificate: None,  # noqa: ARG005 - nothing to show
    done: Callable[[Certificate], None] = lambda certificate: None,  # noqa: ARG005
) -> Outcome:
    """Read what is new or changed in `datasets` and load it. Never raises `StitchhouseError`: the outcome holds it."""
    watch = Watch(certificates_file(project, target, source), show, done)
    try:
        check_accounts(source, accounts)
        with rarely(), ExitStack() as stack:
            stack.enter_context(private())
            stack.enter_context(locks.loading(project, target.place, source))
            stack.enter_context(locks.walking(host_of(source), logins(source, accounts)))
            stack.enter_context(target.held())
            pipeline = pipeline_of(project, source, target)
            known = stack.enter_context(Held(pipeline))
            check_tables(pipeline, source)
            check_identity(pipeline, source, known, accounts)
            mark_loads(source, known)
            slices = Slices(requests=slice_requests, most=max_requests)
            terms = {"window": window, "most_deletes": max_deletes, "slices": slices}
            made = build(source, accounts, known=known, observer=watch, uncertified="keep", **terms)
            if not known.columns([WALKS.name]):
                watch.forget()
            _load(pipeline, made.with_resources(*datasets), slices, watch, known)
    except StitchhouseError as error:
        return Outcome(source=source, certificates=watch.certificates, error=error)
    return Outcome(source=source, certificates=watch.certificates, rows=dict(watch.rows))


def _load(pipeline: dlt.Pipeline, source: Any, slices: Slices, watch: Watch, known: Held) -> None:
    """One load after another, until everything that was asked for is read."""
    while True:
        slices.begin()
        watch.loads = False
        packages = _run(pipeline, source)
        if watch.loads and not packages:
            raise DestinationError("rows were read, but no load was made of them; the cursor stays, run again")
        watch.loaded()
        if not slices.full:
            return
        known.forget_columns()


def build(source: str, accounts: Sequence[str], **terms: Any) -> Any:
    """The dlt source with the settings of this project and what the runner adds.

    Raises `ConfigurationError` for a setting that is not of its type.
    """
    make, _ = maker(source)
    run = uuid.uuid4().hex
    if accounts:
        terms["organisations" if source == "stitchex" else "chosen"] = list(accounts)
    try:
        return make(run=run, **terms)
    except ConfigValueCannotBeCoercedException as error:
        raise mistyped(source, error.field_name, error.hint) from None


def pipeline_of(project: Project, source: str, target: Target, folder: Path | None = None) -> dlt.Pipeline:
    """A pipeline whose working folder is new, so that no package of an earlier run is ever loaded over newer rows.

    Schema and state come from the destination, which is where they are true. `folder` is where to work; without one
    it is the project's own for this source and destination, which only the holder of the loading lock may use.
    """
    folder = folder or project.state / "pipelines" / sha256(target.place.encode()).hexdigest()[:16]
    try:
        shutil.rmtree(folder / source, ignore_errors=True)
        pipeline = dlt.pipeline(
            source, destination=target.destination, dataset_name=source, pipelines_dir=str(folder), dev_mode=False
        )
        pipeline.sync_destination()
    except OSError as error:
        raise LocalError(f"cannot write to {folder}: {error.strerror}; nothing was read") from None
    except PipelineStepFailed as error:
        raise failure(error, target.name, folder) from None
    return pipeline


def mark_loads(source: str, held: Held) -> None:
    """Have every row name its load, unless a plain pipeline made the tables without: such a column cannot be added."""
    tables = dict.fromkeys(name for dataset in maker(source)[1] for name in layouts(dataset))
    marked = all(LOAD_ID in columns for columns in held.columns(tables).values())
    os.environ["NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID"] = str(marked).lower()


def certificates_file(project: Project, target: Target, source: str) -> Path:
    name = sha256(target.place.encode()).hexdigest()[:16]
    return project.state / "certificates" / f"{name}-{source}.jsonl"


def _run(pipeline: dlt.Pipeline, source: Any) -> int:
    """How many packages were loaded."""
    try:
        return len(pipeline.run(source).loads_ids)
    except (PipelineStepFailed, OSError, MemoryError) as error:
        raise failure(error, str(pipeline.destination.destination_name), Path(pipeline.working_dir)) from None
