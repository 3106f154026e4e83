"""Where requests may go: https anywhere, http on this machine only."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from stitchhouse.errors import ConfigurationError


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def checked_url(url: str) -> str:
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError(f"base_url is not a URL: {url!r}; it looks like https://host")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigurationError("base_url must not hold a login, a query or a fragment")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ConfigurationError(f"base_url must be https, {parts.hostname} was given with http; only this machine may")
    return url.strip().rstrip("/")
