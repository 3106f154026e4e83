"""The tables of Stitch Labs: data only.

The facts come from the API reference: fields from section 9 (9.8 for blocks that nobody has observed yet), links from
sections 9 to 11. Every table is a block of an answer, named after it in snake case (`PersonFields` fills
`person_fields`), with the API's `id` as its key. What belongs to one object alone (lines, shipments, credit memos,
prices) is owned by it and replaced with it. Contacts, people, addresses, variants and types stand on their own: others
point to them by a column, or by a link table `<parent>__<linked>` where there may be several.

What a side-loaded object says of its links covers one reply only, so an object that is listed too has two forms: the
one of its own list with all links, and the one beside other rows with the links that each such reply shows whole.
"""

from dataclasses import replace

from stitchhouse.dataset import Link, Table, back, many, one, owned


def _table(  # noqa: PLR0913 - a declaration, all named
    name: str,
    *,
    reference: str = "",
    ids: str = "",
    counts: str = "",
    money: str = "",
    flags: str = "",
    times: str = "",
    text: str = "",
    pair: str = "",
    personal: str = "",
    links: tuple[Link, ...] = (),
    created: bool = True,
    listed: bool = False,
) -> Table:
    """The table of one block: its own columns behind those that every object has."""
    return Table(
        name=name,
        block=name.title().replace("_", ""),
        reference=reference,
        ids=f"id {ids}",
        counts=counts,
        money=money,
        flags=f"deleted {flags}",
        times=f"{'created_at ' if created else ''}updated_at {times}",
        text=text,
        pair=pair,
        personal=personal,
        links=links,
        listed=listed,
    )


_LINE_MONEY = "price discount tax additive_tax_rate inclusive_tax inclusive_tax_rate"
_CONTACT_TEXT = "local_id name nature notes reseller taxid website"
_CONTACT_PERSONAL = "name notes reseller taxid website"
_PERSON_TEXT = "first_name last_name nickname phonetic title dept notes"
_PERSON_PERSONAL = "first_name last_name nickname phonetic notes"
_ADDRESS_TEXT = "company contact nickname street1 street2 city state zip country country_iso notes"

SALES_ORDERS = _table(
    "sales_orders",
    counts="status_deliver status_invoice status_package status_packing_slip status_payment status_return",
    money="discount s_and_h sku_subtotal sku_subtotal_non_taxable sku_subtotal_taxable subtotal "
    "subtotal_non_taxable subtotal_taxable tax_percent tax_total total total_paid_balance",
    flags="archived complete draft exclude_stock_tracking external_fulfill force_channel_push "
    "force_ship_sync historical_import limbo pristine qb_export void",
    times="order_date ship_date complete_date cancel_date",
    text="local_id currency_iso external_connector_order_id notes po_num ship_method_complete ship_method_id "
    "sync_type utility",
    personal="notes",
    links=(
        one("Channels", "channels"),
        one("Contacts", "contacts"),
        one("PricingTiers", "pricing_tiers"),
        one("Users", "users"),
        many("AccountAddresses", "account_addresses", keys="type"),
        many("Addresses", "addresses", keys="type"),
        many("CompletedAddresses", "completed_addresses", keys="type"),
        many("CompletedContacts", "completed_contacts"),
        many("CompletedPeople", "completed_people"),
        many("People", "people", keys="type"),
        many("Tags", "tags"),
        owned("CompletedSalesOrderCustomLineItems", "completed_sales_order_custom_line_items"),
        owned("CompletedSalesOrderLineItems", "completed_sales_order_line_items"),
        owned("ConnectorFlagFbaOrders", "connector_flag_fba_orders"),
        owned("CreditMemos", "credit_memos"),
        owned("FulfillmentOrders", "fulfillment_orders"),
        many("InvoicePayments", "invoice_payments"),
        many("Invoices", "invoices"),
        owned("Packages", "packages"),
        owned("PackingSlips", "packing_slips"),
        owned("SalesOrderCustomLineItems", "sales_order_custom_line_items"),
        owned("SalesOrderLineItems", "sales_order_line_items"),
    ),
)

