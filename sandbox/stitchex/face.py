"""Requests to Stitchex and their replies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.exchange import Answer, Asked, refusal
from sandbox.shop.dice import Dice
from sandbox.stitchex.boxes import boxes
from sandbox.stitchex.build import build
from sandbox.stitchex.business import Business
from sandbox.stitchex.datasets import DATASETS, Dataset
from sandbox.stitchex.ledger import Ledger
from sandbox.stitchex.listing import chosen, cut
from sandbox.stitchex.login import Login
from sandbox.stitchex.scribe import Scribe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.clock import Clock
    from sandbox.options import Switches
    from sandbox.shop.records import Shop
    from sandbox.store import Row, Table

ONE = re.compile(r"/(\w+)/(\d+)(/box_items)?")


class Stitchex:
    """The face and the rows behind it."""

    main = "sales_orders"
    # The boxes of a ticket hold what was picked for it, so a copy has none.
    forgotten: Mapping[str, tuple[str, ...]] = {"pick_tickets": ("shipment_boxes",)}

    def __init__(self, shop: Shop, clock: Clock, switches: Switches) -> None:
        self.clock = clock
        self.switches = switches
        self.store = build(shop)
        self.zones = {o.id: o.zone for o in shop.organisations}
        self.login = Login(clock, switches, [o.id for o in shop.organisations])
        self.scribes = {name: Scribe(self.store, dataset, self._zone) for name, dataset in DATASETS.items()}
        self.ledger = Ledger(self.store)
        self.business = Business(self.store, clock, self.zones)
        self._dice = Dice(1)
        self.hidden: set[tuple[str, int]] = set()
        self._scopes: dict[tuple[str, int], tuple[int, list[int]]] = {}

    def is_login(self, asked: Asked) -> bool:
        return asked.path.startswith(("/oauth", "/organisations"))

    def answer(self, asked: Asked) -> Answer:
        path = asked.path.rstrip("/")
        if path == "/oauth/token":
            return self.login.token(asked)
        token = self.login.known(asked)
        if token is None:
            return refusal(401, "the access token is missing, unknown or expired")
        if path == "/organisations" and asked.method == "GET":
            table = self.store["organisations"]
            return Answer(200, {"organisations": [table.row(table.at(key)) for key in table.live]}, len(table.live))
        if path == "/organisations/set_current_org":
            return self.login.choose(token, asked) if asked.method == "POST" else refusal(405, "POST only")
        one = ONE.fullmatch(path)
        dataset = DATASETS.get(one[1] if one else path[1:])
        if dataset is None or (one and (not dataset.one or (one[3] and dataset.name != "pick_tickets"))):
            return refusal(404, "not found")
        organisation = self.login.current(token)
        if organisation is None:
            return refusal(403, "no current organisation is set")
        if asked.method != "GET":
            return refusal(501, "the sandbox takes no writes here")
        self._catch_up()
        if one:
            return self._one(dataset, int(one[2]), organisation, boxed=bool(one[3]))
        return self._page(dataset, asked, organisation)

    def _catch_up(self) -> None:
        if self.switches.word("business") == "on":
            self.business.catch_up()

    @staticmethod
    def _owner(table: Table, key: int) -> int:
        """The organisation of a row, sent with it or not."""
        name = "organisation_id"
        return int(table.get(key, name) if name in table.columns else table.related(key, "organisations"))

    def _zone(self, table: Table, key: int) -> str:
        return self.zones.get(self._owner(table, key), "UTC")

    def _scope(self, dataset: Dataset, organisation: int) -> Sequence[int]:
        """The ascending keys that one organisation sees; made anew only after a change."""
        table, name = self.store[dataset.name], dataset.name
        kept = self._scopes.get((name, organisation))
        if kept is None or kept[0] != table.version:
            own = (key for key in table.live if self._owner(table, key) == organisation)
            kept = (table.version, [key for key in own if (name, key) not in self.hidden])
            self._scopes[name, organisation] = kept
        return kept[1]

    def _page(self, dataset: Dataset, asked: Asked, organisation: int) -> Answer:
        table = self.store[dataset.name]
        keys = chosen(dataset, table, self._scope(dataset, organisation), asked.query, self.switches)
        if isinstance(keys, Answer):
            return keys
        keys = self._ordered(keys)
        scribe, era = self.scribes[dataset.name], self.switches.word("era")
        if not dataset.paged and self.switches.word("listing_meta") == "off":
            return Answer(200, {dataset.name: scribe.texts(keys, era)}, len(keys))
        page = cut(keys, min(max(1, self.switches.number("page_size")), dataset.most), asked.query)
        if isinstance(page, Answer):
            return page
        return Answer(200, {dataset.name: scribe.texts(page[0], era), "meta": page[1]}, len(page[0]))

    def _ordered(self, keys: Sequence[int]) -> Sequence[int]:
        how = self.switches.word("order")
        return keys if how == "id" else keys[::-1] if how == "newest" else self._dice.shuffled(keys)

    def _one(self, dataset: Dataset, key: int, organisation: int, *, boxed: bool) -> Answer:
        table = self.store[dataset.name]
        if key not in table or self._owner(table, key) != organisation:
            return refusal(404, f"{dataset.one} not found")
        if boxed:
            rows = boxes(self.store, key, self.switches.word("era"))
            return Answer(200, {"shipment_boxes": rows}, len(rows))
        return Answer(200, {dataset.one: self.scribes[dataset.name].row(key, self.switches.word("era"))}, 1)

    def truth(self, resource: str, key: int) -> Row | None:
        self._catch_up()
        table = self.store[resource]
        if key not in table:
            return None
        if resource not in DATASETS:
            return table.row(table.at(key))
        row = self.scribes[resource].row(key, self.switches.word("era"))
        return {"row": row, "lines": row.get("line_items", [])}

    def settle(self, order: int) -> None:
        self.ledger.settle(order)

    def summary(self) -> Row:
        shares = {str(one): len(self._scope(DATASETS[self.main], one)) for one in self.login.organisations}
        return self.ledger.summary() | {"organisations": shares}

    def stamp(self, seconds: int) -> int:
        return seconds

    def key(self, key: int) -> int:
        return key

    def lines_of(self, _order: int) -> str:
        return "sales_order_line_items"

    def hide(self, resource: str, key: int) -> None:
        """Out of the list; still answered by id."""
        self.hidden.add((resource, key))
        self.store[resource].version += 1

    def expire(self) -> None:
        self.login.expire()

    def switch_organisation(self) -> None:
        self.login.switch_organisation()
