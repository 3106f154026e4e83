"""The datasets of the Stitchex API (Uphance today): data only.

Facts: API reference, sections 7 and 9. What is nested in a document fills a table named after both: `line_items` of an
invoice fill `invoice_line_items`. Objects that hold no list, such as addresses of invoices, are columns of their own.
"""

from __future__ import annotations

from stitchhouse.dataset import Dataset, Link, Table, many, owned, shared

STAMP = "created_at updated_at"
TOTALS = "items_total items_tax subtotal total_tax grand_total"
_ADDRESS = "line_1 line_2 line_3 city state country postcode"
_CONTACT = "first_name last_name position phone_1 phone_2 email notes"


def _of(field: str, parts: str) -> str:
    """The parts of a nested object, as words of a declaration."""
    return " ".join(f"{field}.{part}" for part in parts.split())


def _lines(document: str, *, text: str = "", links: tuple[Link, ...] = ()) -> tuple[Table, Table]:
    """The two tables of a document's lines (section 9.3), with what its lines have beyond the others'."""
    quantities = Table(
        name=f"{document}_line_quantities",
        ids="sku_id",
        counts="quantity",
        text="size sku_number upc_number inventory_id inventory_id.sku_id",
    )
    items = Table(
        name=f"{document}_line_items",
        ids="product_id variation_id",
        money="unit_price original_price unit_tax tax_level percentage_discount weight",
        flags="bundle_line_item",
        text=f"product_name color product_identifier weight_unit country_of_origin intrastat_code {text}",
        links=(owned("line_quantities", quantities.name), *links),
    )
    return items, quantities


ORGANISATIONS = Dataset(
    name="organisations",
    path="organisations",
    paged=False,
    table=Table(name="organisations", text="name"),
    grain="one row per organisation of the login",
)

_SKU = Table(
    name="skus",
    listed=True,
    ids="product_id variation_id",
    counts="in_stock available_to_sell available_to_sell_from_stock",
    text="sku_number ean color size product_name category",
)

PRODUCTS = Dataset(
    name="products",
    path="products",
    sorted_by_id=True,
    table=Table(
        name="products",
        flags="not_for_sale",
        text="product_identifier name description sizing_system image_url category sub_category",
        links=(many("season_id", "seasons"), owned("variations", "product_variations")),
    ),
    tables=(
        Table(
            name="product_variations",
            reference="variation_id",
            text="color textile_content",
            links=(owned("prices", "product_variation_prices"), shared("skus", "skus")),
        ),
        Table(key="position", name="product_variation_prices", money="wsp_money msrp_money", text="name currency"),
        _SKU,
    ),
    grain="one row per product (style)",
)

SKUS = Dataset(
    name="skus",
    path="skus",
    sorted_by_id=True,
    table=_SKU,
    daily=Table(name="inventory", counts="in_stock available_to_sell available_to_sell_from_stock"),
    grain="one row per SKU; inventory: per SKU and day",
)

NAMED = {
    "company_id": "customers",
    "order_id": "sales_orders",
    "sale_id": "sales_orders",
    "shipment_id": "pick_tickets",
    "shipment_line_quantity_id": "pick_ticket_line_quantities",
    "shipment_line_quantity_sku_id": "skus",
}
"""Columns with ids that are not called after the table whose ids they hold (section 9)."""

SALES_ORDERS = Dataset(
    name="sales_orders",
    path="sales_orders",
    account_column="organisation_id",
    sorted_by_id=True,
    closed=("fulfillment_status=shipped|fully_shipped", "financial_status=paid|fully_paid"),
    table=Table(
        name="sales_orders",
        ids="company_id season_id organisation_id channel_id",
        counts="total_quantity",
        money=f"{TOTALS} shipping_cost shipping_tax settlement_discount deposit_percentage",
        flags="return_label",
        times=f"{STAMP} submitted_at confirmed_at",
        dates="start_ship_date cancel_ship_date next_due_date proforma_date",
        text="order_number purchase_order_ref company_name currency channel_name proforma_number invoice_numbers "
        "shipment_numbers status fulfillment_status financial_status payment_term_name notes internal_notes "
        "shipping_instructions invoice_method warehouse_name",
        personal="company_name notes internal_notes shipping_instructions",
        links=(owned("line_items", "sales_order_line_items"), owned("custom_fields", "sales_order_custom_fields")),
    ),
    tables=(
        *_lines("sales_order"),
        Table(key="position", name="sales_order_custom_fields", text="name field_type value", personal="value"),
    ),
    grain="one row per sales order",
)

