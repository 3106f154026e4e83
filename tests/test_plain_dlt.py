"""The sources in anybody's own dlt pipeline, without our runner; and what our runner does about pending packages."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, Protocol

import dlt
import duckdb
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from pipelines.load import build, pipeline_of
from pipelines.warehouse import Target
from sources.stitchex import DATASETS as EX
from sources.stitchex import stitchex
from sources.stitchlabs import DATASETS as LABS
from sources.stitchlabs import stitchlabs
from stitchhouse.errors import ContractError
from stitchhouse.layout import layouts
from tests.truth import differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from dlt.extract import DltSource

    from stitchhouse.dataset import Dataset
    from tests.conftest import OpenShop, Shop


class Open(Protocol):
    def __call__(self, name: str = ...) -> dlt.Pipeline: ...


@pytest.fixture
def small(open_shop: OpenShop) -> Iterator[Shop]:
    with open_shop(orders=20, organisations=2, page_size=5, page_size_cap=5) as shop:
        yield shop


@pytest.fixture
def own(tmp_path: Path) -> Open:
    """Somebody's pipeline; asked again, it is the same one in a new process."""

    def opened(name: str = "own") -> dlt.Pipeline:
        destination = dlt.destinations.duckdb(str(tmp_path / "anybody.duckdb"))
        folder = str(tmp_path / "working")
        return dlt.pipeline(name, destination=destination, dataset_name=name, pipelines_dir=folder)

    return opened


def ask(tmp_path: Path, question: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(tmp_path / "anybody.duckdb"), read_only=True) as connection:
        return connection.execute(question).fetchall()


def cursor_of(pipeline: dlt.Pipeline) -> Any:
    orders = pipeline.state["sources"]["stitchlabs"]["resources"]["sales_orders"]
    return orders["incremental"]["updated_at"]["last_value"]


def test_settings_come_from_the_environment_and_state_from_the_destination(
    small: Shop, own: Open, tmp_path: Path
) -> None:
    """A plain pipeline loads, shows its cursor where dlt keeps it, and goes on from it on another machine."""
    pipeline = own()
    pipeline.run(stitchlabs().with_resources("sales_orders"))
    newest = "strftime(max(updated_at at time zone 'UTC'), '%Y-%m-%dT%H:%M:%S+00:00')"
    assert [(cursor_of(pipeline),)] == ask(tmp_path, f"select {newest} from own.sales_orders")
    assert len(pipeline.dataset()["sales_orders"].fetchall()) == 20
    shutil.rmtree(tmp_path / "working")
    small.control.clear_requests()
    elsewhere = own()
    elsewhere.run(stitchlabs().with_resources("sales_orders"))
    assert len(small.asked("stitchlabs")) == 1
    assert cursor_of(elsewhere) == cursor_of(pipeline)
    assert ask(tmp_path, "select plan, loaded from own._walks order by ended_at") == [
        ("keyset on id", 20),
        ("keyset on updated_at", 0),
    ]


