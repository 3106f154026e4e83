"""Which rows a list request asks for: filters and page (reference, section 4)."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sandbox.exchange import Answer, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.options import Switches
    from sandbox.stitchex.datasets import Dataset
    from sandbox.store import Row, Table


def chosen(
    dataset: Dataset, table: Table, keys: Sequence[int], query: Mapping[str, str], switches: Switches
) -> Sequence[int] | Answer:
    """The keys that pass every filter, or the refusal of one; parameters that the list does not know change nothing."""
    if dataset.since_id and (text := query.get("since_id")) is not None:
        how = switches.word("since_id")
        if not text.isdecimal():
            return refusal(400, f"since_id is no whole number: {text[:40]}")
        if how == "refused":
            return refusal(400, "since_id is not allowed here")
        if how == "honoured":
            keys = keys[bisect_right(keys, int(text)) :]
    if dataset.since_created_at and (text := query.get("since_created_at")) is not None:
        try:
            since = _seconds(text)
        except ValueError:
            return refusal(400, f"since_created_at is no time: {text[:40]}")
        keys = [key for key in keys if table.get(key, "created_at") > since]
    for parameter, column in dataset.exact.items():
        if (text := query.get(parameter)) is not None:
            keys = [key for key in keys if (value := table.get(key, column)) is not None and str(value) == text]
    return keys


def _seconds(text: str) -> float:
    """A time without an offset, or a plain date, is UTC; a plus that came as a blank is taken back."""
    at = datetime.fromisoformat(text.replace(" ", "+") if text.count(":") > 2 else text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def cut(keys: Sequence[int], size: int, query: Mapping[str, str]) -> tuple[Sequence[int], Row] | Answer:
    """The keys of the page that is asked for, and what ``meta`` says of it."""
    text = query.get("page", "1")
    if not text.isdecimal() or not int(text):
        return refusal(400, f"page is no whole number: {text[:40]}")
    page, pages = int(text), -(-len(keys) // size)
    meta = {
        "current_page": page,
        "next_page": page + 1 if page < pages else None,
        "prev_page": page - 1 if page > 1 else None,
        "total_pages": pages,
        "total_count": len(keys),
    }
    return keys[(page - 1) * size : page * size], meta