_LINES = (
    _table(
        "sales_order_line_items",
        counts="quantity",
        money=f"{_LINE_MONEY} cost",
        text="description",
        links=(
            one("Variants", "variants"),
            many("InvoiceLineItems", "invoice_line_items"),
            *back("SalesOrders", "PackingSlipLineItems"),
        ),
    ),
    _table(
        "sales_order_custom_line_items",
        counts="quantity",
        money=_LINE_MONEY,
        flags="shippable",
        text="description price_per",
        links=(
            many("InvoiceCustomLineItems", "invoice_custom_line_items"),
            *back("SalesOrders", "PackingSlipCustomLineItems"),
        ),
    ),
)

_INVOICES = (
    _table(
        "invoices",
        money="discount s_and_h service_subtotal service_subtotal_non_taxable service_subtotal_taxable "
        "subtotal subtotal_non_taxable subtotal_taxable tax tax_total total",
        flags="void qb_export xero_skip",
        times="invoice_date payment_due_date",
        text="local_id notes",
        personal="notes",
        listed=True,
        links=(
            one("ContactPaymentTypes", "contact_payment_types"),
            one("SalesOrders", "sales_orders"),
            many("Addresses", "addresses", keys="type"),
            many("CompletedAddresses", "completed_addresses", keys="type"),
            many("CompletedPeople", "completed_people"),
            many("InvoicePayments", "invoice_payments"),
            many("People", "people", keys="type"),
            owned("InvoiceCustomLineItems", "invoice_custom_line_items"),
            owned("InvoiceLineItems", "invoice_line_items"),
        ),
    ),
    _table(
        "invoice_line_items",
        counts="quantity",
        money=f"{_LINE_MONEY} cost",
        text="description",
        links=back("Invoices", "SalesOrderLineItems"),
    ),
    _table(
        "invoice_custom_line_items",
        counts="quantity",
        money=_LINE_MONEY,
        text="description price_per",
        links=back("Invoices", "SalesOrderCustomLineItems"),
    ),
    _table(
        "invoice_payments",
        money="amount fee",
        flags="payment_refund qb_export",
        times="payment_date",
        text="notes",
        listed=True,
        links=(
            one("InvoicePaymentTypes", "invoice_payment_types"),
            one("SalesOrders", "sales_orders"),
            *back("Invoices"),
        ),
    ),
    _table("invoice_payment_types", text="name", links=back("InvoicePayments")),
    _table("contact_payment_types", text="name", links=back("Invoices")),
)

_SHIPMENTS = (
    _table(
        "packing_slips",
        flags="void",
        times="packing_slip_date",
        text="local_id notes",
        links=(
            one("Contacts", "contacts"),
            many("AccountAddresses", "account_addresses", keys="type"),
            many("Addresses", "addresses", keys="type"),
            many("CompletedAddresses", "completed_addresses", keys="type"),
            many("CompletedPeople", "completed_people"),
            many("People", "people", keys="type"),
            owned("PackingSlipCustomLineItems", "packing_slip_custom_line_items"),
            owned("PackingSlipLineItems", "packing_slip_line_items"),
            *back("SalesOrders", "Packages"),
        ),
    ),
    _table(
        "packing_slip_line_items",
        ids="order_sku_id",
        counts="quantity",
        links=(one("SalesOrderLineItems", "sales_order_line_items"), *back("PackingSlips")),
    ),
    _table(
        "packing_slip_custom_line_items",
        counts="quantity",
        links=(one("SalesOrderCustomLineItems", "sales_order_custom_line_items"), *back("PackingSlips")),
    ),
    _table(
        "packages",
        money="cost",
        flags="delivered",
        times="ship_date",
        text="tracking_number tracking_link notes",
        links=(
            one("PackageCarrierTypes", "package_carrier_types"),
            one("PackingSlips", "packing_slips"),
            *back("SalesOrders"),
        ),
    ),
    _table("package_carrier_types", text="name", listed=True),
    _table(
        "fulfillment_orders",
        times="sent_at",
        text="local_id status external_id notes",
        links=(many("AccountAddresses", "account_addresses", keys="type"), *back("SalesOrders")),
    ),
    _table(
        "connector_flag_fba_orders",
        text="value",
        links=(one("Channels", "channels"), *back("SalesOrders")),
    ),
)

