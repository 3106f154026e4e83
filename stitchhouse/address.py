"""Where requests may go: https anywhere, http on this machine only."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from stitchhouse.errors import ConfigurationError

NO_URL = "base_url is not a URL of the form https://host"


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def checked_url(url: str) -> str:
    """The base URL without a slash at its end. It may hold a password by mistake, so no message repeats it."""
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ConfigurationError(NO_URL) from None
    if not host or parts.scheme not in {"http", "https"}:
        raise ConfigurationError(NO_URL)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigurationError("base_url must not hold a login, a query or a fragment")
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigurationError(f"base_url must be https, {host} was given with http; only this machine may")
    return url.strip().rstrip("/")
