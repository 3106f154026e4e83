"""`stitchhouse init` without questions: what it takes, where it writes it, and what it refuses."""

from __future__ import annotations

import os
import tomllib
from typing import TYPE_CHECKING

import pytest

from pipelines.settings import CONFIG, IGNORED
from tests.calling import Caller, complaint
from tests.conftest import ROOT, Shop, stitchhouse, without_checkout
from tests.test_init import written

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.project import Project


def test_the_configuration_is_the_checkouts() -> None:
    """A new project begins with the settings of the checkout, word for word."""
    assert (ROOT / ".dlt" / "config.toml").read_text(encoding="utf-8") == CONFIG
    assert set(IGNORED) <= set((ROOT / ".gitignore").read_text(encoding="utf-8").splitlines())


def test_no_input(shop: Shop) -> None:
    """With --no-input the variables are taken as they are; a second time there is nothing left to write."""
    (shop.project.folder / ".gitignore").write_text("mine\n*.duckdb*")
    variables = {"SOURCES__STITCHEX__ORGANISATIONS": '["4101"]'}
    code, out, err = stitchhouse("init", "--no-input", **variables)
    assert (code, err) == (0, "")
    wrote = [line.rpartition("/")[2] for line in out.splitlines() if line.startswith("wrote ")]
    assert wrote == ["config.toml", ".gitignore", "secrets.toml"]
    assert "sandbox" not in out
    assert written(shop.project)["stitchlabs"] == {"access_token": "sandbox"}
    assert written(shop.project)["stitchex"]["organisations"] == ["4101"]
    config = tomllib.loads((shop.project.folder / ".dlt" / "config.toml").read_text())
    assert config["sources"]["stitchex"]["base_url"] == shop.box.environment["SOURCES__STITCHEX__BASE_URL"]
    assert config["extract"] == tomllib.loads(CONFIG)["extract"]
    ignored = (shop.project.folder / ".gitignore").read_text()
    assert ignored == "mine\n*.duckdb*\n.dlt/secrets.toml\n.stitchhouse/\n"
    assert "wrote" not in stitchhouse("init", "--no-input", **variables)[1]


@pytest.mark.parametrize(
    ("arguments", "variables", "code", "words"),
    [
        (("--no-input", "stitchlabs"), {}, 78, "set SOURCES__STITCHLABS__ACCESS_TOKEN"),
        (("--no-input",), {"STITCHEX__EMAIL": "me"}, 78, "sources.stitchex.password is not set"),
        (("--no-input",), {}, 78, "sources.stitchlabs.access_token is not set"),
        (("--no-input",), {"STITCHLABS__ACCOUNTS": "TOKN-8841"}, 78, "accounts is no table of names and tokens"),
        (("--no-input",), {"STITCHLABS__ACCOUNTS": "{}"}, 78, "accounts names no account"),
        (("--no-input", "shopify"), {}, 64, "no source 'shopify'"),
        ((), {}, 64, "there is no terminal; set SOURCES__* variables and say --no-input"),
    ],
)
def test_what_cannot_be_taken(
    call: Caller, project: Project, arguments: tuple[str, ...], variables: dict[str, str], code: int, words: str
) -> None:
    """What is missing or wrong is named in one line, without a value, and nothing is written."""
    named = {f"SOURCES__{name}": value for name, value in variables.items()}
    line = call.one_line(code, "init", *arguments, **named)
    assert words in line
    assert "TOKN-8841" not in line
    assert list((project.folder / ".dlt").iterdir()) == []


def test_a_file_that_is_no_toml(call: Caller, shop: Shop) -> None:
    """A secrets file that cannot be read is named with its line, its content is not shown, and it stays: 78."""
    file = shop.project.folder / ".dlt" / "secrets.toml"
    file.write_text("[sources.stitchex]\npassword = TOKN-8841\n")
    line = call.one_line(78, "init", "--no-input")
    assert f"{file} is not TOML (line 2)" in line
    assert "TOKN-8841" not in line
    assert file.read_text() == "[sources.stitchex]\npassword = TOKN-8841\n"


def test_a_file_that_cannot_be_added_to(call: Caller, shop: Shop) -> None:
    """A secrets file in which `sources` is no table stays as it is: 78."""
    file = shop.project.folder / ".dlt" / "secrets.toml"
    file.write_text("sources = 1\n")
    assert "sources is no table" in call.one_line(78, "init", "stitchlabs", "--no-input")
    assert file.read_text() == "sources = 1\n"


def test_a_password_that_is_refused(shop: Shop) -> None:
    """The check that follows tells that the credentials do not work: 77."""
    ended = stitchhouse("init", "stitchex", "--no-input", SOURCES__STITCHEX__PASSWORD="wrong-8841")
    line = complaint(77, ended)
    assert "check sources.stitchex.email" in line
    assert "wrong-8841" not in line
    assert written(shop.project)["stitchex"]["password"] == "wrong-8841"


def test_an_empty_folder(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed as a package and started in an empty folder, init makes that folder a project."""
    empty, alone = without_checkout(tmp_path, monkeypatch)
    code, out, err = stitchhouse("init", "stitchlabs", "--no-input", **{**shop.box.environment, **alone})
    assert (code, err) == (0, ""), out
    assert {path.name for path in empty.iterdir()} == {".dlt", ".gitignore"}
    for name in [name for name in os.environ if name.startswith("SOURCES__")]:
        monkeypatch.delenv(name)
    code, out, err = stitchhouse("sync", "--dataset", "stitchlabs.sales_orders", **alone)
    assert (code, err) == (0, ""), out
    assert "stitchex skipped" in out
    assert (empty / "warehouse" / "stitchhouse.duckdb").exists()
