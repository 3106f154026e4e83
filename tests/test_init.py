"""`stitchhouse init`: what it asks on a terminal, what it writes, and that no secret is shown."""

from __future__ import annotations

import os
import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import Shop, stitchhouse
from tests.dialogue import Dialogue, dialogue

if TYPE_CHECKING:
    from pipelines.project import Project
    from tests.conftest import OpenShop

CREDENTIALS = ("STITCHLABS__ACCESS_TOKEN", "STITCHEX__EMAIL", "STITCHEX__PASSWORD")


@pytest.fixture
def bare(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop whose credentials stand nowhere yet."""
    for name in CREDENTIALS:
        monkeypatch.delenv(f"SOURCES__{name}")
    return shop


def written(project: Project) -> dict[str, Any]:
    """The sources of the secrets file, which only its owner can read."""
    file = project.folder / ".dlt" / "secrets.toml"
    assert file.stat().st_mode & 0o777 == 0o600
    sources = tomllib.loads(file.read_text())["sources"]
    assert isinstance(sources, dict)
    return sources


def login(talk: Dialogue) -> None:
    talk.answer("Email", "demo@example.com")
    talk.hidden("Password", "sandbox")


def test_both_sources(bare: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever answers the questions has a project that syncs without any variable; no secret is shown meanwhile."""
    with dialogue("init") as talk:
        talk.answer("Set up Stitch Labs?", "y")
        talk.answer("Set up Stitchex (Uphance)?", "")
        talk.answer("Name of this account (main)", "")
        talk.hidden("Access token", "sandbox")
        talk.answer("Another account of Stitch Labs?", "")
        login(talk)
        talk.until("4108  Second Label")
        talk.answer("Organisations to read, by id or name, with commas between (all)", "Second Label, 4115")
        assert talk.end() == 0
    assert "stitchex: credentials accepted" in talk.seen
    assert "sandbox" not in talk.seen
    assert written(bare.project) == {
        "stitchlabs": {"access_token": "sandbox"},
        "stitchex": {"email": "demo@example.com", "password": "sandbox", "organisations": ["4108", "4115"]},
    }
    for name in [name for name in os.environ if name.endswith("BASE_URL")]:
        monkeypatch.delenv(name)
    code, out, err = stitchhouse("sync", "--dataset", "sales_orders")
    assert (code, err) == (0, ""), out
    assert "stitchex.sales_orders 4115: certified" in out
    assert "4101" not in out


def test_a_wrong_password(bare: Shop) -> None:
    """A login that is refused is asked for again, and a word that names no organisation too."""
    with dialogue("init", "stitchex") as talk:
        talk.answer("Email", "demo@example.com")
        talk.hidden("Password", "wrong-8841")
        talk.until("login as demo@example.com refused")
        login(talk)
        talk.answer("Organisations", "nobody")
        talk.until("'nobody' names none of them")
        talk.answer("Organisations", "all")
        assert talk.end() == 0
    assert "wrong-8841" not in talk.seen
    assert written(bare.project) == {"stitchex": {"email": "demo@example.com", "password": "sandbox"}}


def test_leaving(bare: Shop) -> None:
    """Ctrl-C in the middle writes nothing and is told in one line: 130."""
    with dialogue("init") as talk:
        talk.answer("Set up Stitch Labs?", "y")
        talk.answer("Set up Stitchex", "y")
        talk.answer("Name of this account", "")
        talk.hidden("Access token", "TOKN-8841")
        talk.until("Another account")
        talk.interrupt()
        assert talk.end() == 130
    assert talk.seen.splitlines()[-1] == "stitchhouse: interrupted; nothing was changed"
    assert "Traceback" not in talk.seen
    assert list((bare.project.folder / ".dlt").iterdir()) == []
    assert not (bare.project.folder / ".gitignore").exists()
    with dialogue("init") as talk:
        talk.answer("Set up Stitch Labs?", "n")
        talk.answer("Set up Stitchex", "n")
        assert talk.end() == 0
    assert "nothing was changed" in talk.seen
    assert list((bare.project.folder / ".dlt").iterdir()) == []


def test_what_stands_there_already(bare: Shop) -> None:
    """Values that are set are kept by Enter without being shown, and so is all else in the file, comments too."""
    file = bare.project.folder / ".dlt" / "secrets.toml"
    file.write_text(
        "# mine\n[destination.postgres]\ncredentials = 'postgres://me:TOKN-8841@db/x' # keep\n\n"
        "[sources.stitchex]\nemail = 'old@example.com' # who\npassword = 'sandbox'\norganisations = ['4108']\n"
    )
    with dialogue("init", "stitchex") as talk:
        talk.answer("Email (old@example.com)", "demo@example.com")
        talk.hidden("Password (Enter keeps the one that is set)", "")
        talk.answer("Organisations to read, by id or name, with commas between (4108)", "")
        assert talk.end() == 0
    assert "sandbox" not in talk.seen
    assert "TOKN-8841" not in talk.seen
    text = file.read_text()
    assert text.startswith("# mine\n[destination.postgres]\ncredentials = 'postgres://me:TOKN-8841@db/x' # keep\n")
    assert 'email = "demo@example.com" # who\n' in text
    assert written(bare.project)["stitchex"]["organisations"] == ["4108"]


def test_several_accounts(open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than one Stitch Labs account becomes a table of names and tokens in place of the single token."""
    with open_shop(orders=20, accounts=2) as shop:
        monkeypatch.delenv("SOURCES__STITCHLABS__ACCOUNTS")
        file = shop.project.folder / ".dlt" / "secrets.toml"
        file.write_text("[sources.stitchlabs]\naccess_token = 'sandbox'\n")
        with dialogue("init", "stitchlabs") as talk:
            talk.answer("Name of this account (main)", "")
            talk.hidden("Access token (Enter keeps", "")
            talk.answer("Another account", "y")
            talk.answer("Name of this account", "uk")
            talk.hidden("Access token", "sandbox-2")
            talk.answer("Another account", "n")
            assert talk.end() == 0
    assert written(shop.project) == {"stitchlabs": {"accounts": {"main": "sandbox", "uk": "sandbox-2"}}}
    assert re.search(r"stitchlabs\.sales_orders +uk ", talk.seen)
