"""Keeps the secrets of a run out of whatever it prints, logs and leaves on the disk."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import tomllib
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from stitchhouse.redact import SECRETS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = re.compile(r"(token|password|passphrase|passwd|pwd|secret|key|accounts)$", re.IGNORECASE)
"""The last part of a setting's name whose value is a secret, or holds some."""
OURS = ("SOURCES__", "DESTINATION__", "CREDENTIALS")
FORMAT = logging.Formatter()


def hide_settings(folder: Path) -> None:
    """Learn the secrets in the settings of a project, before anything is done that could tell them."""
    for name, value in os.environ.items():
        if name.startswith(OURS):
            _learn(name, value)
    for file in (folder / ".dlt" / "secrets.toml", folder / ".dlt" / "config.toml"):
        # A file that cannot be read is told of by whoever needs a setting.
        with suppress(OSError, ValueError):
            _learn("", tomllib.loads(file.read_text(encoding="utf-8")))


def _learn(name: str, value: Any) -> None:
    if isinstance(value, dict):
        for key, held in value.items():
            # Whatever an account is called, its value is a token.
            _learn(name if SECRET.search(name) else key, held)
    elif isinstance(value, str) and value.lstrip().startswith("{"):
        with suppress(ValueError):
            _learn(name, json.loads(value))
    elif isinstance(value, str):
        if SECRET.search(name):
            SECRETS.add(value, value.strip())
        _learn_url(value)


def _learn_url(value: str) -> None:
    """The password of a connection string, and the token in its query."""
    with suppress(ValueError):
        parts = urlsplit(value)
        if parts.password:
            SECRETS.add(parts.password, unquote(parts.password))
        for name, held in parse_qsl(parts.query):
            if SECRET.search(name):
                SECRETS.add(held)


class Veiled:
    """A text stream that writes no secret; in all else the `stream` that it stands before."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        self.stream.write(SECRETS.hide(text))
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextmanager
def veiled() -> Iterator[None]:
    """While it lasts, no secret is printed or logged, whoever prints or logs it."""
    made, out, err = logging.getLogRecordFactory(), sys.stdout, sys.stderr

    def record(*args: Any, **rest: Any) -> logging.LogRecord:
        one = made(*args, **rest)
        with suppress(TypeError, ValueError):
            one.msg, one.args = SECRETS.hide(one.getMessage()), None
        if one.exc_info:
            # Formatters take this text instead of making their own.
            one.exc_text = SECRETS.hide(FORMAT.formatException(one.exc_info))
        if one.stack_info:
            one.stack_info = SECRETS.hide(one.stack_info)
        return one

    logging.setLogRecordFactory(record)
    sys.stdout, sys.stderr = (cast("Any", Veiled(stream)) for stream in (out, err))
    try:
        yield
    finally:
        logging.setLogRecordFactory(made)
        sys.stdout, sys.stderr = out, err


@contextmanager
def as_they_are() -> Iterator[None]:
    """While it lasts, stdout gets what is printed: rows that somebody asked for are not to be changed on the way."""
    out: Any = sys.stdout
    sys.stdout = out.stream if isinstance(out, Veiled) else out
    try:
        yield
    finally:
        sys.stdout = out


@contextmanager
def private() -> Iterator[None]:
    """While it lasts, what this process writes can be read by its user alone: it is full of other people's data."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
