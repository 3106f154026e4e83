"""Requests to Stitch Labs and their replies."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from sandbox.exchange import Answer, Asked, refusal
from sandbox.shop.dice import Dice
from sandbox.shop.records import Shop, iso
from sandbox.stitchlabs.backlinks import Backlinks, supplier
from sandbox.stitchlabs.build import build
from sandbox.stitchlabs.form import Form
from sandbox.stitchlabs.kinds import KINDS, LISTED_ORDER_LINKS, ORDER_DETAIL, ORDER_LISTING, OWN, READABLE, Follow
from sandbox.stitchlabs.ledger import Ledger
from sandbox.stitchlabs.lookup import run, shown
from sandbox.stitchlabs.oauth import CodeFlow
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
    """The face of one account and the rows behind it."""

    main = "SalesOrders"
    forgotten: Mapping[str, tuple[str, ...]] = {
        "SalesOrders": tuple(
            name
            for name in KINDS["SalesOrders"].links
            if name.startswith(("Completed", "ConnectorFlag", "Invoice", "Pack", "Credit", "Ful"))
        ),
        "Contacts": ("People",),
        "Invoices": ("InvoicePayments", "CompletedAddresses", "CompletedPeople"),
        "Products": ("ProductFiles", "Variants"),
        "SalesOrderLineItems": ("InvoiceLineItems", "PackingSlipLineItems"),
        "SalesOrderCustomLineItems": ("InvoiceCustomLineItems", "PackingSlipCustomLineItems"),
        "Variants": ("VariantCustomIds", "VariantPrices", "WarehouseStockLevels"),
    }

    def __init__(self, shop: Shop, clock: Clock, switches: Switches, token: str) -> None:
        self.clock = clock
        self.switches = switches
        self.token = token
        self.flow = CodeFlow(clock, token)
        self._dice = Dice(1)
        self.store = build(shop)
        self.scribe = Scribe(self.store)
        self.backlinks = Backlinks(self.store)
        self.ledger = Ledger(self.store, switches)
        self.refused = False
        self._answers: dict[tuple[str, Query, str], tuple[int, Sequence[int]]] = {}

    def is_login(self, asked: Asked) -> bool:
        return asked.path.startswith(("/authorize", "/oauth"))

    def answer(self, asked: Asked) -> Answer:
        instead = self.flow.answer(asked) or self._unauthorised(asked)
        if instead is not None:
            return instead
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
            if place[2] == "/detail":
                return self._detail(place[1], given)
            return self._listing(place[1], given, report=place[2] == "/reports")
        except BadQuery as error:
            return refusal(400, str(error))

    def _unauthorised(self, asked: Asked) -> Answer | None:
        header = self.switches.word("token_header")
        token = asked.headers.get(header)
        if not token:
            return refusal(401, f"the header {header} is missing")
        if token != self.token:
            return refusal(403, "the access token is refused")
        if self.refused:
            self.refused = False
            return refusal(401, "the access token has expired")
        return None

    def _listing(self, resource: str, given: Row, *, report: bool) -> Answer:
        size = min(_whole(given, "page_size", PAGE_SIZE), max(1, self.switches.number("page_size_cap")))
        page = _whole(given, "page_num", 1)
        orders = resource == "SalesOrders"
        keys = self._keys(resource, read_query(given, OF_ORDERS if orders else EVERYWHERE, self.switches))
        last = -(-len(keys) // size)
        held = keys[(page - 1) * size : page * size]
        bare = report and self.switches.word("reports") == "object"
        form = replace(Form.of(self.switches), rows="bare") if bare else Form.of(self.switches)
        reply = form.paging(_meta(page, last, size, len(keys), len(held))) | self._reply(
            resource,
            held,
            form,
            follow=ORDER_LISTING if orders else OWN.get(resource, {}),
            names=LISTED_ORDER_LINKS if orders else KINDS[resource].links,
        )
        more = page < last and self.switches.word("status_206") == "on"
        return Answer(206 if more else 200, reply, len(held))

    def _keys(self, resource: str, query: Query) -> Sequence[int]:
        """The keys of a query; the few latest are kept, for the pages of one walk ask the same again."""
        table, which = self.store[resource], self.switches.word("deleted_rows")
        kept = self._answers.pop((resource, query, which), None)
        if kept is None or kept[0] != table.version:
            keys = run(query, table)
            kept = (table.version, keys if which == "listed" else shown(keys, table))
        self._answers[resource, query, which] = kept
        while len(self._answers) > 4:
            del self._answers[next(iter(self._answers))]
        return self._dice.shuffled(kept[1]) if self.switches.word("sort") == "shuffled" else kept[1]

    def _detail(self, resource: str, given: Row) -> Answer:
        wanted = given.get(resource)
        if not isinstance(wanted, list) or not all(isinstance(item, dict) and "id" in item for item in wanted):
            message = f"{resource} must be an array of objects with an id"
            raise BadQuery(message)
        table, how = self.store[resource], self.switches.word("unknown_detail")
        asked = dict.fromkeys(_id(item["id"]) for item in wanted)
        if self.switches.word("detail") == "first":
            asked = dict.fromkeys(list(asked)[:1])
        keys = [key for key in asked if key in table]
        gone = [key for key in asked if key not in table]
        if gone and how == "404":
            return refusal(404, f"{resource} has no row {gone[0]}")
        count = len(asked) if how == "deleted" else len(keys)
        form = Form.of(self.switches)
        reply = form.paging(_meta(1, 1 if count else 0, PAGE_SIZE, count, count)) | self._reply(
            resource,
            keys,
            form,
            follow=ORDER_DETAIL if resource == "SalesOrders" else OWN.get(resource, {}),
            names=KINDS[resource].links,
            gone=gone if how == "deleted" else (),
        )
        return Answer(200, reply, count)

    def _reply(
        self,
        resource: str,
        keys: Sequence[int],
        form: Form,
        *,
        follow: Follow,
        names: Sequence[str],
        gone: Sequence[int] = (),
    ) -> Row:
        barred = self.ledger.barred(keys) if follow is ORDER_DETAIL else {}
        found = side_load(self.store, resource, keys, follow, barred)
        if resource != "SalesOrders":
            self._complete(resource, found[resource], names)
        found[resource] |= {key: Found(key, _former(self.store[resource], key), gone=True) for key in gone}
        return self.scribe.body(resource, found, names, form)

    def _complete(self, resource: str, found: dict[int, Found], names: Sequence[str]) -> None:
        """Give the asked objects the links that were not followed, and variants their suppliers as join rows."""
        table = self.store[resource]
        for key, one in found.items():
            for name in names:
                if name not in one.links:
                    held = self.backlinks.linked(resource, key, name)
                    one.links[name] = [entry(name, other, sort) for other, sort in held]
            if resource == "Variants":
                row, contacts = table.row(one.at), entries(table.related(key, "Contacts"))
                one.links["Contacts"] = [supplier(row, n, contact) for n, (contact, _) in enumerate(contacts)]

    def truth(self, resource: str, key: int) -> Row | None:
        if key not in self.store[resource]:
            return None
        orders = resource == "SalesOrders"
        follow = ORDER_DETAIL if orders else OWN.get(resource, {})
        reply = self._reply(resource, [key], Form.of(self.switches).plain(), follow=follow, names=KINDS[resource].links)
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


def _former(table: Table, key: int) -> int:
    """Where a row stands or stood, -1 if it never did."""
    at = bisect_left(table.keys, key)
    return at if at < len(table.keys) and table.keys[at] == key else -1


def _meta(page: int, last: int, size: int, total: int, held: int) -> dict[str, int]:
    first = (page - 1) * size + 1 if held else 0
    numbers = (page, last, size, total, first, first + held - 1 if held else 0)
    return dict(zip(("current_page", "last_page", "per_page", "total", "from", "to"), numbers, strict=True))
