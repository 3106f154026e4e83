"""What the Stitchex sandbox sends, list by list: fields, pages, filters."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime

import pytest

from sandbox import running
from tests.sandbox.asking import Ex
from tests.stitchex_fields import DATASETS, FIELDS, faults
from tests.stitchex_rows import ONE, UNPAGED, ids, rows

SINCE_ID = "sales_orders invoices payments pick_tickets receiving_tickets credit_notes production_orders".split()


@pytest.fixture(scope="module")
def era(ex: Ex) -> str:
    return "2026" if "refresh_token" in ex.token else "2019"


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_documented_field(ex: Ex, era: str, dataset: str) -> None:
    """Each row has all fields of its reference table in their types, null only where that may be, and no other."""
    found = rows(ex, dataset)
    assert len(found) >= 3
    assert [fault for row in found for fault in faults(row, dataset, era)][:5] == []


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_field_has_values(ex: Ex, era: str, dataset: str) -> None:
    """Each field but the ones that are always null has a value in some row, also where it may be empty."""
    found = rows(ex, dataset)
    for name, kind in FIELDS[dataset]["row"].items():
        if era == "2019" and "+" in kind:
            continue
        if kind.strip("?+") != "null":
            assert any(row.get(name) not in (None, "", [], {}) for row in found), name


def test_traps(ex: Ex, era: str) -> None:
    """Barcodes are text, number, empty or null; seasons as the era has them; inventory an id or an object."""
    assert {type(sku["ean"]) for sku in rows(ex, "skus")} == {str, int, type(None)}
    assert {type(one["season_id"]) for one in rows(ex, "products")} == {int if era == "2019" else list, type(None)}
    for dataset, kind in (("pick_tickets", int), ("production_orders", dict)):
        pieces = [p for row in rows(ex, dataset) for line in row["line_items"] for p in line["line_quantities"]]
        assert {type(piece["inventory_id"]) for piece in pieces} == {kind}
        assert 0 in [piece["quantity"] for piece in pieces]
    assert {"COMPLETE", "DRAFT"} < {row["status"] for row in rows(ex, "production_orders")}
    for row in rows(ex, "payments"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00\.000\+0[12]:00", row["date"])
    customers = rows(ex, "customers")
    assert {"addresses" in row for row in customers} == {True, False}
    agents = Counter(agent["id"] for row in customers for agent in row["agents"])
    assert max(agents.values()) > 1
    invoices = rows(ex, "invoices")
    for name in ("billing_contact", "shipping_contact"):
        assert {type(row[name]) for row in invoices} == {dict, type(None)}
    assert {row["tax_rate_name"] for row in invoices} > {None, ""}
    assert {row["status"] for row in rows(ex, "pick_tickets")} == {"shipped", "draft"}


@pytest.mark.parametrize("dataset", [name for name in DATASETS if name not in UNPAGED])
def test_pages_and_ids(ex: Ex, dataset: str) -> None:
    """Rows ascend by id, meta counts them, past the end is an empty list, and a slash at the end changes nothing."""
    first = ex.get(f"/{dataset}", page=1).json()
    found = rows(ex, dataset)
    assert ids(found) == sorted(set(ids(found)))
    assert first["meta"]["total_count"] == len(found)
    assert ex.get(f"/{dataset}", page=99).json()[dataset] == []
    assert ex.get(f"/{dataset}/", page=1).json() == first


def test_page_sizes() -> None:
    """A page holds 100 rows, of production orders 50; channels and seasons come whole, or paged by a switch."""
    with running(orders=1000, organisations=1, control=True) as box, Ex(box) as ex:
        for dataset in DATASETS:
            reply = ex.get(f"/{dataset}").json()
            if dataset in UNPAGED:
                assert list(reply) == [dataset]
                assert len(ex.get(f"/{dataset}", page=2).json()[dataset]) == 3
                continue
            full = 50 if dataset == "production_orders" else 100
            assert len(reply[dataset]) == min(full, reply["meta"]["total_count"])
        assert len(rows(ex, "production_orders")) > 50
        box.control.switch(listing_meta="on", page_size=2)
        for dataset in UNPAGED:
            assert ex.get(f"/{dataset}").json()["meta"]["total_pages"] == 2
            assert len(rows(ex, dataset)) == 3


@pytest.mark.parametrize(("dataset", "key"), ONE.items())
def test_one_object(ex: Ex, dataset: str, key: str) -> None:
    """By id the row of the list comes under its own key, and an unknown id is 404."""
    row = rows(ex, dataset)[1]
    assert ex.get(f"/{dataset}/{row['id']}").json() == {key: row}
    assert ex.get(f"/{dataset}/{row['id']}/").json() == {key: row}
    assert ex.get(f"/{dataset}/1").status_code == 404


@pytest.mark.parametrize("dataset", ["invoices", "skus", "production_orders", *UNPAGED])
def test_lists_without_a_page_for_one(ex: Ex, dataset: str) -> None:
    """Some lists have no page for one row: 404 even for an id that the list has."""
    row = rows(ex, dataset)[0]
    assert ex.get(f"/{dataset}/{row.get('id', row.get('channel_ID'))}").status_code == 404


@pytest.mark.parametrize("dataset", [name for name in DATASETS if name not in UNPAGED])
def test_since_id(ex: Ex, dataset: str) -> None:
    """since_id leaves greater ids on the lists that the reference names, and changes nothing on the others."""
    found = ids(rows(ex, dataset))
    middle = found[len(found) // 2]
    expected = [key for key in found if key > middle] if dataset in SINCE_ID else found
    assert ids(rows(ex, dataset, since_id=middle)) == expected
    assert ex.get(f"/{dataset}", since_id="x").status_code == (400 if dataset in SINCE_ID else 200)


@pytest.mark.parametrize("dataset", DATASETS)
def test_since_created_at(ex: Ex, dataset: str) -> None:
    """since_created_at is exclusive, takes a time or a date, and is known to three lists only."""
    found = rows(ex, dataset)
    if dataset not in {"pick_tickets", "receiving_tickets", "payments"}:
        assert rows(ex, dataset, since_created_at="2024-06-01") == found
        return
    stamps = sorted(row["created_at"] for row in found)
    for since in (stamps[len(stamps) // 2], stamps[0][:10], stamps[-1][:10]):
        bound = since if len(since) > 10 else f"{since}T00:00:00+00:00"
        expected = [row for row in found if instant(row["created_at"]) > instant(bound)]
        assert rows(ex, dataset, since_created_at=since) == expected
    assert ex.get(f"/{dataset}", since_created_at="soon").status_code == 400


def instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("dataset", "parameter", "field"),
    [
        ("sales_orders", "by_order_number", "order_number"),
        ("pick_tickets", "by_order_number", "order_number"),
        ("pick_tickets", "by_order_id", "order_id"),
        ("pick_tickets", "by_shipment_number", "shipment_number"),
        ("pick_tickets", "filter[warehouse_name]", "warehouse"),
        ("invoices", "invoice_id", "id"),
        ("payments", "order_id", "sale_id"),
        ("products", "filter[product_identifier]", "product_identifier"),
        ("skus", "filter[ean]", "ean"),
    ],
)
def test_exact_filters(ex: Ex, dataset: str, parameter: str, field: str) -> None:
    """A filter leaves exactly the rows with the value, and an empty list for a value that no row has."""
    found = rows(ex, dataset)
    value = next(row[field] for row in found[5:] if row[field])
    assert rows(ex, dataset, **{parameter: value}) == [row for row in found if row[field] == value]
    assert rows(ex, dataset, **{parameter: "None"}) == []
