"""One contract for every dataset and every table of it, generated from the declarations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from stitchhouse.dataset import Kind
from stitchhouse.layout import ROW_HASH, Layout, layouts
from stitchhouse.ledger import DELETED, REJECTED, WALKS
from tests.conftest import ALL
from tests.contents import DATASETS, ToldByLabs, differences, shapes, tables, told_by_lists
from tests.kept import KeptShop, entered, kept_shop
from tests.untold import HIDDEN, NEVER_SENT, NOT_APART, POINTS, UNDECLARED, UNTOLD, unexplained

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TYPES = {
    Kind.ID: "BIGINT",
    Kind.COUNT: "BIGINT",
    Kind.MONEY: "DECIMAL(18,4)",
    Kind.FLAG: "BOOLEAN",
    Kind.TIME: "TIMESTAMP WITH TIME ZONE",
    Kind.DATE: "DATE",
    Kind.TEXT: "VARCHAR",
}
CASES: dict[str, dict[str, str]] = {
    "stitchlabs": {},
    "stitchex-2026": {"era": "2026"},
    "stitchex-2019": {"era": "2019"},
}
ACCOUNTS = {"stitchlabs": "main", "stitchex": "4101"}


@dataclass
class Case:
    """One API in one generation, synced twice with nothing changed in between, and its warehouse held open."""

    name: str
    shop: KeptShop
    warehouse: duckdb.DuckDBPyConnection

    @property
    def api(self) -> str:
        return self.shop.api

    @cached_property
    def layouts(self) -> dict[str, Layout]:
        return shapes(self.api)

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        return self.warehouse.execute(question).fetchall()

    def count(self, table: str, where: str = "true") -> int:
        ((number,),) = self.ask(f'select count(*) from {self.api}."{table}" as held where {where}')
        return int(number)

    def described(self, table: str) -> dict[str, str]:
        return {row[0]: row[1] for row in self.ask(f'describe {self.api}."{table}"')}

    def told_new(self) -> set[str]:
        """Columns that a certificate names as new in the source."""
        notes = [walk.note.partition("new in the source: ")[2] for walk in self.shop.outcomes[0].certificates]
        return {name for note in notes for name in note.partition(";")[0].split(", ") if name}


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    api = str(request.param).partition("-")[0]
    folder = tmp_path_factory.mktemp("shop") / "project"
    with (
        kept_shop(folder, api, synced=False, **CASES[request.param]) as shop,
        pytest.MonkeyPatch.context() as patch,
    ):
        entered(shop, patch)
        patch.setenv("SOURCES__STITCHEX__BOX_ITEMS", "true")
        shop.control.clock(now="2026-11-10T09:00:00+00:00")
        shop.load(datasets=ALL)
        shop.control.clear_requests()
        shop.load(datasets=ALL)
        with duckdb.connect(str(shop.file), read_only=True) as warehouse:
            yield Case(request.param, shop, warehouse)


def test_tables_have_their_columns(case: Case) -> None:
    """Every declared column has its type, in the declared order; any other is named by a certificate as new."""
    extra = set()
    for layout in (*case.layouts.values(), WALKS, REJECTED, DELETED):
        found = case.described(layout.name)
        expected = {name: TYPES[kind] for name, kind in layout.columns.items()}
        assert list(expected.items()) == [pair for pair in found.items() if pair[0] in expected], layout.name
        assert found["_dlt_load_id"] == "VARCHAR"
        assert layout.name.startswith("_") or next(iter(found)) == "account"
        extra |= {f"{layout.name}.{name}" for name in found.keys() - expected.keys() - {"_dlt_load_id"}}
    assert extra == case.told_new() <= UNDECLARED[case.api].keys()


def test_keys_are_unique_and_whole(case: Case) -> None:
    """No two rows of a table have the same key, no part of a key is null, and every row tells its load."""
    for layout in (*case.layouts.values(), WALKS, REJECTED, DELETED):
        key = ", ".join(layout.key)
        assert case.ask(f'select {key} from {case.api}."{layout.name}" group by all having count(*) > 1') == []
        nulls = " or ".join(f"{name} is null" for name in (*layout.key, "_dlt_load_id"))
        assert case.count(layout.name, nulls) == 0, layout.name
        nullable = f"table_schema = '{case.api}' and table_name = '{layout.name}' and is_nullable = 'NO'"
        declared = case.ask(f"select column_name from information_schema.columns where {nullable}")
        assert {name for (name,) in declared} >= set(layout.key), layout.name


def test_tables_are_filled(case: Case) -> None:
    """Every table of something that the source sends holds rows, none of them a tombstone."""
    empty = {name for name in case.layouts if not case.count(name)}
    assert empty == NEVER_SENT[case.name].keys()
    for layout in case.layouts.values():
        ids = [name for name in layout.key if layout.columns[name] is Kind.ID]
        assert case.count(layout.name, f"least({', '.join(ids)}) <= 0") == 0, layout.name


def test_listed_rows_have_a_hash(case: Case) -> None:
    """Every row of a table with a list of its own carries the hash of its content."""
    for dataset in DATASETS[case.api]:
        assert case.count(dataset.table.name, f"{ROW_HASH} is null") == 0, dataset.name


def test_a_second_run_loads_nothing(case: Case) -> None:
    """With nothing changed, a second run loads no row, every walk is certified, and a cursor asks one request."""
    first, second = case.shop.outcomes
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert all(walk.certified for walk in (*first.certificates, *second.certificates))
    assert second.rows == {}
    with_cursor = {dataset.name for dataset in DATASETS[case.api] if dataset.cursor}
    requests = {walk.dataset: walk.requests for walk in second.certificates if walk.dataset in with_cursor}
    assert requests == dict.fromkeys(with_cursor, 1)
    assert case.api == "stitchex" or len(case.shop.asked(case.api)) == len(with_cursor)
    loads = " union ".join(f'select _dlt_load_id from {case.api}."{name}"' for name in case.layouts)
    assert len(case.ask(loads)) == 1


def test_every_value_is_the_source_s(case: Case) -> None:
    """Every row, field and link of every table is what the source holds, and nothing was rejected."""
    told = ToldByLabs(case.shop) if case.api == "stitchlabs" else told_by_lists(case.shop, 4101)
    found = list(differences(case.shop.file, told, ACCOUNTS[case.api]))
    assert unexplained(case.api, found) == []
    assert {one.place for one in found} == UNTOLD[case.api].keys()
    assert case.ask(f"select * from {case.api}._rejected") == []
    assert told.rows.keys() >= case.layouts.keys() - NEVER_SENT[case.name].keys()


def test_every_object_is_there(case: Case) -> None:
    """The ids of every table are the source's own, none lost and none made up."""
    for name, (_, table) in tables(case.api).items():
        if table.key == "id" and name not in NOT_APART[case.api]:
            known = set(case.shop.control.ids(case.api, table.block or name))
            if case.api == "stitchex" and name in {"channels", "seasons"}:
                known = {one % 1000 for one in known}
            held = {one for (one,) in case.ask(f'select id from {case.api}."{name}"')}
            assert (held < known) if name in HIDDEN[case.api] else (held == known), name


