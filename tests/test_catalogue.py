"""The catalogue of faults is whole, and what it names is there."""

from __future__ import annotations

import subprocess
import sys

from stitchhouse.errors import RANKS
from tests.catalogue import entries
from tests.conftest import ROOT
from tests.test_catalogue_http import PASS, STAY
from tests.test_catalogue_paging import FAULTS, IGNORED, LAST, MORE


def test_every_fault_has_its_entry() -> None:
    """The catalogue holds the faults 1 to 112 in their order, each with its exit codes, its message and its tests."""
    found = entries()
    assert [one.number for one in found] == list(range(1, 113))
    assert [one.number for one in found if not one.test] == [], "without a test"
    assert [one.number for one in found if not one.exit or not set(one.exit) <= set(RANKS)] == [], "without exit code"
    assert [one.number for one in found if not one.fault or not one.message] == []


def test_the_catalogue_tells_the_codes_that_the_tests_hold() -> None:
    """A fault that is put in the way of a sync ends with a code that the catalogue gives to it, and names that test."""
    catalogue = {one.number: one for one in entries()}
    for place, faults in (("http", [*STAY, *PASS]), ("paging", [*FAULTS, *MORE, *LAST, IGNORED])):
        for fault in faults:
            entry = catalogue[fault.number]
            assert fault.code in entry.exit, fault.name
            assert any(name.startswith(f"test_catalogue_{place}.py::") for name in entry.test), fault.name


def test_every_test_of_the_catalogue_is_there() -> None:
    """Each test that the catalogue names is found by pytest under exactly this name."""
    named = {name for one in entries() for name in one.test}
    files = sorted({name.partition("::")[0] for name in named})
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", *files],
        cwd=ROOT / "tests",
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    collected = {line.partition("/")[2] for line in found.stdout.splitlines() if "::" in line}
    known = collected | {name.partition("[")[0] for name in collected}
    assert sorted(named - known) == []