_CREDIT_MEMOS = (
    _table(
        "credit_memos",
        money="discount s_and_h subtotal subtotal_non_taxable subtotal_taxable tax tax_total total",
        flags="qb_export void",
        times="credit_memo_date",
        text="local_id notes",
        links=(
            many("AccountAddresses", "account_addresses", keys="type"),
            many("Addresses", "addresses", keys="type"),
            many("People", "people", keys="type"),
            owned("CreditMemoCustomLineItems", "credit_memo_custom_line_items"),
            owned("CreditMemoOrderServices", "credit_memo_order_services"),
            owned("CreditMemoOrderSkus", "credit_memo_order_skus"),
            owned("CreditMemoPayments", "credit_memo_payments"),
            *back("SalesOrders"),
        ),
    ),
    _table(
        "credit_memo_order_skus",
        counts="quantity",
        money="price discount tax",
        links=(
            one("CreditMemoReturnReasons", "credit_memo_return_reasons"),
            one("SalesOrderLineItems", "sales_order_line_items"),
            *back("CreditMemos"),
        ),
    ),
    _table(
        "credit_memo_order_services",
        counts="quantity",
        money="price discount tax",
        links=(
            one("CreditMemoReturnReasons", "credit_memo_return_reasons"),
            one("SalesOrderCustomLineItems", "sales_order_custom_line_items"),
            *back("CreditMemos"),
        ),
    ),
    _table(
        "credit_memo_custom_line_items",
        counts="quantity",
        money="price tax",
        text="description",
        links=back("CreditMemos"),
    ),
    _table(
        "credit_memo_payments",
        money="amount fee",
        flags="payment_refund qb_export",
        times="payment_date",
        text="notes",
        links=(one("InvoicePaymentTypes", "invoice_payment_types"), *back("CreditMemos")),
    ),
    _table(
        "credit_memo_return_reasons",
        text="name",
        links=back("CreditMemoOrderSkus", "CreditMemoOrderServices"),
    ),
)

# what a closed order looked like when it was closed
_COMPLETED = (
    _table(
        "completed_sales_order_line_items",
        counts="quantity",
        money=f"{_LINE_MONEY} cost",
        text="description",
        links=(
            one("CompletedVariants", "completed_variants"),
            one("Variants", "variants"),
            many("CompletedAttributeOptions", "completed_attribute_options"),
            many("CompletedVariantCustomIds", "completed_variant_custom_ids"),
            owned("CompletedInvoiceLineItems", "completed_invoice_line_items"),
            owned("CompletedPackingSlipLineItems", "completed_packing_slip_line_items"),
            *back("SalesOrders"),
        ),
    ),
    _table(
        "completed_sales_order_custom_line_items",
        counts="quantity",
        money=_LINE_MONEY,
        flags="shippable",
        text="description price_per",
        links=(
            owned("CompletedInvoiceCustomLineItems", "completed_invoice_custom_line_items"),
            owned("CompletedPackingSlipCustomLineItems", "completed_packing_slip_custom_line_items"),
            *back("SalesOrders"),
        ),
    ),
    _table(
        "completed_invoice_line_items",
        counts="quantity",
        money=f"{_LINE_MONEY} cost",
        text="description",
        links=(one("Invoices", "invoices"),),
    ),
    _table(
        "completed_invoice_custom_line_items",
        counts="quantity",
        money=_LINE_MONEY,
        text="description price_per",
        links=(one("Invoices", "invoices"),),
    ),
    _table(
        "completed_packing_slip_line_items",
        ids="order_sku_id",
        counts="quantity",
        links=(one("PackingSlips", "packing_slips"),),
    ),
    _table(
        "completed_packing_slip_custom_line_items",
        counts="quantity",
        links=(one("PackingSlips", "packing_slips"),),
    ),
    _table(
        "completed_variants",
        text="sku upc local_id auto_description description",
        links=(one("Variants", "variants"),),
    ),
    _table(
        "completed_variant_custom_ids",
        ids="sku_id",
        text="value",
        links=(one("CustomIdTypes", "custom_id_types"),),
    ),
    _table(
        "completed_attribute_options",
        text="name",
        links=(one("Attributes", "attributes"),),
    ),
    _table(
        "completed_contacts",
        flags="archived",
        text=_CONTACT_TEXT,
        personal=_CONTACT_PERSONAL,
        links=(one("Contacts", "contacts"), *back("SalesOrders")),
    ),
    _table(
        "completed_people",
        reference="completed_person_id",
        text=_PERSON_TEXT,
        personal=_PERSON_PERSONAL,
        links=(one("People", "people", keys="type"), *back("SalesOrders")),
    ),
    _table(
        "completed_addresses",
        reference="completed_address_id",
        text=_ADDRESS_TEXT,
        personal=_ADDRESS_TEXT,
        links=(one("Addresses", "addresses", keys="type"), *back("SalesOrders")),
    ),
)