_BILLED = " ".join(
    [
        *(_of(f"{use}_address", _ADDRESS) for use in ("billing", "shipping")),
        *(_of(f"{use}_contact", _CONTACT) for use in ("billing", "shipping")),
    ]
)
INVOICES = Dataset(
    name="invoices",
    path="invoices",
    account_column="organisation_id",
    sorted_by_id=True,
    closed=("amount_outstanding=0",),
    table=Table(
        name="invoices",
        ids="sale_id organisation_id company_id channel_id",
        counts="total_quantity payments_count",
        money=f"{TOTALS} shipping_cost shipping_tax settlement_discount_percentage total_paid total_credited "
        "amount_outstanding total_discounted",
        times=STAMP,
        dates="due_date",
        text="invoice_number invoice_type order_number customer_name channel_name currency payment_terms "
        f"tax_rate_name {_BILLED}",
        personal=f"customer_name {_BILLED}",
        links=(owned("line_items", "invoice_line_items"),),
    ),
    tables=_lines("invoice"),
    grain="one row per invoice",
)

PAYMENTS = Dataset(
    name="payments",
    path="payments",
    sorted_by_id=True,
    # `date` is a time at the account's midnight: its day as written (section 6, trap 4)
    table=Table(
        name="payments",
        ids="sale_id company_id invoice_id",
        money="amount",
        times=STAMP,
        dates="date",
        text="reference source",
        personal="reference",
    ),
    grain="one row per payment",
)

_TICKET_ADDRESS = _of("address", _ADDRESS)
PICK_TICKETS = Dataset(
    name="pick_tickets",
    path="pick_tickets",
    account_column="organisation_id",
    sorted_by_id=True,
    closed=("status=shipped",),
    table=Table(
        name="pick_tickets",
        ids="order_id sale_id customer_id organisation_id",
        counts="total_quantity",
        money=f"{TOTALS} shipping_cost shipping_tax estimated_shipping_cost gross_weight net_weight weight",
        times=f"{STAMP} stock_adjusted_at date",
        text="status shipment_number commercial_invoice_number order_number order_source customer_name warehouse "
        "channel payment_terms invoice_numbers currency notes customer_note shipping_instructions tracking_number "
        "carrier shipping_method shipper_email_address service gross_weight_unit weight_unit dimensions "
        f"contact_name contact_email contact_phone {_TICKET_ADDRESS}",
        personal="customer_name notes customer_note shipping_instructions shipper_email_address contact_name "
        f"contact_email contact_phone {_TICKET_ADDRESS}",
        links=(
            owned("line_items", "pick_ticket_line_items"),
            # one more request per ticket, so only where the settings ask for them
            owned("shipment_boxes", "shipment_boxes", asked="box_items"),
        ),
    ),
    tables=(
        *_lines("pick_ticket"),
        Table(
            name="shipment_boxes",
            reference="shipment_box_id",
            ids="shipment_id",
            money="net_weight gross_weight box_weight",
            text="dimensions",
            links=(owned("shipment_box_items", "shipment_box_items"),),
        ),
        Table(
            name="shipment_box_items",
            ids="shipment_box_id shipment_line_quantity_id shipment_line_quantity.sku_id",
            counts="quantity shipment_line_quantity.quantity",
            text=_of("shipment_line_quantity", "size sku_number inventory_id upc_number warehouse_location box")
            + " shipment_line_quantity.bundle_components",
        ),
    ),
    grain="one row per pick ticket (shipment)",
)

RECEIVING_TICKETS = Dataset(
    name="receiving_tickets",
    path="receiving_tickets",
    account_column="organisation_id",
    sorted_by_id=True,
    closed=("status=checked in",),
    table=Table(
        name="receiving_tickets",
        ids="organisation_id production_order_id",
        counts="total_quantity",
        money=TOTALS,
        times=STAMP,
        dates="in_warehouse_date",
        text="tax_calc_method status production_order_number vendor delivery_name",
        links=(owned("line_items", "receiving_ticket_line_items"),),
    ),
    tables=_lines("receiving_ticket"),
    grain="one row per receiving ticket (delivery of a production order)",
)

CREDIT_NOTES = Dataset(
    name="credit_notes",
    path="credit_notes",
    account_column="organisation_id",
    sorted_by_id=True,
    closed=("amount_outstanding=0",),
    # no customer: found through order_number within the account
    table=Table(
        name="credit_notes",
        ids="organisation_id",
        counts="total_quantity",
        money=f"{TOTALS} total_credited total_refunded amount_outstanding settlement_discount_percentage overpayment "
        "freeform_amount freeform_tax",
        times=STAMP,
        text="credit_note_number order_number reference freeform_description warehouse_name",
        links=(owned("line_items", "credit_note_line_items"),),
    ),
    tables=_lines("credit_note"),
    grain="one row per credit note",
)

