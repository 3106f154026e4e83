"""From keys to the body of a reply: the asked objects, and below them everything they link to, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from sandbox.stitchlabs.form import NEW_BLOCK, Form
from sandbox.stitchlabs.kinds import KINDS, TYPED, Follow
from sandbox.store import Row, Same, Store, entries

if TYPE_CHECKING:
    from collections.abc import Sequence

Barred = dict[str, set[int]]
# Tables up to this size keep their rows as JSON text; the lines of a large shop are read too rarely for that.
KEPT = 20_000


class Found:
    """One object of a reply: where it stands, how others link to it, and the links that this reply knows of it.

    ``gone``: it was deleted, or never there (``at`` is -1 then), and is shown as such.
    """

    __slots__ = ("at", "gone", "itself", "links")

    def __init__(self, key: int, at: int, *, gone: bool = False) -> None:
        self.at = at
        self.gone = gone
        self.itself: Row = {"id": str(key)}
        self.links: dict[str, list[Row]] = {}


Objects = dict[str, dict[int, Found]]


def side_load(store: Store, primary: str, keys: Sequence[int], follow: Follow, barred: Barred) -> Objects:
    """Walk the links from the asked objects.

    A link is written on both of its ends, so what a side-loaded object says of its parents covers this reply only.
    ``barred`` names, per link, the asked objects for which it reads empty.
    """
    table = store[primary]
    found: Objects = {primary: {key: Found(key, table.at(key)) for key in keys}}
    level: dict[str, list[Found]] = {primary: list(found[primary].values())}
    while level:
        below: dict[str, list[Found]] = {}
        for kind, some in level.items():
            for link in follow.get(kind, ()):
                closed = barred.get(link, ()) if kind == primary else ()
                fresh = _enter(store, kind, some, link, found.setdefault(link, {}), closed)
                if fresh:
                    below.setdefault(link, []).extend(fresh)
        level = below
    return found


def _enter(
    store: Store, kind: str, some: list[Found], link: str, known: dict[int, Found], closed: set[int] | tuple[()]
) -> list[Found]:
    """Follow one link from some objects of one kind; the objects that were not met before."""
    column = store[kind].relations.get(link)
    if column is None or (isinstance(column, Same) and column.value is None):
        return []
    target = store[link]
    same = isinstance(column, Same)
    back = kind if kind in KINDS[link].links else None
    sort_of_all = TYPED.get(link)
    fresh = []
    for one in some:
        value = column.value if same else column[one.at]  # type: ignore[union-attr,index]
        if value is None or (closed and int(one.itself["id"]) in closed):
            continue
        told = one.links.setdefault(link, [])
        for other, sort in ((value, None),) if type(value) is int else entries(value):
            there = known.get(other)
            if there is None:
                at = target.at(other)
                if at < 0:
                    told.append(entry(link, other, sort))
                    continue
                there = known[other] = Found(other, at)
                fresh.append(there)
            sort = sort or sort_of_all  # noqa: PLW2901 - the kind's own type where the link has none
            told.append({"id": there.itself["id"], "type": sort} if sort else there.itself)
            if back is not None:
                backs = there.links.setdefault(back, [])
                if not backs or backs[-1] is not one.itself:
                    backs.append(one.itself)
    return fresh


def entry(link: str, key: int, sort: str | None) -> Row:
    sort = sort or TYPED.get(link)
    return {"id": str(key), "type": sort} if sort else {"id": str(key)}


class Scribe:
    """Writes objects as JSON. Rows of small tables are kept as text until their table changes."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._heads: dict[tuple[str, bool, tuple[str, str]], tuple[int, dict[int, bytes]]] = {}
        self._no_links = {kind: dict.fromkeys(shape.links, ()) for kind, shape in KINDS.items()}

    def asked(self, kind: str, found: dict[int, Found], names: Sequence[str], form: Form) -> list[Row]:
        """The asked objects, with the links that their call has."""
        rows = []
        for one in found.values():
            row = self._row(kind, one, KINDS[kind].under, form)
            links = {name: one.links.get(name, ()) for name in names}
            form.tie(row, links | {NEW_BLOCK: [{"id": "1", "rank": "2"}]} if form.extras else links)
            rows.append(row)
        return rows

    def block(self, kind: str, found: dict[int, Found], form: Form, *, under: bool) -> dict[str, Any]:
        """Side-loaded objects by id text; ``under`` an order."""
        shape, table, empty = KINDS[kind], self.store[kind], self._no_links[kind]
        drop = shape.own if under else shape.own | shape.under
        if not form.kept or len(table.keys) > KEPT:
            rows: dict[str, Any] = {}
            for one in found.values():
                row = self._row(kind, one, drop, form)
                form.tie(row, {**empty, **one.links} if empty else {})
                rows[one.itself["id"]] = row
            return rows
        version, heads = self._heads.get((kind, under, form.of_values), (-1, {}))
        if version != table.version:
            heads = {}
            self._heads[kind, under, form.of_values] = (table.version, heads)
        texts: dict[str, Any] = {}
        for one in found.values():
            head = heads.get(one.at)
            if head is None:
                head = orjson.dumps(self._row(kind, one, drop, form))[:-1] + b',"links":'
                heads[one.at] = head
            links = orjson.dumps({**empty, **one.links}) if empty else b"[]"
            texts[one.itself["id"]] = orjson.Fragment(b"%b%b}" % (head, links))
        return texts

    def _row(self, kind: str, one: Found, drop: frozenset[str], form: Form) -> Row:
        row = self.store[kind].row(one.at) if one.at >= 0 else KINDS[kind].empty | one.itself
        if one.gone:
            row["deleted"] = "1"
        for name in drop:
            del row[name]
        form.write(KINDS[kind], row)
        return row

    def body(self, primary: str, found: Objects, names: Sequence[str], form: Form) -> Row:
        """The asked objects, then a block for every kind that has an object."""
        asked = self.asked(primary, found[primary], names, form)
        reply: Row = {primary: asked[0] if form.rows == "bare" and len(asked) == 1 else asked}
        if form.rows == "map":
            reply[primary] = {row["id"]: row for row in asked}
        under = primary == "SalesOrders"
        for kind in sorted(found):
            if kind != primary and found[kind]:
                block = self.block(kind, found[kind], form, under=under)
                reply[kind] = block if form.blocks == "map" else list(block.values())
        if form.extras and asked:
            links = {primary: [one.itself for one in found[primary].values()]}
            reply[NEW_BLOCK] = {"1": {"id": "1", "name": "of a kind that nobody knows", "links": links}}
        return reply
