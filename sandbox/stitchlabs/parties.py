"""Customers, their people and addresses, and the account's own places, channels and users."""

from __future__ import annotations

from sandbox.shop import words
from sandbox.shop.records import Shop, iso
from sandbox.stitchlabs.draft import Draft
from sandbox.store import Row, Same, Store

EPOCH = 1672531200
WAREHOUSE = 41
FIELD_TYPES = (("Email", "email"), ("Phone", "phone"), ("Mobile", "phone"))


def parties(shop: Shop) -> Store:
    drafts = _own_places(shop)
    contacts, people = Draft("Contacts", 700), Draft("People", 900)
    fields, addresses = Draft("PersonFields", 20000), Draft("Addresses", 8000)
    for n, address in enumerate(shop.addresses):
        values = {
            name: getattr(address, name) for name in ("company", "contact", "street1", "street2", "city", "state")
        }
        values |= {"zip": address.zip, "country": address.country, "country_iso": address.country_iso}
        if not shop.historical:
            values |= {"nickname": "HQ" if n % 7 == 0 else "", "notes": "ring twice" if n % 11 == 3 else ""}
        addresses.add(address.created, values, key=address.id)
    for n, customer in enumerate(shop.customers):
        held = [shop.addresses[a].id for a in customer.addresses]
        links: dict[str, object] = {
            "ContactTypes": 81 + n % 2 * (not shop.historical),
            "Addresses": [
                (a, sort) for i, a in enumerate(held) for sort in ("billing", "shipping")[i % 2 if i else 0 : 2]
            ],
        }
        if customer.person:
            first, last = customer.person
            person = people.add(customer.created, _person(n, first, last), {"Contacts": customer.id})
            people_fields = [
                fields.add(customer.created, {"value": value}, {"People": person, "PersonFieldTypes": 71 + t})
                for t, value in enumerate((customer.email, customer.phone))
                if value
            ]
            people.link(person, "PersonFields", people_fields)
            links["People"] = person
        contacts.add(
            customer.created,
            {
                "local_id": customer.number,
                "name": customer.name,
                "notes": customer.notes,
                "updated_at": iso(customer.updated),
                **({} if shop.historical else _firm(n)),
            },
            links,
            key=customer.id,
        )
    return drafts | {d.kind: d.table() for d in (contacts, people, fields, addresses)}


def _firm(n: int) -> Row:
    return {
        "archived": str(int(n % 13 == 7)),
        "deleted": str(int(n % 17 == 9)),
        "reseller": f"R-{n}" if n % 5 == 1 else "",
        "taxid": f"NL{n:09}B01" if n % 4 == 2 else "",
        "website": f"https://shop{n}.example.com" if n % 3 == 1 else "",
    }


def _person(n: int, first: str, last: str) -> Row:
    return {
        "first_name": first,
        "last_name": last,
        "title": ("Buyer", "Owner", "")[n % 3],
        "dept": "Purchasing" if n % 6 == 0 else "",
        "nickname": first[:3] if n % 5 == 0 else "",
        "phonetic": first.upper() if n % 8 == 4 else "",
        "notes": "speaks Dutch" if n % 7 == 2 else "",
    }


def _own_places(shop: Shop) -> Store:
    places, channels, users = Draft("AccountAddresses", 40), Draft("Channels", 300), Draft("Users", 60)
    kinds, field_types = Draft("ContactTypes", 80), Draft("PersonFieldTypes", 70)
    places.add(EPOCH, {"label": "Main warehouse", "warehouse": "1", "default_warehouse": "1"}, key=WAREHOUSE)
    if not shop.historical:
        places.add(EPOCH, {"label": "3PL", "warehouse": "1", "channel_warehouse": "1"}, key=WAREHOUSE + 1)
        places.add(EPOCH, {"label": "Office", "billing": "1", "shipping": "1"}, key=WAREHOUSE + 2)
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
        field_types.add(EPOCH, {"name": name, "field_type": sort, "default": str(int(n < 2))}, key=71 + n)
    tables = {d.kind: d.table() for d in (places, channels, users, kinds, field_types)}
    # Built-in rows have no time of making (reference, section 1).
    for name in ("ContactTypes", "PersonFieldTypes"):
        tables[name].columns["created_at"] = Same(None)
    return tables
