"""A sandbox in a process of its own, for as long as a ``with`` block lasts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.control.client import Control
from sandbox.credentials import EMAIL, PASSWORD, TOKEN, accounts_of
from sandbox.errors import BadOption, BrokenHistory, PortTaken, SandboxFailed

if TYPE_CHECKING:
    from collections.abc import Iterator


REASONS: dict[str, type[Exception]] = {c.__name__: c for c in (BadOption, BrokenHistory, PortTaken)}


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox; ``control`` works when it was started with it."""

    port: int
    control: Control
    process: int
    accounts: int = 1

    @property
    def stitchlabs_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/stitchlabs"

    @property
    def stitchex_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/stitchex"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point a sync at this sandbox, without a limit on its request rate."""
        tokens = {account.name: account.token for account in accounts_of(self.accounts)}
        several = {"SOURCES__STITCHLABS__ACCOUNTS": json.dumps(tokens)}
        return {
            "SOURCES__STITCHLABS__BASE_URL": self.stitchlabs_url,
            **(several if self.accounts > 1 else {"SOURCES__STITCHLABS__ACCESS_TOKEN": TOKEN}),
            "SOURCES__STITCHLABS__REQUESTS_PER_SECOND": "0",
            "SOURCES__STITCHEX__BASE_URL": self.stitchex_url,
            "SOURCES__STITCHEX__EMAIL": EMAIL,
            "SOURCES__STITCHEX__PASSWORD": PASSWORD,
            "SOURCES__STITCHEX__REQUESTS_PER_SECOND": "0",
        }


@contextmanager
def running(  # noqa: PLR0913 - one argument per option of the command
    *,
    orders: int = 500,
    seed: int = 1,
    accounts: int = 1,
    organisations: int = 3,
    history: str | os.PathLike[str] | None = None,
    latency: float = 0,
    control: bool = False,
    api: str = "both",
    **switches: object,
) -> Iterator[Sandbox]:
    """Start a server on a free port and stop it at the end; it also ends when this process does."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--with-parent"]
    command += ["--orders", str(orders), "--seed", str(seed), "--organisations", str(organisations)]
    command += ["--accounts", str(accounts), "--latency", str(latency), "--api", api]
    command += ["--control"] if control else []
    command += [] if history is None else ["--history", os.fspath(history)]
    for name, value in switches.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    above = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, (above, os.environ.get("PYTHONPATH"))))
    with subprocess.Popen(  # noqa: S603 - our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": path}
    ) as server:
        try:
            yield Sandbox(port := _port(server), Control(port), server.pid, accounts)
        finally:
            server.terminate()


def _port(server: subprocess.Popen[bytes]) -> int:
    """Wait for the first line of the server: its port, or the reason why there is none."""
    line = server.stdout.readline() if server.stdout else b""
    try:
        said = json.loads(line)
    except ValueError:
        message = f"the sandbox ended with {server.wait()} before it answered"
        raise SandboxFailed(message) from None
    if "port" not in said:
        raise REASONS.get(said["error"], SandboxFailed)(said["message"])
    return int(said["port"])