def test_settings_come_as_arguments(small: Shop, own: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arguments need no setting, `organisations` takes names, and with_resources reads only what it names."""
    settings = {name: value for name, value in small.box.environment.items() if "STITCHEX" in name}
    for name in settings:
        monkeypatch.delenv(name)
    source = stitchex(
        base_url=settings["SOURCES__STITCHEX__BASE_URL"],
        email=settings["SOURCES__STITCHEX__EMAIL"],
        password=settings["SOURCES__STITCHEX__PASSWORD"],
        organisations=["4108"],
        requests_per_second=0,
    )
    own().run(source.with_resources("sales_orders"))
    tables = {row[0] for row in ask(tmp_path, "select table_name from duckdb_tables where schema_name = 'own'")}
    assert "organisations" not in tables
    assert ask(tmp_path, "select distinct account, organisation_id from own.sales_orders") == [("4108", 4108)]


@pytest.mark.parametrize(("source", "datasets"), [(stitchlabs, LABS), (stitchex, EX)], ids=["stitchlabs", "stitchex"])
def test_all_tables_show_before_a_run(small: Shop, source: Any, datasets: Sequence[Dataset]) -> None:
    """The schema knows every table with its columns before anything is read, and nothing is asked for it."""
    made: DltSource = source()
    tables = made.discover_schema().tables
    declared = {name: layout for dataset in datasets for name, layout in layouts(dataset).items()}
    assert tables.keys() >= declared.keys() | {"_walks", "_rejected"}
    for name, layout in declared.items():
        assert list(tables[name]["columns"]) == list(layout.columns)
    assert small.control.requests() == []


def test_an_uncertified_walk_fails_a_plain_pipeline(small: Shop, own: Open, tmp_path: Path) -> None:
    """Where a row can have been missed, the load fails with the reason and nothing of any dataset is loaded."""
    small.control.switch(order="shuffled")
    with pytest.raises(PipelineStepFailed) as caught:
        own().run(stitchex().with_resources("organisations", "sales_orders"))
    error: BaseException | None = caught.value
    while error is not None and not isinstance(error, ContractError):
        error = error.__cause__ or error.__context__
    assert "not certified" in str(error)
    assert not (tmp_path / "anybody.duckdb").exists() or not ask(
        tmp_path, "select 1 from duckdb_tables where schema_name = 'own' and table_name = 'organisations'"
    )


def test_an_uncertified_walk_can_be_kept(small: Shop, own: Open, tmp_path: Path) -> None:
    """With uncertified="keep" its rows and those of its neighbours are loaded, and `_walks` tells which is which."""
    small.control.switch(order="shuffled")
    own().run(stitchex(uncertified="keep").with_resources("organisations", "sales_orders"))
    walks = ask(tmp_path, "select dataset, account, certified, exit_code from own._walks order by 1, 2")
    assert walks == [
        ("organisations", "4101", True, 0),
        ("organisations", "4108", True, 0),
        ("sales_orders", "4101", False, 10),
        ("sales_orders", "4108", False, 10),
    ]
    assert ask(tmp_path, "select count(*) from own.organisations") == [(2,)]
    assert ask(tmp_path, "select count(*) > 0 from own.sales_orders") == [(True,)]
    small.control.switch(order="id")
    own().run(stitchex().with_resources("sales_orders"))
    assert ask(tmp_path, "select count(*) from own.sales_orders") == [(20,)]


def test_an_uncertified_walk_moves_no_cursor(small: Shop, own: Open) -> None:
    """The state of an uncertified walk holds no cursor, and that of a certified one before it stays as it was."""
    small.control.switch(sort="shuffled", id_filter="refused")
    pipeline = own()
    pipeline.run(stitchlabs(uncertified="keep").with_resources("sales_orders"))
    assert "incremental" not in pipeline.state["sources"]["stitchlabs"]["resources"]["sales_orders"]
    small.control.switch(sort="honoured", id_filter="honoured")
    pipeline.run(stitchlabs().with_resources("sales_orders"))
    cursor = cursor_of(pipeline)
    small.control.clock(advance=3600)
    for order in reversed(small.control.ids("stitchlabs", "SalesOrders")):
        small.control.clock(advance=1)
        small.control.change("stitchlabs", "SalesOrders", ids=[order])
    small.control.switch(sort="shuffled", id_filter="refused")
    pipeline.run(stitchlabs(uncertified="keep").with_resources("sales_orders"))
    assert cursor_of(pipeline) == cursor


def test_a_pending_package_is_never_replayed(small: Shop) -> None:
    """A package that an earlier run left behind is not loaded over what is newer."""
    small.sync("stitchlabs")
    order = small.control.ids("stitchlabs", "SalesOrders")[0]
    small.control.clock(advance=60)
    small.control.change("stitchlabs", "SalesOrders", ids=[order], set={"notes": "older"})
    pending = pipeline_of(small.project, "stitchlabs", Target(small.project))
    pending.extract(build("stitchlabs", [], uncertified="keep").with_resources("sales_orders"))
    pending.normalize()
    assert pending.has_pending_data
    small.control.clock(advance=60)
    small.control.change("stitchlabs", "SalesOrders", ids=[order], set={"notes": "newer"})
    assert small.sync("stitchlabs").exit_code == 0
    assert small.one(f"select notes from stitchlabs.sales_orders where id = {order}") == "newer"
    assert differences(small, "stitchlabs") == []
