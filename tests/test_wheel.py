"""The wheel: what somebody gets who installs stitchhouse without its checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGES = ("stitchhouse", "sources", "pipelines", "sandbox")
PLACES = f"import {', '.join(PACKAGES)}; print(*[place for one in ({', '.join(PACKAGES)}) for place in one.__path__])"


@dataclass(frozen=True)
class Installed:
    """An environment that holds the wheel; what the wheel needs comes from the environment that runs the tests."""

    wheel: Path
    packages: Path
    folder: Path
    python: Path

    def run(self, *arguments: str) -> str:
        """What Python prints in an empty folder, with nothing of ours in the variables."""
        ours = ("PYTHONPATH", "DLT_", "SOURCES__", "DESTINATION__")
        variables = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        done = subprocess.run(
            [self.python, *arguments], cwd=self.folder, env=variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    call: Sequence[str | Path] = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist"]
    subprocess.run(call, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").iterdir()
    place, folder = tmp_path / "environment", tmp_path / "elsewhere"
    folder.mkdir()
    venv.create(place)
    paths = sysconfig.get_paths(vars={"base": str(place), "platbase": str(place)}, scheme="venv")
    packages = Path(paths["purelib"])
    # A wheel of pure Python is installed by unpacking it. A path in a .pth file does not bring that folder's own .pth
    # files, so an editable install of the checkout stays out.
    zipfile.ZipFile(wheel).extractall(packages)
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return Installed(wheel, packages, folder, Path(paths["scripts"]) / Path(sys.executable).name)


def test_the_wheel_runs_the_demo_without_the_checkout(installed: Installed) -> None:
    """Installed from its wheel, stitchhouse runs the demo in an empty folder and fills a warehouse there."""
    assert {Path(place).parent for place in installed.run("-c", PLACES).split()} == {installed.packages}
    assert "Best sellers" in installed.run("-m", "pipelines", "demo", "--orders", "30")
    with duckdb.connect(str(installed.folder / "warehouse" / "demo.duckdb"), read_only=True) as warehouse:
        for schema in ("stitchlabs", "stitchex"):
            assert warehouse.execute(f"select count(*) >= 30 from {schema}.sales_orders").fetchall() == [(True,)]


def test_the_wheel_holds_the_product_and_nothing_else(installed: Installed) -> None:
    """The wheel holds the four packages and its own description, and brings the command `stitchhouse`."""
    names = zipfile.ZipFile(installed.wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == set(PACKAGES)
    assert not [name for name in names if name.endswith((".duckdb", "secrets.toml", ".pyc"))]
    (described,) = installed.packages.glob("*.dist-info/entry_points.txt")
    assert "stitchhouse = pipelines.cli:main" in described.read_text(encoding="utf-8")
