"""Dataset -> dlt resource. `dlt.resource` is called nowhere else.

One resource per dataset fills all its tables: the root, what hangs on it, what comes side-loaded, and `_walks`,
`_rejected` and `_deleted`, which all datasets of a source share.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import dlt
import pendulum
from dlt.extract.items import TableNameMeta

from stitchhouse.errors import ContractError, StitchhouseError
from stitchhouse.layout import layouts
from stitchhouse.ledger import REJECTED, SHARED, WALKS, rejected_rows, walk_rows
from stitchhouse.memory import Memory
from stitchhouse.merge import hints
from stitchhouse.premises import check_terms, forget_dropped
from stitchhouse.reading import Reading
from stitchhouse.schema import empty, shaped
from stitchhouse.tables import Side
from stitchhouse.walk import Certificate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dlt.extract import DltResource

    from stitchhouse.batch import Batch
    from stitchhouse.dataset import Dataset
    from stitchhouse.layout import Layout
    from stitchhouse.memory import Known
    from stitchhouse.owners import Owners
    from stitchhouse.walk import Reader


class Api(Protocol):
    """What a source hands to the engine: who is read, and by what. Nothing is sent before one of them is called."""

    def accounts(self) -> Sequence[str]: ...

    def reader(self, dataset: Dataset, account: str) -> Reader: ...


class Observer(Protocol):
    """Whoever runs the source and wants to know more than dlt tells."""

    def progress(self, certificate: Certificate) -> None:
        """The certificate as it would stand if the walk ended now."""

    def walked(self, certificate: Certificate, rows: Mapping[str, int], *, loads: bool) -> bool:
        """The certificate of a walk, and the rows to load by table; `loads` tells whether there is anything at all.

        Where it has nothing, the answer true keeps the certificate elsewhere until a run that has.
        """
        ...

    def carried(self) -> Sequence[Certificate]:
        """Certificates kept elsewhere so far, to be loaded now."""
        ...


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How a source is read, the same for all its datasets.

    `uncertified` "raise" fails the whole load where a walk is not certified, "keep" loads what was read and leaves the
    cursor where it was. `known` and `observer` come from a runner; a plain pipeline needs neither.
    """

    zone: str = "UTC"
    zones: Mapping[str, str] = field(default_factory=dict)
    uncertified: Literal["raise", "keep"] = "raise"
    known: Known | None = None
    observer: Observer | None = None
    run: str = ""


def resource(dataset: Dataset, api: Callable[[], Api], terms: Terms, owners: Owners) -> DltResource:
    """The dlt resource of a dataset, for a `@dlt.source`. `api` is called when rows are pulled, not before."""
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
    for account in accounts:
        kept = Memory(state, dataset.cursor, account)
        side = Side(wanted=owners.wanted(dataset, account), taken=owners.tables)
        reading = Reading(
            dataset,
            account,
            api().reader(dataset, account),
            kept,
            side=side,
            known=known,
            zone=terms.zones.get(account, terms.zone),
            run=run,
            progress=terms.observer.progress if terms.observer else None,
        )
        yield from _account(reading, terms)


def _account(reading: Reading, terms: Terms) -> Iterator[Any]:
    """One account's rows. An error ends this dataset of this account; what was read stays, the others go on."""
    error: StitchhouseError | None = None
    loads = False
    told: set[str] = set()
    try:
        for number, batch in enumerate(reading, 1):
            loads = loads or batch.holds_rows()
            yield from _batch(batch, number, told)
    except StitchhouseError as caught:
        error = caught
    certificate = reading.certificate()
    if error is not None:
        certificate = certificate.failed(str(error), error.exit_code)
    if new := told - reading.kept.told:
        certificate = certificate.noted(f"new in the source: {', '.join(sorted(new))}")
        reading.kept.keep(told=sorted(told | reading.kept.told))
    reading.remember(certificate)
    yield from _end(certificate, terms, error, reading.picking.rows, loads=loads or reading.kept.changed)


def _batch(batch: Batch, number: int, told: set[str]) -> Iterator[Any]:
    declared = layouts(batch.dataset)
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
        yield dlt.mark.with_table_name(rejected_rows(batch), REJECTED.name)


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
    elsewhere = observer.walked(certificate, rows, loads=loads) if observer else False
    if not certificate.certified and terms.uncertified == "raise":
        where = f"{certificate.dataset} {certificate.account}".strip()
        raise error or ContractError(f"{where} is not certified: {certificate.why}; nothing was loaded")
    if loads or not elsewhere:
        carried = observer.carried() if observer else []
        yield dlt.mark.with_table_name(walk_rows([*carried, certificate]), WALKS.name)
