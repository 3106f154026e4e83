"""What the source knows and no reply tells, and how its ids are named: reasons for what a contract leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contents import NAMES_ONLY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.contents import Difference

OLDER = "the generation of 2019 does not send them"
NEVER_SENT = {
    "stitchlabs": {
        "account_order_infos": "only the name of the block is known",
        "contact_warehouses": "only the name of the block is known",
        "variants__contact_warehouses": "the link was only ever seen empty",
        "fulfillment_orders__account_addresses": "no reply to an order follows this link",
        "packing_slips__account_addresses": "no reply to an order follows this link",
    },
    "stitchex-2026": {},
    "stitchex-2019": {"sales_order_custom_fields": OLDER},
}
UNFOLLOWED = "no reply to an order follows this link, and no other reply holds the object"
UNTOLD = {
    "stitchlabs": {
        "fulfillment_orders__account_addresses": UNFOLLOWED,
        "packing_slips__account_addresses": UNFOLLOWED,
        "connector_flag_fba_orders.channel_id": UNFOLLOWED,
        "credit_memo_payments.invoice_payment_type_id": UNFOLLOWED,
        "packing_slips.contact_id": UNFOLLOWED,
        "completed_variants.variant_id": UNFOLLOWED,
        "completed_variant_custom_ids.custom_id_type_id": UNFOLLOWED,
        "completed_attribute_options.attribute_id": UNFOLLOWED,
        "packing_slip_line_items.sales_order_line_item_id": "a closed order does not show its live lines",
        "packing_slip_custom_line_items.sales_order_custom_line_item_id": "a closed order does not show its live lines",
        "person_fields.person_type": "the link back to a person has no type in a reply",
        "credit_memo_return_reasons": "one that no memo names is in no reply",
    },
    "stitchex": {},
}
"""Tables and columns of which the source knows more than any reply says."""
HIDDEN = {
    "stitchlabs": {
        "sales_order_line_items": "a closed order shows the completed ones instead",
        "sales_order_custom_line_items": "a closed order shows the completed ones instead",
        "credit_memo_return_reasons": "one that no memo names is in no reply",
    },
    "stitchex": {},
}
"""Tables of which the source has more objects than it shows."""
NOT_APART = {
    "stitchlabs": {*NAMES_ONLY, "variants__contacts"},
    "stitchex": {"customer_invoices"},
}
"""Tables of objects that the sandbox has not, or makes for a reply and keeps nowhere."""
POINTS = {
    "stitchlabs": {
        "sku_id": "variants",
        "product_sku_id": "variants",
        "order_sku_id": "",  # a line of the order, live or completed
        "warehouse_address_id": "account_addresses",
        "pull_account_address_id": "account_addresses",
        "push_account_address_id": "account_addresses",
        "channel_account_address_id": "account_addresses",
    },
    "stitchex": {
        "company_id": "customers",
        "sale_id": "sales_orders",
        "order_id": "sales_orders",
        "last_order_id": "sales_orders",
        "shipment_id": "pick_tickets",
        "shipment_line_quantity_id": "pick_ticket_line_quantities",
        "shipment_line_quantity_sku_id": "skus",
        "agent_id": "",  # agents stand under customers only
        "drop_id": "",  # drops have no list
    },
}
"""Id columns that are not named after their table, and the table; empty where there is none."""
UNDECLARED = {
    "stitchlabs": {},
    "stitchex": {
        "production_order_line_quantities.inventory_id_in_stock": "of the object only `id` and `sku_id` are documented",
        "customer_agents.region": "agents have `more` fields than the documented ones",
    },
}
"""Columns that no declaration names, and what sends them."""


def unexplained(api: str, found: Iterable[Difference]) -> list[Difference]:
    """The differences but those where a reply is known to be silent: ours is empty there, never something else."""
    return [one for one in found if one.place not in UNTOLD[api] or one.ours is not None]
