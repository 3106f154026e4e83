"""Snapshots that closing an order leaves: its lines, customer, person and addresses as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.stitchlabs.draft import Draft
from sandbox.stitchlabs.orders import BASE
from sandbox.store import Row, Store, entries

if TYPE_CHECKING:
    from sandbox.shop.records import Shop

BASES = {
    "CompletedSalesOrderLineItems": 960000,
    "CompletedSalesOrderCustomLineItems": 21400,
    "CompletedInvoiceLineItems": 970000,
    "CompletedInvoiceCustomLineItems": 22400,
    "CompletedPackingSlipLineItems": 980000,
    "CompletedPackingSlipCustomLineItems": 23400,
    "CompletedVariants": 24400,
    "CompletedVariantCustomIds": 25400,
    "CompletedAttributeOptions": 26400,
    "CompletedContacts": 27400,
    "CompletedPeople": 28400,
    "CompletedAddresses": 29400,
}
TO_ORDER = (
    "CompletedSalesOrderLineItems CompletedSalesOrderCustomLineItems"
    " CompletedContacts CompletedPeople CompletedAddresses"
).split()
LIVE = {"CompletedContacts": "Contacts", "CompletedPeople": "People", "CompletedAddresses": "Addresses"}
BELOW = {
    "SalesOrderLineItems": {
        "CompletedInvoiceLineItems": ("InvoiceLineItems", "Invoices"),
        "CompletedPackingSlipLineItems": ("PackingSlipLineItems", "PackingSlips"),
    },
    "SalesOrderCustomLineItems": {
        "CompletedInvoiceCustomLineItems": ("InvoiceCustomLineItems", "Invoices"),
        "CompletedPackingSlipCustomLineItems": ("PackingSlipCustomLineItems", "PackingSlips"),
    },
}


def _bare(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in ("id", "created_at", "updated_at")}


def snapshots(shop: Shop, store: Store) -> Store:
    """The Completed* tables; orders, invoices and slips get their links to them."""
    closed = [(n, order) for n, order in enumerate(shop.orders) if order.closed]
    if not closed:
        return {}
    drafts = {kind: Draft(kind, base) for kind, base in BASES.items()}
    orders = store["SalesOrders"]
    of_order: dict[str, list[Any]] = {kind: [None] * len(shop.orders) for kind in TO_ORDER}
    for n, order in closed:
        key = order.id + BASE
        for live in ("SalesOrderLineItems", "SalesOrderCustomLineItems"):
            of_order[f"Completed{live}"][n] = [
                _line(store, drafts, live, line, key, order.updated) for line, _ in entries(orders.related(key, live))
            ] or None
        for kind, live in LIVE.items():
            table = store[live]
            # One snapshot per entry: billing and shipping are kept apart even where they are one address.
            kept = [
                (
                    drafts[kind].add(order.updated, _bare(table.row(table.at(now))), {live: now, "SalesOrders": key}),
                    sort,
                )
                for now, sort in entries(orders.related(key, live))
            ]
            of_order[kind][n] = kept if kind == "CompletedAddresses" else [made for made, _ in kept] or None
        for paper in ("Invoices", "PackingSlips"):
            table = store[paper]
            for held, _ in entries(orders.related(key, paper)):
                for kind in ("CompletedPeople", "CompletedAddresses"):
                    table.relate(held, kind, of_order[kind][n])
    orders.relations |= of_order
    return {kind: draft.table() for kind, draft in drafts.items()}


def _line(store: Store, drafts: dict[str, Draft], live: str, line: int, order: int, at: int) -> int:
    table = store[live]
    row = _bare(table.row(table.at(line)))
    links: Row = {"SalesOrders": order}
    for kind, (paper, home) in BELOW[live].items():
        links[kind] = [
            drafts[kind].add(
                at, _bare(store[paper].row(store[paper].at(item))), {home: store[paper].related(item, home)}
            )
            for item, _ in entries(table.related(line, paper))
        ]
    for variant, _ in entries(table.related(line, "Variants")):
        _freeze_variant(store, drafts, variant, at, links)
        row["cost"] = store["Variants"].get(variant, "average_cost")
    return drafts[f"Completed{live}"].add(at, row, links)


def _freeze_variant(store: Store, drafts: dict[str, Draft], variant: int, at: int, links: Row) -> None:
    variants = store["Variants"]
    names = ("sku", "upc", "local_id", "auto_description", "description")
    values = {name: variants.get(variant, name) for name in names}
    links["Variants"] = variant
    links["CompletedVariants"] = drafts["CompletedVariants"].add(at, values, {"Variants": variant})
    outside, options = store["VariantCustomIds"], store["AttributeOptions"]
    links["CompletedVariantCustomIds"] = [
        drafts["CompletedVariantCustomIds"].add(
            at,
            {"value": outside.get(key, "value"), "sku_id": str(variant)},
            {"CustomIdTypes": outside.related(key, "CustomIdTypes")},
        )
        for key, _ in entries(variants.related(variant, "VariantCustomIds"))
    ]
    links["CompletedAttributeOptions"] = [
        drafts["CompletedAttributeOptions"].add(
            at, {"name": options.get(key, "name")}, {"Attributes": options.related(key, "Attributes")}
        )
        for key, _ in entries(variants.related(variant, "AttributeOptions"))
    ]
