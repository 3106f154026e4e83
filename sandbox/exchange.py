"""What goes between the HTTP layer and the two faces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.store import Row, Store


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, its path without the prefix of the face."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Answer:
    """One reply; ``content`` becomes JSON, None an empty body. ``rows`` counts the asked objects."""

    status: int
    content: Any = None
    rows: int = 0
    headers: dict[str, str] = field(default_factory=dict)


def refusal(status: int, message: str) -> Answer:
    return Answer(status, {"message": message})


class Face(Protocol):
    """One of the two APIs, together with the rows behind it."""

    store: Store
    main: str
    forgotten: Mapping[str, tuple[str, ...]]
    """Relations that a copy of a row does not take over, by table."""

    def is_login(self, asked: Asked) -> bool:
        """Whether a request belongs to the login, which scripts and faults do not count."""

    def answer(self, asked: Asked) -> Answer:
        """The reply to any request."""

    def truth(self, resource: str, key: int) -> Row | None:
        """The row in full, as the face would send it."""

    def summary(self) -> Row:
        """Counts over everything that can be read."""

    def stamp(self, seconds: int) -> object:
        """A time in the form in which the face stores it."""

    def key(self, key: int) -> object:
        """An id in the form in which the face stores it."""

    def lines_of(self, order: int) -> str:
        """The table in which the lines of an order stand."""

    def settle(self, order: int) -> None:
        """Bring the sums of an order in line with its lines."""

    def hide(self, resource: str, key: int) -> None:
        """Keep a row out of lists."""

    def expire(self) -> None:
        """End the current logins."""

    def switch_organisation(self) -> None:
        """Move the current login to another organisation."""
