"""dlt's own tools on the two sources, as any dlt user calls them: what works, and what has no effect."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import dlt
import duckdb
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from sources.stitchex import stitchex
from sources.stitchlabs import DATASETS, stitchlabs
from stitchhouse.errors import UsageError
from stitchhouse.layout import layouts
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import OpenShop, Shop


@dataclass(frozen=True)
class Plain:
    """Somebody's pipeline into a database of their own."""

    folder: Path
    name: str = "own"

    @property
    def pipeline(self) -> dlt.Pipeline:
        return dlt.pipeline(self.name, destination="duckdb", dataset_name=self.name, pipelines_dir=self.working)

    @property
    def working(self) -> str:
        return str(self.folder / "working")

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / "anybody.duckdb"), read_only=True) as connection:
            return connection.execute(question).fetchall()

    def counts(self) -> dict[str, int]:
        """Rows per table, without dlt's own and without `_walks`, which grows with every run."""
        tables = f"select table_name from duckdb_tables() where schema_name = '{self.name}' order by 1"
        names = [name for (name,) in self.ask(tables) if not name.startswith("_dlt") and name != "_walks"]
        counted = " union all ".join(f"select '{name}', count(*) from {self.name}.\"{name}\"" for name in names)
        return dict(self.ask(counted))

    def dlt(self, *words: str) -> str:
        """What `dlt pipeline ...` prints for this pipeline."""
        command = str(Path(sys.executable).with_name("dlt"))
        call = [command, "-y", "pipeline", "--pipelines-dir", self.working, self.name, *words]
        done = subprocess.run(call, capture_output=True, text=True, check=True, cwd=self.folder, input="")
        return str(done.stdout)


@pytest.fixture
def small(open_shop: OpenShop) -> Iterator[Shop]:
    with open_shop(orders=20, organisations=1) as shop:
        yield shop


