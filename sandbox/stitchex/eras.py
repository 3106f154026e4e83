"""How the two generations of the API write the same row."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from sandbox.stitchex.datasets import Dataset
    from sandbox.store import Row

TOKEN_LIFE = {"2019": 31536000, "2026": 604800}

STATUS = {
    "2019": {
        "fulfillment_status": ("nothing_shipped", "nothing_shipped", "partially_shipped", "fully_shipped"),
        "financial_status": ("nothing_paid", "nothing_paid", "partially_paid", "fully_paid"),
    },
    "2026": {
        "fulfillment_status": ("not_shipped", "not_shipped", "partially_shipped", "shipped"),
        "financial_status": ("not_paid", "not_paid", "partially_paid", "paid"),
    },
}

# Fields that only the newer generation sends.
ADDED = {
    "sales_orders": (
        "custom_fields",
        "internal_notes",
        "status",
        "channel_name",
        "invoice_method",
        "warehouse_name",
        "shipping_instructions",
        "return_label",
    ),
    "line_items": (
        "product_identifier",
        "weight",
        "weight_unit",
        "bundle_line_item",
        "country_of_origin",
        "intrastat_code",
    ),
}


@lru_cache(maxsize=65536)
def time_text(seconds: int, zone: str | None) -> str:
    """``…000Z`` without a zone, else local time with the offset of that day."""
    if zone is None:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return datetime.fromtimestamp(seconds, _zone(zone)).isoformat(timespec="milliseconds")


@lru_cache(maxsize=65536)
def day(seconds: int) -> str:
    """The UTC date."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


@lru_cache(maxsize=65536)
def local_day(seconds: int, zone: str) -> str:
    return datetime.fromtimestamp(seconds, _zone(zone)).date().isoformat()


@lru_cache(maxsize=65536)
def midnight(text: str, zone: str) -> str:
    """The local midnight at which a date begins, with its offset (trap 4)."""
    return datetime.fromisoformat(text).replace(tzinfo=_zone(zone)).isoformat(timespec="milliseconds")


@lru_cache
def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)


def status_word(era: str, name: str, step: object) -> object:
    """The word of a step from 0 to 3; a word that was set by control stays."""
    return STATUS[era][name][step] if isinstance(step, int) else step


def dress(row: Row, era: str, zone: str, dataset: Dataset) -> Row:
    """Put one stored row into the words of an era, in place."""
    shown_in = zone if era == "2019" else None
    for name in dataset.times:
        value = row[name]
        if isinstance(value, int):
            row[name] = time_text(value, shown_in)
    for name in dataset.midnights:
        value = row[name]
        if isinstance(value, str) and len(value) == len("2026-01-01"):
            row[name] = midnight(value, zone)
    for name in STATUS[era]:
        if name in row:
            row[name] = status_word(era, name, row[name])
    if era == "2019":
        _older(row, dataset.name)
    return row


def _older(row: Row, kind: str) -> None:
    for name in ADDED.get(kind, ()):
        del row[name]
    if kind == "sales_orders":
        number = row["order_number"]
        if isinstance(number, str) and number.isascii() and number.isdecimal():
            row["order_number"] = int(number)
    elif kind == "products" and isinstance(row["season_id"], list):
        row["season_id"] = row["season_id"][0] if row["season_id"] else None
