"""A project of its own for every test, and sandboxes for it to read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.load import Outcome, sync
from pipelines.project import Project, datasets_of
from pipelines.warehouse import Target
from sandbox import Sandbox, running
from stitchhouse.redact import SECRETS
from tests.calling import Caller
from tests.miscounting import Liar
from tests.sandbox.asking import Ex, Labs
from tests.stitchex_login import ERAS, reset
from tests.wire import wire

ROOT = Path(__file__).resolve().parent.parent
ORDERS = ("sales_orders",)
ALWAYS = "36500"
"""Days: tests edit any document of the shop, however old, where they do not ask which ones a quick walk reads again."""
ALL = ()
"""Datasets to sync: one shows how a list is read, and is read sooner than all of an API."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """What `-n auto` means: more than there are cores, as a test waits about as long as it computes."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + (cores + 1) // 2


@dataclass
class Shop:
    """A running sandbox, a project that is pointed at it, and the warehouse in between."""

    box: Sandbox
    project: Project
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def control(self) -> Any:
        return self.box.control

    @property
    def file(self) -> Path:
        return self.project.warehouse

    def sync(
        self, source: str, datasets: Sequence[str] = ORDERS, accounts: Sequence[str] = (), **asked: Any
    ) -> Outcome:
        """One sync of one source, as the command makes it; `asked` is what it is asked to read."""
        names = datasets_of(source, datasets)
        outcome = sync(self.project, source, Target(self.project), datasets=names, accounts=accounts, **asked)
        self.outcomes.append(outcome)
        return outcome

    def sql(self, question: str) -> list[tuple[Any, ...]]:
        """Ask the warehouse."""
        with duckdb.connect(str(self.file), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(question).fetchall()

    def one(self, question: str) -> Any:
        """The single value that the warehouse answers."""
        ((value,),) = self.sql(question)
        return value

    def asked(self, api: str) -> list[dict[str, Any]]:
        """The data requests that the sandbox answered since its log was cleared."""
        return [
            request
            for request in self.control.requests()
            if request["api"] == api and "oauth" not in request["path"] and "organisations" not in request["path"]
        ]


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the settings, tokens or locks of the person who runs it."""
    for name in [name for name in os.environ if name.startswith(("SOURCES__", "DESTINATION__"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "user"))
    SECRETS.clear()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project folder, entered as the commands enter it."""
    folder = tmp_path / "project"
    (folder / ".dlt").mkdir(parents=True)
    monkeypatch.chdir(folder)
    made = Project.find()
    assert made.folder == folder
    monkeypatch.setenv("DLT_PROJECT_DIR", str(folder))
    monkeypatch.setenv("DLT_DATA_DIR", str(made.state))
    made.enter()
    return made


OpenShop = Callable[..., AbstractContextManager[Shop]]


@pytest.fixture
def open_shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> OpenShop:
    """Shops with options of their own, such as orders=40 or era='2019', for a `with` block."""

    @contextmanager
    def opened(**options: Any) -> Iterator[Shop]:
        with running(**{"orders": 60, "control": True} | options) as box:
            for name, value in box.environment.items():
                monkeypatch.setenv(name, value)
            for source in ("STITCHLABS", "STITCHEX"):
                monkeypatch.setenv(f"SOURCES__{source}__BACKOFF", "0.01")
            monkeypatch.setenv("SOURCES__STITCHEX__REREAD_DAYS", ALWAYS)
            yield Shop(box, project)

    return opened


@pytest.fixture
def shop(open_shop: OpenShop) -> Iterator[Shop]:
    """A shop of 60 orders."""
    with open_shop() as opened:
        yield opened


@pytest.fixture
def small(open_shop: OpenShop) -> Iterator[Shop]:
    """A shop of 20 orders, nothing loaded yet."""
    with open_shop(orders=20) as opened:
        yield opened


@pytest.fixture
def liar(open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Liar]:
    """A shop of 8 orders, read through one that may lie. It does not yet."""
    with open_shop(orders=8, organisations=1) as opened, wire(made := Liar(opened)) as door:
        monkeypatch.setenv("SOURCES__STITCHLABS__BASE_URL", f"{door.url}/stitchlabs")
        yield made


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller(monkeypatch, capsys)


@pytest.fixture(scope="module", params=ERAS)
def served(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox of either generation of Stitchex, whose pages hold five orders."""
    with running(orders=60, control=True, era=request.param, page_size=5) as made:
        yield made


@pytest.fixture
def box(served: Sandbox) -> Sandbox:
    """The same sandbox, as it was when it started."""
    return reset(served)


@pytest.fixture(scope="module", params=ERAS)
def untouched(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox of either generation of Stitchex, with everything in one organisation, that no test changes."""
    with running(orders=300, organisations=1, control=True, era=request.param, page_size=1000) as made:
        yield made


@pytest.fixture(scope="module")
def ex(untouched: Sandbox) -> Iterator[Ex]:
    with Ex(untouched) as client:
        yield client


@pytest.fixture
def moving(box: Sandbox) -> Iterator[Labs]:
    """A client of a sandbox whose switches are put back after each test."""
    before = box.control.switch()
    with Labs(box) as client:
        yield client
    box.control.switch(**before)


def stitchhouse(*arguments: str, **variables: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of a command as a person calls it."""
    return python("-m", "pipelines", *arguments, **variables)


def python(*arguments: str, **variables: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of a program that finds our packages."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | variables,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout, done.stderr


def without_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, dict[str, str]]:
    """An empty folder, entered, and the variables with which a command runs there as an installed package would."""
    installed, empty = tmp_path / "installed", tmp_path / "empty"
    for package in ("pipelines", "stitchhouse", "sources", "sandbox"):
        shutil.copytree(ROOT / package, installed / package, ignore=shutil.ignore_patterns("__pycache__"))
    empty.mkdir()
    monkeypatch.chdir(empty)
    for name in ("DLT_PROJECT_DIR", "DLT_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    return empty, {"PYTHONPATH": str(installed)}
