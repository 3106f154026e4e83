"""Every readable resource of the Stitch Labs sandbox: reference, sections 3, 5 and 9."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox import Sandbox, running
from tests.sandbox.asking import Json, Labs

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMON = "id created_at updated_at deleted"
ADDRESS = "company contact street1 street2 city state zip country country_iso"
SUMS = "discount s_and_h subtotal subtotal_non_taxable subtotal_taxable tax_total total"
# Section 9: the fields of each object beside the common ones.
FIELDS = {
    "Variants": "auto_description auto_description_with_option_type stock available average_cost supplier_cost bundle"
    " component consignment description notes drop_shippable primary_supplier local_id location_1 low_stock_alert sku"
    " supplier_id upc sort_order weight committed_stock reorder_stock reorder_awaiting_stock total_sold total_revenue",
    "Products": "archived name description notes local_id committed_stock total_stock total_available low_stock_count"
    " variant_count",
    "Contacts": "archived local_id name nature notes reseller taxid website",
    "ContactTags": "name",
    "Invoices": f"{SUMS} local_id invoice_date payment_due_date service_subtotal service_subtotal_non_taxable"
    " service_subtotal_taxable tax notes void qb_export xero_skip",
    "InvoicePayments": "amount fee payment_date payment_refund qb_export notes",
    "PurchaseOrders": "local_id archived complete complete_date currency_iso draft order_date po_num notes s_and_h"
    " subtotal tax_total total void",
    "Attributes": "name order",
    "AccountAddresses": f"{ADDRESS} label warehouse default_warehouse channel_warehouse billing shipping phone fax"
    " connector_id connector_id_2 connector_address_id",
    "VariantCustomIds": "value sku_id",
    "CustomIdTypes": "name caption",
    "PackageCarrierTypes": "name",
    "PersonFieldTypes": "name field_type default",
}
LINKS = {
    "Variants": "AttributeOptions ContactWarehouses Contacts ProductFiles Products SalesOrderLineItems VariantCustomIds"
    " VariantPrices WarehouseStockLevels",
    "Products": "ProductFiles Variants Attributes",
    "Contacts": "ContactTypes People SalesOrders Variants Addresses",
    "ContactTags": "Contacts",
    "Invoices": "InvoicePayments Addresses CompletedAddresses CompletedPeople ContactPaymentTypes"
    " InvoiceCustomLineItems InvoiceLineItems People SalesOrders",
    "InvoicePayments": "Invoices InvoicePaymentTypes SalesOrders",
    "PurchaseOrders": "Contacts AccountAddresses",
    "Attributes": "AttributeOptions Products",
    "AccountAddresses": "SalesOrders WarehouseStockLevels",
    "VariantCustomIds": "CustomIdTypes Variants",
    "CustomIdTypes": "VariantCustomIds",
    "PackageCarrierTypes": "",
    "PersonFieldTypes": "PersonFields",
}
BLOCKS = {
    "Variants": "Attributes AttributeOptions Contacts ProductFiles Products CustomIdTypes VariantCustomIds PricingTiers"
    " VariantPrices AccountAddresses WarehouseStockLevels",
    "Products": "Variants ProductFiles",
    "Contacts": "ContactTypes Addresses People PersonFields PersonFieldTypes",
    "ContactTags": "Contacts ContactTypes",
    "Invoices": "InvoiceLineItems InvoiceCustomLineItems InvoicePayments InvoicePaymentTypes Addresses People"
    " PersonFields PersonFieldTypes Contacts ContactTypes CompletedAddresses CompletedPeople ContactPaymentTypes",
    "InvoicePayments": "InvoicePaymentTypes",
    "PurchaseOrders": "Contacts ContactTypes AccountAddresses",
    "Attributes": "AttributeOptions",
    "VariantCustomIds": "CustomIdTypes",
}
each = pytest.mark.parametrize("resource", FIELDS)


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    """A shop that nobody changes."""
    with running(orders=90, control=True) as made:
        yield made


@pytest.fixture(scope="module")
def labs(box: Sandbox) -> Iterator[Labs]:
    with Labs(box) as client:
        yield client


def everything(labs: Labs, resource: str) -> list[Json]:
    """All asked objects of a resource."""
    last = int(labs.read(resource, page_size=50)["meta"]["last_page"])
    return [one for n in range(1, last + 1) for one in labs.read(resource, page_size=50, page_num=n)[resource]]


@each
def test_a_resource_sends_every_documented_field_and_link(labs: Labs, resource: str) -> None:
    """Listing and detail send the same fields and links of section 9, no other, as text or null."""
    rows = everything(labs, resource)
    assert len(rows) >= {"PurchaseOrders": 12, "PackageCarrierTypes": 6}.get(resource, 3)
    detailed = labs.detail(*(row["id"] for row in rows[:50]), resource=resource)
    assert detailed[resource] == rows[:50]
    for row in rows:
        links = row.pop("links")
        assert set(row) == set(f"{COMMON} {FIELDS[resource]}".split())
        assert set(links) == set(LINKS[resource].split())
        assert all(value is None or isinstance(value, str) for value in row.values())
    assert LINKS[resource] or {str(one["links"]) for one in detailed[resource]} == {"[]"}


@each
def test_a_resource_side_loads_its_blocks(labs: Labs, resource: str) -> None:
    """The blocks of section 5.4, and each link of an asked object lands in its block where there is one."""
    rows = everything(labs, resource)
    blocks: dict[str, Json] = {}
    for start in range(0, len(rows), 50):
        reply = labs.detail(*(row["id"] for row in rows[start : start + 50]), resource=resource)
        for name, block in list(reply.items())[2:]:
            blocks.setdefault(name, {}).update(block)
        for row in reply[resource]:
            for name, entries in row["links"].items() if row["links"] else ():
                linked = {entry.get("company_id", entry["id"]) for entry in entries}
                assert linked <= set(blocks[name]) if name in blocks else name not in BLOCKS.get(resource, "").split()
    assert set(blocks) == set(BLOCKS.get(resource, "").split())


@each
def test_a_resource_filters_and_sorts_by_three_attributes(labs: Labs, resource: str) -> None:
    """id, created_at and updated_at filter and sort every resource; anything else is a 400."""
    rows = everything(labs, resource)
    last = max(int(row["id"]) for row in rows)
    after = labs.read(resource, filter={"and": [{"id": str(last), "operation": ">="}]}, sort=[{"updated_at": "asc"}])
    assert [row["id"] for row in after[resource]] == [str(last)]
    for name in ("created_at", "updated_at"):
        reply = labs.read(resource, filter={"and": [{name: "2015-01-01", "operation": ">"}]}, sort=[{name: "desc"}])
        assert int(reply["meta"]["total"]) == sum(row[name] is not None for row in rows)
        stamps = [row[name] for row in reply[resource]]
        assert stamps == sorted(stamps, reverse=True)
    assert labs.ask(resource, filter={"and": [{"name": "x"}]}).status_code == 400
    assert labs.read(resource, page_num=99)[resource] == []


@pytest.mark.parametrize(
    ("there", "link", "here"),
    [
        ("Contacts", "SalesOrders", "Contacts"),
        ("AccountAddresses", "SalesOrders", "AccountAddresses"),
        ("Contacts", "Variants", "Contacts"),
        ("Attributes", "Products", "Attributes"),
        ("CustomIdTypes", "VariantCustomIds", "CustomIdTypes"),
    ],
)
def test_a_link_is_told_on_both_ends(labs: Labs, there: str, link: str, here: str) -> None:
    """Who is named by an object names it, whichever of the two is asked."""
    forth = {(row["id"], entry["id"]) for row in everything(labs, there) for entry in row["links"][link]}
    if link == "SalesOrders":
        rows = [row for n in (1, 2) for row in labs.detail(*labs.ids(page_size=50, page_num=n))["SalesOrders"]]
    else:
        rows = everything(labs, link)
    back = {(entry.get("company_id", entry["id"]), row["id"]) for row in rows for entry in row["links"][here]}
    assert forth == back != set()


def test_links_of_a_contact_say_their_type(labs: Labs) -> None:
    """A contact's addresses are billing or shipping, its people person."""
    rows = everything(labs, "Contacts")
    assert {entry["type"] for row in rows for entry in row["links"]["Addresses"]} == {"billing", "shipping"}
    assert {entry["type"] for row in rows for entry in row["links"]["People"]} == {"person"}


