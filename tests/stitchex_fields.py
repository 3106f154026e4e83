"""The field tables of the Stitchex reference, section 9, written anew: what a row must hold.

`?` may be null, missing or empty; `+` is sent by the newer era only. `num` is a number or a decimal in a text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = dict[str, Any]
STAMP = "id:int created_at:ts updated_at:ts"
TOTALS = "items_total:dec items_tax:dec subtotal:dec total_tax:dec grand_total:dec total_quantity:int"
PERHAPS = TOTALS.replace(" ", "? ") + "?"
SKU = (
    "id:int color:str size:str ean:ean? in_stock:int available_to_sell:int available_to_sell_from_stock:int"
    " sku_number:str?"
)
LINE = (
    "id:int product_id:int variation_id:int product_name:str color:str unit_price:dec original_price:dec unit_tax:dec"
    " tax_level:dec percentage_discount:dec product_identifier:str?+ weight:dec?+ weight_unit:str?+"
    " bundle_line_item:bool+ country_of_origin:str+ intrastat_code:str+ line_quantities:arr"
)
QUANTITY = "id:int sku_id:int size:str quantity:int"
PRODUCED = " warehouse:str comments:str product_brand:str? product_cover_image:str variation_images:arr"
STREET = "city:str? state:str? country:str postcode:str?"
PLACE = f"line_1:str line_2:str line_3:str {STREET}"
CONTACT = "first_name:str last_name:str position:str phone_1:str phone_2:str email:str notes:str?"
PICKED = f"{QUANTITY} sku_number:str? upc_number:str?"

TABLES: dict[str, dict[str, str]] = {
    "products": {
        "row": "id:int product_identifier:str? name:str description:str sizing_system:str image_url:str"
        " not_for_sale:bool season_id:seasons? category:str? sub_category:str? variations:arr",
        "variations": "id:int color:str textile_content:str prices:arr skus:arr",
        "prices": "name:str currency:str wsp_money:dec msrp_money:dec",
        "skus": SKU,
    },
    "skus": {"row": f"{SKU} product_name:str? category:str? product_id:int variation_id:int"},
    "sales_orders": {
        "row": f"{STAMP} {TOTALS.replace('items_tax:dec', 'items_tax:dec?')} order_number:number"
        " purchase_order_ref:str? company_id:int season_id:int organisation_id:int channel_id:int company_name:str"
        " currency:str channel_name:str+ shipping_cost:dec shipping_tax:dec settlement_discount:dec"
        " deposit_percentage:dec start_ship_date:date? cancel_ship_date:date? submitted_at:ts? confirmed_at:ts?"
        " next_due_date:date? proforma_number:null? proforma_date:null? invoice_numbers:str shipment_numbers:str"
        " status:str+ fulfillment_status:str financial_status:str payment_term_name:str notes:str?"
        " internal_notes:str?+ shipping_instructions:str?+ invoice_method:str+ warehouse_name:str+ return_label:bool+"
        " custom_fields:arr+ line_items:arr",
        "custom_fields": "name:str field_type:str value:any?",
    },
    "invoices": {
        "row": f"{STAMP} {TOTALS} invoice_number:int invoice_type:str due_date:date sale_id:int organisation_id:int"
        " company_id:int channel_id:int payments_count:int order_number:str customer_name:str channel_name:str"
        " currency:str payment_terms:str tax_rate_name:str? shipping_cost:dec shipping_tax:dec"
        " settlement_discount_percentage:dec total_paid:dec total_credited:dec amount_outstanding:dec"
        " total_discounted:dec? billing_address:obj shipping_address:obj billing_contact:obj? shipping_contact:obj?"
        " line_items:arr",
        "billing_address": PLACE,
        "shipping_address": PLACE,
        "billing_contact": CONTACT,
        "shipping_contact": CONTACT,
    },
    "payments": {
        "row": f"{STAMP} amount:dec reference:str source:str date:zoned sale_id:int company_id:int? invoice_id:int?"
    },
    "pick_tickets": {
        "row": f"id:int {PERHAPS} created_at:ts? updated_at:ts? stock_adjusted_at:ts?"
        " date:ts status:str shipment_number:int commercial_invoice_number:int order_id:int? sale_id:int"
        " customer_id:int organisation_id:int order_number:int? order_source:str customer_name:str warehouse:str"
        " channel:str payment_terms:str invoice_numbers:str currency:str? notes:str? customer_note:str?"
        " shipping_instructions:str? tracking_number:str? carrier:str? shipping_method:str?"
        " shipper_email_address:str? service:str? shipping_cost:dec shipping_tax:dec estimated_shipping_cost:dec"
        " gross_weight:num? net_weight:num? weight:num? gross_weight_unit:str weight_unit:str dimensions:str?"
        " contact_name:str? contact_email:str? contact_phone:str? address:obj line_items:arr",
        "address": f"line_1:str line_2:str? line_3:str? {STREET}",
        "line_quantities": f"{PICKED} inventory_id:int",
    },
    "receiving_tickets": {
        "row": f"{STAMP} {TOTALS} organisation_id:int production_order_id:int tax_calc_method:str status:str?"
        " production_order_number:str? vendor:str? delivery_name:str? in_warehouse_date:day? line_items:arr",
        "line_quantities": PICKED,
    },
    "credit_notes": {
        "row": f"{STAMP} {TOTALS} credit_note_number:int order_number:int organisation_id:int total_credited:dec"
        " total_refunded:dec amount_outstanding:dec settlement_discount_percentage:dec overpayment:dec?"
        " freeform_amount:dec? freeform_tax:dec? reference:str? freeform_description:str? warehouse_name:str?"
        " line_items:arr",
    },
    "returns": {
        "row": f"{STAMP} {TOTALS} return_number:int order_number:int rma_number:str tracking_number:str carrier:str"
        " tax_calc_method:str organisation_id:int line_items:arr",
    },
    "customers": {
        "row": "id:int orders_count:int channel_id:int? name:str company_type:str customer_type:str vat_number:str"
        " channel_name:str currency:str reference:str country:str? city:str? notes:str? last_order:obj"
        " outstanding_amounts:arr purchase_amounts:arr invoices:arr people:arr addresses:arr? agents:arr",
        "last_order": "id:int confirmed_at:ts status:str fulfillment_status:str financial_status:str",
        "outstanding_amounts": "amount:dec currency:str",
        "purchase_amounts": "amount:dec quantity:int currency:str",
        "invoices": "id:int total_quantity:int invoice_currency:str subtotal:dec total_tax:dec grand_total:dec"
        " total_paid:dec total_credited:dec total_discounted:dec? amount_outstanding:dec",
        "people": "id:int customer_id:int first_name:str last_name:str position:str phone_1:str? phone_2:str?"
        " email:str notes:str? buyer:bool shipping:bool billing:bool",
        "addresses": "id:int customer_id:int line_1:str? line_2:str? line_3:str? city:str? state:str? country:str?"
        " postcode:str? default_for_shipping:bool default_for_billing:bool",
        "agents": "id:int name:str email:str phone:str address:str? city:str region:str?",
    },
    "production_orders": {
        "row": f"{STAMP} {TOTALS} production_order_number:str company_id:int season_id:int organisation_id:int"
        " drop_id:int? company_name:str currency:str status:str delivery_status:str financial_status:str"
        " tax_level:dec shipping_cost:dec shipping_tax:dec confirmed_at:ts? due_date:date? in_warehouse_date:date?"
        " notes:str? internal_notes:str? payment_terms:str? delivery_terms:str? warehouses:arr line_items:arr",
        "line_items": LINE + PRODUCED,
        "line_quantities": f"{QUANTITY} inventory_id:obj",
        "inventory_id": "id:int sku_id:int in_stock:int",
    },
    "channels": {"row": "channel_ID:int channel_name:str currency:str"},
    "seasons": {"row": "id:int name:str"},
    "shipment_boxes": {
        "row": "id:int shipment_id:int net_weight:dec gross_weight:dec box_weight:dec? dimensions:str"
        " shipment_box_items:arr",
        "shipment_box_items": "id:int quantity:int shipment_box_id:int shipment_line_quantity_id:int"
        " shipment_line_quantity:obj",
        "shipment_line_quantity": f"{PICKED} inventory_id:int bundle_components:arr warehouse_location:str box:str",
    },
}
FIELDS = {
    dataset: {
        part: dict(field.split(":") for field in text.split())
        for part, text in ({"line_items": LINE, "line_quantities": QUANTITY} | parts).items()
    }
    for dataset, parts in TABLES.items()
}
DATASETS = [dataset for dataset in FIELDS if dataset != "shipment_boxes"]

DEC, DATE = r"-?\d+\.\d+", r"\d{4}-\d\d-\d\d"
ZONED = DATE + r"T\d\d:\d\d:\d\d\.000[+-]\d\d:\d\d"
TIME = {"2019": ZONED, "2026": DATE + r"T\d\d:\d\d:\d\d\.000Z"}
TYPES = {"int": int, "str": str, "bool": bool, "arr": list, "obj": dict, "null": type(None)}


def faults(row: Row, dataset: str, era: str, part: str = "row") -> Iterator[str]:
    """What is wrong with a row or with an object inside it, by the tables above."""
    fields = {name: kind for name, kind in FIELDS[dataset][part].items() if era == "2026" or not kind.endswith("+")}
    yield from (f"{dataset} {part}: {name} is not documented" for name in row.keys() - fields.keys())
    for name, kind in fields.items():
        value = row.get(name)
        if name not in row and "?" not in kind:
            yield f"{dataset} {part}: {name} is missing"
        elif not ("?" in kind and (value is None or value == "")) and not fits(value, kind.strip("?+"), era):
            yield f"{dataset} {part}: {name} is {value!r}, no {kind}"
        if name in FIELDS[dataset] and value:
            for inner in value if isinstance(value, list) else [value]:
                yield from faults(inner, dataset, era, name)


def fits(value: Any, kind: str, era: str) -> bool:
    """Whether a value is of a kind; texts are matched whole."""
    if kind in TYPES:
        return type(value) is TYPES[kind]
    if kind == "any":
        return True
    if kind == "ean":
        return type(value) in {int, str}
    if kind == "number":
        return type(value) is (int if era == "2019" else str)
    if kind == "seasons":
        return type(value) is (int if era == "2019" else list)
    if kind == "num" and type(value) in {int, float}:
        return True
    forms = {"dec": DEC, "num": DEC, "date": DATE, "zoned": ZONED, "ts": TIME[era], "day": f"{DATE}|{TIME[era]}"}
    return isinstance(value, str) and re.fullmatch(forms[kind], value) is not None
