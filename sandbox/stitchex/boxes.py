"""The answer of ``/pick_tickets/{id}/box_items`` (section 9.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stitchex.datasets import BOXES
from sandbox.stitchex.scribe import branches, grow

if TYPE_CHECKING:
    from sandbox.store import Row, Store


def boxes(store: Store, ticket: int, era: str) -> list[Row]:
    """The boxes of a ticket, each with what lies in it."""
    sent: Row = {}
    grow(sent, store["pick_tickets"], ticket, branches(store, [BOXES]), era)
    made: list[Row] = sent["shipment_boxes"]
    items, pieces = store["shipment_box_items"], store["pick_ticket_line_quantities"]
    for number, box in enumerate(made, 1):
        for item in box["shipment_box_items"]:
            piece = items.related(item["id"], "pick_ticket_line_quantities")
            item["shipment_line_quantity_id"] = piece
            if piece in pieces:
                more = {"bundle_components": [], "warehouse_location": f"A-{piece % 9}", "box": str(number)}
                item["shipment_line_quantity"] = pieces.row(pieces.at(piece)) | more
    return made
