"""The lists of both vendors' pages beside the product and the sandbox; `make coverage-vendor` prints the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import coverage, declared, lists, served_labs
from tests.sandbox.asking import Ex, Labs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox import Sandbox
    from tests.coverage import Compared

ENTRIES = {
    "stitchlabs order attributes": 46,
    "stitchlabs order filters": 25,
    "stitchlabs base links": 22,
    "stitchlabs secondary links": 70,
    "stitchlabs connection calls": 2,
    "stitchlabs read requests": 5,
    "stitchlabs meta keys": 6,
    "stitchlabs write requests": 10,
    "stitchex datasets": 8,
    "stitchex connection calls": 4,
    "stitchex lists": 11,
    "stitchex meta keys": 5,
    "stitchex parameters": 22,
    "stitchex fields": 369,
    "stitchex write requests": 3,
}


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with coverage.shop() as opened:
        yield opened


@pytest.fixture(scope="module")
def found(box: Sandbox) -> dict[str, Compared]:
    return {one.name: one for one in coverage.compare(box)}


@pytest.mark.parametrize("name", ENTRIES)
def test_nothing_of_a_list_is_missing(found: dict[str, Compared], name: str) -> None:
    """Every entry of the vendor's list is declared by the product and served by the sandbox."""
    assert len(found[name].entries) == ENTRIES[name]
    assert not found[name].missing, "\n".join(["", *found[name].missing])


def test_all_lists_are_compared(found: dict[str, Compared]) -> None:
    """No list is compared without its number of entries being known, and each says where it was typed from."""
    assert list(found) == list(ENTRIES)
    for file in sorted(lists.VENDOR.rglob("*.*")):
        assert "reference, " in lists.typed(str(file.relative_to(lists.VENDOR).with_suffix("")))["source"]


def test_the_counts_are_printed(found: dict[str, Compared]) -> None:
    """The report has a line per list with its counts, and names what is missing or left out."""
    broken = coverage.Compared("a list", ["one", "two"], {"two": "is no column"}, {})
    report = coverage.report([found["stitchlabs secondary links"], broken])
    assert [line.split() for line in report] == [
        ["list", "entries", "declared", "sandbox"],
        ["stitchlabs", "secondary", "links", "70", "70/70", "69/70"],
        ["a", "list", "2", "1/2", "2/2"],
        "left out: stitchlabs secondary links, sandbox: accountOrderInfo: only the name of its block is known".split(),
        "missing: a list, product: two: is no column".split(),
    ]


def test_the_vendor_lists_one_secondary_link_twice() -> None:
    """The vendor's page has 71 secondary links, of which 70 differ."""
    paths = [link.path for link in lists.SECONDARY_LINES]
    assert (len(paths), len(lists.SECONDARY_LINKS)) == (71, 70)
    assert {path for path in paths if paths.count(path) > 1} == {"invoices.contactPaymentType"}


@pytest.mark.parametrize(
    ("follow", "said"),
    [
        (("Invoices", "InvoiceLineItems"), ""),
        (("Channels", "Tags"), "neither Channels nor Tags keeps the link between them"),
        (("Contacts", "Teapots"), "Teapots is no table"),
    ],
)
def test_a_path_is_walked_through_the_tables(follow: tuple[str, ...], said: str) -> None:
    """A path counts as declared only where a table keeps each of its links."""
    assert declared.broken(follow) == said


def test_an_order_has_no_other_attribute(box: Sandbox) -> None:
    """The 46 attributes and its links are all that an order of the sandbox has."""
    with Labs(box) as labs:
        orders = labs.read(page_size=50)["SalesOrders"]
        orders += labs.detail(*[order["id"] for order in orders])["SalesOrders"]
    assert {name for order in orders for name in order} == {*lists.ATTRIBUTES, "links"}


def test_filters_that_no_page_names_are_refused(box: Sandbox) -> None:
    """A filter by an attribute that is in no list is answered with 400, even if orders have it."""
    with Labs(box) as labs:
        for name in ("teapot", "total", "sync_type", "utility"):
            reply = labs.ask("SalesOrders", filter={"and": [{name: "1"}]})
            assert reply.status_code == 400
            assert name in reply.json()["message"]


def test_examples_write_one_attribute_that_is_read_only() -> None:
    """Of the 18 attributes that the vendor calls read-only, its examples write the date of cancellation alone."""
    written = {name for request in lists.WRITES.values() for row in request.body["SalesOrders"] for name in row}
    assert len(lists.READ_ONLY) == 18
    assert set(lists.READ_ONLY) <= lists.ATTRIBUTES.keys()
    assert written & set(lists.READ_ONLY) == {"cancel_date"}


@pytest.mark.parametrize("name", lists.WRITES)
def test_stitchlabs_takes_no_writes_yet(box: Sandbox, name: str) -> None:
    """The sandbox answers the vendor's example writes with 501."""
    request = lists.WRITES[name]
    with Labs(box) as labs:
        assert served_labs.Shop(labs).send(request, request.body).status_code == 501


@pytest.mark.parametrize("name", lists.EX_WRITES)
def test_stitchex_takes_no_writes_yet(box: Sandbox, name: str) -> None:
    """The sandbox answers the documented writes of Stitchex with 501, or knows no such path."""
    one = lists.EX_WRITES[name]
    row = dict.fromkeys(one["fields"], "1")
    with Ex(box) as ex:
        reply = ex.post(one["path"], **({one["key"]: row} if "key" in one else row))
    assert reply.status_code in {501, 404}
