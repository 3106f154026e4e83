"""Requests to Stitchex and their replies."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from sandbox.exchange import Answer, Asked, refusal
from sandbox.stitchex.build import build
from sandbox.stitchex.datasets import DATASETS, Dataset, Scribe
from sandbox.stitchex.ledger import Ledger
from sandbox.stitchex.login import Login

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.clock import Clock
    from sandbox.options import Switches
    from sandbox.shop.records import Shop
    from sandbox.store import Row

ONE = re.compile(r"/(\w+)/(\d+)")


class Stitchex:
    """The face and the rows behind it."""

    main = "sales_orders"
    forgotten: Mapping[str, tuple[str, ...]] = {}

    def __init__(self, shop: Shop, clock: Clock, switches: Switches) -> None:
        self.clock = clock
        self.switches = switches
        self.store = build(shop)
        self.zones = {o.id: o.zone for o in shop.organisations}
        self.login = Login(clock, switches, [o.id for o in shop.organisations])
        self.scribes = {name: Scribe(self.store, dataset, self._zone) for name, dataset in DATASETS.items()}
        self.ledger = Ledger(self.store)
        self.hidden: set[int] = set()
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
        name = one[1] if one else path[1:]
        if name not in DATASETS:
            return refusal(404, "not found")
        organisation = self.login.current(token)
        if organisation is None:
            return refusal(403, "no current organisation is set")
        if asked.method != "GET":
            return refusal(501, "the sandbox takes no writes here")
        if one:
            return self._one(DATASETS[name], int(one[2]), organisation)
        return self._page(DATASETS[name], asked, organisation)

    def _zone(self, row: Row) -> str | None:
        return self.zones.get(row.get("organisation_id", 0), "UTC") if self.switches.word("era") == "2019" else None

    def _scope(self, dataset: Dataset, organisation: int) -> Sequence[int]:
        """The ascending keys that one organisation sees; made anew only after a change."""
        table = self.store[dataset.name]
        if not dataset.scoped:
            return table.live
        kept = self._scopes.get((dataset.name, organisation))
        if kept is None or kept[0] != table.version:
            keys = [k for k in table.live if table.get(k, "organisation_id") == organisation and k not in self.hidden]
            kept = (table.version, keys)
            self._scopes[dataset.name, organisation] = kept
        return kept[1]

    def _page(self, dataset: Dataset, asked: Asked, organisation: int) -> Answer:
        numbers: dict[str, int] = {}
        for name in ("page", "since_id"):
            text = asked.query.get(name)
            if text is None or (name == "since_id" and not dataset.since_id):
                continue
            if not text.isdecimal() or (name == "page" and not int(text)):
                return refusal(400, f"{name} is no whole number: {text[:40]}")
            numbers[name] = int(text)
        keys = self._scope(dataset, organisation)
        if "since_id" in numbers:
            how = self.switches.word("since_id")
            if how == "refused":
                return refusal(400, "since_id is not allowed here")
            if how == "honoured":
                keys = _above(keys, numbers["since_id"])
        table = self.store[dataset.name]
        for parameter, column in dataset.exact.items():
            if parameter in asked.query:
                keys = [key for key in keys if str(table.get(key, column)) == asked.query[parameter]]
        size = max(1, self.switches.number("page_size"))
        page = numbers.get("page", 1)
        pages = -(-len(keys) // size)
        rows = self.scribes[dataset.name].texts(keys[(page - 1) * size : page * size], self.switches.word("era"))
        meta = {
            "current_page": page,
            "next_page": page + 1 if page < pages else None,
            "prev_page": page - 1 if page > 1 else None,
            "total_pages": pages,
            "total_count": len(keys),
        }
        return Answer(200, {dataset.name: rows, "meta": meta}, len(rows))

    def _one(self, dataset: Dataset, key: int, organisation: int) -> Answer:
        table = self.store[dataset.name]
        if key not in table or (dataset.scoped and table.get(key, "organisation_id") != organisation):
            return refusal(404, f"{dataset.one} not found")
        return Answer(200, {dataset.one: self.scribes[dataset.name].row(key, self.switches.word("era"))}, 1)

    def truth(self, resource: str, key: int) -> Row | None:
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
        self.hidden.add(key)
        self.store[resource].version += 1

    def expire(self) -> None:
        self.login.expire()

    def switch_organisation(self) -> None:
        self.login.switch_organisation()


def _above(keys: Sequence[int], low: int) -> Sequence[int]:
    return keys[bisect_right(keys, low) :]
