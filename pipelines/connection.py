"""A source as the settings of this project have it: its address, whose secrets open it, and a way in."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlsplit

import dlt
from dlt.common.configuration.exceptions import ConfigValueCannotBeCoercedException
from dlt.common.configuration.utils import deserialize_value

from pipelines.project import module, setting
from stitchhouse.address import checked_url
from stitchhouse.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS = {int: "a whole number", float: "a number", bool: "true or false", list: "a list", dict: "a table of names"}


def tokens() -> dict[str, str]:
    """Account name -> token of Stitch Labs, as the settings have them."""
    try:
        # Without a type here: only then does dlt know that it is a secret, and keeps it out of its trace file.
        held: Any = dlt.secrets.get("sources.stitchlabs.accounts")
        held = None if held is None else deserialize_value("accounts", held, dict)
    except (ConfigValueCannotBeCoercedException, ValueError):
        message = 'sources.stitchlabs.accounts must name accounts and their tokens, such as {"main": "..."}'
        raise ConfigurationError(message) from None
    token, account = (str(setting("stitchlabs", key) or "") for key in ("access_token", "account"))
    found: dict[str, str] = module("stitchlabs").accounts_of(token, account or "main", held)
    return found


def check_accounts(source: str, accounts: Sequence[str]) -> None:
    """Raises `UsageError` for an account that the settings do not name. Organisations are known only after a login."""
    if source == "stitchlabs" and accounts:
        known = tokens()
        if unknown := [name for name in accounts if name not in known]:
            message = f"no account {unknown[0]!r} of stitchlabs in the settings; there are: {', '.join(known)}"
            raise UsageError(message)


def logins(source: str, accounts: Sequence[str] = ()) -> list[str]:
    """Whatever tells the source who reads: the tokens of these accounts, or the user."""
    if source == "stitchex":
        return [str(setting(source, "email"))]
    return [token for name, token in tokens().items() if not accounts or name in accounts]


def host_of(source: str) -> str:
    """Raises `ConfigurationError` for a base URL that must not be used."""
    return urlsplit(checked_url(str(setting(source, "base_url")))).netloc


def connect(source: str, accounts: Sequence[str], **terms: Any) -> Any:
    """The API of a source with this project's settings, for some accounts only; `terms` win over the settings."""
    check_accounts(source, accounts)
    make = module(source).connect
    given = {name: typed(source, name, one.default) for name, one in inspect.signature(make).parameters.items()}
    if accounts:
        given["organisations" if source == "stitchex" else "chosen"] = list(accounts)
    if source == "stitchlabs":
        given |= {"access_token": "", "accounts": tokens()}
    return make(**{name: value for name, value in given.items() if value is not None} | terms)


def typed(source: str, name: str, default: object) -> Any:
    """A setting in the type of its default, text where there is none: a variable of the environment is always text."""
    kind: type = list if isinstance(default, tuple) else type(default)
    kind = kind if kind in {list, bool, float, dict} else str
    try:
        return dlt.config.get(f"sources.{source}.{name}", kind)
    except ConfigValueCannotBeCoercedException:
        raise mistyped(source, name, kind) from None


def mistyped(source: str, name: str, kind: Any) -> ConfigurationError:
    words = ", ".join(map(str, get_args(kind))) or f"of the type {getattr(kind, '__name__', kind)}"
    wanted = WORDS.get(kind, words)
    return ConfigurationError(f"sources.{source}.{name} must be {wanted}; nothing was read")