def test_suppliers_of_a_variant_are_join_rows(labs: Labs) -> None:
    """A variant has none, one or two suppliers; a join row has eight fields and an id of its own."""
    rows = everything(labs, "Variants")
    held = [row["links"]["Contacts"] for row in rows]
    assert {len(entries) for entries in held} == {0, 1, 2}
    joins = [(row["id"], entry) for row in rows for entry in row["links"]["Contacts"]]
    assert len({entry["id"] for _, entry in joins}) == len(joins)
    for variant, entry in joins:
        assert set(entry) == set(
            "id product_sku_id company_id cost quantity supplier_id drop_shippable primary_supplier".split()
        )
        assert entry["product_sku_id"] == variant
    assert {row["primary_supplier"] for entries in held if len(entries) == 2 for row in entries} == {"0", "1"}


def test_sums_of_products_and_variants_agree(labs: Labs) -> None:
    """A product's stock is that of its variants, and a variant's that of its warehouses."""
    variants = {row["id"]: row for row in everything(labs, "Variants")}
    for product in everything(labs, "Products"):
        held = [variants[entry["id"]] for entry in product["links"]["Variants"]]
        assert int(product["variant_count"]) == len(held)
        for name, of in (("total_stock", "stock"), ("total_available", "available")):
            assert int(product[name]) == sum(int(row[of]) for row in held)
    reply = labs.read("Variants", page_size=50)
    levels = reply["WarehouseStockLevels"]
    for row in reply["Variants"]:
        here = [levels[entry["id"]] for entry in row["links"]["WarehouseStockLevels"]]
        assert sum(int(level["stock"]) for level in here) == int(row["stock"])
    assert {len(row["links"]["WarehouseStockLevels"]) for row in reply["Variants"]} == {1, 2}


def test_an_invoice_s_lines_are_in_its_reply(labs: Labs) -> None:
    """Lines of an invoice link back to it and to no invoice outside the reply."""
    invoice = next(row for row in everything(labs, "Invoices") if row["links"]["InvoiceCustomLineItems"])
    reply = labs.detail(invoice["id"], resource="Invoices")
    for name in ("InvoiceLineItems", "InvoiceCustomLineItems"):
        assert {entry["id"] for entry in invoice["links"][name]} == set(reply[name])
        assert all(line["links"]["Invoices"] == [{"id": invoice["id"]}] for line in reply[name].values())


def test_an_undocumented_flag_changes_nothing(labs: Labs) -> None:
    """exclude_absolute_attributes is taken and ignored."""
    assert labs.read("Variants", exclude_absolute_attributes=True) == labs.read("Variants")
