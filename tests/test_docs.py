"""The documents against the product: what they name exists, and what exists is named."""

from __future__ import annotations

import inspect
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from pipelines.project import SOURCES, maker
from stitchhouse import errors
from stitchhouse.layout import layouts
from tests.conftest import ROOT, stitchhouse
from tests.coverage import compare, shop
from tests.generated import DRAWN, GENERATED, described, diagram, made

if TYPE_CHECKING:
    from pathlib import Path

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted(
    path for path in ROOT.glob("**/*.md") if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
)


def section(title: str) -> str:
    """The text of a section of the README."""
    return README.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(title: str) -> list[list[str]]:
    """The cells of the first table in a section, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


COMMANDS = [cells[0].split()[1].strip("`") for cells in rows("Commands")]


def test_the_readme_gives_exactly_two_commands_that_start_with_python3() -> None:
    """A new user needs two lines, one to see it work and one to test it."""
    found = [line for line in README.splitlines() if line.startswith("python3 ")]
    assert len(found) == 2
    assert found[0].endswith("stitchhouse demo")
    assert "pytest" in found[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_in_the_readme_exists(name: str) -> None:
    """The README gives each command the options of its help; those of the sandbox stand on a page of their own."""
    (row,) = [cells for cells in rows("Commands") if f"stitchhouse {name}" in cells[0]]
    code, out, _ = stitchhouse(name, "--help")
    assert code == 0
    told = set(re.findall(r"`(--[a-z-]+)", row[1]))
    options = set(re.findall(r"^ +(--[a-z-]+)", out, re.MULTILINE)) - {"--help"}
    assert told <= options
    assert told == options or name == "sandbox"


def test_every_command_is_in_the_readme() -> None:
    """`stitchhouse --help` lists the commands that the README lists, and no other."""
    code, out, _ = stitchhouse("--help")
    listed = re.findall(r"^  ([a-z]+) {2,}\S", out.split("Commands:")[1], re.MULTILINE)
    assert code == 0
    assert sorted(listed) == sorted(COMMANDS)


@pytest.mark.parametrize("document", GENERATED, ids=lambda path: str(path.relative_to(ROOT)))
def test_documents_say_what_is_declared(document: Path) -> None:
    """What a document says of datasets and tables is made from their declarations; `make docs` writes it."""
    assert document.read_text(encoding="utf-8") == made(document), "not as declared: make docs"


@pytest.mark.parametrize("source", SOURCES)
def test_the_diagrams_show_tables_that_are_there(source: str) -> None:
    """Every table in a diagram is declared, and hangs together with another one in it."""
    assert set(DRAWN[source].split()) <= described(source).keys()
    tied = {name for line in diagram(source) if line.startswith("    ") for name in line.split()[:3:2]}
    assert tied == set(DRAWN[source].split())


@pytest.mark.parametrize("source", SOURCES)
def test_ids_of_other_tables_name_tables_that_are_there(source: str) -> None:
    """A column that is said to hold another table's ids names a declared table."""
    for table in described(source).values():
        assert set(table.foreign.values()) <= described(source).keys()


def test_the_coverage_in_the_readme_is_what_the_command_prints() -> None:
    """The README's counts of the vendors' lists are those of today."""
    with shop() as box:
        counted = [one.line() for one in compare(box)]
    told = section("What of the vendors' pages is covered").split("```text\n")[1].split("\n```")[0]
    assert told.splitlines()[1:] == counted


def test_the_dataset_table_is_true() -> None:
    """The README's datasets, keys, grains and numbers of tables are those of the declarations."""
    told = {cells[0].strip("`"): cells for cells in rows("Datasets and tables")}
    assert set(told) == {f"{source}.{dataset.name}" for source in SOURCES for dataset in maker(source)[1]}
    for source in SOURCES:
        for dataset in maker(source)[1]:
            cells = told[f"{source}.{dataset.name}"]
            shapes = layouts(dataset)
            assert cells[1] == dataset.grain
            assert cells[2].strip("`") == ", ".join(shapes[dataset.table.name].key)
            assert cells[4].startswith(f"{len(shapes)} table")


def test_every_setting_of_a_source_is_in_the_readme() -> None:
    """Whatever can be set for a source by dlt's settings stands in the README, and nothing else does."""
    internal = {"chosen", "known", "observer", "run", "slices"}
    named = set(re.findall(r"`sources\.(<source>|[a-z]+)\.([a-z_]+)`", section("Settings")))
    for source in SOURCES:
        settable = set(inspect.signature(maker(source)[0]).parameters) - internal
        told = {name for owner, name in named if owner in {source, "<source>"}}
        assert told == settable, source


def test_the_exit_codes_are_those_of_the_errors() -> None:
    """Each exit code of the error tree is explained, and each explained code can happen."""
    told = {int(code) for cells in rows("Exit codes") for code in cells[0].split(", ")}
    classes = [value for value in vars(errors).values() if inspect.isclass(value)]
    codes = {kind.exit_code for kind in classes if issubclass(kind, errors.StitchhouseError)}
    assert told == codes - {errors.StitchhouseError.exit_code} | {errors.OK, errors.UNCERTAIN, 130, 143}


def test_every_path_in_the_tree_exists() -> None:
    """The README's tree shows files and folders that are there."""
    tree = section("The tree").split("```text\n")[1].split("```")[0]
    above = ""
    for line in tree.splitlines():
        names = line.strip().split("   ")[0].split("  ")[0]
        folder = line.startswith("  ")
        for name in [part.strip() for part in names.split(",")]:
            path = ROOT / above / name if folder else ROOT / name
            if not folder:
                above = name if name.endswith("/") else ""
            assert path.exists(), f"{path} is in the README's tree"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    """A relative link in a document names a file that is there, and a heading that is in it."""
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", document.read_text(encoding="utf-8")):
        file, _, heading = target.partition("#")
        path = (document.parent / file).resolve() if file else document
        assert path.exists(), target
        if heading:
            titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^a-z0-9 _-]", "", title.lower()).replace(" ", "-") for title in titles}, target


def test_no_file_names_a_place_of_one_machine() -> None:
    """Nothing in the repository is tied to the machine it was made on, or to a package registry's host."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    for name in listed.stdout.splitlines():
        text = (ROOT / name).read_bytes().decode(errors="ignore")
        assert not re.search(r"/(home|root|Users)/[a-z]|https?://[^\s]*/simple\b", text), name


def test_make_help_lists_the_targets() -> None:
    """Every target of the Makefile says what it does."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    explained = re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)
    assert sorted(phony.split()) == sorted(explained)
