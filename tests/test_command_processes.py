"""Commands that go on for a while: two at once, interrupted, serving, and leaving nothing behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.conftest import ROOT, OpenShop, stitchhouse

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from pipelines.project import Project


def started(*arguments: str, folder: Path | None = None) -> subprocess.Popen[str]:
    """A command that goes on while the test does."""
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_runs_and_an_interrupt(open_shop: OpenShop) -> None:
    """While a sync runs, a second one ends with 75; Ctrl-C ends the first with 130, and the next run is whole."""
    with open_shop(orders=120, page_size_cap=2) as shop:
        shop.control.latency(0.2)
        with started("sync", "stitchlabs") as first:
            while len(shop.control.requests()) < 3:
                assert first.poll() is None
            code, out, err = stitchhouse("sync", "stitchlabs")
            assert (code, out, len(err.splitlines())) == (75, "", 1)
            assert "run again" in err
            first.send_signal(signal.SIGINT)
            out, err = first.communicate()
        assert (first.returncode, len(err.splitlines())) == (130, 1), out + err
        assert "interrupted" in err
        shop.control.latency(0)
        assert shop.sync("stitchlabs").exit_code == 0
        assert shop.one("select count(*) from stitchlabs.sales_orders") == 120


def test_termination(open_shop: OpenShop) -> None:
    """A sync that is told to end does so with 143 and leaves neither a lock nor half of anything behind."""
    with open_shop(orders=30) as shop:
        shop.control.latency(0.2)
        with started("sync", "stitchex") as first:
            while len(shop.control.requests()) < 3:
                assert first.poll() is None
            first.terminate()
            first.communicate()
        assert first.returncode in {143, -signal.SIGTERM}
        shop.control.latency(0)
        assert shop.sync("stitchex").exit_code == 0
        assert shop.one("select count(*) from stitchex.sales_orders") == 30


def test_sandbox(project: Project) -> None:
    """The sandbox prints lines to export that make a sync work, serves until Ctrl-C, and explains itself."""
    with started("sandbox", "--port", "0", "--orders", "5") as server:
        assert server.stdout is not None
        lines = list(iter(server.stdout.readline, "# serving until Ctrl-C\n"))
        exports = dict(line.strip().removeprefix("export ").split("=", 1) for line in lines)
        code, out, err = stitchhouse("sync", **exports)
        assert (code, err) == (0, ""), out + err
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=10) in {0, 130}
    assert project.warehouse.exists()
    assert "--history FILE" in stitchhouse("sandbox", "--help")[1]


def test_two_demos_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two demos at once load into files of their own, end with 0, and leave no server behind."""
    folders = [tmp_path / name for name in ("left", "right")]
    for folder in folders:
        (folder / ".dlt").mkdir(parents=True)
    for name in ("DLT_PROJECT_DIR", "DLT_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)

    def demo(folder: Path) -> tuple[int, str, str]:
        with started("demo", "--orders", "40", folder=folder) as running:
            out, err = running.communicate()
        return running.returncode, out, err

    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(demo, folders))
    ports = []
    for folder, (code, out, err) in zip(folders, answers, strict=True):
        assert (code, err) == (0, ""), out + err
        assert str(folder / "warehouse" / "demo.duckdb") in out
        assert (folder / "warehouse" / "demo.duckdb").exists()
        ports += [int(port) for port in re.findall(r"on port (\d+)", out)]
    assert len(set(ports)) == 2
    for port in ports:
        with socket.socket() as client:
            assert client.connect_ex(("127.0.0.1", port)) != 0
