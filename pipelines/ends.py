"""How a command ends: its exit code, and one line for whatever ended it early."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from pipelines.words import one_line
from stitchhouse.errors import StitchhouseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import typer

INTERRUPTED, TERMINATED = 130, 143


def run(app: typer.Typer) -> NoReturn:
    """Run a command, and end the process with its exit code. An error is one line; a traceback only if asked for."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        code = app(standalone_mode=False)
    except StitchhouseError as error:
        _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort: a line, or where it happened
        if "Query interrupted" in str(error):
            # DuckDB takes the interrupt for itself, and raises an error of its own.
            _fail(f"interrupted; {_ended.kept}", _ended.code)
        if hasattr(error, "format_message") and hasattr(error, "exit_code"):
            _fail(f"{error.format_message()}; see stitchhouse --help", 64)
        if os.environ.get("STITCHHOUSE_DEBUG"):
            traceback.print_exc()
            sys.exit(70)
        words = f"unexpected {type(error).__name__}: {one_line(error)}"
        _fail(f"{words}; set STITCHHOUSE_DEBUG=1 to see where, and report it", 70)
    if code == INTERRUPTED:
        _fail(f"interrupted; {_ended.kept}", _ended.code)
    sys.exit(code if isinstance(code, int) else 0)


@dataclass
class Ended:
    """How a run ended before its time."""

    code: int = INTERRUPTED
    kept: str = "nothing was changed"


_ended = Ended()


@contextmanager
def leaving(kept: str = "") -> Iterator[None]:
    """Keeps what an interrupt says of what was done, or else `kept`; typer keeps only that there was one."""
    _ended.kept = kept or Ended.kept
    try:
        yield
    except KeyboardInterrupt as left:
        # While it loads, dlt puts a signal off until a job is done, and then tells which one it was.
        put_off = getattr(left, "signal_code", None)
        if put_off is None:
            _ended.kept = str(left) or _ended.kept
        elif put_off == signal.SIGTERM:
            _ended.code = TERMINATED
        raise


def _terminate(*_: object) -> None:
    """A polite end from outside is an interrupt with an exit code of its own."""
    _ended.code = TERMINATED
    raise KeyboardInterrupt


def _fail(line: str, code: int) -> NoReturn:
    print(f"stitchhouse: {line}", file=sys.stderr)  # noqa: T201 - the command line speaks
    sys.exit(code)
