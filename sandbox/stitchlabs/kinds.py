"""Every object of the API: its fields and its links, and which links each call follows.

A field's mark tells what it holds when nobody gave it a value: none ``""``, ``?`` null, ``!`` a flag and ``#`` a count
``"0"``, ``$`` money ``"0.00"``, ``%`` a rate ``"0.0000"``. Fields before ``own:`` are always sent, those after it only
where the object is the asked one, those after ``under:`` only below an order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.store import Row

FALLBACK = {"?": None, "!": "0", "#": "0", "$": "0.00", "%": "0.0000"}
MARKS = "".join(FALLBACK)


@dataclass(frozen=True, slots=True)
class Kind:
    """The columns of one object, with their empty values, in alphabetical order as they are sent."""

    empty: Row
    flags: frozenset[str]
    counts: frozenset[str]
    own: frozenset[str]
    under: frozenset[str]
    links: tuple[str, ...]


def _kind(fields: str, links: str = "", common: str = "id created_at? updated_at deleted!") -> Kind:
    _, _, rest = fields.partition("own:")
    own, _, under = rest.partition("under:")
    marks = {
        name.rstrip(MARKS): name[-1]
        for name in (fields.replace("own:", "").replace("under:", "") + " " + common).split()
    }
    return Kind(
        {name: FALLBACK.get(marks[name], "") for name in sorted(marks)},
        frozenset(name for name, mark in marks.items() if mark == "!"),
        frozenset(name for name, mark in marks.items() if mark == "#"),
        frozenset(name.rstrip(MARKS) for name in own.split()),
        frozenset(name.rstrip(MARKS) for name in under.split()),
        tuple(links.split()),
    )


LINE = "additive_tax_rate% cost? description discount$ inclusive_tax$ inclusive_tax_rate% price$ quantity# tax%"  # 9.2
CUSTOM = "description quantity# price$ price_per discount$ tax% additive_tax_rate% inclusive_tax$ inclusive_tax_rate%"
CONTACT = "archived! local_id name nature notes reseller taxid website"
PERSON = "first_name last_name nickname phonetic title dept notes"
ADDRESS = "company contact nickname street1 street2 city state zip country country_iso notes"
TIERED = "discount$ s_and_h$ subtotal$ subtotal_non_taxable$ subtotal_taxable$"

BASE_LINKS = (
    "AccountAddresses Addresses Channels CompletedAddresses CompletedContacts CompletedPeople"
    " CompletedSalesOrderCustomLineItems CompletedSalesOrderLineItems ConnectorFlagFbaOrders Contacts CreditMemos"
    " FulfillmentOrders InvoicePayments Invoices Packages PackingSlips People PricingTiers SalesOrderCustomLineItems"
    " SalesOrderLineItems Tags Users"
)

KINDS: dict[str, Kind] = {
    "SalesOrders": _kind(
        "archived! cancel_date? complete! complete_date? currency_iso discount$ draft! exclude_stock_tracking!"
        " external_connector_order_id? external_fulfill! force_channel_push! force_ship_sync! historical_import! limbo!"
        " local_id notes order_date po_num? pristine! qb_export! s_and_h$ ship_date? ship_method_complete"
        " ship_method_id? sku_subtotal$ sku_subtotal_non_taxable$ sku_subtotal_taxable$ status_deliver# status_invoice#"
        " status_package# status_packing_slip# status_payment# subtotal$ subtotal_non_taxable$ subtotal_taxable$"
        " sync_type tax_percent% tax_total$ total$ total_paid_balance$ utility? void!",
        BASE_LINKS,
    ),
    "SalesOrderLineItems": _kind(LINE, "SalesOrders Variants InvoiceLineItems PackingSlipLineItems"),
    "InvoiceLineItems": _kind(LINE, "Invoices SalesOrderLineItems"),
    "Contacts": _kind(CONTACT, "Addresses ContactTypes People SalesOrders Variants"),
    "People": _kind(PERSON, "Contacts PersonFields SalesOrders Invoices"),
    "PersonFields": _kind("value", "People PersonFieldTypes"),
    "Addresses": _kind(ADDRESS, "SalesOrders Invoices Contacts"),
    "AccountAddresses": _kind(
        "label warehouse! default_warehouse! channel_warehouse! billing! shipping! company? contact? phone? fax?"
        " street1? street2? city? state? zip? country? country_iso? connector_id? connector_id_2?"
        " connector_address_id?",
        "SalesOrders WarehouseStockLevels",
    ),
    "Channels": _kind(
        "name username active_sync! sync_error_flag! queued_for_delete! auto_build_pslip! auto_complete!"
        " auto_complete_pos! autolinked! build_products! check_last_product_sync! autolink_connector_id?"
        " amazon_control_fba_stock_only! pull_account_address_id# push_account_address_id? channel_account_address_id?"
        " external_fulfill? external_fulfill_speed historical_import! historical_date? last_synced last_synced_at?"
        " map_default_update_setting master_of_price? master_of_price_pricing_tier? warehouse_locations?"
        " notification_email push_order_info! send_notify_email! shipstation! sync_frequency# sync_status? sync_step?",
        "ChannelTypes SalesOrders",
    ),
    "Products": _kind(
        "archived! name description notes local_id own: committed_stock# total_stock# total_available# low_stock_count#"
        " variant_count#",
        "ProductFiles Variants Attributes",
    ),
    "Variants": _kind(
        "auto_description auto_description_with_option_type stock# available# average_cost% supplier_cost% bundle!"
        " component! consignment? description notes drop_shippable! primary_supplier! local_id location_1?"
        " low_stock_alert? sku? supplier_id? upc? sort_order# weight% own: committed_stock# reorder_stock#"
        " reorder_awaiting_stock# total_sold# total_revenue$ under: warehouse_available# warehouse_address_id?",
        "AttributeOptions ContactWarehouses Contacts ProductFiles Products SalesOrderLineItems VariantCustomIds"
        " VariantPrices WarehouseStockLevels",
    ),
    "VariantPrices": _kind("price$", "PricingTiers Variants"),
    "VariantCustomIds": _kind("value sku_id#", "CustomIdTypes Variants"),
    "WarehouseStockLevels": _kind(
        "account_address_id# stock# available# low_stock_alert?",
        "AccountAddresses Variants",
        "id updated_at deleted!",
    ),
    "ProductFiles": _kind(
        "cdn_original cdn_resized? file_name orig_file_name file_type resize_count# size#", "Products"
    ),
    "Invoices": _kind(
        f"{TIERED} local_id invoice_date payment_due_date? service_subtotal$ service_subtotal_non_taxable$"
        " service_subtotal_taxable$ tax? tax_total$ total$ notes void! qb_export! xero_skip!",
        "InvoicePayments Addresses CompletedAddresses CompletedPeople ContactPaymentTypes InvoiceCustomLineItems"
        " InvoiceLineItems People SalesOrders",
    ),
    "InvoicePayments": _kind(
        "amount$ fee$ payment_date payment_refund! qb_export! notes", "Invoices InvoicePaymentTypes SalesOrders"
    ),
    "ChannelTypes": _kind("value", "Channels"),
    "ContactTypes": _kind("name caption default!", "Contacts"),
    "PersonFieldTypes": _kind("name field_type default!", "PersonFields"),
    "InvoicePaymentTypes": _kind("name", "InvoicePayments"),
    "PackageCarrierTypes": _kind("name"),
    "CustomIdTypes": _kind("name caption", "VariantCustomIds"),
    "PricingTiers": _kind("name caption", "VariantPrices"),
    "Attributes": _kind("name order#", "AttributeOptions Products"),
    "AttributeOptions": _kind("name", "Attributes Variants"),
    "SalesOrderCustomLineItems": _kind(
        f"{CUSTOM} shippable!", "SalesOrders InvoiceCustomLineItems PackingSlipCustomLineItems"
    ),
    "InvoiceCustomLineItems": _kind(CUSTOM, "Invoices SalesOrderCustomLineItems"),
    "PackingSlips": _kind(
        "local_id packing_slip_date notes void!",
        "SalesOrders Addresses AccountAddresses Contacts People PackingSlipLineItems PackingSlipCustomLineItems"
        " Packages CompletedAddresses CompletedPeople",
    ),
    "PackingSlipLineItems": _kind("quantity# order_sku_id#", "PackingSlips SalesOrderLineItems"),
    "PackingSlipCustomLineItems": _kind("quantity#", "PackingSlips SalesOrderCustomLineItems"),
    "Packages": _kind(
        "ship_date tracking_number tracking_link cost$ delivered! notes", "SalesOrders PackingSlips PackageCarrierTypes"
    ),
    "FulfillmentOrders": _kind("local_id status external_id sent_at notes", "SalesOrders AccountAddresses"),
    "ConnectorFlagFbaOrders": _kind("value", "SalesOrders Channels"),
    "Users": _kind("first_name last_name email", "SalesOrders"),
    "Tags": _kind("name", "SalesOrders"),
    "ContactTags": _kind("name", "Contacts"),
    "ProductTags": _kind("name", "Products"),
    "CreditMemos": _kind(
        f"{TIERED} local_id credit_memo_date notes tax% tax_total$ total$ qb_export! void!",
        "SalesOrders CreditMemoOrderSkus CreditMemoOrderServices CreditMemoCustomLineItems CreditMemoPayments"
        " AccountAddresses People Addresses",
    ),
    "CreditMemoOrderSkus": _kind(
        "quantity# price$ discount$ tax%", "CreditMemos SalesOrderLineItems CreditMemoReturnReasons"
    ),
    "CreditMemoOrderServices": _kind(
        "quantity# price$ discount$ tax%", "CreditMemos SalesOrderCustomLineItems CreditMemoReturnReasons"
    ),
    "CreditMemoCustomLineItems": _kind("description quantity# price$ tax%", "CreditMemos"),
    "CreditMemoPayments": _kind(
        "amount$ fee$ notes payment_date payment_refund! qb_export!", "CreditMemos InvoicePaymentTypes"
    ),
    "CreditMemoReturnReasons": _kind("name", "CreditMemoOrderSkus CreditMemoOrderServices"),
    "ContactPaymentTypes": _kind("name", "Invoices"),
    "CompletedContacts": _kind(CONTACT, "SalesOrders Contacts"),
    "CompletedPeople": _kind(PERSON, "SalesOrders People"),
    "CompletedAddresses": _kind(ADDRESS, "SalesOrders Addresses"),
    "CompletedSalesOrderLineItems": _kind(
        LINE,
        "SalesOrders Variants CompletedVariants CompletedVariantCustomIds CompletedAttributeOptions"
        " CompletedInvoiceLineItems CompletedPackingSlipLineItems",
    ),
    "CompletedSalesOrderCustomLineItems": _kind(
        f"{CUSTOM} shippable!", "SalesOrders CompletedInvoiceCustomLineItems CompletedPackingSlipCustomLineItems"
    ),
    "CompletedInvoiceLineItems": _kind(LINE, "Invoices"),
    "CompletedInvoiceCustomLineItems": _kind(CUSTOM, "Invoices"),
    "CompletedPackingSlipLineItems": _kind("quantity# order_sku_id#", "PackingSlips"),
    "CompletedPackingSlipCustomLineItems": _kind("quantity#", "PackingSlips"),
    "CompletedVariants": _kind("sku? upc? local_id auto_description description", "Variants"),
    "CompletedVariantCustomIds": _kind("value sku_id#", "CustomIdTypes"),
    "CompletedAttributeOptions": _kind("name", "Attributes"),
    "PurchaseOrders": _kind(
        "local_id archived! complete! complete_date? currency_iso draft! order_date po_num? notes s_and_h$ subtotal$"
        " tax_total$ total$ void!",
        "Contacts AccountAddresses",
    ),
    "ReconcileReasonTypes": _kind("name"),
}

# Resources with a listing and a detail of their own (3.1).
READABLE = (
    "SalesOrders Variants Products Contacts ContactTags Invoices InvoicePayments PurchaseOrders Attributes"
    " AccountAddresses VariantCustomIds CustomIdTypes PackageCarrierTypes PersonFieldTypes"
).split()

# Link entries that carry a type of their own in every relation.
TYPED = {"AccountAddresses": "account_address", "People": "person"}

Follow = dict[str, tuple[str, ...]]


def _follow(**links: str) -> Follow:
    return {kind: tuple(names.split()) for kind, names in links.items()}


PERSONAL = {"People": "PersonFields Contacts", "PersonFields": "PersonFieldTypes", "Contacts": "ContactTypes"}

# An order's listing has five link keys (5.4).
LISTED_ORDER_LINKS = ("Addresses", "Channels", "Contacts", "People", "Tags")
ORDER_LISTING = _follow(SalesOrders=" ".join(LISTED_ORDER_LINKS), Channels="ChannelTypes", **PERSONAL)

# The secondary links of 10.2, as a walk from kind to kind.
ORDER_DETAIL = _follow(
    SalesOrders=BASE_LINKS,
    Channels="ChannelTypes",
    CreditMemos="CreditMemoOrderSkus CreditMemoOrderServices CreditMemoCustomLineItems CreditMemoPayments"
    " AccountAddresses People Addresses",
    CreditMemoOrderSkus="SalesOrderLineItems CreditMemoReturnReasons",
    CreditMemoOrderServices="SalesOrderCustomLineItems CreditMemoReturnReasons",
    SalesOrderLineItems="Variants InvoiceLineItems PackingSlipLineItems",
    SalesOrderCustomLineItems="InvoiceCustomLineItems PackingSlipCustomLineItems",
    Variants="ProductFiles VariantCustomIds Products WarehouseStockLevels",
    VariantCustomIds="CustomIdTypes",
    Products="ProductFiles",
    WarehouseStockLevels="AccountAddresses",
    Invoices="Addresses ContactPaymentTypes People InvoiceLineItems InvoiceCustomLineItems InvoicePayments"
    " CompletedPeople CompletedAddresses",
    InvoicePayments="InvoicePaymentTypes",
    PackingSlips="Addresses People PackingSlipLineItems PackingSlipCustomLineItems CompletedPeople CompletedAddresses",
    Packages="PackageCarrierTypes PackingSlips",
    CompletedAddresses="Addresses",
    CompletedContacts="Contacts",
    CompletedPeople="People",
    CompletedSalesOrderLineItems="Variants CompletedVariants CompletedVariantCustomIds CompletedAttributeOptions"
    " CompletedInvoiceLineItems CompletedPackingSlipLineItems",
    CompletedSalesOrderCustomLineItems="CompletedInvoiceCustomLineItems CompletedPackingSlipCustomLineItems",
    CompletedInvoiceLineItems="Invoices",
    CompletedInvoiceCustomLineItems="Invoices",
    CompletedPackingSlipLineItems="PackingSlips",
    CompletedPackingSlipCustomLineItems="PackingSlips",
    **PERSONAL,
)

# The own calls of the other resources (5.4); listing and detail follow the same links.
OWN: dict[str, Follow] = {
    "Variants": _follow(
        Variants="AttributeOptions Contacts ProductFiles Products VariantCustomIds VariantPrices WarehouseStockLevels",
        AttributeOptions="Attributes",
        VariantPrices="PricingTiers",
        VariantCustomIds="CustomIdTypes",
        WarehouseStockLevels="AccountAddresses",
    ),
    "Products": _follow(Products="Variants ProductFiles"),
    "Contacts": _follow(
        Contacts="ContactTypes Addresses People", People="PersonFields", PersonFields="PersonFieldTypes"
    ),
    "ContactTags": _follow(ContactTags="Contacts", Contacts="ContactTypes"),
    "Invoices": _follow(
        Invoices="InvoiceLineItems InvoiceCustomLineItems InvoicePayments Addresses People CompletedAddresses"
        " CompletedPeople ContactPaymentTypes",
        InvoicePayments="InvoicePaymentTypes",
        CompletedAddresses="Addresses",
        CompletedPeople="People",
        **PERSONAL,
    ),
    "InvoicePayments": _follow(InvoicePayments="InvoicePaymentTypes"),
    "PurchaseOrders": _follow(PurchaseOrders="Contacts AccountAddresses", Contacts="ContactTypes"),
    "Attributes": _follow(Attributes="AttributeOptions"),
    "VariantCustomIds": _follow(VariantCustomIds="CustomIdTypes"),
}
