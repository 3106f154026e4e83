"""Faults of the machine and the settings: how a sync ends that meets them, and that the next one is whole."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from pipelines import locks
from pipelines.load import pipeline_of
from pipelines.warehouse import Target
from tests.conftest import ROOT
from tests.contacts import SYNC, whole

if TYPE_CHECKING:
    from pathlib import Path

    from tests.calling import Caller
    from tests.conftest import OpenShop, Shop


@pytest.mark.parametrize("place", [".stitchhouse", "warehouse"])
def test_a_folder_that_cannot_be_written(place: str, call: Caller, small: Shop) -> None:
    """A folder that cannot be written ends a sync with 73 before the source is asked anything."""
    folder = small.project.folder / place
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("in the way")
    assert "cannot write to" in call.one_line(73, *SYNC)
    assert small.control.requests() == []


def test_a_state_folder_of_nonsense(small: Shop) -> None:
    """What lies in the state folder is not believed: broken files, or those of another project, change nothing."""
    whole(small)
    for file in [one for one in small.project.state.rglob("*") if one.is_file() and one.suffix != ".lock"]:
        file.write_bytes(b'{"cursor": "2099-01-01"}\x00')
    small.control.change("stitchlabs", "Contacts", count=2)
    small.control.clock(advance=3600)
    whole(small)


def test_two_runs_at_once(call: Caller, small: Shop) -> None:
    """A second run of the same load, or with the same login from another checkout, ends with 75 within a second."""
    host = small.box.stitchlabs_url.partition("//")[2].partition("/")[0]
    for lock in (
        locks.loading(small.project, str(small.file), "stitchlabs"),
        locks.walking(host, ["sandbox"]),
    ):
        with lock:
            began = time.monotonic()
            assert "another run" in call.one_line(75, *SYNC)
            assert time.monotonic() - began < 1
    assert small.control.requests() == []


def test_two_names_of_one_token(open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """One token under two names is one login, which does not wait for itself."""
    with open_shop(orders=10) as shop:
        monkeypatch.delenv("SOURCES__STITCHLABS__ACCESS_TOKEN")
        monkeypatch.setenv("SOURCES__STITCHLABS__ACCOUNTS", json.dumps({"one": "sandbox", "two": "sandbox"}))
        assert shop.sync("stitchlabs", ("contacts",)).exit_code == 0
        assert shop.one("select count(distinct account) from stitchlabs.contacts") == 2


@pytest.mark.parametrize("now", ["2080-01-01T00:00:00+00:00", "1990-01-01T00:00:00+00:00"])
def test_a_clock_that_is_decades_off(now: str, small: Shop) -> None:
    """Only the source's clock counts: with decades between it and ours, no cursor passes it and no change is missed."""
    small.control.clock(now=now)
    whole(small)
    small.control.clock(advance=3600)
    changed = small.control.change("stitchlabs", "Contacts", count=3, set={"name": "seen"})
    small.control.clock(advance=3600)
    whole(small)
    assert small.one("select count(*) from stitchlabs.contacts where name = 'seen'") == len(changed)


@pytest.mark.parametrize(
    ("value", "what"),
    [("", "is not set"), ("   ", "is not set"), ('"sandbox"', "quotes"), ("sand\nbox", "line break")],
    ids=["empty", "blank", "quotes", "line break"],
)
def test_a_secret_that_is_none(value: str, what: str, call: Caller, small: Shop) -> None:
    """A secret that is empty, holds a line break or stands in quotes ends with 78 and the variable's name."""
    line = call.one_line(78, *SYNC, SOURCES__STITCHLABS__ACCESS_TOKEN=value)
    assert "SOURCES__STITCHLABS__ACCESS_TOKEN" in line
    assert what in line
    assert small.control.requests() == []


def test_a_secret_with_blanks_around_it(call: Caller, small: Shop) -> None:
    """Blanks around a secret are left out, and a line says so."""
    out = call.fine(*SYNC, SOURCES__STITCHLABS__ACCESS_TOKEN=" sandbox\n")
    assert "sources.stitchlabs.access_token has blanks around it, which are left out" in out
    whole(small)


def test_another_shop_under_the_same_name(call: Caller, open_shop: OpenShop) -> None:
    """A token that opens another shop than the one in the warehouse ends with 78 before a row of it is loaded."""
    with open_shop(orders=15, accounts=2) as shop:
        accounts = {"one": "sandbox", "two": "sandbox-2"}
        call.fine(*SYNC, SOURCES__STITCHLABS__ACCOUNTS=json.dumps(accounts))
        before = shop.sql("select account, id, created_at, _row_hash from stitchlabs.contacts order by all")
        swapped = dict(zip(accounts, reversed(accounts.values()), strict=True))
        line = call.one_line(78, *SYNC, SOURCES__STITCHLABS__ACCOUNTS=json.dumps(swapped))
        assert "opens another shop than the one in the warehouse" in line
        assert "sandbox" not in line
        assert shop.sql("select account, id, created_at, _row_hash from stitchlabs.contacts order by all") == before
        call.fine(*SYNC, SOURCES__STITCHLABS__ACCOUNTS=json.dumps(accounts))


def test_a_rotated_token(small: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new token of the same account goes on where the old one was: what the warehouse knows, the source knows."""
    whole(small)
    kept = pipeline_of(small.project, "stitchlabs", Target(small.project)).state["sources"]["stitchlabs"]["identities"]
    assert "sandbox" not in json.dumps(kept)
    # To us another address is as new as another token: the same account has to be recognised.
    monkeypatch.setenv("SOURCES__STITCHLABS__BASE_URL", small.box.stitchlabs_url.replace("127.0.0.1", "localhost"))
    whole(small)
    after = pipeline_of(small.project, "stitchlabs", Target(small.project)).state["sources"]["stitchlabs"]["identities"]
    assert after != kept


@pytest.mark.parametrize(("version", "code"), [(None, 0), (99, 78)], ids=["older", "newer"])
def test_the_state_of_another_version(version: int | None, code: int, call: Caller, small: Shop) -> None:
    """A state without a format, as versions before it wrote, goes on; one of a newer version ends with 78."""
    whole(small)
    pipeline = pipeline_of(small.project, "stitchlabs", Target(small.project))
    with pipeline.managed_state(extract_state=True) as state:
        own = state["sources"]["stitchlabs"]
        own.pop("identities")
        own.pop("format")
        own |= {"format": version} if version else {}
    pipeline.normalize()
    pipeline.load()
    small.control.clear_requests()
    ended, out, err = call(*SYNC)
    assert ended == code, out + err
    if code:
        assert "format 99" in err
        assert small.control.requests() == []
    else:
        whole(small)


def test_nobody_reads_what_is_printed(small: Shop) -> None:
    """Without a home, a language or anybody who reads its output, a sync ends with 0 and the rows are loaded."""
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pipelines", *SYNC],
            env={name: value for name, value in os.environ.items() if name != "HOME"}
            | {"PYTHONPATH": str(ROOT), "LANG": "C", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (0, "")
    whole(small)


def test_publishing_where_nothing_can_be_written(call: Caller, small: Shop, tmp_path: Path) -> None:
    """A copy that cannot be written is found out before the source is asked anything: 73."""
    (tmp_path / "file").write_text("no folder")
    line = call.one_line(73, *SYNC, "--publish", str(tmp_path / "file" / "copy.duckdb"))
    assert "cannot write to" in line
    assert small.control.requests() == []
