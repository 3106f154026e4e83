"""The fixed, public credentials of the stand-in."""

from __future__ import annotations

from typing import NamedTuple

TOKEN = "sandbox"  # noqa: S105 - no secret
CLIENT_ID = "sandbox"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105 - no secret
EMAIL = "demo@example.com"
PASSWORD = "sandbox"  # noqa: S105 - no secret


class Account(NamedTuple):
    """One Stitch Labs account: its name in settings, its token, and the api name by which control reaches it."""

    name: str
    token: str
    api: str


def accounts_of(count: int) -> list[Account]:
    """The first so many accounts; the first has the plain names."""
    first = Account("main", TOKEN, "stitchlabs")
    names = ["second", "third", *(f"account-{n}" for n in range(4, count + 1))]
    return [first, *(Account(name, f"{TOKEN}-{n}", f"stitchlabs-{n}") for n, name in enumerate(names, 2))][:count]
