"""Links that only their other end stores, such as the orders of a contact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.store import Row, Same, Store, Table, entries

if TYPE_CHECKING:
    from collections.abc import Sequence

# A variant would name every line that ever sold it; its own call leaves this link empty.
UNTOLD = {("Variants", "SalesOrderLineItems")}


class Backlinks:
    """Finds out at the first question who names whom, and again once the naming table has changed."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._known: dict[tuple[str, str], tuple[int, dict[int, list[int]]]] = {}

    def linked(self, kind: str, key: int, link: str) -> Sequence[tuple[int, str | None]]:
        """The (key, type) pairs of any link of a row, whichever end stores it."""
        table = self.store[kind]
        if link in table.relations:
            return list(entries(table.related(key, link)))
        other = self.store.get(link)
        if other is None or kind not in other.relations or (kind, link) in UNTOLD:
            return ()
        version, known = self._known.get((kind, link), (-1, {}))
        if version != other.version:
            known = _turned(other, kind)
            self._known[kind, link] = (other.version, known)
        return [(one, None) for one in known.get(key, ())]


def _turned(table: Table, kind: str) -> dict[int, list[int]]:
    """For each row of a kind, the rows of a table that name it, each once."""
    column = table.relations[kind]
    alive = None if table.live is table.keys else set(table.live)
    named: dict[int, list[int]] = {}
    for at, key in enumerate(table.keys):
        if alive is None or key in alive:
            for other in dict.fromkeys(k for k, _ in entries(column.value if isinstance(column, Same) else column[at])):
                named.setdefault(other, []).append(key)
    return named


def supplier(variant: Row, n: int, contact: int) -> Row:
    """The n-th supplier of a variant: a join row whose contact is company_id (reference, trap 11)."""
    return {
        "id": f"{variant['id']}{n}",
        "product_sku_id": variant["id"],
        "company_id": str(contact),
        "cost": variant["supplier_cost"],
        "quantity": str(1 + n * 11),
        "supplier_id": variant["supplier_id"],
        "drop_shippable": variant["drop_shippable"],
        "primary_supplier": "0" if n else "1",
    }
