"""Personal data is loaded, hashed or dropped, as a setting says, before anything of ours or of dlt keeps it."""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING

import pytest

from pipelines.project import SOURCES, maker, module
from stitchhouse.batch import Rejected
from stitchhouse.dataset import Dataset, Kind, Table
from stitchhouse.errors import ConfigurationError
from stitchhouse.forgotten import Forgotten
from stitchhouse.layout import layouts
from stitchhouse.personal import Mode, Personal, by_name, names_of
from stitchhouse.tables import build
from stitchhouse.walk import Page
from tests.conftest import OpenShop, Shop, stitchhouse
from tests.traces import traces

if TYPE_CHECKING:
    from stitchhouse.batch import Batch

KEY = "a long random text of the person who runs this"
DOCUMENTS = ("stitchex.customers", "stitchex.sales_orders", "stitchex.invoices", "stitchex.pick_tickets")
PEOPLE = ("customers", "invoices")


def hashed(value: str) -> str:
    return hmac.digest(KEY.encode(), value.encode(), "sha256").hex()


def people(shop: Shop) -> set[str]:
    """Names, e-mails, phones and streets of the people of the shop, as the source tells them now."""
    words = set()
    for kind, fields in {
        "customer_people": ("first_name", "last_name", "email", "phone_1"),
        "customer_addresses": ("line_1",),
        "customers": ("name",),
    }.items():
        for key in shop.control.ids("stitchex", kind):
            row = shop.control.truth("stitchex", kind, key)
            words |= {str(row[field]) for field in fields if row.get(field)}
    # A shorter word may be part of another one.
    return {word for word in words if len(word) >= 7}


def test_dropped(open_shop: OpenShop) -> None:
    """With drop no name, e-mail, phone or street of the shop's people is in any byte of the run, declared or not."""
    with open_shop(orders=20, organisations=1, extras="on") as shop:
        known = people(shop)
        assert len(known) > 20
        switches = {"SOURCES__STITCHEX__PII": "drop", "SOURCES__STITCHLABS__PII": "drop"}
        code, out, err = stitchhouse("sync", *(f"--dataset={name}" for name in (*DOCUMENTS, "contacts")), **switches)
        assert code in {0, 10}, out + err
        assert traces(shop.project.folder, known) == {}
        assert not [word for word in known if word in out + err]
        assert shop.one("select count(*) from stitchex.customer_people where email is not null") == 0
        assert shop.one("select count(*) from stitchlabs.person_fields where value is not null") == 0
        assert shop.one("select count(*) from stitchex.customers") > 0
        assert shop.one("select count(status) from stitchex.sales_orders") > 0
        shop.sync("stitchex", ["customers"])
        assert len(set().union(*traces(shop.project.folder, known).values())) > 20


def test_hashed(open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """With hash equal values are equal in all tables, a changed one changes its row, and a quiet run loads nothing."""
    monkeypatch.setenv("SOURCES__STITCHEX__PII", "hash")
    monkeypatch.setenv("SOURCES__STITCHEX__PII_KEY", KEY)
    with open_shop(orders=20, organisations=1, api="stitchex") as shop:
        known = people(shop)
        shop.sync("stitchex", PEOPLE)
        assert traces(shop.project.folder, {*known, KEY}) == {}
        joined = """
            select count(*) from stitchex.invoices i join stitchex.customer_people p
            on p.account = i.account and p.email = i.billing_contact_email
        """
        assert shop.one(joined) > 0
        person = shop.one("select min(id) from stitchex.customer_people")
        mail = shop.control.truth("stitchex", "customer_people", person)["email"]
        email = f"select email from stitchex.customer_people where id = {person}"
        assert shop.one(email) == hashed(mail)
        assert shop.sync("stitchex", PEOPLE).rows == {}
        shop.control.change("stitchex", "customer_people", ids=[person], set={"email": "new@example.com"})
        (row,) = [one for one in shop.sync("stitchex", PEOPLE).certificates if one.dataset == "customers"]
        assert (row.new, row.changed) == (0, 1)
        assert shop.one(email) == hashed("new@example.com")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"PII": "hash"}, "sources.stitchex.pii_key is not set"),
        ({"PII": "hash", "PII_KEY": "  "}, "SOURCES__STITCHEX__PII_KEY"),
        ({"PII": "hide"}, "sources.stitchex.pii must be load, hash or drop"),
    ],
)
def test_settings(open_shop: OpenShop, settings: dict[str, str], words: str) -> None:
    """A hash without a key, and a word that is none of the three, end with 78, and nothing is read."""
    with open_shop(orders=20, organisations=1, api="stitchex") as shop:
        variables = {f"SOURCES__STITCHEX__{name}": value for name, value in settings.items()}
        code, out, err = stitchhouse("sync", "stitchex", "--dataset", "seasons", **variables)
        assert (code, len(err.splitlines())) == (78, 1), out + err
        assert words in err
        assert shop.asked("stitchex") == []


