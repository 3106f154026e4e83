"""What the face serves: one entry per list. A new dataset is a table in a build module and an entry here."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Nested:
    """A table whose rows are sent inside their parent, under the key ``shown``.

    ``parent_id`` is the field that carries the parent's id, ``without`` names fields that are sent in a list of their
    own only. Where the relation is null, an ``optional`` key is left out.
    """

    table: str
    shown: str
    below: tuple[Nested, ...] = ()
    parent_id: str = ""
    without: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A list under its plural key; ``one`` is the key of a single object, empty where there is no page for one.

    ``times`` are whole seconds in the table, ``midnights`` dates. ``exact`` maps a query parameter to the column that
    it asks for; ``above`` maps fields to the tables whose ids they carry, from the parent upwards.
    """

    name: str
    one: str = ""
    times: tuple[str, ...] = ("created_at", "updated_at")
    midnights: tuple[str, ...] = ()
    exact: dict[str, str] = field(default_factory=dict)
    nested: tuple[Nested, ...] = ()
    above: dict[str, str] = field(default_factory=dict)
    since_id: bool = False
    since_created_at: bool = False
    paged: bool = True
    most: int = 100
    """Rows on a page at most."""
    deals: bool = False
    """Whether a row tells what its documents come to (see Dealings)."""


def _lines(document: str) -> tuple[Nested]:
    quantities = Nested(table=f"{document}_line_quantities", shown="line_quantities")
    return (Nested(table=f"{document}_line_items", shown="line_items", below=(quantities,)),)


DATASETS = {
    dataset.name: dataset
    for dataset in (
        Dataset(
            name="products",
            one="product",
            times=(),
            exact={"filter[product_identifier]": "product_identifier"},
            nested=(
                Nested(
                    table="product_variations",
                    shown="variations",
                    below=(
                        Nested(table="product_variation_prices", shown="prices"),
                        Nested(table="skus", shown="skus", without=("product_name", "category")),
                    ),
                ),
            ),
        ),
        Dataset(
            name="skus",
            times=(),
            exact={"filter[ean]": "ean"},
            above={"variation_id": "product_variations", "product_id": "products"},
        ),
        Dataset(
            name="sales_orders",
            one="sales_order",
            times=("created_at", "updated_at", "submitted_at", "confirmed_at"),
            exact={"by_order_number": "order_number"},
            nested=_lines("sales_order"),
            since_id=True,
        ),
        Dataset(name="invoices", exact={"invoice_id": "id"}, nested=_lines("invoice"), since_id=True),
        Dataset(
            name="payments",
            one="payment",
            midnights=("date",),
            exact={"order_id": "sale_id"},
            since_id=True,
            since_created_at=True,
        ),
        Dataset(
            name="pick_tickets",
            one="pick_ticket",
            times=("created_at", "updated_at", "stock_adjusted_at", "date"),
            exact={
                "by_order_number": "order_number",
                "by_order_id": "order_id",
                "by_shipment_number": "shipment_number",
                "filter[warehouse_name]": "warehouse",
            },
            nested=_lines("pick_ticket"),
            since_id=True,
            since_created_at=True,
        ),
        Dataset(
            name="receiving_tickets",
            one="receiving_ticket",
            times=("created_at", "updated_at", "in_warehouse_date"),
            nested=_lines("receiving_ticket"),
            since_id=True,
            since_created_at=True,
        ),
        Dataset(name="credit_notes", one="credit_notes", nested=_lines("credit_note"), since_id=True),
        Dataset(name="returns", one="returns", nested=_lines("return")),
        Dataset(
            name="customers",
            one="customer",
            times=(),
            nested=(
                Nested(table="customer_people", shown="people", parent_id="customer_id"),
                Nested(table="customer_addresses", shown="addresses", parent_id="customer_id", optional=True),
            ),
            deals=True,
        ),
        Dataset(
            name="production_orders",
            times=("created_at", "updated_at", "confirmed_at"),
            nested=_lines("production_order"),
            since_id=True,
            most=50,
        ),
        Dataset(name="channels", times=(), paged=False),
        Dataset(name="seasons", times=(), paged=False),
    )
}

# The boxes of a pick ticket have a path of their own: /pick_tickets/{id}/box_items.
BOXES = Nested(
    table="shipment_boxes",
    shown="shipment_boxes",
    parent_id="shipment_id",
    below=(Nested(table="shipment_box_items", shown="shipment_box_items", parent_id="shipment_box_id"),),
)
