"""Customers with their people, addresses and agents (section 9.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.shop import words
from sandbox.stitchex.draft import Draft
from sandbox.stitchex.parties import POSITIONS, address_row

if TYPE_CHECKING:
    from sandbox.shop.records import Customer, Shop
    from sandbox.store import Row, Store

COMPANY = 4800
"""How far the ids of this face are from those of the shop."""
KINDS = ("Retailer", "Department store", "Online", "")
AGENTS = [
    {"id": 66001, "name": "Mia Falk", "email": "mia@example.com", "phone": "", "address": None, "city": "Malmö"},
    {
        "id": 66002,
        "name": "Noor",
        "email": "noor@example.com",
        "phone": "+32 2 555",
        "address": "Dok 1",
        "city": "Gent",
    },
    {"id": 66005, "name": "张伟", "email": "", "phone": "", "address": "", "city": "", "region": "APAC"},
]


def customers(shop: Shop) -> Store:
    drafts = {"customers": Draft(0), "customer_people": Draft(51000), "customer_addresses": Draft(53000)}
    for n, customer in enumerate(shop.customers):
        key = customer.id + COMPANY
        held = {
            "organisations": shop.organisation_of(n),
            "customer_people": _people(drafts["customer_people"], customer, n, key),
            # None leaves the key out.
            "customer_addresses": None if n % 5 == 3 else _addresses(drafts["customer_addresses"], shop, customer, key),
        }
        drafts["customers"].add(key, _customer(shop, customer, n), **held)
    return {
        "customers": drafts["customers"].table(owns=("customer_people", "customer_addresses")),
        "customer_people": drafts["customer_people"].table(parent="customers"),
        "customer_addresses": drafts["customer_addresses"].table(parent="customers"),
    }


def _customer(shop: Shop, customer: Customer, n: int) -> Row:
    home = shop.addresses[customer.addresses[0]] if customer.addresses else None
    channel = n % (len(words.CHANNELS) + 1)
    on_channel = channel < len(words.CHANNELS) and not shop.historical
    empty = ("", None)[n % 2]
    return {
        "name": customer.name,
        "company_type": KINDS[n % 4],
        "customer_type": "wholesale" if n % 5 else "",
        "vat_number": f"NL{800000000 + n}B01" if n % 5 else "",
        "channel_id": 301 + channel if on_channel else None,
        "channel_name": words.CHANNELS[channel][0] if on_channel else "",
        "currency": words.CURRENCIES[n // 2 % 3],
        "reference": customer.number,
        "country": (home.country if home else "") or empty,
        "city": (home.city if home else "") or empty,
        "notes": customer.notes or empty,
        "agents": [] if shop.historical else AGENTS[n % 2 :][: n % 4],
    }


def _people(draft: Draft, customer: Customer, n: int, key: int) -> list[int]:
    """The buyer; every fourth customer has somebody for the invoices too."""
    if customer.person is None:
        return []
    first, last = customer.person
    made = []
    for place in range(2 if n % 4 == 1 else 1):
        empty = (None, "")[(n + place) % 2]
        person = {
            "first_name": words.FIRST[(n + 5) % len(words.FIRST)] if place else first,
            "last_name": last,
            "position": POSITIONS[(n + place) % 4],
            "phone_1": customer.phone or empty,
            "phone_2": empty,
            "email": f"invoices.{customer.email}" if place else customer.email,
            "notes": empty if n % 5 else "prefers e-mail",
            "buyer": not place,
            "shipping": not place,
            "billing": bool(place) or n % 4 != 1,
        }
        made.append(draft.fresh())
        draft.add(made[-1], person, customers=key)
    return made


def _addresses(draft: Draft, shop: Shop, customer: Customer, key: int) -> list[int]:
    made = []
    for place, at in enumerate(customer.addresses):
        flags = {"default_for_shipping": place == len(customer.addresses) - 1, "default_for_billing": not place}
        made.append(draft.fresh())
        draft.add(made[-1], address_row(shop.addresses[at], at, line=(None, "")[at % 2]) | flags, customers=key)
    return made
