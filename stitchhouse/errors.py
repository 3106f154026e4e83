"""Everything that can go wrong, sorted by what to do about it.

StitchhouseError
├── UsageError          64  the call's words are wrong: call again, corrected
├── ContractError       65  the source broke its own contract: keep what is loaded, ask the vendor
│   └── RefusedError        the source refused this question (a 4xx): a probe takes it as an answer
├── UnavailableError    69  the source did not answer after all tries: run again later
├── LocalError          73  a local file or folder cannot be written
├── DestinationError    74  the destination refused or failed
├── TryLaterError       75  somebody else holds what we need, or the source said when to come back
├── CredentialsError    77  wrong secret or missing right
└── ConfigurationError  78  a setting is missing or wrong

Every message is one line: what happened, where, what was kept, what to do. No message holds a secret.
"""

from __future__ import annotations

from typing import ClassVar

from stitchhouse.redact import SECRETS

OK = 0
UNCERTAIN = 10
"""Loaded, nothing lost, but something is uncertified or rejected."""

RANKS = (143, 130, 78, 77, 74, 73, 65, 69, 75, 64, UNCERTAIN, OK)
"""Exit codes from worst to best; a run takes the worst of what happened in it."""


def worst(codes: list[int]) -> int:
    """The exit code of a run in which all of `codes` happened."""
    return min(codes, key=RANKS.index, default=OK)


class StitchhouseError(Exception):
    """Base of the tree; each class carries the exit code of a run that ends with it."""

    exit_code: ClassVar[int] = 70

    def __init__(self, message: str = "") -> None:
        super().__init__(SECRETS.hide(message))


class UsageError(StitchhouseError):
    exit_code = 64


class ContractError(StitchhouseError):
    exit_code = 65


class RefusedError(ContractError):
    """A 4xx that says no to this one question. `status` is the HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status

    @property
    def absent(self) -> bool:
        """Whether there is no such thing (404), which is an answer."""
        return self.status == 404  # noqa: PLR2004 - HTTP's own number


class UnavailableError(StitchhouseError):
    exit_code = 69


class LocalError(StitchhouseError):
    exit_code = 73


class DestinationError(StitchhouseError):
    exit_code = 74


class TryLaterError(StitchhouseError):
    exit_code = 75


class CredentialsError(StitchhouseError):
    exit_code = 77


class ConfigurationError(StitchhouseError):
    exit_code = 78
