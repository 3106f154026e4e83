"""Calls a command inside the test's own process: the same way through `main`, without the two seconds of a start."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import pytest

from pipelines.cli import main


@dataclass
class Caller:
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str, **variables: str) -> tuple[int, str, str]:
        """(exit code, stdout, stderr)."""
        with self.monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["stitchhouse", *arguments])
            self.capsys.readouterr()
            with pytest.raises(SystemExit) as ended:
                main()
        out, err = self.capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, out, err

    def fine(self, *arguments: str, **variables: str) -> str:
        """What a command prints that ends with 0 and has nothing to complain of."""
        code, out, err = self(*arguments, **variables)
        assert (code, err) == (0, ""), out + err
        return out

    def one_line(self, expected: int, *arguments: str, **variables: str) -> str:
        """The line on stderr of a command that ends with the `expected` code."""
        return complaint(expected, self(*arguments, **variables))


def complaint(expected: int, ended: tuple[int, str, str]) -> str:
    """The one line on stderr, where a command ended with the `expected` code and without a traceback."""
    code, out, err = ended
    assert code == expected, out + err
    assert "Traceback" not in out + err
    (line,) = err.splitlines()
    assert line.startswith("stitchhouse: ")
    return line
