"""The documents of the Stitchex sandbox add up, and go on when its clock does."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from sandbox import Sandbox, running
from tests.sandbox.asking import Ex
from tests.stitchex_fields import DATASETS, faults
from tests.stitchex_rows import by_id, ids, rows, sold

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTS = ("invoice", "pick_ticket", "receiving_ticket", "credit_note", "return", "production_order")


def test_invoices_are_paid_and_credited(ex: Ex) -> None:
    """An invoice sells what its order sells; payments and credits are what it says; the rest is outstanding."""
    orders, invoices = by_id(ex, "sales_orders"), by_id(ex, "invoices")
    paid: dict[int, list[Decimal]] = defaultdict(list)
    for payment in rows(ex, "payments"):
        paid[payment["sale_id"]].append(Decimal(payment["amount"]))
        assert payment["invoice_id"] is None or invoices[payment["invoice_id"]]["sale_id"] == payment["sale_id"]
    credited: dict[str, Decimal] = defaultdict(Decimal)
    for note in rows(ex, "credit_notes"):
        credited[str(note["order_number"])] += Decimal(note["total_credited"])
        parts = (Decimal(note[name]) for name in ("total_credited", "total_refunded", "amount_outstanding"))
        assert sum(parts) == Decimal(note["grand_total"])
        assert "company_id" not in note
    whole = 0
    for invoice in invoices.values():
        order = orders[invoice["sale_id"]]
        assert order["invoice_numbers"] == str(invoice["invoice_number"])
        assert invoice["company_id"] == order["company_id"]
        assert sold(invoice) <= sold(order)
        if sold(invoice) == sold(order):
            whole += invoice["grand_total"] == order["grand_total"]
        assert sum(paid[invoice["sale_id"]]) == Decimal(invoice["total_paid"])
        assert len(paid[invoice["sale_id"]]) == invoice["payments_count"]
        assert credited[invoice["order_number"]] == Decimal(invoice["total_credited"])
        owed = Decimal(invoice["grand_total"]) - Decimal(invoice["total_paid"]) - Decimal(invoice["total_credited"])
        assert owed == Decimal(invoice["amount_outstanding"])
    assert whole > len(invoices) / 2
    numbered = sum(bool(order["invoice_numbers"]) for order in orders.values())
    assert len(invoices) == numbered
    assert paid.keys() <= {invoice["sale_id"] for invoice in invoices.values()}


def test_tickets_and_boxes_hold_what_was_shipped(ex: Ex) -> None:
    """The tickets of an order hold its units; the boxes of a shipped ticket all it picked, those of a draft nothing."""
    orders = by_id(ex, "sales_orders")
    tickets = rows(ex, "pick_tickets")
    held: dict[int, Counter[tuple[int, str]]] = defaultdict(Counter)
    for ticket in tickets:
        held[ticket["order_id"]] += sold(ticket)
        assert ticket["sale_id"] == ticket["order_id"]
        assert ticket["customer_id"] == orders[ticket["order_id"]]["company_id"]
    assert all(sold(orders[key]) == units for key, units in held.items())
    assert held.keys() == {key for key, order in orders.items() if order["shipment_numbers"] and order["line_items"]}
    for ticket in tickets[:40]:
        boxes = ex.get(f"/pick_tickets/{ticket['id']}/box_items").json()
        assert list(boxes) == ["shipment_boxes"]
        assert [fault for box in boxes["shipment_boxes"] for fault in faults(box, "shipment_boxes", "2026")] == []
        items = [item for box in boxes["shipment_boxes"] for item in box["shipment_box_items"]]
        picked = [p for line in ticket["line_items"] for p in line["line_quantities"] if p["quantity"]]
        packed = {item["shipment_line_quantity_id"]: item["quantity"] for item in items}
        draft = ticket["status"] == "draft"
        assert packed == ({} if draft else {piece["id"]: piece["quantity"] for piece in picked})
        assert {box["shipment_id"] for box in boxes["shipment_boxes"]} <= {ticket["id"]}
    assert ex.get("/pick_tickets/1/box_items").status_code == 404


def test_returns_and_production(ex: Ex) -> None:
    """Returns hold no more than was sold; receiving tickets bring in what was ordered, all of it where it says so."""
    numbers = {str(order["order_number"]): order for order in rows(ex, "sales_orders")}
    for dataset in ("returns", "credit_notes"):
        for row in rows(ex, dataset):
            assert sold(row) <= sold(numbers[str(row["order_number"])])
    products = {sku["product_id"] for sku in rows(ex, "skus")}
    received: dict[int, Counter[tuple[int, str]]] = defaultdict(Counter)
    for ticket in rows(ex, "receiving_tickets"):
        received[ticket["production_order_id"]] += sold(ticket)
    for order in rows(ex, "production_orders"):
        assert {line["product_id"] for line in order["line_items"]} <= products
        came = received[order["id"]]
        assert came <= sold(order)
        status = {True: "All Received", False: "Partially Received"}[came == sold(order)] if came else "Not Received"
        assert order["delivery_status"] == status


def test_customers_sum_their_documents(ex: Ex) -> None:
    """A customer's counts, short invoices, amounts by currency and last order are those of its documents."""
    orders, invoices = rows(ex, "sales_orders"), rows(ex, "invoices")
    for customer in rows(ex, "customers"):
        own = [order for order in orders if order["company_id"] == customer["id"]]
        bills = [bill for bill in invoices if bill["company_id"] == customer["id"]]
        assert customer["orders_count"] == len(own)
        assert ids(customer["invoices"]) == ids(bills)
        owed: dict[str, Decimal] = defaultdict(Decimal)
        for bill in bills:
            owed[bill["currency"]] += Decimal(bill["amount_outstanding"])
        assert {one["currency"]: Decimal(one["amount"]) for one in customer["outstanding_amounts"]} == owed
        confirmed = [order for order in own if order["confirmed_at"]]
        last = {name: confirmed[-1][name] for name in ("id", "confirmed_at", "fulfillment_status")} if confirmed else {}
        assert customer["last_order"].items() >= last.items()


