"""What a source and whoever runs it hand to the engine: who is read, on which terms, and who watches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from stitchhouse.bounds import REREAD
from stitchhouse.personal import Personal
from stitchhouse.walk import Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from stitchhouse.dataset import Dataset
    from stitchhouse.memory import Known
    from stitchhouse.slices import Slices
    from stitchhouse.walk import Certificate, Reader


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

    def paused(self, certificate: Certificate) -> None:
        """The read is not done: what was read so far is to be loaded now, and it goes on in the next load."""

    def carried(self) -> Sequence[Certificate]:
        """Certificates kept elsewhere so far, to be loaded now."""
        ...


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How a source is read, the same for all its datasets.

    `uncertified` "raise" fails the whole load where a walk is not certified, "keep" loads what was read and leaves the
    cursor where it was. `window` is what to read, `reread` how long after its last change a closed row is still read
    again, `most_deletes` how many rows are believed to be gone at once, beyond a few. `known`, `observer` and `slices`
    come from a runner; a plain pipeline needs none of them.
    """

    zone: str = "UTC"
    zones: Mapping[str, str] = field(default_factory=dict)
    personal: Personal = field(default_factory=Personal)
    uncertified: Literal["raise", "keep"] = "raise"
    window: Window = field(default_factory=Window)
    reread: timedelta = REREAD
    most_deletes: int = 0
    known: Known | None = None
    observer: Observer | None = None
    slices: Slices | None = None
    run: str = ""