@pytest.fixture
def plain(small: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plain:
    """A pipeline that has loaded Stitch Labs once."""
    assert small.box.port
    monkeypatch.delenv("EXTRACT__NEXT_ITEM_MODE")  # a setting of ours: without it dlt reads datasets in turns
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", str(tmp_path / "anybody.duckdb"))
    made = Plain(tmp_path)
    made.pipeline.run(stitchlabs())
    return made


@pytest.fixture
def contacts(small: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plain:
    """A pipeline that has loaded one dataset once."""
    assert small.box.port
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", str(tmp_path / "anybody.duckdb"))
    made = Plain(tmp_path)
    made.pipeline.run(stitchlabs().with_resources("contacts"))
    return made


@pytest.mark.parametrize("source", ["stitchlabs", "stitchex"])
def test_the_pipeline_of_a_sources_page_runs(source: str, small: Shop) -> None:
    """The first lines of code on a source's page load every order, with settings from anywhere dlt looks for them."""
    page = (ROOT / "sources" / source / "README.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0], names)  # noqa: S102 - the page's own example
    assert len(names["pipeline"].dataset()["sales_orders"].fetchall()) == 20
    assert list(Path().glob("*.duckdb")), "the database is in the working directory"
    assert small.asked(source)


def test_dlt_shows_the_pipeline(contacts: Plain) -> None:
    """`dlt pipeline` tells of each dataset, the last run and the schema; `show` names the extra that it needs."""
    told = contacts.dlt("info")
    assert "contacts with" in told
    assert "first_run: False" in told
    assert "COMPLETED" in contacts.dlt("trace")
    assert "x-personal: true" in contacts.dlt("schema")
    assert "Install dlt[hub]" in contacts.dlt("show")


def test_the_exported_schema_marks_personal_columns(contacts: Plain) -> None:
    """Whoever exports the schema sees which columns can tell who a person is."""
    tables = contacts.pipeline.default_schema.tables
    assert tables["contacts"]["columns"]["name"]["x-personal"]  # type: ignore[typeddict-item]
    assert "x-personal" not in tables["contacts"]["columns"]["archived"]
    assert contacts.pipeline.default_schema.to_pretty_yaml().count("x-personal: true") > 50


def test_one_dataset_can_be_chosen_and_no_table(contacts: Plain, small: Shop) -> None:
    """`with_resources` takes datasets; for a table it names the dataset to ask for."""
    small.control.clear_requests()
    contacts.pipeline.run(stitchlabs().with_resources("contacts"))
    assert {request["path"].split("/")[3] for request in small.asked("stitchlabs")} == {"Contacts"}
    with pytest.raises(UsageError, match=r"people is a table of stitchlabs.sales_orders; ask for that dataset"):
        stitchlabs().with_resources("people")


def test_a_write_disposition_given_by_hand_changes_nothing(plain: Plain, small: Shop) -> None:
    """Every table brings its own way of merging, so no row doubles and none is lost, whatever a run is told."""
    before = plain.counts()
    other = Plain(plain.folder, "other")
    dispositions: tuple[Literal["append", "replace", "merge"], ...] = ("append", "replace", "merge")
    for disposition in dispositions:
        small.control.clock(advance=3600)
        small.control.change("stitchlabs", "SalesOrders", count=2)
        plain.pipeline.run(stitchlabs(), write_disposition=disposition)
        assert plain.counts() == before
        other.pipeline.run(stitchex().with_resources("sales_orders"), write_disposition=disposition)
        assert other.counts()["sales_orders"] == 20
    doubled = "select 1 from other.sales_order_line_items group by account, id having count(*) > 1"
    assert other.ask(doubled) == []


def test_a_refresh_of_the_whole_source_loads_it_anew(plain: Plain) -> None:
    """After a refresh every table holds the rows that it held, and `_walks` only the walks of that run."""
    before, datasets = plain.counts(), len(stitchlabs().resources)
    refreshes: tuple[Literal["drop_sources", "drop_resources", "drop_data"], ...] = (
        "drop_sources",
        "drop_resources",
        "drop_data",
    )
    for refresh in refreshes:
        plain.pipeline.run(stitchlabs(), refresh=refresh)
        assert plain.counts() == before
        assert plain.ask("select count(*), count(distinct dataset) from own._walks") == [(datasets, datasets)]


def test_a_refresh_of_a_part_is_refused(plain: Plain) -> None:
    """Datasets share tables, so a refresh of some of them ends before anything is dropped, and says why."""
    before = plain.counts()
    with pytest.raises(PipelineStepFailed, match="is for the whole source"):
        plain.pipeline.run(stitchlabs().with_resources("sales_orders"), refresh="drop_data")
    plain.pipeline.run(stitchlabs())
    assert plain.counts() == before


def test_dropped_tables_are_filled_again(plain: Plain) -> None:
    """After `dlt pipeline drop` of one dataset, every dataset that filled a dropped table is read again."""
    before = plain.counts()
    plain.dlt("drop", "sales_orders")
    assert "sales_orders" not in plain.counts()
    plain.pipeline.run(stitchlabs())
    assert plain.counts() == before


def test_a_destination_that_cannot_merge_is_refused(small: Shop, tmp_path: Path) -> None:
    """Where rows cannot be replaced by key, nothing is read or loaded: a second run would double it."""
    bucket = dlt.destinations.filesystem(str(tmp_path / "bucket"))
    pipeline = dlt.pipeline("files", destination=bucket, dataset_name="files", pipelines_dir=str(tmp_path / "working"))
    with pytest.raises(PipelineStepFailed, match="filesystem cannot replace rows by key"):
        pipeline.run(stitchex())
    assert small.asked("stitchex") == []


def test_a_limit_cuts_a_walk_and_the_next_run_reads_all(small: Shop, plain: Plain) -> None:
    """`add_limit` counts pieces, not rows: no certificate, no cursor, and the next run without it loads everything."""
    small.control.clear_requests()
    other = Plain(plain.folder, "other")
    other.pipeline.run(stitchlabs().with_resources("sales_orders").add_limit(3))
    assert small.asked("stitchlabs") == []
    other.pipeline.run(stitchlabs().with_resources("sales_orders").add_limit(len(layouts(DATASETS[0])) + 5))
    assert other.ask("select count(*) from other._walks") == [(0,)]
    other.pipeline.run(stitchlabs())
    assert other.counts() == plain.counts()


def test_what_is_loaded_can_be_read_through_dlt(contacts: Plain) -> None:
    """`pipeline.dataset()` and `dlt.attach` read the tables, the latter where settings name the destination."""
    loaded = contacts.counts()["contacts"]
    assert loaded > 0
    assert len(contacts.pipeline.dataset()["contacts"].select("id", "name").fetchall()) == loaded
    attached = dlt.attach("own", pipelines_dir=contacts.working)
    assert len(attached.dataset()["contacts"].fetchall()) == loaded


def test_dropping_a_pipeline_forgets_nothing_that_counts(plain: Plain) -> None:
    """After `pipeline.drop()` or without its folder, the next run takes the cursors from the destination."""
    before, datasets = plain.counts(), len(DATASETS)
    plain.pipeline.drop()
    plain.pipeline.run(stitchlabs())
    shutil.rmtree(plain.working)
    plain.pipeline.run(stitchlabs())
    assert plain.counts() == before
    assert plain.ask("select cursor_before is null, count(*) from own._walks group by 1 order by 2") == [
        (True, datasets),
        (False, 2 * datasets),
    ]