_PARTIES = (
    _table(
        "contacts",
        flags="archived",
        text=_CONTACT_TEXT,
        personal=_CONTACT_PERSONAL,
        listed=True,
        links=(
            one("ContactTypes", "contact_types"),
            *back("Addresses", "People", "SalesOrders", "Variants"),
        ),
    ),
    _table("contact_types", flags="default", text="name caption", links=back("Contacts")),
    _table(
        "people",
        reference="person_id",
        text=_PERSON_TEXT,
        personal=_PERSON_PERSONAL,
        links=(one("Contacts", "contacts"), *back("PersonFields", "SalesOrders", "Invoices")),
    ),
    _table(
        "person_fields",
        text="value",
        personal="value",
        links=(one("People", "people", keys="type"), one("PersonFieldTypes", "person_field_types")),
    ),
    _table("person_field_types", flags="default", text="name field_type", listed=True, links=back("PersonFields")),
    _table(
        "addresses",
        reference="address_id",
        text=_ADDRESS_TEXT,
        personal=_ADDRESS_TEXT,
        links=back("SalesOrders", "Invoices", "Contacts"),
    ),
    _table(
        "users",
        text="first_name last_name email",
        personal="first_name last_name email",
        links=back("SalesOrders"),
    ),
    _table("tags", text="name", links=back("SalesOrders")),
)

_SHOP = (
    _table(
        "account_addresses",
        reference="account_address_id",
        flags="warehouse default_warehouse channel_warehouse billing shipping",
        text="label company contact phone fax street1 street2 city state zip country country_iso "
        "connector_id connector_id_2 connector_address_id",
        personal="contact phone fax",
        listed=True,
        links=back("SalesOrders", "WarehouseStockLevels"),
    ),
    # only its name is documented
    _table("account_order_infos"),
    _table(
        "channels",
        ids="pull_account_address_id push_account_address_id channel_account_address_id",
        counts="sync_frequency",
        flags="active_sync sync_error_flag queued_for_delete auto_build_pslip auto_complete "
        "auto_complete_pos autolinked build_products check_last_product_sync amazon_control_fba_stock_only "
        "historical_import push_order_info send_notify_email shipstation",
        times="historical_date last_synced last_synced_at",
        text="name username autolink_connector_id external_fulfill external_fulfill_speed "
        "map_default_update_setting master_of_price master_of_price_pricing_tier warehouse_locations "
        "notification_email sync_status sync_step",
        personal="username notification_email",
        links=(one("ChannelTypes", "channel_types"), *back("SalesOrders")),
    ),
    _table("channel_types", text="value", links=back("Channels")),
    _table("pricing_tiers", text="name caption", links=back("VariantPrices")),
)

_GOODS = (
    _table(
        "products",
        counts="committed_stock total_stock total_available low_stock_count variant_count",
        flags="archived",
        text="name description notes local_id",
        listed=True,
        links=back("Attributes", "ProductFiles", "Variants"),
    ),
    _table(
        "product_files",
        counts="resize_count size",
        text="cdn_original cdn_resized file_name orig_file_name file_type",
        links=(one("Products", "products"),),
    ),
    # own listing only: committed_stock, reorder_stock, reorder_awaiting_stock, total_sold, total_revenue
    _table(
        "variants",
        ids="warehouse_address_id",
        counts="stock available low_stock_alert sort_order committed_stock reorder_stock reorder_awaiting_stock "
        "total_sold warehouse_available",
        money="average_cost supplier_cost weight total_revenue",
        flags="bundle component consignment drop_shippable primary_supplier",
        text="auto_description auto_description_with_option_type description notes local_id location_1 sku "
        "supplier_id upc",
        pair="warehouse_available warehouse_address_id",
        listed=True,
        links=(
            one("Products", "products"),
            owned("WarehouseStockLevels", "warehouse_stock_levels"),
            *back("AttributeOptions", "ContactWarehouses", "Contacts", "ProductFiles", "SalesOrderLineItems"),
            *back("VariantCustomIds", "VariantPrices"),
        ),
    ),
    # sku_id is the variant
    _table(
        "variant_custom_ids",
        ids="sku_id",
        text="value",
        listed=True,
        links=(one("CustomIdTypes", "custom_id_types"), *back("Variants")),
    ),
    _table("custom_id_types", text="name caption", listed=True, links=back("VariantCustomIds")),
    # account_address_id is a field of its own, beside the link
    _table(
        "warehouse_stock_levels",
        ids="account_address_id",
        counts="stock available low_stock_alert",
        links=back("AccountAddresses", "Variants"),
        created=False,
    ),
    _table("attributes", counts="order", text="name", listed=True, links=back("AttributeOptions", "Products")),
)