def test_every_link_leads_to_a_row(case: Case) -> None:
    """Every id of an object that has a table is an id in that table."""
    named = {table.foreign: name for name, (_, table) in tables(case.api).items()} | POINTS[case.api]
    assert {column for column, _ in _ids(case.layouts)} <= named.keys() | {"position"}
    dangling = []
    for column, layout in _ids(case.layouts):
        if there := named.get(column):
            linked = f'select id from {case.api}."{there}" as there where there.account = held.account'
            if case.count(layout.name, f"{column} is not null and {column} not in ({linked})"):
                dangling.append(f"{layout.name}.{column}")
    assert dangling == []


def _ids(shapes: Mapping[str, Layout]) -> Iterator[tuple[str, Layout]]:
    for layout in shapes.values():
        yield from ((name, layout) for name, kind in layout.columns.items() if kind is Kind.ID and name != "id")


@pytest.mark.parametrize("api", DATASETS)
def test_a_table_has_one_shape(api: str) -> None:
    """A table that several datasets fill has the same columns, key, owner and scope in each of them."""
    known: dict[str, Layout] = {}
    for dataset in DATASETS[api]:
        for name, layout in layouts(dataset).items():
            other = known.setdefault(name, layout)
            assert list(layout.columns.items()) == list(other.columns.items()), f"{name} in {dataset.name}"
            assert (layout.key, layout.owner, layout.scope) == (other.key, other.owner, other.scope), name