def test_products_and_skus_are_the_same_goods(ex: Ex) -> None:
    """Every SKU of the flat list stands in its product, with the same stock; order lines name both."""
    nested = {
        sku["id"]: (product["id"], variation["id"], sku)
        for product in rows(ex, "products")
        for variation in product["variations"]
        for sku in variation["skus"]
    }
    flat = by_id(ex, "skus")
    assert nested.keys() == flat.keys()
    for key, (product, variation, sku) in nested.items():
        assert (flat[key]["product_id"], flat[key]["variation_id"]) == (product, variation)
        assert flat[key].items() >= sku.items()
    for order in rows(ex, "sales_orders"):
        for line in order["line_items"]:
            for piece in line["line_quantities"]:
                assert nested[piece["sku_id"]][:2] == (line["product_id"], line["variation_id"])


@pytest.mark.parametrize("document", DOCUMENTS)
def test_line_ids_are_unique(untouched: Sandbox, ex: Ex, document: str) -> None:
    """No two lines of one kind of document share an id, no two line quantities do, and truth knows them by table."""
    lines = [line for row in rows(ex, f"{document}s") for line in row["line_items"]]
    pieces = [piece for line in lines for piece in line["line_quantities"]]
    for table, found in ((f"{document}_line_items", lines), (f"{document}_line_quantities", pieces)):
        assert sorted(ids(found)) == untouched.control.ids("stitchex", table)
        assert len(set(ids(found))) == len(found)


def test_business_goes_on_by_the_clock() -> None:
    """With `business` on, days of the clock bring payments and shipments with new stamps; without, nothing moves."""
    with running(orders=60, control=True) as moving, Ex(moving) as ex:
        before = {name: by_id(ex, name) for name in ("invoices", "pick_tickets", "payments")}
        moving.control.clock(advance=3 * 86400 + 60)
        assert {name: by_id(ex, name) for name in before} == before
        moving.control.switch(business="on")
        after = {name: by_id(ex, name) for name in before}
        for key, invoice in before["invoices"].items():
            now = after["invoices"][key]
            if Decimal(invoice["amount_outstanding"]) <= 0:
                assert now == invoice
                continue
            paid = Decimal(now["total_paid"]) - Decimal(invoice["total_paid"])
            own = [
                p for p in after["payments"].values() if p["id"] not in before["payments"] and p["invoice_id"] == key
            ]
            assert paid == sum(Decimal(one["amount"]) for one in own) > 0
            assert Decimal(invoice["amount_outstanding"]) - paid == Decimal(now["amount_outstanding"]) >= 0
            assert now["updated_at"] > invoice["updated_at"]
        drafts = [key for key, ticket in before["pick_tickets"].items() if ticket["status"] == "draft"]
        assert drafts
        for key in drafts:
            assert after["pick_tickets"][key]["status"] == "shipped"
            assert after["pick_tickets"][key]["updated_at"] > before["pick_tickets"][key]["updated_at"]
        assert {name: by_id(ex, name) for name in before} == after


def test_a_shop_of_transactions_has_goods_and_no_documents(tmp_path: Path) -> None:
    """Customers, products, SKUs, channels and seasons are listed; the other lists are there and empty."""
    file = tmp_path / "data.csv"
    file.write_text(
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
        "1,A,a,1,2010-12-01 08:26:00,1.5,7,France\n2,B,,2,2010-12-01 08:27:00,1.25,,EIRE\n"
    )
    with running(history=file, organisations=1, control=True, business="on") as box, Ex(box) as ex:
        box.control.clock(advance=200000)
        counts = {dataset: len(rows(ex, dataset)) for dataset in DATASETS}
        (customer,) = rows(ex, "customers")
        assert (customer["name"], customer["orders_count"], customer["invoices"]) == ("7", 1, [])
        assert [sku["sku_number"] for sku in rows(ex, "skus")] == ["A", "B"]
    filled = {"sales_orders": 2, "products": 2, "skus": 2, "customers": 1, "channels": 3, "seasons": 3}
    assert counts == dict.fromkeys(DATASETS, 0) | filled
