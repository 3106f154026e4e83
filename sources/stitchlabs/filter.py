"""What a listing can be asked (API reference, sections 4.1 and 4.2), refused here before the API would.

One filter per request, with at most two conditionals: tests that must all hold, and tests of which any must hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sources.stitchlabs.datasets import FILTERS
from stitchhouse.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

OPERATIONS = ("=", ">=", "<=", ">", "<", "!=")
CONDITIONALS = {"and": "all_of", "or": "any_of"}
ANYWHERE = frozenset({"id", "created_at", "updated_at"})
"""Attributes by which every resource can be asked."""

Value = str | int | bool | date


@dataclass(frozen=True)
class Test:
    """One attribute against one value. A time is sent in UTC; a date as it is."""

    attribute: str
    value: Value
    operation: str = "="

    def body(self) -> dict[str, str]:
        named = {self.attribute: _text(self.value)}
        return named if self.operation == "=" else named | {"operation": self.operation}


@dataclass(frozen=True, kw_only=True)
class Filter:
    """All tests of `all_of` hold, and any of `any_of`. Raises `UsageError` for what the API cannot be asked."""

    all_of: Sequence[Test] = ()
    any_of: Sequence[Test] = ()

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Filter:
        """A filter in the API's own words: `{"and": [{"archived": "0"}], "or": [...]}`."""
        unknown = sorted(set(body) - set(CONDITIONALS))
        if unknown:
            raise UsageError(f"a filter has the conditionals 'and' and 'or' only, not {', '.join(unknown)}")
        for name, tests in body.items():
            if not isinstance(tests, list | tuple):
                raise UsageError(f"'{name}' is a list of tests, not {type(tests).__name__}")
        return cls(**{CONDITIONALS[name]: [_test(entry) for entry in body[name]] for name in body})

    def body(self, resource: str) -> dict[str, list[dict[str, str]]]:
        for test in (*self.all_of, *self.any_of):
            checked(resource, test.attribute, "filter")
            if test.operation not in OPERATIONS:
                raise UsageError(f"no operation {test.operation!r}; there are: {' '.join(OPERATIONS)}")
        parts = {"and": self.all_of, "or": self.any_of}
        return {name: [test.body() for test in tests] for name, tests in parts.items() if tests}


def checked(resource: str, attribute: str, what: str) -> str:
    """`attribute`, if `resource` is known to filter or sort by it."""
    known = FILTERS.get(resource, frozenset()) | ANYWHERE
    if attribute not in known:
        raise UsageError(f"{resource} cannot {what} by {attribute!r}; it can by: {', '.join(sorted(known))}")
    return attribute


def _test(entry: Any) -> Test:
    if not isinstance(entry, Mapping):
        raise UsageError(f"a test is an attribute with its value, not {type(entry).__name__}")
    named = {name: value for name, value in entry.items() if name != "operation"}
    if len(named) != 1:
        raise UsageError(f"a test names one attribute and its value, not {len(named)}: {sorted(named)}")
    ((attribute, value),) = named.items()
    return Test(attribute, value, entry.get("operation", "="))


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if not isinstance(value, str | int | date):
        raise UsageError(f"a value is text, a number, a flag or a time, not {type(value).__name__}")
    return str(value)
