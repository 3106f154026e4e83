from __future__ import annotations
from collections.abc import Mapping
from sandbox.clock import Clock
from sandbox.exchange import Answer, Asked, refusal
from sandbox.options import Switches
from sandbox.shop.records import Shop, iso
from sandbox.store import Row, Store
TOKEN = "sandbox"
class StitchLabs:
    main = "SalesOrders"
    forgotten: Mapping[str, tuple[str, ...]] = {}
    def __init__(self, shop: Shop, clock: Clock, switches: Switches) -> None:
        self.store: Store = {}
    def is_login(self, asked: Asked) -> bool: return False
    def answer(self, asked: Asked) -> Answer: return refusal(501, "to come")
    def truth(self, resource: str, key: int) -> Row | None: return None
    def summary(self) -> Row: return {}
    def stamp(self, seconds: int) -> str: return iso(seconds)
    def key(self, key: int) -> str: return str(key)
    def lines_of(self, order: int) -> str: return "SalesOrderLineItems"
    def hide(self, resource: str, key: int) -> None: ...
    def expire(self) -> None: ...
    def switch_organisation(self) -> None: ...
