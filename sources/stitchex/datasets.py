"""The datasets of the Stitchex API (Uphance today): data only.

Facts: API reference, sections 7 and 9. Lines and line quantities are nested in their document, so each document's
table owns `<document>_line_items`, which own `<document>_line_quantities`.
"""

from __future__ import annotations

from stitchhouse.dataset import Dataset, Table, owned

STAMP = "created_at updated_at"
TOTALS = "items_total items_tax subtotal total_tax grand_total"


def _lines(document: str) -> tuple[Table, Table]:
    """The two tables of a document's lines (section 9.3)."""
    quantities = Table(
        name=f"{document}_line_quantities",
        ids="sku_id",
        counts="quantity",
        text="size sku_number upc_number inventory_id",
    )
    items = Table(
        name=f"{document}_line_items",
        ids="product_id variation_id",
        money="unit_price original_price unit_tax tax_level percentage_discount weight",
        flags="bundle_line_item",
        text="product_name color product_identifier weight_unit country_of_origin intrastat_code",
        links=(owned("line_quantities", quantities.name),),
    )
    return items, quantities


ORGANISATIONS = Dataset(
    name="organisations",
    path="organisations",
    paged=False,
    table=Table(name="organisations", text="name"),
    grain="one row per organisation of the login",
)

SALES_ORDERS = Dataset(
    name="sales_orders",
    path="sales_orders",
    account_column="organisation_id",
    sorted_by_id=True,
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
        links=(owned("line_items", "sales_order_line_items"), owned("custom_fields", "sales_order_custom_fields")),
    ),
    tables=(
        *_lines("sales_order"),
        Table(name="sales_order_custom_fields", key="position", text="name field_type value"),
    ),
    grain="one row per sales order",
)

DATASETS = (ORGANISATIONS, SALES_ORDERS)
