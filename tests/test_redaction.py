"""What is printed, logged, raised or stored by the command line passes a redactor that knows the secrets by value."""

from __future__ import annotations

import json
import logging
import sys
import textwrap
from typing import TYPE_CHECKING
from urllib.parse import quote

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.hidden import as_they_are, hide_settings, private, veiled
from stitchhouse.errors import DestinationError
from stitchhouse.redact import CERTAIN, HIDDEN, SECRETS, Redactor, forms
from tests.conftest import Shop, python

if TYPE_CHECKING:
    from pathlib import Path

    from tests.calling import Caller

SECRET = 'k"ey\\ of & CANARY-12'


@given(st.text(min_size=CERTAIN, max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_every_form(secret: str, before: str, after: str) -> None:
    """Whatever a secret is made of and wherever it stands, none of its forms is left in a text, nor in a JSON value."""
    if secret.isdecimal():
        return
    redactor = Redactor()
    redactor.add(secret)
    for form in forms(secret):
        assert redactor.hide(form) == HIDDEN or form in HIDDEN
        told = redactor.hide(before + form + after)
        assert not any(other in told for other in forms(secret) if other not in before + HIDDEN + after)
        if HIDDEN not in secret:
            assert form not in json.dumps(redactor.cleaned({"told": [form], form: 1}), ensure_ascii=False)


def test_what_is_no_secret() -> None:
    """Short words, short numbers and the sandbox's own token are not hidden, and a source's data only beyond doubt."""
    redactor = Redactor()
    redactor.add("abc", "2026123", "sandbox", "summer")
    assert redactor.hide("abc 2026123 sandbox summer") == f"abc 2026123 sandbox {HIDDEN}"
    assert redactor.cleaned({"name": "summer dress"}) == {"name": "summer dress"}
    assert not redactor.echoed(b"summer dress")


def test_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens, passwords and keys are known from the settings, in files, variables, JSON and connection strings."""
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt" / "secrets.toml").write_text(
        "[sources.stitchlabs.accounts]\nmain = 'CANARY-of-main'\n"
        "[destination.postgres.credentials]\nhost = 'db.example.com'\npassword = 'CANARY-of-toml'\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", "postgresql://loader:CANARY%2Fof-url@db.example.com/shop")
    monkeypatch.setenv("SOURCES__STITCHLABS__ACCOUNTS", json.dumps({"uk": "CANARY-of-json"}))
    monkeypatch.setenv("SOURCES__STITCHEX__PII_KEY", "CANARY-of-key")
    monkeypatch.setenv("SOURCES__STITCHLABS__TOKEN_HEADER", "access-token")
    hide_settings(tmp_path)
    words = "CANARY-of-main CANARY-of-toml CANARY%2Fof-url CANARY/of-url CANARY-of-json CANARY-of-key"
    assert "CANARY" not in SECRETS.hide(words)
    assert SECRETS.hide("db.example.com loader access-token") == "db.example.com loader access-token"


def test_streams_and_logs(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    """No secret is printed or logged, in arguments and tracebacks neither; the rows of a question stay as they are."""
    SECRETS.add(SECRET)
    with veiled():
        print("out", SECRET)  # noqa: T201 - what is tested
        print("err", quote(SECRET), file=sys.stderr)  # noqa: T201
        logger = logging.getLogger("urllib3.connectionpool")
        logger.warning("GET /?key=%s", SECRET)
        try:
            int(SECRET)
        except ValueError:
            logger.exception("failed for %(who)s", {"who": SECRET})
        with as_they_are():
            print("row", SECRET)  # noqa: T201
    out, err = capsys.readouterr()
    assert out == f"out {HIDDEN}\nrow {SECRET}\n"
    assert err.startswith(f"err {HIDDEN}\n")
    assert "CANARY" not in caplog.text
    assert f"base 10: '{HIDDEN}'" in caplog.text
    assert caplog.messages == [f"GET /?key={HIDDEN}", f"failed for {HIDDEN}"]


def test_errors() -> None:
    """An error of ours never holds a secret, whoever wrote its words."""
    SECRETS.add(SECRET)
    assert str(DestinationError(f"load failed: no access with {SECRET}")) == f"load failed: no access with {HIDDEN}"


@pytest.mark.usefixtures("project")
def test_a_traceback() -> None:
    """With STITCHHOUSE_DEBUG the traceback of what nobody expected is shown without secrets, and the code is 70."""
    script = """
        import os, sys
        from pipelines.cli import app, main
        from pipelines.project import Project

        @app.command()
        def broken():
            Project.find().enter()
            raise RuntimeError("no way with " + os.environ["SOURCES__STITCHEX__PASSWORD"])

        sys.argv = ["stitchhouse", "broken"]
        main()
    """
    for debug in ("", "1"):
        variables = {"SOURCES__STITCHEX__PASSWORD": SECRET, "STITCHHOUSE_DEBUG": debug}
        code, out, err = python("-c", textwrap.dedent(script), **variables)
        assert code == 70, err
        assert "CANARY" not in out + err
        assert ("Traceback" in err) == bool(debug)
        assert HIDDEN in err


def test_files_are_private(shop: Shop) -> None:
    """What a sync writes, the warehouse above all, can be read by its user alone."""
    shop.sync("stitchex", ["seasons"])
    assert shop.file.stat().st_mode & 0o777 == 0o600
    files = [file for file in shop.project.state.rglob("*") if file.is_file()]
    assert files
    assert [file.name for file in files if file.stat().st_mode & 0o077] == []


def test_a_question_stays_inside(call: Caller, shop: Shop) -> None:
    """A query reads no other file, attaches and installs nothing, changes no setting and no row."""
    shop.sync("stitchex", ["seasons"])
    other = shop.project.folder / "other.csv"
    other.write_text("a\n1\n", encoding="utf-8")
    for sql in (
        f"select * from '{other}'",
        f"copy (select 1) to '{other}.out'",
        f"attach '{other}.duckdb'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "delete from stitchex.seasons",
    ):
        assert "the query failed" in call.one_line(64, "query", sql), sql
    assert "locked" in call.one_line(64, "query", "set threads = 1")
    assert sorted(file.name for file in shop.project.folder.iterdir()) == [
        ".dlt",
        ".stitchhouse",
        "other.csv",
        "warehouse",
    ]


def test_private(tmp_path: Path) -> None:
    """Only while it is asked for are new files private."""
    with private():
        duckdb.connect(str(tmp_path / "inside")).close()
    assert (tmp_path / "inside").stat().st_mode & 0o777 == 0o600
    (tmp_path / "outside").touch()
    assert (tmp_path / "outside").stat().st_mode & 0o044