BESIDE_ORDERS = (*_LINES, *_INVOICES, *_SHIPMENTS, *_CREDIT_MEMOS, *_COMPLETED, *_PARTIES, *_SHOP, *_GOODS)
"""All that can come with an order."""
BESIDE = {table.name: table for table in BESIDE_ORDERS}
"""The same by name, in the form that they have beside other rows."""


def beside(*names: str) -> tuple[Table, ...]:
    return tuple(BESIDE[name] for name in names)


# Only the listing of variants knows of these.
VARIANT_PARTS = (
    _table("variant_prices", money="price", links=(one("PricingTiers", "pricing_tiers"), *back("Variants"))),
    _table("attribute_options", text="name", links=(one("Attributes", "attributes"), *back("Variants"))),
    # a supplier of a variant: the contact is company_id (section 6, trap 11)
    Table(
        name="variants__contacts",
        ids="contact_id product_sku_id",
        counts="quantity",
        money="cost",
        flags="drop_shippable primary_supplier",
        text="supplier_id",
        spelled="contact_id=company_id",
    ),
    # only its name is known
    _table("contact_warehouses"),
)

# The forms of their own lists, whose links are whole.
CONTACTS = replace(
    BESIDE["contacts"],
    links=(
        one("ContactTypes", "contact_types"),
        many("Addresses", "addresses", keys="type"),
        many("People", "people", keys="type"),
        *back("SalesOrders", "Variants"),
    ),
)
INVOICE_PAYMENTS = replace(
    BESIDE["invoice_payments"],
    links=(
        one("InvoicePaymentTypes", "invoice_payment_types"),
        one("SalesOrders", "sales_orders"),
        many("Invoices", "invoices"),
    ),
)
PRODUCTS = replace(
    BESIDE["products"],
    links=(many("Attributes", "attributes"), many("ProductFiles", "product_files"), *back("Variants")),
)
VARIANTS = replace(
    BESIDE["variants"],
    links=(
        one("Products", "products"),
        many("AttributeOptions", "attribute_options"),
        many("ContactWarehouses", "contact_warehouses"),
        many("ProductFiles", "product_files"),
        owned("Contacts", "variants__contacts"),
        owned("VariantPrices", "variant_prices"),
        owned("WarehouseStockLevels", "warehouse_stock_levels"),
        # variant_custom_ids.sku_id says the same
        *back("SalesOrderLineItems", "VariantCustomIds"),
    ),
)
VARIANTS_BESIDE_PRODUCTS = replace(
    BESIDE["variants"],
    links=(
        one("Products", "products"),
        *back("AttributeOptions", "ContactWarehouses", "Contacts", "ProductFiles", "SalesOrderLineItems"),
        *back("VariantCustomIds", "VariantPrices", "WarehouseStockLevels"),
    ),
)
ATTRIBUTES = replace(BESIDE["attributes"], links=(many("AttributeOptions", "attribute_options"), *back("Products")))
CONTACT_TAGS = _table("contact_tags", text="name", listed=True, links=(many("Contacts", "contacts"),))
PURCHASE_ORDERS = _table(
    "purchase_orders",
    money="s_and_h subtotal tax_total total",
    flags="archived complete draft void",
    times="complete_date order_date",
    text="local_id currency_iso po_num notes",
    listed=True,
    links=(one("Contacts", "contacts"), many("AccountAddresses", "account_addresses", keys="type")),
)
