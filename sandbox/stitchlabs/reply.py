"""From keys to the body of a reply: the asked objects, and below them everything they link to, once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sandbox.stitchlabs.kinds import KINDS, TYPED, Follow
from sandbox.store import Row, Same, Store, entries

Links = dict[str, dict[int, dict[str, list[Row]]]]
Barred = dict[str, set[int]]


def side_load(store: Store, primary: str, keys: Sequence[int], follow: Follow, barred: Barred) -> Links:
    """Walk the links from the asked objects; per kind and key the link entries that this reply knows.

    A link is written on both of its ends, so what a side-loaded object says of its parents covers this reply only.
    ``barred`` names, per link, the asked objects for which it reads empty.
    """
    found: Links = {primary: {key: {} for key in keys}}
    level: list[tuple[str, list[int]]] = [(primary, list(keys))]
    while level:
        below: dict[str, list[int]] = {}
        for kind, some in level:
            table = store[kind]
            places = [(key, table.at(key), found[kind][key]) for key in some]
            for link in follow.get(kind, ()):
                column = table.relations.get(link)
                if column is None or (isinstance(column, Same) and column.value is None):
                    continue
                fixed = column.value if isinstance(column, Same) else None
                closed = barred.get(link) if kind == primary else None
                back = kind if kind in KINDS[link].links else None
                known = found.setdefault(link, {})
                fresh = below.setdefault(link, [])
                target = store[link]
                for key, at, mine in places:
                    value = fixed if isinstance(column, Same) else column[at]
                    if value is None or (closed and key in closed):
                        continue
                    told = mine.setdefault(link, [])
                    for other, sort in entries(value):
                        told.append(entry(link, other, sort))
                        theirs = known.get(other)
                        if theirs is None:
                            if other not in target:
                                continue
                            theirs = known[other] = {}
                            fresh.append(other)
                        if back is not None:
                            backs = theirs.setdefault(back, [])
                            text = str(key)
                            if not backs or backs[-1]["id"] != text:
                                backs.append({"id": text})
        level = [(kind, some) for kind, some in below.items() if some]
    return found


def entry(link: str, key: int, sort: str | None) -> Row:
    if sort is None:
        sort = TYPED.get(link)
    return {"id": str(key)} if sort is None else {"id": str(key), "type": sort}


def objects(
    store: Store,
    kind: str,
    found: dict[int, dict[str, list[Row]]],
    *,
    names: Sequence[str],
    drop: Iterable[str],
    numbers: bool,
) -> list[Row]:
    """The rows of one kind with their links; ``drop`` are fields that this call does not send."""
    table = store[kind]
    counts = KINDS[kind].counts if numbers else ()
    made = []
    for key, known in found.items():
        row = table.row(table.at(key))
        for name in drop:
            del row[name]
        for name in counts:
            value = row.get(name)
            if isinstance(value, str) and value.lstrip("-").isdecimal():
                row[name] = int(value)
        row["links"] = {name: known.get(name, []) for name in names} if names else []
        made.append(row)
    return made


def body(
    store: Store, primary: str, found: Links, meta: dict[str, str], *, names: Sequence[str], numbers: bool
) -> dict[str, Any]:
    """Meta, the asked array, then a block for every kind that has an object."""
    reply: dict[str, Any] = {"meta": meta}
    under = primary == "SalesOrders"
    own = KINDS[primary]
    reply[primary] = objects(store, primary, found[primary], names=names, drop=own.under, numbers=numbers)
    for kind in sorted(found):
        if kind == primary or not found[kind]:
            continue
        shape = KINDS[kind]
        drop = shape.own if under else shape.own | shape.under
        rows = objects(store, kind, found[kind], names=shape.links, drop=drop, numbers=numbers)
        reply[kind] = {str(key): row for key, row in zip(found[kind], rows, strict=True)}
    return reply
