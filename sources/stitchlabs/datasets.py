"""The datasets of Stitch Labs: data only. Every resource that is known to answer reads is one (API reference, 3.1).

Their tables stand in `tables.py`; which blocks come beside which rows is section 5.4.
"""

from sources.stitchlabs import tables
from sources.stitchlabs.tables import beside
from stitchhouse.dataset import Dataset, Table

_ORDER_FILTERS = (
    # documented
    "archived cancel_date complete complete_date created_at currency_iso discount draft "
    "exclude_stock_tracking external_connector_order_id external_fulfill force_channel_push force_ship_sync "
    "historical_import id limbo local_id notes order_date po_num qb_export s_and_h ship_date "
    "ship_method_complete sku_subtotal "
    # seen to work, or named elsewhere by the vendor
    "status_invoice status_payment status_package status_deliver connector_id "
    # in no list: probed before use
    "updated_at"
)

FILTERS: dict[str, frozenset[str]] = {"SalesOrders": frozenset(_ORDER_FILTERS.split())}
"""The attributes by which each resource can be filtered."""


NAMED = {
    "sku_id": "variants",
    "product_sku_id": "variants",
    "order_sku_id": "sales_order_line_items",
    "warehouse_address_id": "account_addresses",
    "pull_account_address_id": "account_addresses",
    "push_account_address_id": "account_addresses",
    "channel_account_address_id": "account_addresses",
}
"""Columns with ids that are not called after the table whose ids they hold (sections 6 and 9)."""

_PERSONAL = ("people", "person_fields", "person_field_types", "contacts", "contact_types")
"""What comes with a person."""

SALES_ORDERS = Dataset(
    name="sales_orders",
    path="SalesOrders",
    table=tables.SALES_ORDERS,
    tables=tables.BESIDE_ORDERS,
    cursor="updated_at",
    detail=True,
    links_in="links",
    grain="one row per sales order",
)


def _listing(path: str, table: Table, grain: str, *more: Table, detail: bool = False) -> Dataset:
    """A list whose rows come whole, or with their links in a second read (`detail`)."""
    return Dataset(
        name=table.name,
        path=path,
        table=table,
        tables=more,
        cursor="updated_at",
        detail=detail,
        links_in="links",
        grain=grain,
    )


DATASETS: tuple[Dataset, ...] = (
    SALES_ORDERS,
    _listing(
        "Invoices",
        tables.BESIDE["invoices"],
        "one row per invoice",
        *beside("invoice_line_items", "invoice_custom_line_items", "invoice_payments", "invoice_payment_types"),
        *beside("contact_payment_types", "addresses", "completed_addresses", "completed_people", *_PERSONAL),
        detail=True,
    ),
    _listing("InvoicePayments", tables.INVOICE_PAYMENTS, "one row per payment", *beside("invoice_payment_types")),
    _listing(
        "Contacts",
        tables.CONTACTS,
        "one row per contact (customer or supplier)",
        *beside("contact_types", "addresses", "people", "person_fields", "person_field_types"),
    ),
    _listing("ContactTags", tables.CONTACT_TAGS, "one row per tag of contacts", *beside("contacts", "contact_types")),
    _listing(
        "Products",
        tables.PRODUCTS,
        "one row per product",
        tables.VARIANTS_BESIDE_PRODUCTS,
        *beside("product_files"),
    ),
    _listing(
        "Variants",
        tables.VARIANTS,
        "one row per variant (SKU)",
        *tables.VARIANT_PARTS,
        *beside("attributes", "products", "product_files", "contacts", "contact_types", "variant_custom_ids"),
        *beside("custom_id_types", "pricing_tiers", "account_addresses", "warehouse_stock_levels"),
    ),
    _listing("Attributes", tables.ATTRIBUTES, "one row per attribute (such as color)", *tables.VARIANT_PARTS[1:2]),
    _listing(
        "VariantCustomIds",
        tables.BESIDE["variant_custom_ids"],
        "one row per outside id of a variant",
        *beside("custom_id_types"),
    ),
    _listing("CustomIdTypes", tables.BESIDE["custom_id_types"], "one row per kind of outside id"),
    _listing(
        "PurchaseOrders",
        tables.PURCHASE_ORDERS,
        "one row per purchase order",
        *beside("contacts", "contact_types", "account_addresses"),
    ),
    _listing("AccountAddresses", tables.BESIDE["account_addresses"], "one row per own site or warehouse"),
    _listing("PackageCarrierTypes", tables.BESIDE["package_carrier_types"], "one row per carrier"),
    _listing("PersonFieldTypes", tables.BESIDE["person_field_types"], "one row per kind of e-mail or phone"),
)
