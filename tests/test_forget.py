"""`stitchhouse forget`: a person is erased from every table, and no later sync brings them back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pipelines import locks
from tests.conftest import OpenShop, Shop, stitchhouse
from tests.dialogue import dialogue
from tests.traces import traces
from tests.wire import Asked, Said, passed_on, wire

if TYPE_CHECKING:
    from tests.calling import Caller

NAME, MAIL, STREET, NOTE = "Zoë Forgottenson", "zoe.forgotten@example.com", "77 Oblivion Row", "note of Forgottenson"
CANARIES = (NAME, MAIL, STREET, NOTE)
LABS = {"name": NAME, "notes": NOTE}


def linked(shop: Shop, contact: int) -> dict[str, set[int]]:
    """The people and addresses of a contact and of its orders, and the fields of its people."""
    orders = f"select id from stitchlabs.sales_orders where contact_id = {contact}"
    found = {
        "People": f"select person_id from stitchlabs.sales_orders__people where sales_order_id in ({orders})"
        f" union select id from stitchlabs.people where contact_id = {contact}",
        "Addresses": f"select address_id from stitchlabs.sales_orders__addresses where sales_order_id in ({orders})"
        f" union select address_id from stitchlabs.contacts__addresses where contact_id = {contact}",
    }
    ids = {kind: {row[0] for row in shop.sql(question)} for kind, question in found.items()}
    people = ", ".join(map(str, ids["People"])) or "0"
    fields = shop.sql(f"select id from stitchlabs.person_fields where person_id in ({people})")
    return ids | {"PersonFields": {row[0] for row in fields}}


def customer(shop: Shop) -> int:
    """The contact with the most orders."""
    return int(shop.one("select contact_id from stitchlabs.sales_orders group by 1 order by count(*) desc, 1 limit 1"))


def name_all(shop: Shop, contact: int) -> None:
    """Give the contact, its people, their fields, its addresses and its orders words that nobody else has."""
    said: dict[str, dict[str, Any]] = {
        "People": {"first_name": NAME, "notes": NOTE},
        "Addresses": {"street1": STREET, "contact": NAME},
        "PersonFields": {"value": MAIL},
    }
    for kind, ids in linked(shop, contact).items():
        if ids:
            shop.control.change("stitchlabs", kind, ids=sorted(ids), set=said[kind])
    orders = [row[0] for row in shop.sql(f"select id from stitchlabs.sales_orders where contact_id = {contact}")]
    shop.control.change("stitchlabs", "SalesOrders", ids=orders, set={"notes": NOTE})
    shop.control.change("stitchlabs", "Contacts", ids=[contact], set=LABS)


DATASETS = ("sales_orders", "contacts")


def known(shop: Shop) -> int:
    """A contact of a loaded warehouse that, with all that belongs to it, has words of its own; in rejected values too.

    One more contact speaks of it in a value that does not fit, and one of somebody else.
    """
    shop.sync("stitchlabs", DATASETS)
    contact = customer(shop)
    name_all(shop, contact)
    others = [
        row[0] for row in shop.sql(f"select id from stitchlabs.contacts where id <> {contact} order by 1 limit 2")
    ]
    for key, words in zip([contact, *others], (f"{STREET} 12", f"friend of {NAME}", "perhaps"), strict=True):
        shop.control.change("stitchlabs", "Contacts", ids=[key], set={"archived": words})
    shop.control.clock(advance=3600)
    shop.sync("stitchlabs", DATASETS)
    assert set().union(*traces(shop.project.folder, CANARIES).values()) == set(CANARIES)
    assert shop.one("select count(*) from stitchlabs._rejected where column_name = 'archived' and raw <> ''") == 3
    return contact


def test_a_contact(call: Caller, open_shop: OpenShop) -> None:
    """Nothing of a contact is left in any byte of the project, its rows are; no sync brings it back, of any machine."""
    with open_shop(orders=20) as shop:
        contact = known(shop)
        before = shop.sql("select count(*), sum(total), count(contact_id) from stitchlabs.sales_orders")
        names = "select count(*) from stitchlabs.contacts where name is not null"
        held = shop.one(names)
        said = call.fine("forget", "stitchlabs.contacts", str(contact), "--yes")
        assert "not reached, see to it yourself: the source itself, files made with --publish" in said
        assert "2 rejected values lost their text" in said
        assert traces(shop.project.folder, CANARIES) == {}
        assert shop.sql("select count(*), sum(total), count(contact_id) from stitchlabs.sales_orders") == before
        assert shop.one(names) == held - 1
        assert shop.sql("select raw from stitchlabs._rejected where column_name = 'archived' and raw <> ''") == [
            ("perhaps",)
        ]
        shop.control.change("stitchlabs", "Contacts", ids=[contact], set=LABS | {"archived": "0"})
        shop.control.change("stitchlabs", "SalesOrders", count=20)
        shop.control.clock(advance=3600)
        elsewhere = str(shop.project.folder / "elsewhere")
        code, out, err = stitchhouse("sync", "stitchlabs", "--dataset", "sales_orders", DLT_DATA_DIR=elsewhere)
        assert code == 0, out + err
        assert traces(shop.project.folder, CANARIES) == {}
        assert shop.sync("stitchlabs", DATASETS).error is None
        assert traces(shop.project.folder, CANARIES) == {}
        assert shop.one(f"select count(*) from stitchlabs.contacts where id = {contact} and name is null") == 1


def test_a_customer(call: Caller, open_shop: OpenShop) -> None:
    """A customer of Stitchex is gone from orders, invoices and tickets too, even new ones, and hashes stay the same."""
    datasets = ("customers", "sales_orders", "invoices", "pick_tickets")
    with open_shop(orders=20, organisations=1, api="stitchex") as shop:
        shop.sync("stitchex", datasets)
        who = shop.one("select company_id from stitchex.sales_orders group by 1 order by count(*) desc, 1 limit 1")
        of = {name: f"select id from stitchex.{name} where {column} = {who}" for name, column in BY_CUSTOMER.items()}
        said = {"sales_orders": {"company_name": NAME, "notes": NOTE}, "invoices": {"customer_name": NAME}}
        said |= {"pick_tickets": {"contact_email": MAIL}, "customer_people": {"email": MAIL, "first_name": NAME}}
        said |= {"customer_addresses": {"line_1": STREET}, "customers": {"name": NAME}}
        ids = {name: [row[0] for row in shop.sql(question)] for name, question in of.items()}
        for name, words in said.items():
            if ids[name]:
                shop.control.change("stitchex", name, ids=ids[name], set=words)
        shop.control.clock(advance=3600)
        shop.sync("stitchex", datasets)
        assert set().union(*traces(shop.project.folder, CANARIES).values()) == set(CANARIES)
        told = json.loads(call.fine("forget", "customers", str(who), "--yes", "--json"))
        assert told["rows"]["sales_orders"] == len(ids["sales_orders"])
        assert traces(shop.project.folder, CANARIES) == {}
        once = shop.sync("stitchex", datasets)
        again = shop.sync("stitchex", datasets)
        assert (once.exit_code, again.exit_code, again.rows) == (0, 0, {})
        assert traces(shop.project.folder, CANARIES) == {}
        assert shop.one("select count(*) from stitchex.customers where name is null") == 1


def test_what_nobody_declared(call: Caller, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """An object that nobody declared goes as a whole with whom it hangs on, now and later; what others say stays."""
    with open_shop(orders=20, api="stitchlabs") as shop:

        def answer(asked: Asked) -> Said:
            right = passed_on(asked, f"http://127.0.0.1:{shop.box.port}")
            told = json.loads(right.body)
            for row in told.get("Contacts", []):
                row["loyalty"] = {"cards": [{"of": row["name"]}]}
            return Said(told, right.status, right.headers)

        with wire(answer) as door:
            monkeypatch.setenv("SOURCES__STITCHLABS__BASE_URL", f"{door.url}/stitchlabs")
            (contact,) = shop.control.ids("stitchlabs", "Contacts")[:1]
            shop.control.change("stitchlabs", "Contacts", ids=[contact], set={"name": NAME})
            shop.sync("stitchlabs", ["contacts"])
            others = shop.sql(f"select id, loyalty from stitchlabs.contacts where id <> {contact} order by 1")
            assert set().union(*traces(shop.project.folder, [NAME]).values()) == {NAME}
            call.fine("forget", "contacts", str(contact), "--yes")
            assert traces(shop.project.folder, [NAME]) == {}
            shop.control.change("stitchlabs", "Contacts", ids=[contact], set={"website": "example.com"})
            shop.sync("stitchlabs", ["contacts"])
        assert traces(shop.project.folder, [NAME]) == {}
        assert shop.sql(f"select id, loyalty from stitchlabs.contacts where id <> {contact} order by 1") == others
        assert all("cards" in told for _, told in others)


BY_CUSTOMER = {
    "sales_orders": "company_id",
    "invoices": "company_id",
    "pick_tickets": "customer_id",
    "customer_people": "customer_id",
    "customer_addresses": "customer_id",
    "customers": "id",
}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("contacts", "17"), 64, "there is no terminal to ask on; say --yes"),
        (("sales_orders", "17", "--yes"), 64, "is a table of more than one source; say stitchlabs.sales_orders or"),
        (("persons", "17", "--yes"), 64, "no table 'persons' in stitchlabs, stitchex"),
        (("stitchlabs.variants", "17", "--yes"), 64, "holds nothing personal under an id; there are: sales_orders"),
        (("contacts", "17", "--yes"), 64, "there is no warehouse at"),
        (("contacts", "seventeen", "--yes"), 64, "should be a valid integer"),
    ],
)
@pytest.mark.usefixtures("project")
def test_wrong_words(call: Caller, arguments: tuple[str, ...], code: int, words: str) -> None:
    """A table that is unknown, means two or holds nobody, or a call that cannot ask first, ends with 64."""
    assert words in call.one_line(code, "forget", *arguments)


def test_nobody(call: Caller, open_shop: OpenShop) -> None:
    """An id or account that the warehouse does not hold is told, and while another run loads nothing is erased."""
    with open_shop(orders=20) as shop:
        shop.sync("stitchlabs", ["contacts"])
        contact = shop.one("select min(id) from stitchlabs.contacts")
        line = call.one_line(64, "forget", "contacts", "987654", "--yes")
        assert "stitchlabs.contacts 987654 is not in the warehouse; nothing was erased" in line
        line = call.one_line(64, "forget", "contacts", str(contact), "--account", "uk", "--yes")
        assert f"contacts {contact} of account uk is not in the warehouse" in line
        with locks.loading(shop.project, str(shop.file), "stitchex"):
            assert "another run" in call.one_line(75, "forget", "contacts", str(contact), "--yes")
        assert shop.one(f"select count(name) from stitchlabs.contacts where id = {contact}") == 1
        with dialogue("forget", "contacts", str(contact)) as talk:
            talk.answer("It cannot be brought back", "n")
            assert talk.end() == 0
        assert "nothing was erased" in talk.seen
        assert shop.one(f"select count(name) from stitchlabs.contacts where id = {contact}") == 1
