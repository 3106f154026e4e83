"""Real orders through the whole product."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

HISTORY = Path(os.environ.get("STITCHHOUSE_HISTORY", ROOT.parent / "shared" / "data" / "online_retail.parquet"))


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench.history", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(
    not HISTORY.exists(), reason=f"the Online Retail data set is not at {HISTORY.name}: see bench/history.py"
)
def test_a_year_of_real_orders_arrives_exactly() -> None:
    """A year of real orders is loaded to the last line and the third decimal, certified, and not loaded twice."""
    done = bench(str(HISTORY))
    figures = {line[:36].strip(): line[36:].split() for line in done.stdout.splitlines()}
    assert done.returncode == 0, done.stdout + done.stderr
    assert figures["orders"] == ["25900", "25900"]
    assert figures["lines"] == ["541909", "541909"]
    assert figures["units"] == ["5176450", "5176450"]
    assert figures["value"] == ["9747747.934", "9747747.934"]
    assert (figures["customers"][1], figures["products"][1], figures["countries"][1]) == ("4372", "4070", "38")
    assert "DIFFERS" not in done.stdout
    assert "certified: True (keyset on id)" in done.stdout
    assert "0 rows, 1 request(s)" in done.stdout


def test_an_absent_file_is_said_to_be_absent() -> None:
    """The check of real data says that it checked nothing where the data is not there, and where to get it."""
    done = bench("nowhere.parquet")
    assert done.returncode == 2
    assert "nowhere.parquet is absent, so nothing was checked" in done.stdout
    assert "https://" in done.stdout
