"""`status --ack`: closes what somebody has looked at, so that only what is new is told again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import dlt
import pendulum
import pyarrow as pa
from dlt.pipeline.exceptions import PipelineStepFailed

from pipelines import locks
from pipelines.held import Held
from pipelines.load import certificates_file, mark_loads, pipeline_of
from pipelines.standing import Asking, is_open
from pipelines.warehouse import Target
from pipelines.words import one_line
from stitchhouse.errors import DestinationError
from stitchhouse.ledger import REJECTED, WALKS
from stitchhouse.merge import hints
from stitchhouse.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipelines.project import Project
    from pipelines.standing import Row
    from stitchhouse.layout import Layout


@dataclass(frozen=True, kw_only=True)
class Closed:
    """What was open in one source until now."""

    walks: Sequence[Row] = ()
    rejected: Sequence[Row] = ()

    def as_object(self) -> dict[str, Any]:
        walks = [{name: walk[name] for name in ("dataset", "account", "why")} for walk in self.walks]
        return {"walks": walks, "rejected": len(self.rejected)}

    def lines(self, source: str) -> list[str]:
        found = [f"{source}.{walk['dataset']} {walk['account']}: closed: {walk['why']}" for walk in self.walks]
        if self.rejected:
            places = {f"{source}.{row['table_name']}" for row in self.rejected}
            found.append(f"{source}: closed {len(self.rejected):,} rejected values of {', '.join(sorted(places))}")
        return found or [f"{source}: nothing is open"]


def acknowledge(project: Project, source: str, destination: str) -> Closed:
    """Rows are loaded again whole, with the time, by their key; certificates kept on this machine come along."""
    target = Target(project, destination)
    with locks.loading(project, target.place, source):
        asking = Asking(project, source, destination)
        if WALKS.name not in asking.columns:
            return Closed()
        walks = [walk for walk in asking.last_walks() if is_open(walk)]
        rejected = asking.open_rejected()
        if not walks and not rejected:
            return Closed()
        now = pendulum.now("UTC")
        told = [*asking.carried(), *(walk | {"acknowledged_at": now} for walk in walks)]
        # Of a walk kept on this machine, the row that is closed must be the only one.
        whole = {tuple(row[name] for name in WALKS.key): row for row in told}
        target.ready()
        pipeline = pipeline_of(project, source, target)
        with Held(pipeline) as held:
            mark_loads(source, held)
        tables = [(WALKS, [*whole.values()]), (REJECTED, [row | {"acknowledged_at": now} for row in rejected])]
        try:
            pipeline.run(_items(tables))
        except PipelineStepFailed as error:
            words = one_line(error.exception)
            raise DestinationError(f"{error.step} failed: {words}; nothing was closed, run again") from None
        certificates_file(project, target, source).unlink(missing_ok=True)
    return Closed(walks=walks, rejected=rejected)


def _items(tables: Sequence[tuple[Layout, Sequence[Row]]]) -> Iterator[Any]:
    for layout, rows in tables:
        if rows:
            table = pa.Table.from_pylist(rows, schema=schema(layout))
            yield dlt.mark.with_hints(table, dlt.mark.make_hints(**hints(layout)), create_table_variant=True)
