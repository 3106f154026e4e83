"""Whose the rows of the Stitchex sandbox are, and what control does to them."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Sandbox, running
from tests.sandbox.asking import Ex
from tests.stitchex_fields import DATASETS
from tests.stitchex_rows import ONE, UNPAGED, Row, ids, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

SET = {
    "products": "description",
    "skus": "category",
    "invoices": "payment_terms",
    "payments": "source",
    "receiving_tickets": "vendor",
    "credit_notes": "reference",
    "returns": "carrier",
    "channels": "channel_name",
    "seasons": "name",
}
"""A text field of each list, `notes` where none is named."""


@pytest.fixture
def moving() -> Iterator[Sandbox]:
    """To be changed by one test."""
    with running(orders=60, control=True) as made:
        yield made


def test_rows_belong_to_one_organisation(moving: Sandbox) -> None:
    """Each row is listed in one organisation alone, by id too; channels and seasons share ids and differ in names."""
    seen: dict[str, list[Any]] = defaultdict(list)
    with Ex(moving) as ex:
        organisations = [one["id"] for one in ex.get("/organisations").json()["organisations"]]
        for organisation in organisations:
            ex.choose(organisation)
            for dataset in DATASETS:
                found = rows(ex, dataset)
                assert {row.get("organisation_id", organisation) for row in found} <= {organisation}
                seen[dataset] += found if dataset in UNPAGED else ids(found)
        for dataset in ONE:
            assert ex.get(f"/{dataset}/{seen[dataset][0]}").status_code == 404
        assert ex.get(f"/pick_tickets/{seen['pick_tickets'][0]}/box_items").status_code == 404
    for dataset in set(DATASETS) - set(UNPAGED):
        assert sorted(seen[dataset]) == moving.control.ids("stitchex", dataset)
    for dataset, key, name in (("channels", "channel_ID", "channel_name"), ("seasons", "id", "name")):
        assert set(Counter(row[key] for row in seen[dataset]).values()) == {3}
        assert len({row[name] for row in seen[dataset]}) == len(seen[dataset]) == 9


@pytest.mark.parametrize("dataset", DATASETS)
def test_control_reaches_every_list(dataset: str) -> None:
    """Rows of each list can be edited, set, added and deleted, and truth is what the list sends."""
    with running(orders=60, organisations=1, control=True) as box, Ex(box) as ex:
        control = box.control
        before, keys = rows(ex, dataset), control.ids("stitchex", dataset)
        assert [control.truth("stitchex", dataset, key)["row"] for key in keys] == before
        control.change("stitchex", dataset, ids=keys[:1])
        assert rows(ex, dataset)[0] != before[0]
        assert rows(ex, dataset)[1:] == before[1:]
        field = SET.get(dataset, "notes")
        control.change("stitchex", dataset, ids=keys[1:2], set={field: "set by hand"})
        assert rows(ex, dataset)[1][field] == "set by hand"
        control.delete("stitchex", dataset, ids=keys[:1])
        added = control.add("stitchex", dataset, count=3)
        assert control.ids("stitchex", dataset) == [*keys[1:], *added]
        assert len(rows(ex, dataset)) == len(keys) + 2


def test_delete_takes_what_is_nested(moving: Sandbox) -> None:
    """With a product go its SKUs, with a ticket its lines and boxes, and nothing of other rows."""
    control = moving.control
    for dataset, nested in {
        "products": ("product_variations", "product_variation_prices", "skus"),
        "pick_tickets": (
            "pick_ticket_line_items",
            "pick_ticket_line_quantities",
            "shipment_boxes",
            "shipment_box_items",
        ),
        "customers": ("customer_people",),
        "invoices": ("invoice_line_items", "invoice_line_quantities"),
    }.items():
        control.delete("stitchex", dataset, ids=control.ids("stitchex", dataset)[1:])
        assert all(0 < len(control.ids("stitchex", table)) < 60 for table in nested), dataset
        control.delete("stitchex", dataset, ids=control.ids("stitchex", dataset))
        assert [control.ids("stitchex", table) for table in nested] == [[] for _ in nested]


def test_added_goods_stand_in_their_product(moving: Sandbox) -> None:
    """A new SKU is found in its product, a new product brings its own colours, prices and SKUs."""
    control = moving.control
    (sku,) = control.add("stitchex", "skus")
    (product,) = control.add("stitchex", "products")
    variations = [v for key in control.ids("stitchex", "products") for v in told(moving, key)["variations"]]
    assert [found["id"] for v in variations for found in v["skus"]].count(sku) == 1
    assert len({v["id"] for v in variations}) == len(variations)
    for variation in told(moving, product)["variations"]:
        for one in variation["skus"]:
            row = control.truth("stitchex", "skus", one["id"])["row"]
            assert (row["product_id"], row["variation_id"]) == (product, variation["id"])


def told(box: Sandbox, product: int) -> Row:
    row: Row = box.control.truth("stitchex", "products", product)["row"]
    return row


def test_the_seed_decides(moving: Sandbox) -> None:
    """The same options give the same rows in another process."""
    with running(orders=60) as again, Ex(again) as other, Ex(moving) as ex:
        for dataset in DATASETS:
            assert ex.get(f"/{dataset}").content == other.get(f"/{dataset}").content
