"""All tables of the Stitch Labs face from the neutral shop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.shop import words
from sandbox.stitchlabs.catalogue import catalogue
from sandbox.stitchlabs.closed import snapshots
from sandbox.stitchlabs.draft import Draft
from sandbox.stitchlabs.kinds import KINDS
from sandbox.stitchlabs.orders import line_table, order_table
from sandbox.stitchlabs.papers import papers
from sandbox.stitchlabs.parties import parties
from sandbox.store import Same, Store

if TYPE_CHECKING:
    from sandbox.shop.records import Shop

# Small fixed lists: kind -> (first id, field, values).
FIXED = {
    "ChannelTypes": (20, "value", tuple(kind for _, kind in words.CHANNELS)),
    "InvoicePaymentTypes": (610, "name", words.PAYMENT_TYPES),
    "PackageCarrierTypes": (30, "name", words.CARRIERS),
    "CreditMemoReturnReasons": (640, "name", words.RETURN_REASONS),
    "ContactPaymentTypes": (650, "name", words.TERMS),
    "Tags": (50, "name", words.TAGS),
    "ContactTags": (90, "name", ("key account", "closed", "newsletter")),
    "ProductTags": (95, "name", ("basics",)),
    "ReconcileReasonTypes": (98, "name", ("Count", "Damage")),
}
OWNS = {
    "SalesOrders": (
        "SalesOrderLineItems",
        "SalesOrderCustomLineItems",
        "CompletedSalesOrderLineItems",
        "CompletedSalesOrderCustomLineItems",
    ),
    "Invoices": ("InvoiceLineItems", "InvoiceCustomLineItems"),
}
EPOCH = 1672531200


def build(shop: Shop) -> Store:
    store: Store = {}
    for kind, (base, field, values) in FIXED.items():
        draft = Draft(kind, base)
        for n, value in enumerate(values):
            draft.add(EPOCH, {field: value}, key=base + n)
        store[kind] = draft.table()
    store |= parties(shop)
    contacts = store["Contacts"].keys
    tagged = [list(contacts[n :: 5 + n]) for n in range(len(store["ContactTags"].keys))]
    store["ContactTags"].relations["Contacts"] = Same(None) if shop.historical else tagged
    store |= catalogue(shop)
    store["SalesOrders"] = order_table(shop, store)
    store["SalesOrderLineItems"] = line_table(shop)
    store |= papers(shop, store)
    store |= snapshots(shop, store)
    for kind in KINDS:
        store.setdefault(kind, Draft(kind, 1000).table())
    for parent, owned in OWNS.items():
        store[parent].owns = owned
        for kind in owned:
            store[kind].parent = parent
    return store
