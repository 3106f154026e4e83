"""Credit memos: what came back of an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.shop import words
from sandbox.shop.records import iso
from sandbox.stitchlabs.parties import WAREHOUSE

if TYPE_CHECKING:
    from sandbox.shop.records import Order
    from sandbox.stitchlabs.draft import Draft
    from sandbox.store import Row


def credit(
    drafts: dict[str, Draft],
    order: Order,
    key: int,
    held: list[tuple[int, Row]],
    custom: list[tuple[int, Row, Row]],
    party: Row,
) -> int:
    line, row = held[0]
    links: Row = {"SalesOrders": key, "AccountAddresses": WAREHOUSE, **party}
    values = {
        "local_id": f"C{order.number}",
        "credit_memo_date": iso(order.updated),
        "subtotal": row["price"],
        "total": row["price"],
        "notes": "returned",
    }
    memo = drafts["CreditMemos"].add(order.updated, values, links)
    reason = 640 + order.id % len(words.RETURN_REASONS)
    links["CreditMemoOrderSkus"] = drafts["CreditMemoOrderSkus"].add(
        order.updated,
        {"quantity": "1", "price": row["price"], "tax": row["tax"]},
        {"CreditMemos": memo, "SalesOrderLineItems": line, "CreditMemoReturnReasons": reason},
    )
    for service, sold, _ in custom[:1]:
        links["CreditMemoOrderServices"] = drafts["CreditMemoOrderServices"].add(
            order.updated,
            {"quantity": "1", "price": sold["price"]},
            {"CreditMemos": memo, "SalesOrderCustomLineItems": service, "CreditMemoReturnReasons": reason},
        )
    links["CreditMemoCustomLineItems"] = drafts["CreditMemoCustomLineItems"].add(
        order.updated, {"description": "restocking", "quantity": "1", "price": "-5.00"}, {"CreditMemos": memo}
    )
    links["CreditMemoPayments"] = drafts["CreditMemoPayments"].add(
        order.updated,
        {"amount": row["price"], "payment_date": iso(order.updated), "payment_refund": "1"},
        {"CreditMemos": memo, "InvoicePaymentTypes": 610},
    )
    return memo