RETURNS = Dataset(
    name="returns",
    path="returns",
    account_column="organisation_id",
    sorted_by_id=True,
    table=Table(
        name="returns",
        ids="organisation_id",
        counts="total_quantity",
        money=TOTALS,
        times=STAMP,
        text="return_number order_number rma_number tracking_number carrier tax_calc_method",
        links=(owned("line_items", "return_line_items"),),
    ),
    tables=_lines("return"),
    grain="one row per return",
)

_LAST_ORDER = "last_order.status last_order.fulfillment_status last_order.financial_status"
CUSTOMERS = Dataset(
    name="customers",
    path="customers",
    sorted_by_id=True,
    table=Table(
        name="customers",
        ids="channel_id last_order.id",
        counts="orders_count",
        times="last_order.confirmed_at",
        text="name company_type customer_type vat_number channel_name currency reference country city notes "
        f"{_LAST_ORDER}",
        personal="name vat_number notes city",
        links=(
            owned("outstanding_amounts", "customer_outstanding_amounts"),
            owned("purchase_amounts", "customer_purchase_amounts"),
            owned("invoices", "customer_invoices"),
            owned("people", "customer_people"),
            owned("addresses", "customer_addresses"),
            owned("agents", "customer_agents"),
        ),
    ),
    tables=(
        Table(key="position", name="customer_outstanding_amounts", money="amount", text="currency"),
        Table(key="position", name="customer_purchase_amounts", counts="quantity", money="amount", text="currency"),
        Table(
            name="customer_invoices",
            counts="total_quantity",
            money="subtotal total_tax grand_total total_paid total_credited total_discounted amount_outstanding",
            text="invoice_currency",
        ),
        Table(
            name="customer_people",
            ids="customer_id",
            flags="buyer shipping billing",
            text=_CONTACT,
            personal=_CONTACT,
        ),
        Table(
            name="customer_addresses",
            reference="customer_address_id",
            ids="customer_id",
            flags="default_for_shipping default_for_billing",
            text=_ADDRESS,
            personal=_ADDRESS,
        ),
        # the same agent stands under many customers
        Table(
            key="position",
            name="customer_agents",
            ids="agent_id",
            spelled="agent_id=id",
            text="name email phone address city",
            personal="name email phone address city",
        ),
    ),
    grain="one row per customer (company)",
)

PRODUCTION_ORDERS = Dataset(
    name="production_orders",
    path="production_orders",
    account_column="organisation_id",
    sorted_by_id=True,
    closed=("delivery_status=All Received", "financial_status=Paid"),
    table=Table(
        name="production_orders",
        ids="company_id season_id organisation_id drop_id",
        counts="total_quantity",
        money=f"{TOTALS} tax_level shipping_cost shipping_tax",
        times=f"{STAMP} confirmed_at",
        dates="due_date in_warehouse_date",
        text="production_order_number company_name currency status delivery_status financial_status notes "
        "internal_notes payment_terms delivery_terms",
        personal="company_name notes internal_notes",
        links=(
            owned("line_items", "production_order_line_items"),
            owned("warehouses", "production_order_warehouses"),
        ),
    ),
    tables=(
        *_lines(
            "production_order",
            text="warehouse comments product_brand product_cover_image",
            links=(owned("variation_images", "production_order_line_item_images"),),
        ),
        Table(key="position", name="production_order_warehouses", text="name", spelled="name=value"),
        Table(key="position", name="production_order_line_item_images", text="url", spelled="url=value"),
    ),
    grain="one row per production order",
)

CHANNELS = Dataset(
    name="channels",
    path="channels",
    paged=False,
    table=Table(name="channels", text="channel_name currency", spelled="id=channel_ID"),
    grain="one row per channel",
)

SEASONS = Dataset(
    name="seasons",
    path="seasons",
    paged=False,
    table=Table(name="seasons", text="name"),
    grain="one row per season",
)

DATASETS = (
    ORGANISATIONS,
    SALES_ORDERS,
    INVOICES,
    PAYMENTS,
    PICK_TICKETS,
    RECEIVING_TICKETS,
    CREDIT_NOTES,
    RETURNS,
    PRODUCTION_ORDERS,
    PRODUCTS,
    SKUS,
    CUSTOMERS,
    CHANNELS,
    SEASONS,
)
