"""What a listing asks for, checked against what the API documents, and the keys that answer it."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from sandbox.store import Row, moment

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.options import Switches

OPERATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "!=": operator.ne,
}
TIMES = frozenset({"created_at", "updated_at", "cancel_date", "complete_date", "order_date", "ship_date"})
TEXTS = frozenset(
    {"currency_iso", "external_connector_order_id", "local_id", "notes", "po_num", "ship_method_complete"}
)
EVERYWHERE = frozenset({"id", "created_at", "updated_at"})
OF_ORDERS = EVERYWHERE | frozenset(
    "archived cancel_date complete complete_date created_at currency_iso discount draft exclude_stock_tracking"
    " external_connector_order_id external_fulfill force_channel_push force_ship_sync historical_import id limbo"
    " local_id notes order_date po_num qb_export s_and_h ship_date ship_method_complete sku_subtotal status_invoice"
    " status_payment status_package status_packing_slip status_deliver connector_id".split()
)


class BadQuery(Exception):  # noqa: N818 - says what is the matter
    """The body cannot be answered; becomes a 400."""


@dataclass(frozen=True, slots=True)
class Test:
    """One sub-filter, its bound already in comparable form."""

    name: str
    operation: str
    bound: Any


@dataclass(frozen=True, slots=True)
class Query:
    """``all_of`` and ``any_of`` are joined by AND; ``sort`` holds (attribute, descending)."""

    all_of: tuple[Test, ...]
    any_of: tuple[Test, ...]
    sort: tuple[tuple[str, bool], ...]


def comparable(name: str, value: object) -> Any:
    """A cell or a bound as something that can be compared; null stays null."""
    if value is None:
        return None
    if name in TEXTS:
        return str(value)
    if name in TIMES:
        return moment(value) if value != "" else None
    if isinstance(value, bool):
        value = int(value)
    return int(str(value)) if name == "id" else Decimal(str(value))


def read_query(body: Row, allowed: frozenset[str], switches: Switches) -> Query:
    """Refuse what is not documented; drop what a switch says is ignored."""
    allowed_sort = allowed - {"connector_id"}
    groups = _conditionals(body.get("filter", {}))
    tests: dict[str, list[Test]] = {"and": [], "or": []}
    for word, items in groups.items():
        for item in items:
            test = _test(item, allowed)
            how = switches.word("updated_at" if test.name == "updated_at" else "id_filter")
            if test.name in ("updated_at", "id") and how != "honoured":
                if how == "refused":
                    message = f"{test.name} is not a filterable attribute"
                    raise BadQuery(message)
                continue
            tests[word].append(test)
    sort = _sort(body.get("sort", []), allowed_sort)
    own = {"honoured": sort, "newest": (("id", True),)}
    return Query(tuple(tests["and"]), tuple(tests["or"]), own.get(switches.word("sort"), ()))


def _conditionals(given: object) -> dict[str, list[Any]]:
    if not isinstance(given, dict) or not set(given) <= {"and", "or"}:
        message = "filter must be one object with the conditionals and, or"
        raise BadQuery(message)
    if not all(isinstance(items, list) for items in given.values()):
        message = "a conditional must be an array of sub-filters"
        raise BadQuery(message)
    return given


def _test(item: object, allowed: frozenset[str]) -> Test:
    if not isinstance(item, dict) or len(set(item) - {"operation"}) != 1:
        message = "a sub-filter must hold one attribute and its value"
        raise BadQuery(message)
    operation = item.get("operation", "=")
    if not isinstance(operation, str) or operation not in OPERATIONS:
        message = f"operation must be one of {' '.join(OPERATIONS)}"
        raise BadQuery(message)
    name, value = next((name, value) for name, value in item.items() if name != "operation")
    if name not in allowed:
        message = f"{name} is not a filterable attribute"
        raise BadQuery(message)
    if isinstance(value, list | dict):
        message = f"{name} must be compared with one value"
        raise BadQuery(message)
    try:
        return Test(name, operation, comparable(name, value))
    except (ValueError, InvalidOperation):
        message = f"{name} cannot be compared with {value!r}"
        raise BadQuery(message) from None


def _sort(given: object, allowed: frozenset[str]) -> tuple[tuple[str, bool], ...]:
    if given == {}:
        return ()
    if not isinstance(given, list):
        message = "sort must be an array of objects"
        raise BadQuery(message)
    keys = []
    for item in given:
        if not isinstance(item, dict) or len(item) != 1:
            message = "a sort must hold one attribute and asc or desc"
            raise BadQuery(message)
        (name, order) = next(iter(item.items()))
        if name not in allowed or order not in ("asc", "desc"):
            message = f"cannot sort by {name} {order}"
            raise BadQuery(message)
        keys.append((name, order == "desc"))
    return tuple(keys)
