"""How the two generations of the API write the same row."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
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


@lru_cache
def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)


def dress(row: Row, era: str, zone: str | None, times: tuple[str, ...], kind: str) -> Row:
    """Put one stored row into the words of an era, in place."""
    for name in times:
        value = row[name]
        if value is not None:
            row[name] = time_text(value, zone)
    for name, steps in STATUS[era].items():
        step = row.get(name)
        if isinstance(step, int):
            row[name] = steps[step]
    if era == "2019":
        for name in ADDED.get(kind, ()):
            del row[name]
        number = row.get("order_number")
        if isinstance(number, str) and number.isascii() and number.isdecimal():
            row["order_number"] = int(number)
    return row
