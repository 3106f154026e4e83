"""What wraps the rows: answers of the right form are walked, all others end the dataset instead of shortening it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from sources import stitchex, stitchlabs
from stitchhouse.errors import ContractError
from stitchhouse.walk import Ask, KeysetOnId, Walk
from tests.wire import Asked, Said, wire

if TYPE_CHECKING:
    from collections.abc import Iterator

META = {"current_page": 1, "next_page": None, "prev_page": None, "total_pages": 1, "total_count": 2}
LABS_META = {"current_page": "1", "last_page": "1", "per_page": "50", "total": "2", "from": "1", "to": "2"}
ROWS = [{"id": 1, "organisation_id": 7}, {"id": 2, "organisation_id": 7}]
LABS_ROWS = [{"id": "1", "links": []}, {"id": "2", "links": []}]
Reader = stitchex.client.ListReader | stitchlabs.client.ListReader
LOGIN = {
    "/oauth/token": Said({"access_token": "t", "expires_in": 3600}),
    "/organisations": Said({"organisations": [{"id": 7, "name": "Seven"}]}),
    "/organisations/set_current_org": Said({"Status": "Updated"}, 201),
}


@contextmanager
def orders(body: Any) -> Iterator[stitchex.client.ListReader]:
    """The reader of a Stitchex whose list of orders is `body`, or what `body` makes of the request."""

    def answer(asked: Asked) -> Said:
        return LOGIN.get(asked.route) or Said(body(asked) if callable(body) else body)

    with wire(answer) as server:
        made = stitchex.connect(server.url, "me@example.com", "word", requests_per_second=0, backoff=0.001)
        yield made.reader(next(one for one in stitchex.DATASETS if one.name == "sales_orders"), "7")


@contextmanager
def labs(body: Any) -> Iterator[stitchlabs.client.ListReader]:
    """The reader of a Stitch Labs that answers `body`."""
    with wire(lambda asked: Said(body(asked) if callable(body) else body)) as server:
        made = stitchlabs.connect(server.url, "token", requests_per_second=0, backoff=0.001)
        yield made.reader(stitchlabs.DATASETS[0], "main")


def walked(reader: Reader) -> tuple[list[int], str]:
    """(the ids read, why the walk is not certified)."""
    walk = Walk(KeysetOnId(), reader)
    return [key for page in walk for key in page.ids()], walk.why


def test_right_answers() -> None:
    """Lists of both APIs in the form of their references are certified."""
    with orders({"sales_orders": ROWS, "meta": META}) as reader:
        assert walked(reader) == ([1, 2], "")
    with labs({"SalesOrders": LABS_ROWS, "meta": LABS_META}) as reader:
        assert walked(reader) == ([1, 2], "")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"orders": ROWS, "meta": META}, "no list 'sales_orders' .*it holds: orders, meta"),
        ({"error": "down for repair"}, "down for repair|it holds: error"),
        ({"sales_orders": None, "meta": META}, "no list 'sales_orders'"),
        ({"sales_orders": {"id": 1}, "meta": META}, "no list 'sales_orders'"),
        (None, "it holds: NoneType"),
        ([], "it holds: list"),
        ("ok", "it holds: str"),
    ],
)
def test_no_list_at_stitchex(body: Any, words: str) -> None:
    """A success without the list of orders ends with 65 and names the keys that came."""
    with orders(body) as reader, pytest.raises(ContractError, match=words):
        walked(reader)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"Orders": [], "meta": LABS_META}, "no list 'SalesOrders' .*it holds: Orders, meta"),
        ({"error": "down for repair"}, "it says: down for repair"),
        (None, "it holds: NoneType"),
        ([], "it holds: list"),
    ],
)
def test_no_list_at_stitchlabs(body: Any, words: str) -> None:
    """A success without the orders ends with 65 and tells the source's own words or the keys that came."""
    with labs(body) as reader, pytest.raises(ContractError, match=words):
        walked(reader)


@pytest.mark.parametrize("held", [None, "none", 5, {}])
def test_orders_that_are_no_list(held: Any) -> None:
    """Orders of Stitch Labs that are neither list nor object, though some are counted, are never certified."""
    with labs({"SalesOrders": held, "meta": LABS_META}) as reader:
        assert _refused_or_uncertain(reader)


