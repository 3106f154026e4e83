"""The contacts of a small shop: a list of few tables, for tests that ask how a sync ends and not what it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Shop

SYNC = ("sync", "stitchlabs", "--dataset", "contacts")
COUNT = "select count(*), count(distinct id) from stitchlabs.contacts"


def whole(shop: Shop) -> None:
    """A sync without the fault loads everything, once."""
    assert shop.sync("stitchlabs", ("contacts",)).exit_code == 0
    count = len(shop.control.ids("stitchlabs", "Contacts"))
    assert shop.sql(COUNT) == [(count, count)]
