"""The page for whoever adds a dataset: its example, taken literally."""

from __future__ import annotations

import re
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Any

import dlt
import duckdb
import pytest

from sources.stitchlabs import connect
from stitchhouse import dataset as words
from stitchhouse.dataset import Dataset, Link, Relation, Table
from stitchhouse.resource import resources
from stitchhouse.terms import Terms
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dlt.extract import DltResource

    from tests.conftest import Shop

PAGE = (ROOT / "docs" / "adding-a-dataset.md").read_text(encoding="utf-8")


@pytest.fixture
def example() -> Dataset:
    """The dataset that the page declares."""
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(block, names)  # noqa: S102 - the page's own example
    (found,) = (value for value in names.values() if isinstance(value, Dataset))
    return found


def test_the_example_of_the_page_loads(example: Dataset, small: Shop, tmp_path: Path) -> None:
    """The declaration on the page is enough for a plain dlt pipeline to load every row of its list, certified."""
    api = partial(connect, small.box.environment["SOURCES__STITCHLABS__BASE_URL"], "sandbox", requests_per_second=0)

    @dlt.source(name="partners", max_table_nesting=0)
    def partners() -> Iterator[DltResource]:
        yield from resources([example], api, Terms())

    file = tmp_path / "anybody.duckdb"
    pipeline = dlt.pipeline("own", destination=dlt.destinations.duckdb(str(file)), pipelines_dir=str(tmp_path / "work"))
    pipeline.run(partners(), dataset_name="own")
    truth = small.control.ids("stitchlabs", "Contacts")
    with duckdb.connect(str(file), read_only=True) as warehouse:
        assert warehouse.execute("select certified, plan from own._walks").fetchall() == [(True, "whole list")]
        ids = warehouse.execute("select id from own.partners order by id").fetchall()
        assert ids == [(key,) for key in sorted(truth)]
        joined = """
            select count(*) > 0, bool_and(addresses.street1 is not null)
            from own.partners__addresses as linked
            left join own.addresses on addresses.account = linked.account and addresses.id = linked.address_id
        """
        assert warehouse.execute(joined).fetchall() == [(True, True)]


def test_the_page_explains_every_word_of_a_declaration() -> None:
    """Each field of a dataset and of a table, and each kind of link, has a row in the page's table of words."""
    told = set(
        re.findall(r"`([a-z_]+)[`(]", "\n".join(line.split("|")[1] for line in PAGE.splitlines() if line[:1] == "|"))
    )
    declared = {field.name for kind in (Dataset, Table) for field in fields(kind)} - {"links"}
    makers = {relation.value for relation in Relation}
    assert all(callable(getattr(words, name)) for name in makers)
    assert told >= declared | makers
    assert {field.name for field in fields(Link)} - told <= {"relation", "column", "table", "keys", "asked"}
