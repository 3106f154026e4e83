"""A sandbox whose lists show odd rows, or whose answers are edited on their way."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tests.wire import passed_on, wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.wire import Asked, Said


@dataclass(frozen=True, kw_only=True)
class Odd:
    """One row: the JSON text of some of its fields (or of the whole row), the columns it fills, and what is rejected.

    A field without text is left out. `rejected` holds (column, reason, raw).
    """

    name: str
    sent: dict[str, str | None] = field(default_factory=dict)
    more: str = ""
    """Further fields as JSON text, where the same name may stand twice."""
    row: str = ""
    holds: dict[str, Any] = field(default_factory=dict)
    rejected: tuple[tuple[str | None, str, str], ...] = ()

    def written(self, row: dict[str, Any]) -> str:
        """The row as it is sent."""
        if self.row:
            return self.row
        kept = {name: value for name, value in row.items() if name not in self.sent}
        parts = [f"{json.dumps(name)}:{json.dumps(value)}" for name, value in kept.items()]
        parts += [f"{json.dumps(name)}:{text}" for name, text in self.sent.items() if text is not None]
        return "{" + ",".join([*parts, *filter(None, [self.more])]) + "}"


@contextmanager
def odd_list(url: str, path: str, rows: Mapping[int, Odd]) -> Iterator[str]:
    """A door in front of an API that is served at `url`: its list `path` shows these rows, by id, as they are odd."""

    def answer(asked: Asked) -> Said:
        said = passed_on(asked, url)
        return _odd(said, path, rows) if asked.route == f"/{path}" else said

    with wire(answer) as door:
        yield door.url


@contextmanager
def edited(url: str, route: str, edit: Callable[[Any], None]) -> Iterator[str]:
    """A door in front of an API that is served at `url`: what it answers on `route` is edited."""

    def answer(asked: Asked) -> Said:
        said = passed_on(asked, url)
        if not asked.route.endswith(route):
            return said
        body = json.loads(said.body)
        edit(body)
        return replace(said, body=body)

    with wire(answer) as door:
        yield door.url


def _odd(said: Said, path: str, rows: Mapping[int, Odd]) -> Said:
    body = json.loads(said.body)
    texts = [rows[row["id"]].written(row) if row["id"] in rows else json.dumps(row) for row in body.pop(path)]
    rest = ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in body.items())
    whole = f'{{"{path}":[{",".join(texts)}],{rest}}}'
    return replace(said, body=whole.encode())
