"""Dataset -> dlt resource. `dlt.resource` is called nowhere else.

One resource per dataset fills all its tables: the root, what hangs on it, what comes side-loaded, and `_walks`,
`_rejected` and `_deleted`, which all datasets of a source share.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import dlt
import pendulum
from dlt.extract.items import TableNameMeta

from stitchhouse.errors import UNCERTAIN, ContractError, StitchhouseError
from stitchhouse.layout import layouts
from stitchhouse.ledger import DELETED, REJECTED, SHARED, WALKS, rejected_rows, walk_rows
from stitchhouse.memory import Memory
from stitchhouse.merge import hints
from stitchhouse.owners import Owners
from stitchhouse.picking import PAGES
from stitchhouse.premises import check_terms, forget_dropped
from stitchhouse.reading import Reading
from stitchhouse.redact import SECRETS
from stitchhouse.schema import empty, shaped
from stitchhouse.slices import Slices
from stitchhouse.spelling import listed
from stitchhouse.tables import Side
from stitchhouse.walk import Certificate, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dlt.extract import DltResource

    from stitchhouse.batch import Batch
    from stitchhouse.dataset import Dataset
    from stitchhouse.layout import Layout
    from stitchhouse.terms import Api, Terms


def resources(datasets: Sequence[Dataset], api: Callable[[], Api], terms: Terms) -> Iterator[DltResource]:
    """One dlt resource per dataset, for a `@dlt.source`. `api` is called when rows are pulled, not before."""
    owners = Owners(datasets)
    for dataset in datasets:
        yield _resource(dataset, api, terms, owners)


def _resource(dataset: Dataset, api: Callable[[], Api], terms: Terms, owners: Owners) -> DltResource:
    shapes = layouts(dataset)
    # Hints of the resource itself would be copied into every table of it, so each table brings its own.
    made = dlt.resource(lambda: _rows(dataset, api, terms, owners), name=dataset.name)
    schema = dlt.current.source_schema()
    for layout in (*shapes.values(), *SHARED):
        made.apply_hints(**hints(layout), create_table_variant=True)
        # Without this a table would show in dlt's tools only after its first row.
        if layout.name == dataset.table.name or layout.name not in schema.tables:
            schema.update_table(made.compute_table_schema(None, TableNameMeta(layout.name)))
    return made


def _rows(dataset: Dataset, api: Callable[[], Api], terms: Terms, owners: Owners) -> Iterator[Any]:
    check_terms(owners)
    run = terms.run or uuid.uuid4().hex
    state = dlt.current.resource_state()
    # What the warehouse holds of the rows says nothing of a table that was dropped.
    known = None if forget_dropped(state) else terms.known
    try:
        accounts = api().accounts()
    except StitchhouseError as error:
        certificate = Certificate(run=run, dataset=dataset.name, account="", ended_at=pendulum.now("UTC"))
        certificate = certificate.failed(str(error), error.exit_code)
        yield from _end(certificate, terms, error, {}, loads=False)
        return
    yield from _created(dataset, state)
    slices = terms.slices or Slices()
    for account in accounts:
        place = (dataset.name, account)
        if slices.full or place in slices.ended:
            continue
        kept = Memory(state, dataset.cursor, account)
        if slices.over:
            slices.end(place)
            yield from _not_begun(Certificate(run=run, dataset=dataset.name, account=account), kept, terms)
            continue
        reading = slices.going.get(place)
        if reading is None:
            # A second walk of one run has a certificate of its own, and reads what changed since the first began.
            again = place in slices.resumed
            window, own = (Window(), uuid.uuid4().hex) if again else (terms.window, run)
            reading = Reading(
                dataset,
                account,
                api().reader(dataset, account),
                kept,
                side=Side(wanted=owners.wanted(dataset, account), taken=owners.tables),
                window=window,
                known=known,
                zone=terms.zones.get(account, terms.zone),
                personal=terms.personal.remembering(dlt.current.source_state),
                run=own,
                reread=terms.reread,
                pages=slices.pages(PAGES, detailed=dataset.detail and not kept.several) if terms.slices else PAGES,
                most_deletes=terms.most_deletes,
                progress=terms.observer.progress if terms.observer else None,
            )
        reading.go_on(kept)
        yield from _account(reading, terms, slices)


def _account(reading: Reading, terms: Terms, slices: Slices) -> Iterator[Any]:
    """One account's rows. An error ends this dataset of this account; what was read stays, the others go on."""
    error: StitchhouseError | None = None
    cut = False
    place = (reading.dataset.name, reading.account)
    slices.going[place] = reading
    try:
        for batch in reading.batches:
            reading.loads = reading.loads or batch.holds_rows()
            yield from _batch(batch, reading)
            if cut := terms.slices is not None and not reading.ended and slices.cut(reading):
                break
    except StitchhouseError as caught:
        error = caught
    marks = reading.marks()
    if len(marks):
        reading.loads = True
        yield dlt.mark.with_table_name(marks, DELETED.name)
    if cut and slices.full:
        yield from _paused(reading, terms)
        return
    certificate = reading.certificate()
    if error is not None:
        certificate = certificate.failed(str(error), error.exit_code)
    if new := reading.told - reading.kept.told:
        certificate = certificate.noted(f"new in the source: {listed(new)}")
        reading.kept.keep(told=sorted(reading.told | reading.kept.told))
    if cut:
        certificate = certificate.failed(f"{_so_far(certificate)}, as many requests as were allowed", UNCERTAIN)
        reading.leave(certificate)
    else:
        reading.remember(certificate)
    resumed = terms.slices is not None and reading.begun is not None and certificate.certified
    slices.end(place, reading, resumed=resumed)
    yield from _end(certificate, terms, error, reading.picking.rows, loads=reading.loads or reading.kept.changed)


