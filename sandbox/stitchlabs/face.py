"""Requests to Stitch Labs and their replies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson

from sandbox.credentials import TOKEN
from sandbox.exchange import Answer, Asked, refusal
from sandbox.shop.records import Shop, iso
from sandbox.stitchlabs.build import build
from sandbox.stitchlabs.kinds import KINDS, LISTED_ORDER_LINKS, ORDER_DETAIL, ORDER_LISTING, OWN, READABLE, Follow
from sandbox.stitchlabs.ledger import Ledger
from sandbox.stitchlabs.lookup import run
from sandbox.stitchlabs.query import EVERYWHERE, OF_ORDERS, BadQuery, Query, read_query
from sandbox.stitchlabs.reply import Found, Scribe, entry, side_load
from sandbox.store import Row, Table, entries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.clock import Clock
    from sandbox.options import Switches

PATH = re.compile(r"/api2/v2(?:/2)?/(\w+)(/detail|/reports)?/?")
PAGE_SIZE = 15


class StitchLabs:
    """The face and the rows behind it."""

    main = "SalesOrders"
    forgotten: Mapping[str, tuple[str, ...]] = {
        "SalesOrders": tuple(
            name
            for name in KINDS["SalesOrders"].links
            if name.startswith(("Completed", "ConnectorFlag", "Invoice", "Pack", "Credit", "Ful"))
        ),
        "SalesOrderLineItems": ("InvoiceLineItems", "PackingSlipLineItems"),
        "SalesOrderCustomLineItems": ("InvoiceCustomLineItems", "PackingSlipCustomLineItems"),
    }

    def __init__(self, shop: Shop, clock: Clock, switches: Switches) -> None:
        self.clock = clock
        self.switches = switches
        self.store = build(shop)
        self.scribe = Scribe(self.store)
        self.ledger = Ledger(self.store, switches)
        self.refused = False
        self._answers: dict[tuple[str, Query], tuple[int, Sequence[int]]] = {}

    def is_login(self, asked: Asked) -> bool:
        return asked.path.startswith(("/authorize", "/oauth"))

    def answer(self, asked: Asked) -> Answer:
        token = asked.headers.get("access_token")
        if not token:
            return refusal(401, "the header access_token is missing")
        if token != TOKEN:
            return refusal(403, "the access token is refused")
        if self.refused:
            self.refused = False
            return refusal(401, "the access token has expired")
        if asked.path.startswith("/api2/v1/"):
            return refusal(501, "the sandbox takes no writes yet")
        place = PATH.fullmatch(asked.path)
        if place is None or place[1] not in READABLE:
            return refusal(404, "no such resource")
        if asked.method != "POST":
            return refusal(405, "POST only")
        try:
            given = orjson.loads(asked.body)
        except orjson.JSONDecodeError:
            return refusal(400, "the body is no JSON")
        if not isinstance(given, dict) or given.get("action") != "read":
            return refusal(400, "the body must be an object with the action read")
        try:
            return self._detail(place[1], given) if place[2] == "/detail" else self._listing(place[1], given)
        except BadQuery as error:
            return refusal(400, str(error))

    def _listing(self, resource: str, given: Row) -> Answer:
        size = min(_whole(given, "page_size", PAGE_SIZE), max(1, self.switches.number("page_size_cap")))
        page = _whole(given, "page_num", 1)
        query = read_query(given, OF_ORDERS if resource == "SalesOrders" else EVERYWHERE, self.switches)
        keys = self._keys(resource, query)
        last = -(-len(keys) // size)
        shown = keys[(page - 1) * size : page * size]
        orders = resource == "SalesOrders"
        reply = self._reply(
            resource,
            shown,
            _meta(page, last, size, len(keys), len(shown)),
            follow=ORDER_LISTING if orders else OWN.get(resource, {}),
            names=LISTED_ORDER_LINKS if orders else KINDS[resource].links,
        )
        more = page < last and self.switches.word("status_206") == "on"
        return Answer(206 if more else 200, reply, len(shown))

    def _keys(self, resource: str, query: Query) -> Sequence[int]:
        """The keys of a query; the few latest are kept, for the pages of one walk ask the same again."""
        table = self.store[resource]
        kept = self._answers.pop((resource, query), None)
        if kept is None or kept[0] != table.version:
            kept = (table.version, run(query, table))
        self._answers[resource, query] = kept
        while len(self._answers) > 4:
            del self._answers[next(iter(self._answers))]
        return kept[1]

    def _detail(self, resource: str, given: Row) -> Answer:
        wanted = given.get(resource)
        if not isinstance(wanted, list) or not all(isinstance(item, dict) and "id" in item for item in wanted):
            message = f"{resource} must be an array of objects with an id"
            raise BadQuery(message)
        table = self.store[resource]
        asked = dict.fromkeys(_id(item["id"]) for item in wanted)
        if self.switches.word("detail") == "first":
            asked = dict.fromkeys(list(asked)[:1])
        keys = [key for key in asked if key in table]
        orders = resource == "SalesOrders"
        reply = self._reply(
            resource,
            keys,
            _meta(1, 1 if keys else 0, PAGE_SIZE, len(keys), len(keys)),
            follow=ORDER_DETAIL if orders else OWN.get(resource, {}),
            names=KINDS[resource].links,
        )
        return Answer(200, reply, len(keys))

    def _reply(
        self,
        resource: str,
        keys: Sequence[int],
        meta: Row,
        *,
        follow: Follow,
        names: Sequence[str],
        plain: bool = False,
    ) -> Row:
        barred = self.ledger.barred(keys) if follow is ORDER_DETAIL else {}
        found = side_load(self.store, resource, keys, follow, barred)
        if resource != "SalesOrders":
            self._complete(resource, found[resource], names)
        numbers = self.switches.word("numbers") == "json"
        return self.scribe.body(resource, found, meta, names=names, numbers=numbers, plain=plain)

    def _complete(self, resource: str, found: dict[int, Found], names: Sequence[str]) -> None:
        """Give the asked objects the links that were not followed, and variants their suppliers as join rows."""
        table = self.store[resource]
        for key, one in found.items():
            for name in names:
                if name not in one.links:
                    one.links[name] = [entry(name, other, sort) for other, sort in entries(table.related(key, name))]
            if resource == "Variants":
                suppliers = enumerate(one.links["Contacts"])
                one.links["Contacts"] = [_supplier(table, key, n, int(contact["id"])) for n, contact in suppliers]

    def truth(self, resource: str, key: int) -> Row | None:
        if key not in self.store[resource]:
            return None
        orders = resource == "SalesOrders"
        follow = ORDER_DETAIL if orders else OWN.get(resource, {})
        reply = self._reply(resource, [key], {}, follow=follow, names=KINDS[resource].links, plain=True)
        lines: list[Row] = []
        if orders:
            name = self.ledger.lines_of(key)
            held = [str(line) for line, _ in entries(self.store[resource].related(key, name))]
            lines = [reply[name][line] for line in held if line in reply.get(name, {})]
        return {"row": reply[resource][0], "lines": lines}

    def lines_of(self, order: int) -> str:
        return self.ledger.lines_of(order)

    def settle(self, order: int) -> None:
        self.ledger.settle(order)

    def summary(self) -> Row:
        return self.ledger.summary()

    def stamp(self, seconds: int) -> str:
        return iso(seconds)

    def key(self, key: int) -> str:
        return str(key)

    def hide(self, resource: str, key: int) -> None:
        """Only orders and their like can be archived here."""

    def expire(self) -> None:
        """Refuse the token once: it has no life of its own."""
        self.refused = True

    def switch_organisation(self) -> None:
        """A token is one account."""


def _supplier(variants: Table, key: int, n: int, contact: int) -> Row:
    return {
        "id": str(key * 10 + n),
        "product_sku_id": str(key),
        "company_id": str(contact),
        "cost": variants.get(key, "supplier_cost"),
        "quantity": "1",
        "supplier_id": variants.get(key, "supplier_id"),
        "drop_shippable": "0",
        "primary_supplier": "1",
    }


def _whole(given: Row, name: str, default: int) -> int:
    value = given.get(name, default)
    if isinstance(value, bool) or not str(value).isdecimal() or not int(value):
        message = f"{name} must be a whole number from 1"
        raise BadQuery(message)
    return int(value)


def _id(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).isdecimal():
        message = "an id must be a whole number"
        raise BadQuery(message)
    return int(value)


def _meta(page: int, last: int, size: int, total: int, shown: int) -> dict[str, str]:
    first = (page - 1) * size + 1 if shown else 0
    numbers = (page, last, size, total, first, first + shown - 1 if shown else 0)
    return dict(zip(("current_page", "last_page", "per_page", "total", "from", "to"), map(str, numbers), strict=True))
