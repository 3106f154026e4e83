"""The keys that answer a query, in order."""

from __future__ import annotations

from bisect import bisect_left
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.stitchlabs.query import OPERATIONS, Query, Test, comparable
from sandbox.store import Table, entries

if TYPE_CHECKING:
    from collections.abc import Sequence


def run(query: Query, table: Table) -> Sequence[int]:
    """The keys that answer, in order. Bounds on the leading sort key narrow an index; only the rest is scanned."""
    lead, falling = query.sort[0] if query.sort else ("id", False)
    plain = len(query.sort) <= 1 or query.sort[1:] == (("id", falling),)
    rest = query.all_of
    keys: Sequence[int]
    if lead == "updated_at" and plain:
        low, high, rest = _bounds(rest, "updated_at")
        index = table.by_moment()
        first, last = _cut(index, low, high)
        keys = [key for _, key in index[first:last]]
    else:
        low, high, rest = _bounds(rest, "id")
        keys = table.between(low, high)
        looked_up = _looked_up(query, table)
        if looked_up is not None:
            keys = [key for key in looked_up if (low is None or key >= low) and (high is None or key <= high)]
    any_of = () if lead != "updated_at" and _looked_up(query, table) is not None else query.any_of
    if rest or any_of:
        keys = [key for key in keys if _fits(table, key, rest, any_of)]
    if not (plain and lead in ("id", "updated_at")):
        for name, down in reversed(query.sort):
            keys = sorted(keys, key=lambda key, name=name: _rank(table, key, name), reverse=down)  # type: ignore[misc]
    elif falling:
        keys = keys[::-1]
    return keys


def shown(keys: Sequence[int], table: Table) -> list[int]:
    """Those that a listing shows which keeps deleted and void rows to itself."""
    flags = [name for name in ("deleted", "void") if name in table.columns]
    return [key for key in keys if all(table.get(key, name) != "1" for name in flags)]


def _looked_up(query: Query, table: Table) -> list[int] | None:
    """Keys named one by one: an id = in the AND part, or an OR part of nothing else."""
    single = [t.bound for t in query.all_of if t.name == "id" and t.operation == "="]
    many = [t.bound for t in query.any_of]
    if single or (many and all(t.name == "id" and t.operation == "=" for t in query.any_of)):
        wanted = set(single) & set(many) if single and many else set(single or many)
        return sorted(key for key in wanted if key is not None and key in table)
    return None


def _bounds(tests: tuple[Test, ...], name: str) -> tuple[int | None, int | None, tuple[Test, ...]]:
    """The closed range that the tests on one whole-number attribute leave, and the other tests."""
    low: int | None = None
    high: int | None = None
    rest = []
    for test in tests:
        if test.name != name or test.operation == "!=" or test.bound is None:
            rest.append(test)
            continue
        if test.operation in (">", ">=", "="):
            bound = test.bound + (test.operation == ">")
            low = bound if low is None else max(low, bound)
        if test.operation in ("<", "<=", "="):
            bound = test.bound - (test.operation == "<")
            high = bound if high is None else min(high, bound)
    return low, high, tuple(rest)


def _cut(index: list[tuple[int, int]], low: int | None, high: int | None) -> tuple[int, int]:
    first = 0 if low is None else bisect_left(index, (low, -1))
    last = len(index) if high is None else bisect_left(index, (high + 1, -1))
    return first, last


def _value(table: Table, key: int, name: str) -> Any:
    if name == "connector_id":
        return next((Decimal(channel) for channel, _ in entries(table.related(key, "Channels"))), None)
    return key if name == "id" else comparable(name, table.get(key, name))


def _fits(table: Table, key: int, all_of: tuple[Test, ...], any_of: tuple[Test, ...]) -> bool:
    return all(_holds(table, key, test) for test in all_of) and (
        not any_of or any(_holds(table, key, test) for test in any_of)
    )


def _holds(table: Table, key: int, test: Test) -> bool:
    """As in SQL: a null value passes no comparison, only the question for null itself."""
    value = _value(table, key, test.name)
    if test.bound is None:
        return (value is None) == (test.operation == "=")
    return value is not None and OPERATIONS[test.operation](value, test.bound)


def _rank(table: Table, key: int, name: str) -> tuple[bool, Any]:
    value = _value(table, key, name)
    return (value is not None, value if value is not None else 0)
