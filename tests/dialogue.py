"""A command on a pseudo terminal, with a person who reads what it asks and answers."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 180.0
"""Seconds that a command may take to say the next thing."""


@dataclass
class Dialogue:
    """`seen` is all that the terminal showed so far; `_read` is how far of it the person has read."""

    process: subprocess.Popen[bytes]
    terminal: int
    line: int
    seen: str = ""
    _read: int = 0

    def answer(self, question: str, words: str) -> None:
        self.until(question)
        os.write(self.terminal, f"{words}\n".encode())

    def hidden(self, question: str, words: str) -> None:
        """An answer that must not be shown, given once the terminal shows nothing any more."""
        self.until(question)
        deadline = time.monotonic() + PATIENCE
        while termios.tcgetattr(self.line)[3] & termios.ECHO:
            assert time.monotonic() < deadline, f"{question} shows what is typed"
            select.select([], [], [], 0.01)
        os.write(self.terminal, f"{words}\n".encode())

    def until(self, words: str) -> None:
        """Read on until `words` come."""
        while words not in self.seen[self._read :]:
            assert self._more(), f"waited for {words!r}, saw: {self.seen}"
        self._read = self.seen.index(words, self._read) + len(words)

    def interrupt(self) -> None:
        """Ctrl-C, pressed again while nothing comes of it.

        Python does not hear it in the moment between `input` being called and its read, where it then waits for a key.
        """
        while select.select([self.terminal], [], [], 0.2)[0]:
            assert self._more()
        self.process.send_signal(signal.SIGINT)
        while not select.select([self.terminal], [], [], 5.0)[0] and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """The exit code."""
        while self._more():
            pass
        return self.process.wait(PATIENCE)

    def _more(self) -> bool:
        """Whether more was shown before the command ended."""
        deadline = time.monotonic() + PATIENCE
        while not select.select([self.terminal], [], [], 0.05)[0]:
            assert time.monotonic() < deadline, f"the command says nothing any more; saw: {self.seen}"
            if self.process.poll() is not None and not select.select([self.terminal], [], [], 0)[0]:
                return False
        self.seen += os.read(self.terminal, 65536).decode(errors="replace").replace("\r\n", "\n")
        return True


@contextmanager
def dialogue(*arguments: str, folder: Path | None = None, **variables: str) -> Iterator[Dialogue]:
    """A command on a terminal of its own; `folder` is where it starts."""
    terminal, line = pty.openpty()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "dumb", "COLUMNS": "200"} | variables
    process = subprocess.Popen(
        [sys.executable, "-m", "pipelines", *arguments],
        env=environment,
        cwd=folder,
        stdin=line,
        stdout=line,
        stderr=line,
        start_new_session=True,
    )
    try:
        yield Dialogue(process, terminal, line)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(line)
        os.close(terminal)
