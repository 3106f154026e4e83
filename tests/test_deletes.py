"""Rows gone from the source: found by `--full`, confirmed by id, kept in their tables and named in `_deleted`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stitchhouse.walk import Window
from tests.kept import SMALL_PAGES, KeptShop, entered, kept_shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FULL = Window(full=True)
MARKED = "select table_name, account, key from {}._deleted order by key"
APIS = ("stitchlabs", "stitchex")


@pytest.fixture
def shop(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeptShop]:
    """A shop of 60 orders on pages of 10, synced once."""
    with kept_shop(tmp_path / "shop", request.param, **SMALL_PAGES) as opened:
        yield entered(opened, monkeypatch)


def delete(shop: KeptShop, count: int) -> list[int]:
    gone: list[int] = shop.control.ids(shop.api, shop.resource)[5 : 5 + count]
    shop.control.delete(shop.api, shop.resource, ids=gone)
    shop.gone.update(gone)
    return gone


def marked(shop: KeptShop) -> list[int]:
    account = "main" if shop.api == "stitchlabs" else "4101"
    rows = shop.sql(MARKED.format(shop.api))
    assert {row[:2] for row in rows} <= {("sales_orders", account)}
    return sorted(int(row[2]) for row in rows)


@pytest.mark.parametrize("shop", APIS, indirect=True)
def test_a_deleted_row_is_named_and_kept(shop: KeptShop) -> None:
    """A full sync puts the keys of deleted rows into `_deleted`, once, and leaves the rows where they are."""
    gone = delete(shop, 3)
    assert shop.load().certificates[0].deleted is None
    assert marked(shop) == []
    (certificate,) = shop.load(window=FULL).certificates
    assert (certificate.certified, certificate.deleted, certificate.exit_code) == (True, 3, 0)
    assert marked(shop) == gone
    assert shop.differences() == []
    shop.control.clear_requests()
    (certificate,) = shop.load(window=FULL).certificates
    assert (certificate.deleted, marked(shop)) == (0, gone)
    assert not [one for one in shop.asked(shop.api) if str(gone[0]) in str(one)]


@pytest.mark.parametrize("shop", ["stitchex"], indirect=True)
def test_a_row_that_is_hidden_but_answered_is_not_deleted(shop: KeptShop) -> None:
    """Absence is no delete: a row that the list hides, but that is answered by its id, is not marked."""
    (hidden,) = shop.control.archive(shop.api, shop.resource, ids=[shop.control.ids(shop.api, shop.resource)[3]])
    (certificate,) = shop.load(window=FULL).certificates
    assert certificate.certified
    assert certificate.deleted == 0
    assert "answered by id" in certificate.note
    assert marked(shop) == []
    assert shop.one(f"select count(*) from stitchex.sales_orders where id = {hidden}") == 1


@pytest.mark.parametrize("shop", ["stitchex"], indirect=True)
def test_many_deletes_at_once_are_not_believed(shop: KeptShop) -> None:
    """More than 10 rows, and more than 1 %, are not marked without `--max-deletes`; exit code 10 says how to go on."""
    gone = delete(shop, 12)
    outcome = shop.load(window=FULL)
    (certificate,) = outcome.certificates
    assert (outcome.exit_code, certificate.certified, certificate.deleted) == (10, True, 0)
    assert "--max-deletes 12" in certificate.note
    assert marked(shop) == []
    assert shop.load(window=FULL, max_deletes=12).exit_code == 0
    assert marked(shop) == gone


@pytest.mark.parametrize("shop", ["stitchlabs"], indirect=True)
def test_an_uncertified_walk_marks_nothing(shop: KeptShop) -> None:
    """Where the walk may have missed rows, what it did not list is not looked for."""
    delete(shop, 2)
    shop.control.switch(sort="shuffled", id_filter="refused")
    outcome = shop.load(window=FULL)
    assert (outcome.exit_code, outcome.certificates[0].deleted) == (10, None)
    assert marked(shop) == []


@pytest.mark.parametrize("shop", ["stitchlabs"], indirect=True)
@pytest.mark.parametrize("answer", ["404", "deleted"])
def test_what_a_detail_says_of_a_row_that_is_gone(shop: KeptShop, answer: str) -> None:
    """A 404 confirms that a row is gone; a row that is answered with `deleted` is there, and not marked."""
    shop.control.switch(unknown_detail=answer)
    gone = delete(shop, 2)
    outcome = shop.load(window=FULL)
    assert outcome.exit_code == 0
    assert marked(shop) == (gone if answer == "404" else [])


def test_a_row_that_comes_back_is_no_longer_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that is listed again leaves `_deleted`, with the first walk that sees it, full or not."""
    with kept_shop(tmp_path / "shop", "stitchex", **SMALL_PAGES) as shop:
        entered(shop, monkeypatch)
        gone = delete(shop, 1)
        shop.load(window=FULL)
        assert marked(shop) == gone
        # Out of another shop with the same rows, which lost none.
    with kept_shop(tmp_path / "other", "stitchex", synced=False, **SMALL_PAGES) as again:
        entered(again, monkeypatch)
        again.project = shop.project
        entered(again, monkeypatch)
        assert again.load().exit_code == 0
        assert marked(again) == []
        assert again.differences() == []
