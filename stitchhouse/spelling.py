"""Fields of one object under the names of its table: respelled, and nested objects laid flat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stitchhouse.dataset import Table


def spelled(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """`row` as its table names it; the row itself where nothing differs.

    Every field of a nested object gets a column of its own, declared or not. The object's `id` stands under the name
    of the field itself where that is a column, because the same field comes as a plain id elsewhere. What is no
    object stays as it came.
    """
    if not table.respelled and not table.nested:
        return row
    flat = {table.respelled.get(name, name): value for name, value in row.items()}
    for name in table.nested:
        held = flat.get(name)
        if isinstance(held, dict):
            flat.pop(name)
            for part, value in held.items():
                own = part == "id" and name in table.declared
                _put(flat, name if own else f"{name}_{part}", value)
        elif held is None and name not in table.declared:
            flat.pop(name, None)
    return flat


def _put(row: dict[str, Any], name: str, value: Any) -> None:
    """The same said twice is said once; two different values both stay."""
    while name in row and row[name] != value:
        name += "_x"
    row[name] = value
