"""Questions by id, and rights that a login lacks: what may be believed to be gone, and whom a page belongs to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Sandbox, running
from sources import stitchex, stitchlabs
from stitchhouse.errors import CredentialsError, RefusedError
from stitchhouse.walk import Ask
from tests.stitchex_login import api
from tests.wire import Asked, Said, passed_on, wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stitchhouse.walk import Reader

GONE = 987654321
OF_EX = {dataset.name: dataset for dataset in stitchex.DATASETS}


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    with running(orders=30, control=True, unknown_detail="404") as made:
        yield made


def readers(box: Sandbox) -> dict[str, Reader]:
    labs = stitchlabs.connect(box.stitchlabs_url, "sandbox", requests_per_second=0, backoff=0)
    return {
        "stitchlabs": labs.reader(stitchlabs.DATASETS[0], "main"),
        "stitchex": api(box).reader(OF_EX["sales_orders"], "4101"),
    }


@pytest.mark.parametrize("name", ["stitchlabs", "stitchex"])
def test_a_404_to_an_id_is_an_answer(box: Sandbox, name: str) -> None:
    """Asked by id, a row that is there comes, and one that is not is a page without rows, on both APIs."""
    reader = readers(box)[name]
    known = reader.page(Ask()).ids()[0]
    assert reader.details([known]).ids() == [known]
    assert list(reader.details([GONE]).rows) == []


@pytest.mark.parametrize("name", ["stitchlabs", "stitchex"])
@pytest.mark.parametrize("status", [400, 403, 410, 422])
def test_no_other_refusal_means_gone(box: Sandbox, name: str, status: int) -> None:
    """Any other refusal of a question by id is an error, so that nothing is believed to be gone for it."""
    reader = readers(box)[name]
    known = reader.page(Ask()).ids()[0]
    box.control.fault(status, times=9)
    with pytest.raises((RefusedError, CredentialsError)):
        reader.details([known])


def test_an_id_of_another_organisation_is_not_gone(box: Sandbox) -> None:
    """Where another job sets another organisation, a row of ours that is not found there is asked for once more."""
    box.control.switch(org_scope="user")
    reader = readers(box)["stitchex"]
    known = reader.page(Ask()).ids()[0]
    other = api(box)
    other.reader(OF_EX["sales_orders"], other.accounts()[1]).page(Ask())
    assert reader.details([known]).ids() == [known]


def behind(box: Sandbox, dataset: str, answers: dict[str, Any], **more: Any) -> tuple[list[Any], list[str]]:
    """(the first rows of a list of Stitchex with all that hangs on them, the paths asked), some paths answered so."""

    def answer(asked: Asked) -> Said:
        for path, body in answers.items():
            if re.search(path + "$", asked.route):
                return body if isinstance(body, Said) else Said(body)
        return passed_on(asked, box.stitchex_url)

    with wire(answer) as door:
        made = stitchex.connect(
            door.url, "demo@example.com", "sandbox", requests_per_second=0, backoff=0, keep_token=False, **more
        )
        reader = made.reader(OF_EX[dataset], "4101")
        rows = reader.more(list(reader.page(Ask()).rows)[:2])
        return list(rows), [asked.route for asked in door.asked]


DENIED = Said({"message": "no right"}, 403)


@pytest.mark.parametrize(
    "answers",
    [
        {"/sales_orders": DENIED},
        {"/sales_orders": {"sales_orders": [{"id": 1, "organisation_id": None}]}},
        {"/sales_orders": {"sales_orders": None}},
        {"/sales_orders": DENIED, "/invoices": DENIED, "/pick_tickets": DENIED, "/production_orders": DENIED},
    ],
    ids=["denied", "null", "none", "all denied"],
)
def test_a_login_that_may_not_read_orders(box: Sandbox, answers: dict[str, Any]) -> None:
    """Lists that name no organisation can be read without the right to orders: another list tells whose they are."""
    rows, _ = behind(box, "products", answers)
    assert len(rows) == 2


@pytest.mark.parametrize("nothing", [{"shipment_boxes": None}, {"shipment_boxes": []}, Said({}, 404)])
def test_tickets_without_boxes(box: Sandbox, nothing: Any) -> None:
    """A ticket whose boxes are null, an empty list or not found has none, and need not be asked for them again."""
    rows, asked = behind(box, "pick_tickets", {"/box_items": nothing}, box_items=True)
    assert [row["shipment_boxes"] for row in rows] == [[], []]
    assert len([path for path in asked if path.endswith("/box_items")]) == 2


def test_boxes_of_a_ticket_that_is_gone(box: Sandbox) -> None:
    """Where neither the boxes nor their ticket are found, nothing is said about the boxes."""
    missing = {"/box_items": Said({}, 404), r"/pick_tickets/\d+": Said({}, 404)}
    rows, _ = behind(box, "pick_tickets", missing, box_items=True)
    assert ["shipment_boxes" in row for row in rows] == [False, False]