def _paused(reading: Reading, terms: Terms) -> Iterator[Any]:
    """What was read so far is loaded by itself; should the run die now, the next one goes on behind it."""
    certificate = reading.certificate()
    certificate = certificate.failed(
        f"{_so_far(certificate)}, the read had not ended when these were loaded", UNCERTAIN
    )
    reading.leave(certificate)
    if terms.observer is not None:
        terms.observer.paused(certificate)
    yield dlt.mark.with_table_name(walk_rows([certificate]), WALKS.name)


def _not_begun(certificate: Certificate, kept: Memory, terms: Terms) -> Iterator[Any]:
    why = "not begun, as many requests as were allowed went to others"
    cursor = kept.cursor
    certificate = replace(certificate, ended_at=pendulum.now("UTC"), cursor_before=cursor, cursor_after=cursor)
    yield from _end(certificate.failed(why, UNCERTAIN), terms, None, {}, loads=False)


def _so_far(certificate: Certificate) -> str:
    counted = "" if certificate.total_first is None else f" of {certificate.total_first}"
    return f"stopped after {certificate.distinct}{counted} rows"


def _batch(batch: Batch, reading: Reading) -> Iterator[Any]:
    declared, told = layouts(batch.dataset), reading.told
    number = reading.next_batch()
    held = dlt.current.source_schema().tables
    for name in batch.tables:
        batch.narrow(name, held.get(name, {}).get("columns", {}))
    # The root comes last: a source that is cut off in between must not leave one without what hangs on it.
    root = batch.dataset.table.name
    for name, rows in sorted(batch.tables.items(), key=lambda table: table[0] == root):
        if not len(rows):
            continue
        table = shaped(rows, batch.layouts[name], number)
        if name in declared or name in told:
            yield dlt.mark.with_table_name(table, name)
        else:
            made = dlt.mark.make_hints(**hints(batch.layouts[name]))
            yield dlt.mark.with_hints(table, made, create_table_variant=True)
    told |= batch.new
    if batch.rejected:
        fresh = reading.not_rejected_yet(rejected_rows(batch))
        yield dlt.mark.with_table_name(fresh, REJECTED.name)


def _created(dataset: Dataset, state: dict[str, Any]) -> Iterator[Any]:
    """Every declared table exists with its types from the first run on, even if no row of it ever comes."""
    held = Memory(state, dataset.cursor, "")
    missing: list[Layout] = [
        layout for layout in (*layouts(dataset).values(), *SHARED) if layout.name not in held.created
    ]
    for layout in missing:
        yield dlt.mark.with_table_name(empty(layout), layout.name)
    if missing:
        held.note_created([layout.name for layout in missing])


def _end(
    certificate: Certificate, terms: Terms, error: StitchhouseError | None, rows: Mapping[str, int], *, loads: bool
) -> Iterator[Any]:
    observer = terms.observer
    certificate = replace(certificate, why=SECRETS.hide(certificate.why), note=SECRETS.hide(certificate.note))
    elsewhere = observer.walked(certificate, rows, loads=loads) if observer else False
    if not certificate.certified and terms.uncertified == "raise":
        where = f"{certificate.dataset} {certificate.account}".strip()
        raise error or ContractError(f"{where} is not certified: {certificate.why}; nothing was loaded")
    if loads or not elsewhere:
        carried = observer.carried() if observer else []
        yield dlt.mark.with_table_name(walk_rows([*carried, certificate]), WALKS.name)
