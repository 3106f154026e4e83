"""The vendors' lists beside what the product declares and the sandbox serves; `python -m tests.coverage` prints it."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox import running
from tests import declared, lists, served_ex, served_labs
from tests.sandbox.asking import Ex, Labs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sandbox import Sandbox
    from tests.declared import Missing


@dataclass(frozen=True)
class Compared:
    """One list, and what is missing of it on either side; None where that side has nothing to compare.

    `left_out` is missing in the sandbox for a good reason.
    """

    name: str
    entries: Collection[str]
    product: Missing | None = None
    sandbox: Missing | None = None
    left_out: Missing = field(default_factory=dict)

    @property
    def missing(self) -> list[str]:
        sides = {"product": self.product, "sandbox": self.sandbox}
        return [
            f"missing: {self.name}, {side}: {entry}: {said}"
            for side, found in sides.items()
            for entry, said in (found or {}).items()
        ]

    def line(self) -> str:
        """The name, the number of entries, and how many of them either side has."""
        have = [
            "-" if found is None else f"{len(self.entries) - len(found) - len(left)}/{len(self.entries)}"
            for found, left in ((self.product, {}), (self.sandbox, self.left_out))
        ]
        return f"{self.name:<32}{len(self.entries):>7}{have[0]:>10}{have[1]:>10}"


@contextmanager
def shop() -> Iterator[Sandbox]:
    """A sandbox with enough orders for every kind of object to occur."""
    with running(orders=120, organisations=1, control=True) as box:
        yield box


def compare(box: Sandbox) -> list[Compared]:
    """Every list, against the declarations and a sandbox."""
    with Labs(box) as labs, Ex(box) as ex:
        return [*stitchlabs(served_labs.Shop(labs)), *stitchex(box, served_ex.Shop(ex))]


def stitchlabs(shop: served_labs.Shop) -> Iterator[Compared]:
    def of(name: str, entries: Collection[str], product: Missing | None, sandbox: Missing | None) -> Compared:
        return Compared(f"stitchlabs {name}", entries, product, sandbox)

    yield of("order attributes", lists.ATTRIBUTES, declared.order_attributes(), served_labs.order_attributes(shop))
    yield of("order filters", lists.FILTERS, declared.order_filters(), served_labs.order_filters(shop))
    yield of("base links", lists.BASE_LINKS, declared.base_links(), served_labs.base_links(shop))
    yield Compared(
        "stitchlabs secondary links",
        lists.SECONDARY_LINKS,
        declared.secondary_links(),
        served_labs.secondary_links(shop),
        left_out=dict.fromkeys(lists.NAMES_ONLY, "only the name of its block is known"),
    )
    yield of("connection calls", [one["name"] for one in lists.LABS_CALLS], None, served_labs.calls(shop))
    yield of("read requests", lists.READS, declared.reads(), served_labs.reads(shop))
    yield of("meta keys", lists.LABS_META, None, served_labs.meta(shop))
    yield of("write requests", lists.WRITES, declared.writes(), None)


def stitchex(box: Sandbox, shop: served_ex.Shop) -> Iterator[Compared]:
    def of(name: str, entries: Collection[str], product: Missing | None, sandbox: Missing | None) -> Compared:
        return Compared(f"stitchex {name}", entries, product, sandbox)

    yield of("datasets", lists.EX_DATASETS, declared.ex_datasets(), None)
    yield of("connection calls", [one["name"] for one in lists.EX_CALLS], served_ex.sent(box), served_ex.calls(shop))
    yield of("lists", lists.EX_LISTS, declared.ex_lists(), served_ex.endpoints(shop))
    yield of("meta keys", lists.EX_META, None, served_ex.meta(shop))
    yield of("parameters", lists.EX_PARAMETERS, None, served_ex.parameters(shop))
    yield of("fields", lists.EX_FIELDS, declared.ex_fields(), served_ex.fields(shop))
    yield of("write requests", lists.EX_WRITES, declared.ex_writes(), None)


def report(found: list[Compared]) -> list[str]:
    """A line per list with its counts, then what is left out and what is missing."""
    return [
        f"{'list':<32}{'entries':>7}{'declared':>10}{'sandbox':>10}",
        *(one.line() for one in found),
        *(
            f"left out: {one.name}, sandbox: {entry}: {reason}"
            for one in found
            for entry, reason in one.left_out.items()
        ),
        *(line for one in found for line in one.missing),
    ]


if __name__ == "__main__":
    with shop() as opened:
        compared = compare(opened)
    print(*report(compared), sep="\n")  # noqa: T201 - what it is for
    sys.exit(any(one.missing for one in compared))
