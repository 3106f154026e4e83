"""Questions to a person on a terminal. Whoever leaves in the middle has changed nothing."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.prompt import Confirm, Prompt
from rich.text import Text

from stitchhouse.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator


def on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def confirmed(command: str, question: str, *, yes: bool) -> bool:
    """Whether a command may do what cannot be undone: told so with `yes`, or by a person who is asked.

    Raises `UsageError` where nobody can be asked.
    """
    if not yes and not on_terminal():
        raise UsageError(f"{command} asks first, and there is no terminal to ask on; say --yes")
    return yes or agreed(question, default=False)


def agreed(question: str, *, default: bool) -> bool:
    with _leaving() as console:
        return Confirm.ask(Text(question), console=console, default=default)


def answered(question: str, default: str = "") -> str:
    """A text that is not empty."""
    with _leaving() as console:
        while not (said := Prompt.ask(Text(question), console=console, default=default, show_default=bool(default))):
            continue
    return said.strip()


def secret(question: str, held: str = "") -> str:
    """A text that is not shown while it is typed; Enter keeps the one that is `held`, which is not shown either."""
    keeps = " (Enter keeps the one that is set)" if held else ""
    with _leaving() as console:
        while not (said := Prompt.ask(Text(question + keeps), console=console, password=True) or held):
            continue
    return said.strip()


@contextmanager
def _leaving() -> Iterator[Console]:
    """Ctrl-C and Ctrl-D."""
    console = Console(highlight=False, soft_wrap=True)
    try:
        yield console
    except (KeyboardInterrupt, EOFError):
        console.print()
        raise KeyboardInterrupt("nothing was changed") from None
