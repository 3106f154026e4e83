"""What goes wrong between us and the source, in words, and whether another try is worth it."""

from __future__ import annotations

import ssl

from stitchhouse.errors import (
    ContractError,
    CredentialsError,
    RefusedError,
    StitchhouseError,
    UnavailableError,
)

LATER = "the cursor stays, run again later"
TELL = "the cursor stays, tell the vendor"
"""What was kept, and what to do."""


class UnauthorizedError(CredentialsError):
    """A 401: a client that can log in again does so once."""


class DeniedError(CredentialsError):
    """A 403: who we are is known, and may not read this."""


class AgainError(Exception):
    """A try that failed in a way that the next one may not: `kind` of error and `what` happened, if none is left.

    `nobody` is true where nobody answered at all.
    """

    def __init__(
        self, kind: type[StitchhouseError], what: str, wait: float | None = None, *, nobody: bool = False
    ) -> None:
        super().__init__(what)
        self.kind = kind
        self.what = what
        self.wait = wait
        self.nobody = nobody

    def final(self, where: str) -> StitchhouseError:
        return self.kind(f"{where}: {self.what}; {TELL if self.kind is ContractError else LATER}")


def refusal(status: int, said: str, host: str, where: str) -> StitchhouseError:
    """What a 4xx is; `said` are the source's own words."""
    if status == 401:  # noqa: PLR2004 - HTTP's own numbers
        return UnauthorizedError(f"{where}: {host} does not accept the credentials ({said}); the cursor stays")
    if status == 403:  # noqa: PLR2004
        return DeniedError(f"{where}: {host} denies access ({said}); the cursor stays, ask for the right to read it")
    return RefusedError(f"{where}: HTTP {status} from {host} ({said}); {TELL}", status)


def unreached(error: Exception, whom: str) -> AgainError:
    """Nobody answered. The exception's own words may hold a query or a proxy's password, so only its name is told."""
    kind = type(error).__name__
    if kind == "ProxyError":
        return AgainError(UnavailableError, f"no way to {whom}: check the variable", nobody=True)
    return AgainError(UnavailableError, f"cannot reach {whom} ({kind})", nobody=True)


def unsafe(error: BaseException, whom: str) -> str:
    """Why TLS failed. Another try would end alike, and nothing turns the check off."""
    below: BaseException | None = error
    while below is not None:
        if isinstance(below, ssl.SSLCertVerificationError):
            why = below.verify_message.rstrip(".")
            return (
                f"the certificate of {whom} cannot be trusted ({why}); nothing was sent, the cursor stays, "
                "check this machine's clock and who stands in between"
            )
        below = below.__cause__ or below.__context__
    return f"{whom} offers no safe connection (TLS 1.2 or newer); nothing was sent, the cursor stays, tell the vendor"
