"""How a reply is written, where the reference leaves it open: values, empty links, the shape of arrays and blocks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.options import Switches
    from sandbox.stitchlabs.kinds import Kind
    from sandbox.store import Row

# Fields that hold a time, whatever object they stand in.
TIMES = frozenset(
    "created_at updated_at cancel_date complete_date credit_memo_date historical_date invoice_date last_synced"
    " last_synced_at order_date packing_slip_date payment_date payment_due_date sent_at ship_date".split()
)
NEW_FIELD, NEW_BLOCK = "new_field", "NewThings"
HOLDERS: dict[str, list[Row] | Row | None] = {"list": [], "object": {}, "null": None}


@dataclass(frozen=True, slots=True)
class Form:
    """The positions of the switches that shape a reply; the defaults are what was observed."""

    numbers: str = "text"
    times: str = "offset"
    links_empty: str = "list"
    extras: bool = False
    meta: str = "text"
    rows: str = "array"
    """``array``, ``map`` by id, or ``bare``: an array, but one object alone stands there itself."""
    blocks: str = "map"
    kept: bool = True
    """Whether side-loaded objects may be written from text that an earlier reply left."""

    @classmethod
    def of(cls, switches: Switches) -> Self:
        extras = switches.word("extras") == "on"
        links_empty = switches.word("links_empty")
        return cls(
            switches.word("numbers"),
            switches.word("time_form"),
            links_empty,
            extras,
            switches.word("meta"),
            switches.word("rows"),
            switches.word("blocks"),
            kept=not extras and links_empty == "list",
        )

    def plain(self) -> Self:
        """The same values in the observed shape, as dicts throughout."""
        return replace(self, rows="array", blocks="map", kept=False)

    @property
    def of_values(self) -> tuple[str, str]:
        """What texts that are kept depend on."""
        return self.numbers, self.times

    def write(self, kind: Kind, row: Row) -> None:
        """Bring the values of a row into their form."""
        if self.numbers != "text":
            for name in kind.counts | kind.flags:
                value = row.get(name)
                if isinstance(value, str) and value.removeprefix("-").isdecimal():
                    row[name] = value == "1" if self.numbers == "bool" and name in kind.flags else int(value)
        if self.times != "offset":
            for name in TIMES & row.keys():
                row[name] = self._time(row[name])
        if self.extras:
            row[NEW_FIELD] = "new"

    def tie(self, row: Row, links: Mapping[str, Sequence[Row]]) -> None:
        """Give a row its links; one that has none gets an empty holder, null or nothing."""
        if links and (self.links_empty == "list" or any(links.values())):
            row["links"] = links
        elif self.links_empty != "missing":
            row["links"] = HOLDERS[self.links_empty]

    def paging(self, meta: Mapping[str, int]) -> dict[str, Row]:
        """The ``meta`` of a reply: text, JSON numbers, or none at all."""
        if self.meta == "missing":
            return {}
        return {"meta": {name: value if self.meta == "json" else str(value) for name, value in meta.items()}}

    def _time(self, value: Any) -> Any:
        """One time; what is none stays as it is."""
        try:
            at = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            return value
        if self.times == "z":
            return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        if self.times == "naive":
            return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
        return f"{at:%Y-%m-%dT%H:%M:%S%z}" if self.times == "compact" else at.isoformat(timespec="milliseconds")