THINGS = Dataset(
    name="things",
    path="things",
    table=Table(name="things", text="label email", counts="size", personal="email"),
)


def made(mode: Mode, *rows: dict[str, object]) -> Batch:
    personal = Personal.of("shop", [THINGS], {}, mode, KEY)
    return build(THINGS, "main", [Page(rows=list(rows))], personal=personal)


@pytest.mark.parametrize(("mode", "kept"), [("load", "a@b.c"), ("hash", hashed("a@b.c")), ("drop", None)])
def test_a_column(mode: Mode, kept: str | None) -> None:
    """A declared personal column is treated as told, an undeclared one by its name, and one inside an object too."""
    row = {"id": 1, "label": "hat", "email": "a@b.c", "contact_phone": "a@b.c", "more": {"mail": {"email": "a@b.c"}}}
    (held,) = made(mode, row).tables["things"].to_pylist()
    assert (held["label"], held["email"], held["contact_phone"]) == ("hat", kept, kept)
    assert json.loads(held["more"]) == {"mail": {"email": kept}}


@pytest.mark.parametrize(("mode", "kept"), [("load", "a@b.c"), ("hash", hashed("a@b.c")), ("drop", None)])
def test_a_rejected_row(mode: Mode, kept: str | None) -> None:
    """A row that is rejected as a whole is written down with its personal fields treated the same."""
    batch = made(mode, {"label": "hat", "email": "a@b.c", "people": [{"first_name": "a@b.c", "age": 7}]})
    ((raw,),) = [[json.loads(reject.raw)] for reject in batch.rejected]
    assert raw == {"label": "hat", "email": kept, "people": [{"first_name": kept, "age": 7}]}


def test_hash_of_a_row() -> None:
    """With hash a changed personal value changes the hash of its row; with drop there is nothing that could change."""
    hashes = {
        mode: [made(mode, {"id": 1, "email": email}).hashes()[1] for email in ("a@b.c", "a@b.c", "d@e.f")]
        for mode in ("load", "hash", "drop")
    }
    for mode, (first, same, other) in hashes.items():
        assert first == same
        assert (first == other) == (mode == "drop")


@pytest.mark.parametrize("source", SOURCES)
def test_personal_columns_are_text(source: str) -> None:
    """Every personal column is a text, so that a hash has a place in it, and none is part of a key."""
    for dataset in maker(source)[1]:
        for layout in layouts(dataset).values():
            assert {layout.columns[name] for name in layout.personal} <= {Kind.TEXT}, layout.name
            assert not layout.personal & {*layout.key}, layout.name


@pytest.mark.parametrize(
    ("column", "personal"),
    [
        *[
            (name, True)
            for name in ("name", "first_name", "e_mail", "email_2", "phone", "billing_address", "ship_street1")
        ],
        *[(name, True) for name in ("postcode", "notes", "tax_id", "ip", "username", "birthday", "fullname")],
        *[
            (name, False)
            for name in ("status", "total", "contact_id", "address_id", "shipped_at", "new_field", "zipped")
        ],
    ],
)
def test_names_of_columns(column: str, personal: bool) -> None:  # noqa: FBT001 - a case
    """A column that nobody declared is personal if a part of its name says so; ids are not."""
    assert by_name(column) is personal


def test_a_wrong_mode() -> None:
    """The settings are named in the error, their values are not."""
    with pytest.raises(ConfigurationError, match=r"sources\.shop\.pii_key is not set"):
        Personal.of("shop", [THINGS], {}, "hash", "")


@pytest.mark.parametrize("source", SOURCES)
def test_every_reference_names_a_table(source: str) -> None:
    """Whoever is forgotten is found by columns that hold ids: all that are declared lead to tables that there are."""
    datasets = maker(source)[1]
    tables = {name for dataset in datasets for name in layouts(dataset)}
    names = names_of(datasets, module(source).NAMED)
    assert set(names.named.values()) <= tables
    assert {"stitchlabs": "contacts", "stitchex": "customers"}[source] in names.named.values()


def test_tombstones() -> None:
    """A tombstone tells neither table, account nor id, and only the very same three find it."""
    state: dict[str, object] = {}
    forgotten = Forgotten(lambda: state)
    assert not forgotten
    forgotten.add("main", {"contacts": {17, 18}})
    forgotten.add("main", {"contacts": {17}})
    assert forgotten.of("contacts", "main", {16, 17, 18}) == {17, 18}
    assert forgotten.of("contacts", "uk", {17}) == forgotten.of("people", "main", {17}) == set()
    kept = json.dumps(state)
    assert "main" not in kept
    assert len(json.loads(kept)["forgotten"]["tables"]["contacts"]) == 2
    assert Forgotten(lambda: json.loads(kept)).of("contacts", "main", {17}) == {17}


def test_a_rejected_value_of_nobody() -> None:
    """What is rejected and not personal stays as it was sent."""
    batch = made("drop", {"id": 1, "size": "many"})
    assert batch.rejected == [Rejected(1, "things", "1", "size", "not a value of kind counts", "many")]
