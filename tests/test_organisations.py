"""The organisation that a Stitchex login currently speaks for, which the source keeps and others can switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sources.stitchex import connect
from stitchhouse.errors import ConfigurationError, ContractError, CredentialsError
from stitchhouse.walk import Ask
from tests.stitchex_login import LIST, LOGIN, ORDERS, SET, api, ids, own_ids, paths, reader
from tests.wire import Asked, Said, wire

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.conftest import OpenShop


def test_every_organisation(box: Sandbox) -> None:
    """Several organisations are read one after another with one login, each its own orders and no other's."""
    made = api(box)
    for place, account in enumerate(made.accounts()):
        assert ids(reader(made, place)) == own_ids(box, int(account))
    asked = paths(box)
    # Set once to read, and once more before the empty page at the end is believed.
    assert (len(made.accounts()), asked.count(LOGIN), asked.count(LIST), asked.count(SET)) == (3, 1, 1, 6)


def test_organisation_switched_by_another_job(box: Sandbox) -> None:
    """A page of another organisation, which another job with our login had set, is thrown away and read again."""
    box.control.switch(org_scope="user")
    ours, theirs = api(box), api(box)
    made = reader(ours)
    first = made.page(Ask()).ids()
    reader(theirs, 1).page(Ask())
    box.control.clear_requests()
    assert first + ids(made, first[-1]) == own_ids(box, made.organisation)
    assert paths(box)[:3] == [ORDERS, SET, ORDERS]


def test_organisation_that_will_not_stay(box: Sandbox) -> None:
    """If the page read again is another organisation's too, the dataset ends with 65 and no row of it is taken."""
    made = reader(api(box))
    made.page(Ask())
    box.control.fault("organisation", times=9)
    with pytest.raises(ContractError, match=r"a row of organisation .* came, twice") as caught:
        made.page(Ask())
    assert caught.value.exit_code == 65


def test_organisation_switched_during_a_sync(open_shop: OpenShop) -> None:
    """A sync during which the organisation is switched four times loads every order under its own organisation."""
    with open_shop(orders=90, page_size=10) as shop:
        for before in (4, 7, 11, 14):
            shop.control.fault("organisation", before=before, api="stitchex")
        assert shop.sync("stitchex").exit_code == 0
        set_again = [one["path"] for one in shop.control.requests()].count(SET) - 3
        assert set_again == 4
        assert shop.one("select count(*) from stitchex.sales_orders where account <> organisation_id::varchar") == 0
        assert shop.one("select count(*) from stitchex.sales_orders") == len(
            shop.control.ids("stitchex", "sales_orders")
        )


@pytest.mark.parametrize("wanted", ["nobody", "999999", ""])
def test_unknown_organisation(box: Sandbox, wanted: str) -> None:
    """An organisation that the login does not have is a wrong setting (78), told with the ids and names it has."""
    known = [(one["id"], one["name"]) for one in api(box).connection.organisations()]
    with pytest.raises(ConfigurationError) as caught:
        api(box, organisations=[wanted]).accounts()
    assert caught.value.exit_code == 78
    assert all(f"{key} ({name})" in str(caught.value) for key, name in known)


def test_two_organisations_of_one_name() -> None:
    """A name that two organisations have is a wrong setting (78), told with the ids that tell them apart."""
    twins = Said({"organisations": [{"id": 7, "name": "Twin"}, {"id": 8, "name": "Twin"}]})
    with wire(lambda asked: twins if asked.route == LIST else Said({"access_token": "t"})) as server:
        made = connect(server.url, "me", "word", organisations=["Twin"], requests_per_second=0, keep_token=False)
        with pytest.raises(ConfigurationError, match=r"more than one organisation 'Twin' .*: 7 \(Twin\), 8 \(Twin\)"):
            made.accounts()


def test_organisation_by_id_or_name(box: Sandbox) -> None:
    """Organisations are chosen by id or by name and read in the order in which they are named."""
    known = [(str(one["id"]), one["name"]) for one in api(box).connection.organisations()]
    assert api(box, organisations=[known[1][1], known[0][0]]).accounts() == [known[1][0], known[0][0]]


@pytest.mark.parametrize(
    ("route", "said", "error"),
    [
        (SET, Said({"Status": "Failed"}, 201), ContractError),
        (SET, Said(["Updated"], 201), ContractError),
        (LIST, Said({"organisations": []}), ConfigurationError),
        (LIST, Said({"organisations": None}), ContractError),
        (LIST, Said({"organisations": [{"name": "no id"}]}), ContractError),
        (LIST, Said({"organisations": ["text"]}), ContractError),
        (LOGIN, Said({"error": "locked"}), CredentialsError),
        (LOGIN, Said({"access_token": None}), CredentialsError),
        (LOGIN, Said([]), CredentialsError),
    ],
)
def test_odd_answers_on_the_way_in(route: str, said: Said, error: type[Exception]) -> None:
    """A success that does not say what it should, on any of the three calls, ends before a row is read."""
    right = {
        LOGIN: Said({"access_token": "t", "expires_in": "3600"}),
        LIST: Said({"organisations": [{"id": 7, "name": "Seven"}]}),
        SET: Said({"Status": "Updated"}, 201),
    }

    def answer(asked: Asked) -> Said:
        return (right | {route: said}).get(asked.route, Said({"sales_orders": []}))

    with wire(answer) as server:
        with pytest.raises(error):
            reader(connect(server.url, "me", "word", requests_per_second=0, backoff=0.001)).page(Ask())
        assert ORDERS not in [asked.route for asked in server.asked]
        assert server.asked[0].json()["grant_type"] == "password"
