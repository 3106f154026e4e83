"""Names in the warehouse: of the fields of an object, respelled and laid flat, and of what no declaration names."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    from stitchhouse.dataset import Table

OF_SOURCE = "src_"
MOST_LISTED = 20
LONGEST = 48
"""Letters of a name before its mark."""


def snake(name: str) -> str:
    """`SalesOrderLineItems` -> `sales_order_line_items`; anything but ASCII letters and digits becomes `_`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    plain = re.sub(r"[^A-Za-z0-9]+", "_", spaced).strip("_").lower()
    return plain if plain[:1].isalpha() else f"unnamed_{plain}".rstrip("_")


def new_column(field: str, taken: Collection[str]) -> str:
    """The column of a field that nobody declared: no other field has the same, in whatever order they come.

    A name that is not in snake case gets a mark of its own. `taken` are columns that are declared or ours: a field
    that is called like one of them, or begins with `_`, gets `src_` in front.
    """
    name = snake(field)
    if field == name and not name.startswith(OF_SOURCE):
        return name if name not in taken else OF_SOURCE + name
    if field == f"_{name}" and name not in taken:
        return OF_SOURCE + name
    return f"{name[:LONGEST]}_{_mark(field)}"


def new_table_name(block: str) -> str:
    """The table of a block or a link that nobody declared, by the same rule; these are written `LikeThis`."""
    name = snake(block)
    natural = "".join(word.capitalize() for word in name.split("_"))
    return name if block == natural else f"{name[:LONGEST]}_{_mark(block)}"


def listed(names: Collection[str]) -> str:
    """Names for one line of text."""
    ordered = sorted(names)
    rest = len(ordered) - MOST_LISTED
    return ", ".join(ordered[:MOST_LISTED]) + (f" and {rest:,} more" if rest > 0 else "")


def _mark(name: str) -> str:
    return blake2b(name.encode(errors="surrogatepass"), digest_size=4).hexdigest()


def spelled(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """`row` as its table names it; the row itself where nothing differs.

    Every field of a nested object gets a column of its own, declared or not. The object's `id` stands under the name
    of the field itself where that is a column, because the same field comes as a plain id elsewhere. What is no
    object stays as it came.
    """
    if not table.respelled and not table.nested:
        return row
    flat = dict(row)
    for theirs, ours in table.respelled.items():
        if theirs in flat:
            _put(flat, ours, flat.pop(theirs))
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
