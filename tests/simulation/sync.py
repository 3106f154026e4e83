"""One sync of the simulated source by the product's own reading, into a destination that is a mapping."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa

from stitchhouse import memory, picking, reading, slices
from stitchhouse.dataset import Dataset, Table
from stitchhouse.errors import UNCERTAIN, StitchhouseError
from stitchhouse.tables import Side
from stitchhouse.walk import window
from stitchhouse.walk.page import row_id
from tests.simulation.reader import CrashError, SimulatedReader
from tests.simulation.source import STAMP, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from stitchhouse.walk import Page
    from tests.simulation.source import Nature, Source
    from tests.simulation.unrest import Unrest

ACCOUNT = "main"
ROWS = Table(name="rows", ids="id organisation", counts="version", times=STAMP)


@dataclass
class Destination:
    """What the warehouse holds: id -> version, the ids in `_deleted`, and the state that is committed with them."""

    rows: dict[int, int] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    state: bytes = b"{}"

    def hashes(self, table: str, account: str, ids: Collection[int]) -> Mapping[int, int | None]:  # noqa: ARG002 - as `Known`
        return {key: self.rows[key] for key in ids if key in self.rows}

    def filled(self, tables: Collection[str], account: str) -> Collection[str]:  # noqa: ARG002 - as `Known`
        return tables if self.rows else ()

    def values(self, table: str, column: str, account: str, ids: Collection[int]) -> Mapping[int, Any]:  # noqa: ARG002 - as `Known`
        return {}

    def ids(self, table: str, account: str) -> pa.ChunkedArray[Any]:  # noqa: ARG002 - as `Known`
        return pa.chunked_array([list(self.rows)], pa.int64())

    def deleted(self, table: str, account: str) -> Collection[int]:  # noqa: ARG002 - as `Known`
        return self.gone

    def changeable(self, table: str, account: str, closed: Mapping[str, Sequence[str]], since: datetime) -> list[int]:  # noqa: ARG002 - as `Known`
        return list(self.rows)

    def settled_id(self, table: str, account: str, before: datetime) -> int | None:  # noqa: ARG002 - as `Known`
        return None

    def rejected(self, ids: Collection[str]) -> Collection[str]:  # noqa: ARG002 - as `Known`
        return ()


class Listed(picking.Picking):
    """Picks of each page what is new or changed, as the product does; a row's version stands for its content."""

    given: dict[int, int]

    def batches(  # type: ignore[override] # a batch is a mapping here, not typed tables
        self,
        pages: Sequence[Page],
        server: datetime | None,
        tell: Callable[[], None],  # noqa: ARG002 - as the method it stands for
    ) -> Iterator[dict[int, int]]:
        rows = [row for page in pages for row in page.rows]
        hashes = {key: int(row["version"]) for row in rows if (key := row_id(row)) is not None}
        self.given.update(hashes)
        self.tally.stamps(rows, hashes, server)
        held = self._held(hashes)
        batch = {key: hashes[key] for key in self._differing(hashes, held)}
        self.tally.compared(batch, held)
        yield batch


@dataclass(kw_only=True)
class Synced:
    """What one sync did. `given` are the versions that its walk read; `loads` the batches that it loaded.

    `floor` is the stamp from which it read, None where it read everything; `gone` what it found deleted. One that
    `resumed` went on where an earlier run had ended, and is as old as that one.
    """

    ended: bool = False
    certified: bool = False
    resumed: bool = False
    floor: datetime | None = None
    before: datetime | None = None
    after: datetime | None = None
    began: int | None = None
    requests: int = 0
    given: dict[int, int] = field(default_factory=dict)
    loads: list[list[dict[int, int]]] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    refused: bool = False


def dataset(nature: Nature) -> Dataset:
    return Dataset(
        name="simulated.rows",
        path="rows",
        table=ROWS,
        cursor=STAMP if nature.stamped else "",
        paged=nature.paged,
        sorted_by_id=nature.by_id,
    )


def sync(source: Source, unrest: Unrest, destination: Destination, *, full: bool = False) -> Synced:
    """Read, and commit rows and state together, in one load or several; a process that ends commits nothing more."""
    described = dataset(source.nature)
    kept = _memory(destination, described)
    reader = SimulatedReader(source, unrest)
    one = reading.Reading(
        described, ACCOUNT, reader, kept, side=Side(), window=window.Window(full=full), known=destination
    )
    picked = Listed(described, ACCOUNT, reader, kept, side=Side(), known=destination, zone="UTC")
    picked.given = {}
    one.picking = picked
    synced = Synced(before=kept.cursor, after=kept.cursor)
    earlier, begun = dict(destination.rows), kept.begun
    try:
        _read(one, reader, unrest.loads(), synced, destination)
    except CrashError:
        synced.requests, synced.after = reader.requests, _memory(destination, described).cursor
        return synced
    synced.requests, synced.given, synced.floor = reader.requests, picked.given, one.asked.since
    synced.began, synced.after = reader.began, one.kept.cursor
    if one.asked.start is not None and begun and reader.began is not None:
        # It went on where an earlier run had ended, and what that one read and loaded counts as read.
        synced.began = min(reader.began, seconds(datetime.fromisoformat(begun["at"])))
        synced.given, synced.resumed = earlier | picked.given, True
    return synced


def _read(
    one: reading.Reading, reader: SimulatedReader, loads: slices.Slices, synced: Synced, destination: Destination
) -> None:
    """As the product's resource does with a reading: a load ends where it has enough, and a run where it must."""
    place = (one.dataset.name, ACCOUNT)
    failure: StitchhouseError | None = None
    loads.going[place] = one
    while True:
        load: list[dict[int, int]] = []
        cut = False
        try:
            for batch in one.batches:
                load.append(batch)  # type: ignore[arg-type] # as `Listed.batches`
                if cut := loads.cut(one):
                    break
        except StitchhouseError as caught:
            failure = caught
        synced.loads.append(load)
        certificate = one.certificate()
        if not cut or loads.over:
            break
        one.leave(certificate.failed("the read has not ended", UNCERTAIN))
        _commit(one, reader, load, destination)
        reader.may_crash()
        loads.begin()
        one.go_on(_memory(destination, one.dataset))
    if failure is not None:
        certificate = certificate.failed(str(failure), failure.exit_code)
    if cut:
        certificate = certificate.failed("as many requests as were allowed", UNCERTAIN)
        one.leave(certificate)
    else:
        one.remember(certificate)
    _commit(one, reader, load, destination)
    synced.ended, synced.certified = not cut, certificate.certified
    synced.gone, synced.refused = list(one.deletes.gone or ()), one.deletes.refused
    said = "certified" if certificate.certified else certificate.why
    reader.source.tell("synced:", certificate.plan, said, certificate.note)


def _commit(
    one: reading.Reading, reader: SimulatedReader, load: list[dict[int, int]], destination: Destination
) -> None:
    """Rows, then marks, then state: what a process that ends meanwhile leaves behind is what came before."""
    for batch in load:
        destination.rows.update(batch)
        reader.may_crash()
    destination.gone |= set(one.deletes.gone or ())
    destination.gone -= one.deletes.back
    destination.state = orjson.dumps(one.kept._state)


def _memory(destination: Destination, described: Dataset) -> memory.Memory:
    return memory.Memory(orjson.loads(destination.state), described.cursor, ACCOUNT)