def test_words_of_an_error_at_stitchex() -> None:
    """An `error` in a success of Stitchex is told in the source's own words."""
    with orders({"error": "down for repair"}) as reader, pytest.raises(ContractError, match="down for repair"):
        walked(reader)


@pytest.mark.parametrize(
    "wrong",
    [
        {"total_pages": -1},
        {"total_pages": "many"},
        {"total_count": 1.5},
        {"total_count": [2]},
        {"next_page": "x"},
        {"current_page": {}},
        {"current_page": 2},
        {"current_page": 1, "next_page": 1},
        {"current_page": 1, "next_page": 0},
    ],
)
def test_nonsense_in_meta(wrong: dict[str, Any]) -> None:
    """Numbers of pages that are none, that go back, or that are of another page than was asked for end with 65."""
    with (
        orders({"sales_orders": ROWS, "meta": META | wrong}) as reader,
        pytest.raises(ContractError, match=r"page|meta"),
    ):
        walked(reader)


@pytest.mark.parametrize(
    "wrong", [{"last_page": "-1"}, {"last_page": "many"}, {"total": "1.5"}, {"total": {}}, {"current_page": "2"}]
)
def test_nonsense_in_meta_of_stitchlabs(wrong: dict[str, Any]) -> None:
    """The same holds for Stitch Labs, where these numbers are texts."""
    body = {"SalesOrders": LABS_ROWS, "meta": LABS_META | wrong}
    with labs(body) as reader, pytest.raises(ContractError, match=r"page|meta"):
        walked(reader)


@pytest.mark.parametrize("wrong", [{"total_count": 9}, {"total_pages": 5, "total_count": None}, {"total_count": 0}])
def test_contradictions_in_meta(wrong: dict[str, Any]) -> None:
    """A last page whose own counts speak of more or fewer rows is never certified."""
    with orders({"sales_orders": ROWS, "meta": META | wrong}) as reader:
        assert walked(reader)[1] != ""


@pytest.mark.parametrize("meta", [None, [], {}, "none", "absent"])
def test_a_paged_list_without_meta(meta: Any) -> None:
    """Where the second page of a list lacks its page numbers, the list is not taken to end there."""

    def body(asked: Asked) -> Any:
        if "since_id" not in asked.path:
            return {"sales_orders": ROWS, "meta": META | {"next_page": 2, "total_pages": 2, "total_count": 4}}
        held = {"sales_orders": [{"id": 3, "organisation_id": 7}]}
        return held if meta == "absent" else held | {"meta": meta}

    with orders(body) as reader:
        assert _refused_or_uncertain(reader)


@pytest.mark.parametrize("meta", [None, [], {}, "absent"])
def test_a_paged_list_without_meta_at_stitchlabs(meta: Any) -> None:
    """A listing of orders without its page numbers is not taken to be whole."""
    held: dict[str, Any] = {"SalesOrders": LABS_ROWS}
    with labs(held if meta == "absent" else held | {"meta": meta}) as reader:
        assert _refused_or_uncertain(reader)


@pytest.mark.parametrize("row", [None, 5, "text", ["list"]])
def test_rows_that_are_no_objects(row: Any) -> None:
    """A row that is no object does not stop the rows beside it."""
    with orders({"sales_orders": [*ROWS, row], "meta": META | {"total_count": 3}}) as reader:
        assert reader.page(Ask()).ids() == [1, 2]
    with labs({"SalesOrders": [*LABS_ROWS, row], "meta": LABS_META | {"total": "3"}}) as reader:
        assert reader.page(Ask()).ids() == [1, 2]


def test_rows_of_stitchlabs_in_any_form() -> None:
    """The orders may come as a list, as an object by id, or as one object; page numbers as numbers or texts."""
    forms: list[Any] = [LABS_ROWS, {"1": LABS_ROWS[0], "2": LABS_ROWS[1]}]
    for rows in forms:
        with labs({"SalesOrders": rows, "meta": {name: int(value) for name, value in LABS_META.items()}}) as reader:
            page = reader.page(Ask())
            assert (page.ids(), page.total, page.last) == ([1, 2], 2, 1)


def _refused_or_uncertain(reader: Reader) -> bool:
    try:
        return walked(reader)[1] != ""
    except ContractError:
        return True
