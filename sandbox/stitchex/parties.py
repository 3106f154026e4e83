"""Addresses and contacts as the documents write them: objects without ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.shop.records import Address, Customer
    from sandbox.store import Row

POSITIONS = ("Buyer", "Owner", "Warehouse", "")


def address_row(address: Address, n: int, *, line: str | None = "", iso: bool = False) -> Row:
    """Optional parts are null at one place and empty at another.

    An empty line is written as ``line`` says, the country in two letters with ``iso``.
    """
    empty = (None, "")[n % 2]
    return {
        "line_1": address.street1,
        "line_2": address.street2 or line,
        "line_3": line,
        "city": address.city or empty,
        "state": address.state or empty,
        "country": address.country_iso if iso else address.country,
        "postcode": address.zip or empty,
    }


def contact_row(customer: Customer, n: int) -> Row | None:
    """Every seventh document has none."""
    if customer.person is None or n % 7 == 3:
        return None
    first, last = customer.person
    return {
        "first_name": first,
        "last_name": last,
        "position": POSITIONS[n % 4],
        "phone_1": customer.phone,
        "phone_2": "",
        "email": customer.email,
        "notes": (None, "", "mornings only")[n % 3],
    }
