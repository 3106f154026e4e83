"""Customers, their people and addresses, and the account's own places, channels and users."""

from __future__ import annotations

from sandbox.shop import words
from sandbox.shop.records import Shop, iso
from sandbox.stitchlabs.draft import Draft
from sandbox.store import Same, Store

EPOCH = 1672531200
WAREHOUSE = 41
FIELD_TYPES = (("Email", "email"), ("Phone", "phone"))


def parties(shop: Shop) -> Store:
    drafts = _own_places(shop)
    contacts, people = Draft("Contacts", 700), Draft("People", 900)
    fields, addresses = Draft("PersonFields", 20000), Draft("Addresses", 8000)
    orders_of: dict[int, list[int]] = {}
    for order in shop.orders:
        if order.customer is not None:
            orders_of.setdefault(order.customer, []).append(order.id + 520000)
    for address in shop.addresses:
        values = {
            name: getattr(address, name) for name in ("company", "contact", "street1", "street2", "city", "state")
        }
        values |= {"zip": address.zip, "country": address.country, "country_iso": address.country_iso}
        addresses.add(address.created, values, key=address.id)
    for n, customer in enumerate(shop.customers):
        held = [shop.addresses[a].id for a in customer.addresses]
        links: dict[str, object] = {
            "ContactTypes": 81 + n % 2 * (not shop.historical),
            "Addresses": [
                (a, sort) for i, a in enumerate(held) for sort in ("billing", "shipping")[i % 2 if i else 0 : 2]
            ],
            "SalesOrders": orders_of.get(n),
        }
        if customer.person:
            first, last = customer.person
            person = people.add(customer.created, {"first_name": first, "last_name": last}, {"Contacts": customer.id})
            people_fields = [
                fields.add(customer.created, {"value": value}, {"People": person, "PersonFieldTypes": 71 + t})
                for t, value in enumerate((customer.email, customer.phone))
                if value
            ]
            people._rows[-1][2]["PersonFields"] = people_fields  # noqa: SLF001
            links["People"] = person
        contacts.add(
            customer.created,
            {
                "local_id": customer.number,
                "name": customer.name,
                "notes": customer.notes,
                "updated_at": iso(customer.updated),
            },
            links,
            key=customer.id,
        )
    return drafts | {d.kind: d.table() for d in (contacts, people, fields, addresses)}


def _own_places(shop: Shop) -> Store:
    places, channels, users = Draft("AccountAddresses", 40), Draft("Channels", 300), Draft("Users", 60)
    kinds, field_types = Draft("ContactTypes", 80), Draft("PersonFieldTypes", 70)
    places.add(EPOCH, {"label": "Main warehouse", "warehouse": "1", "default_warehouse": "1"}, key=WAREHOUSE)
    if not shop.historical:
        places.add(EPOCH, {"label": "3PL", "warehouse": "1", "channel_warehouse": "1"}, key=WAREHOUSE + 1)
    for n, (name, _) in enumerate(words.CHANNELS):
        channels.add(
            EPOCH,
            {
                "name": name,
                "username": f"shop{n}",
                "active_sync": "1",
                "last_synced": iso(EPOCH),
                "map_default_update_setting": "2",
                "pull_account_address_id": str(WAREHOUSE),
                "sync_frequency": "15",
            },
            {"ChannelTypes": 20 + n},
            key=301 + n,
        )
    for n, (first, last) in enumerate(words.USERS):
        users.add(EPOCH, {"first_name": first, "last_name": last, "email": f"{first.lower()}@example.com"}, key=61 + n)
    for n, name in enumerate(("Wholesale", "Retail")):
        kinds.add(EPOCH, {"name": name.lower(), "caption": name, "default": str(1 - n)}, key=81 + n)
    for n, (name, sort) in enumerate(FIELD_TYPES):
        field_types.add(EPOCH, {"name": name, "field_type": sort, "default": "1"}, key=71 + n)
    tables = {d.kind: d.table() for d in (places, channels, users, kinds, field_types)}
    # Built-in rows have no time of making (reference, section 1).
    for name in ("ContactTypes", "PersonFieldTypes"):
        tables[name].columns["created_at"] = Same(None)
    return tables
