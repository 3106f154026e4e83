"""The vendors' lists, as typed from their pages into `tests/vendor/`."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

VENDOR = Path(__file__).parent / "vendor"
TYPES = ("BIGINT", "BOOLEAN", "DATE", "DECIMAL", "TSTZ", "VARCHAR")


def typed(name: str) -> dict[str, Any]:
    """One list, such as `stitchlabs/order_attributes`; its `source` is the section that it was typed from."""
    return tomllib.loads((VENDOR / f"{name}.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class SecondaryLink:
    path: str
    follow: tuple[str, ...]
    """The links from the order to what the path names; each is named after the block of the linked objects."""
    type: str = ""
    """Of the last link's entries, where the vendor tells several apart."""


@dataclass(frozen=True)
class Request:
    name: str
    path: str
    text: str

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.text)
        return body

    @property
    def resource(self) -> str:
        return self.path.removesuffix("/detail").rpartition("/")[2]


@dataclass(frozen=True)
class Field:
    """A field of Stitchex: `at` is where its object stands in a row of `list`."""

    list: str
    at: str
    name: str
    table: str
    type: str

    @property
    def entry(self) -> str:
        return ".".join(filter(None, (self.list, self.at, self.name)))


ATTRIBUTES: dict[str, str] = typed("stitchlabs/order_attributes")["types"]
READ_ONLY: list[str] = typed("stitchlabs/order_attributes")["read_only"]
FILTERS: list[str] = typed("stitchlabs/order_filters")["filters"]
BASE_LINKS: list[str] = typed("stitchlabs/base_links")["links"]
SECONDARY = typed("stitchlabs/secondary_links")
SECONDARY_LINES = [
    SecondaryLink(line["path"], tuple(line["follow"]), line.get("type", "")) for line in SECONDARY["links"]
]
SECONDARY_LINKS = {link.path: link for link in SECONDARY_LINES}
"""The vendor lists one of them twice."""
NAMES_ONLY = [path for path, link in SECONDARY_LINKS.items() if link.follow[-1] in SECONDARY["names_only"]]
"""Paths to a block of which no more than the name is known."""
LABS_META: list[str] = typed("stitchlabs/envelope")["meta"]
LABS_CALLS: list[dict[str, Any]] = typed("stitchlabs/connection")["calls"]
READS = {one["name"]: Request(one["name"], one["path"], one["body"]) for one in typed("stitchlabs/reads")["requests"]}
WRITTEN = typed("stitchlabs/writes")
WRITES = {one["name"]: Request(one["name"], WRITTEN["path"], one["body"]) for one in WRITTEN["requests"]}

EX_CALLS: list[dict[str, Any]] = typed("stitchex/connection")["calls"]
EX_DATASETS: dict[str, dict[str, str]] = typed("stitchex/datasets")["datasets"]
EX_META: list[str] = typed("stitchex/endpoints")["meta"]
EX_LISTS: dict[str, dict[str, Any]] = typed("stitchex/endpoints")["lists"]
EX_PARAMETERS = {
    f"{name}?{one['name']}": (name, one) for one in typed("stitchex/parameters")["parameters"] for name in one["lists"]
}
EX_WRITES: dict[str, dict[str, Any]] = {one["name"]: one for one in typed("stitchex/writes")["requests"]}


def _fields() -> Iterator[Field]:
    page = typed("stitchex/fields")
    for one in page["objects"].values():
        groups = [page["groups"][name] for name in one.get("groups", ())]
        yield from _of(one["list"], one["at"], one["table"], one, *groups)
    lines = page["lines"]
    for name, document in lines["documents"].items():
        yield from _of(name, "line_items", f"{document}_line_items", lines["item"])
        yield from _of(name, "line_items.line_quantities", f"{document}_line_quantities", lines["quantity"])


def _of(name: str, at: str, table: str, *groups: dict[str, Any]) -> Iterator[Field]:
    for kind in TYPES:
        for field in chain.from_iterable(group.get(kind, ()) for group in groups):
            yield Field(name, at, field, table, kind)


EX_FIELDS = {field.entry: field for field in _fields()}
