"""What a command says when it cannot do what it was asked: an exit code, one line, no traceback."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pipelines.project import chosen
from stitchhouse.errors import ConfigurationError
from tests.calling import Caller, complaint
from tests.conftest import OpenShop, Shop, stitchhouse, without_checkout

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.project import Project

LABS = {
    "SOURCES__STITCHLABS__BASE_URL": "http://127.0.0.1:9",
    "SOURCES__STITCHLABS__ACCESS_TOKEN": "token",
    "SOURCES__STITCHLABS__REQUESTS_PER_SECOND": "0",
    "SOURCES__STITCHLABS__BACKOFF": "0.01",
}


@pytest.mark.parametrize(
    ("setting", "variable"),
    [
        ("sources.stitchlabs.access_token", "SOURCES__STITCHLABS__ACCESS_TOKEN"),
        ("sources.stitchlabs.base_url", "SOURCES__STITCHLABS__BASE_URL"),
    ],
)
def test_missing_setting(call: Caller, project: Project, setting: str, variable: str) -> None:
    """A missing setting is named together with its variable: 78."""
    line = call.one_line(78, "sync", "stitchlabs", **(LABS | {variable: " "}))
    assert setting in line
    assert variable in line
    assert not project.warehouse.exists()


def test_nothing_configured(project: Project) -> None:
    """Without any source set up, the line names what each of them lacks: 78."""
    with pytest.raises(ConfigurationError, match=r"sources\.stitchlabs\.\w+ is not.*sources\.stitchex\.\w+ is not"):
        chosen([])
    assert not project.warehouse.exists()


def test_wrong_token(shop: Shop) -> None:
    """A token that the source denies for two lists is asked about no others; the line names its setting: 77."""
    code, out, err = stitchhouse("sync", "stitchlabs", SOURCES__STITCHLABS__ACCESS_TOKEN="wrong-8841")
    lines = err.splitlines()
    assert (code, len(lines)) == (77, 2), out + err
    assert all("sources.stitchlabs.access_token" in line for line in lines)
    assert "wrong-8841" not in out + err
    assert len(shop.control.requests()) == 2


def test_wrong_password(call: Caller, shop: Shop) -> None:
    """A password that the source refuses is named by its setting, without its value: 77."""
    line = call.one_line(77, "sync", "stitchex", SOURCES__STITCHEX__PASSWORD="wrong-8841")
    assert "sources.stitchex.password" in line
    assert "wrong-8841" not in line
    assert len(shop.control.requests()) == 1


def test_unknown_organisation(call: Caller, shop: Shop) -> None:
    """An organisation that the login does not have is answered with those that it has: 78."""
    assert "4101 (Demo Label)" in call.one_line(78, "sync", "stitchex", "--account", "nobody")
    assert {request["path"] for request in shop.control.requests()} == {"/oauth/token", "/organisations"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sync", "shopify"), "no source 'shopify'; there are: stitchlabs, stitchex"),
        (("sync", "stitchlabs", "--dataset", "people"), "people is a table of stitchlabs.sales_orders"),
        (
            ("sync", "stitchlabs", "--dataset", "orders"),
            "no dataset 'orders' in stitchlabs; there are: stitchlabs.sales_orders",
        ),
        (("sync", "stitchlabs", "--dataset", "stitchex.sales_orders"), "no dataset 'stitchex.sales_orders'"),
        (("sync", "stitchlabs", "--destination", "drawer"), "no destination 'drawer'"),
        (("sync", "stitchlabs", "--account", "other"), "no account 'other' of stitchlabs"),
        (("sync", "--fast"), "No such option: --fast"),
        (("sink",), "No such command 'sink'"),
        (("sandbox", "--fast"), "--fast"),
        (("sandbox", "--era", "1999"), "'1999' is none of 2019, 2026"),
        (("status", "shopify"), "no source 'shopify'"),
        (("status", "--max-age", "soon"), "--max-age 'soon' is no age"),
        (("demo", "--orders", "none"), "'--orders'"),
    ],
)
@pytest.mark.usefixtures("project")
def test_wrong_words(call: Caller, arguments: tuple[str, ...], words: str) -> None:
    """Words that a command does not know are told in one line, with those that it knows: 64."""
    assert words in call.one_line(64, *arguments, **LABS)


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        ("http://api.example.com", 78, "base_url must be https"),
        ("https://[", 78, "base_url"),
        ("http://127.0.0.1:1", 69, "cannot reach 127.0.0.1:1"),
    ],
)
def test_where_the_source_is_not(call: Caller, project: Project, url: str, code: int, words: str) -> None:
    """A base URL without encryption or of no form is a wrong setting (78); a host that does not answer is away (69)."""
    assert words in call.one_line(code, "sync", "stitchlabs", **(LABS | {"SOURCES__STITCHLABS__BASE_URL": url}))
    assert project.folder.exists()


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("SOURCES__STITCHLABS__REQUESTS_PER_SECOND", "sources.stitchlabs.requests_per_second must be a number"),
        ("SOURCES__STITCHEX__REREAD_DAYS", "sources.stitchex.reread_days must be a number"),
        ("SOURCES__STITCHLABS__ACCOUNTS", "sources.stitchlabs.accounts must name accounts and their tokens"),
    ],
)
@pytest.mark.usefixtures("shop")
def test_a_setting_of_another_type(call: Caller, setting: str, words: str) -> None:
    """A setting that is not of its type is named, and nothing is read: 78."""
    assert words in call.one_line(78, "sync", setting.split("__")[1].lower(), **{setting: "many"})


@pytest.mark.parametrize("days", ["-1", "inf", "nan", "1e9"])
@pytest.mark.usefixtures("shop")
def test_days_that_are_none(call: Caller, days: str) -> None:
    """A number of days that no calendar has is a wrong setting for sync and verify: 78."""
    for command in ("sync", "verify"):
        line = call.one_line(78, command, "stitchex", "--dataset", "seasons", SOURCES__STITCHEX__REREAD_DAYS=days)
        assert "sources.stitchex.reread_days must be from 0 to 36500" in line


def test_long_rate_limit(call: Caller, shop: Shop) -> None:
    """A source that wants to be left alone for an hour is left alone at once, with the time to come back: 75."""
    shop.control.fault(429, times=99, headers={"Retry-After": "3600"})
    assert "rate limited until" in call.one_line(75, "sync", "stitchlabs")
    assert len(shop.control.requests()) == 1


def test_locked_file(shop: Shop) -> None:
    """A DuckDB file that another program has open is reported with that program's id, and nothing is read: 75."""
    shop.file.parent.mkdir()
    holder = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(shop.file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        for command in (("sync", "stitchlabs"), ("query", "select 1")):
            line = complaint(75, stitchhouse(*command))
            assert str(shop.file) in line
            assert f"process {other.pid}" in line
        other.communicate()
    assert shop.control.requests() == []


def test_folders_that_cannot_be_written(call: Caller, shop: Shop, tmp_path: Path) -> None:
    """A warehouse or a project in which nothing can be written is reported before anything is read: 73."""
    (tmp_path / "file").write_text("no folder")
    where = str(tmp_path / "file" / "below.duckdb")
    assert "cannot write to" in call.one_line(73, "sync", "stitchlabs", DESTINATION__DUCKDB__CREDENTIALS=where)
    shutil.rmtree(shop.project.state, ignore_errors=True)
    shop.project.state.write_text("no folder")
    assert "cannot write to" in call.one_line(73, "sync", "stitchlabs")
    assert shop.control.requests() == []


def test_broken_warehouse(call: Caller, shop: Shop) -> None:
    """A warehouse file that is no database stays as it is, and the line says how to go on: 74."""
    shop.file.parent.mkdir()
    shop.file.write_text("no database" * 999)
    assert "away and sync again" in call.one_line(74, "sync", "stitchlabs")
    assert shop.file.read_text() == "no database" * 999
    assert shop.control.requests() == []


@pytest.mark.parametrize("text", [None, "", "InvoiceNo,Quantity\n1,2\n", "no,table\nat\nall,1,2\n"])
def test_broken_history(call: Caller, tmp_path: Path, text: str | None) -> None:
    """A history file that is missing, empty or of another form is named: 65."""
    file = tmp_path / "history.csv"
    if text is not None:
        file.write_text(text)
    assert str(file) in call.one_line(65, "sandbox", "--port", "0", "--history", str(file))


def test_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed as a package and started where no project is, a command says where it looked: 78."""
    empty, alone = without_checkout(tmp_path, monkeypatch)
    for command in (("sync", "stitchlabs"), ("status",), ("query", "select 1")):
        assert f"no project here: {empty}" in complaint(78, stitchhouse(*command, **alone, **LABS))
    assert list(empty.iterdir()) == []


def test_one_failing_source(call: Caller, open_shop: OpenShop) -> None:
    """A source that fails does not keep the other from being loaded; the run ends with the worse code."""
    with open_shop(orders=10) as shop:
        wrong = {"SOURCES__STITCHEX__PASSWORD": "wrong"}
        assert "sources.stitchex.password" in call.one_line(77, "sync", "--dataset", "sales_orders", **wrong)
        assert shop.one("select count(*) from stitchlabs.sales_orders") == 10
