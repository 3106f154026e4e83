"""Whom the warehouse must not know again: hashed tombstones, kept in dlt's state beside the cursors.

A tombstone is a salted hash of table, account and id, so nobody reads from it who was forgotten; a row that comes is
recognised by its own id or by the id of whom it speaks. The salt lies beside them: it keeps tables of hashes made
elsewhere from fitting, no more than that, because an id is a small number.
"""

from __future__ import annotations

import secrets
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

STATE = "forgotten"
"""Where they stand in the state of a source."""


class Forgotten:
    """The tombstones of one source. `state` answers its state in the load at hand: a reading may go through several."""

    def __init__(self, state: Callable[[], dict[str, Any]] = dict) -> None:
        self._held = state
        self._read: dict[str, set[str]] = {}

    def __bool__(self) -> bool:
        return any(self._tables.values())

    @property
    def _state(self) -> dict[str, Any]:
        return self._held()

    @property
    def _tables(self) -> dict[str, list[str]]:
        tables: dict[str, list[str]] = self._state.get(STATE, {}).get("tables", {})
        return tables

    def of(self, table: str, account: str, ids: Collection[int]) -> set[int]:
        """Those of `ids` that were forgotten."""
        held = self._tables.get(table, [])
        known = self._read.setdefault(table, set())
        if len(known) != len(held):
            known = self._read[table] = set(held)
        return {key for key in ids if self._digest(table, account, key) in known} if known else set()

    def add(self, account: str, found: Mapping[str, Collection[int]]) -> None:
        """Forget these rows, by table."""
        for table, ids in found.items():
            known = self.of(table, account, ids)
            if fresh := sorted(self._digest(table, account, key) for key in set(ids) - known):
                kept = self._state.setdefault(STATE, {"salt": self._salt, "tables": {}})["tables"]
                kept[table] = [*kept.get(table, []), *fresh]

    @property
    def _salt(self) -> str:
        held: str | None = self._state.get(STATE, {}).get("salt")
        if held is None:
            held = secrets.token_hex(16)
            self._state[STATE] = {"salt": held, "tables": {}}
        return held

    def _digest(self, table: str, account: str, key: int) -> str:
        who = "\x1f".join((table, account, str(key)))
        return blake2b(who.encode(errors="replace"), key=bytes.fromhex(self._salt), digest_size=16).hexdigest()
