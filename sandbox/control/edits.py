"""Changes to the rows of a face, as its users would make them."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from sandbox.store import Row, Table, entries, moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.clock import Clock
    from sandbox.exchange import Face

# Text fields, of which a visible edit takes the first that a row has.
VISIBLE = (
    *("notes", "name", "description", "value", "product_name"),
    *("customer_name", "reference", "vendor", "tracking_number", "channel_name", "color"),
)
# Flags of orders that nobody would take for a new one.
SPECIAL = ("complete", "deleted", "draft", "limbo", "void", "archived")


class BadEdit(Exception):  # noqa: N818 - says what is the matter
    """A control request names something that does not exist or makes no sense."""


class Edits:
    """The edits of one face. The choice of rows, where it is left open, is seeded."""

    def __init__(self, face: Face, clock: Clock, seed: int) -> None:
        self.face = face
        self.clock = clock
        self._random = Random(seed)

    def table(self, resource: str) -> Table:
        try:
            return self.face.store[resource]
        except KeyError:
            message = f"no resource {resource!r}; there are {', '.join(self.face.store)}"
            raise BadEdit(message) from None

    def chosen(self, resource: str, given: Row) -> list[int]:
        """The rows that a request means: its ``ids``, or ``count`` of them (one by default)."""
        table = self.table(resource)
        if "ids" in given:
            keys = [int(key) for key in given["ids"]]
            missing = [key for key in keys if key not in table]
            if missing:
                message = f"{resource}: no row {missing[0]}"
                raise BadEdit(message)
            return keys
        count = min(int(given.get("count", 1)), len(table.live))
        places: dict[int, None] = {}
        while len(places) < count:
            places[int(self._random.random() * len(table.live))] = None
        return [table.live[place] for place in places]

    def touch(self, table: Table, keys: Iterable[int], stamp: object) -> None:
        """Give rows their new updated_at: now, the given time, or none when ``stamp`` is false."""
        if stamp is False or "updated_at" not in table.columns:
            return
        seconds = int(self.clock.now()) if stamp in (None, True) else _seconds(stamp)
        value = self.face.stamp(seconds)
        for key in keys:
            table.put(key, "updated_at", value)

    def change(self, given: Row) -> Row:
        resource = given.get("resource", self.face.main)
        table = self.table(resource)
        keys = self.chosen(resource, given)
        values = given.get("set")
        for key in keys:
            self.assign(table, key, values if values is not None else _visible_edit(table, key))
        self.touch(table, keys, given.get("stamp"))
        return {"ids": keys}

    def assign(self, table: Table, key: int, values: Row) -> None:
        for name, value in values.items():
            if name not in table.columns or name == "id":
                message = f"no field {name!r}; there are {', '.join(table.columns)}"
                raise BadEdit(message)
            seconds = name.endswith("_at") and isinstance(value, str) and isinstance(self.face.stamp(0), int)
            table.put(key, name, moment(value) if seconds else value)

    def add(self, given: Row) -> Row:
        """Copies of rows under new ids, with copies of the lines that they own."""
        resource = given.get("resource", self.face.main)
        table = self.table(resource)
        made = []
        for _ in range(int(given.get("count", 1))):
            made.append(self.copy(resource, self.model(table), None))
            if "local_id" in table.columns:
                table.put(made[-1], "local_id", f"N{made[-1]}")
            number = "order_number" if resource == self.face.main else f"{resource.removesuffix('s')}_number"
            if number in table.columns and (model := table.get(made[-1], number)) is not None:
                table.put(made[-1], number, type(model)(made[-1]))
            if given.get("set"):
                self.assign(table, made[-1], given["set"])
        seconds = int(self.clock.now())
        if given.get("stamp") not in (None, True, False):
            seconds = _seconds(given["stamp"])
        for key in made:
            for name in ("created_at", "updated_at"):
                if name in table.columns:
                    table.put(key, name, self.face.stamp(seconds))
        return {"ids": made}

    def model(self, table: Table) -> int:
        """A row that is worth copying: an ordinary one, with lines where rows of its kind have them."""
        if not table.live:
            message = "there is no row left to copy"
            raise BadEdit(message)
        special = [name for name in SPECIAL if name in table.columns]
        for _ in range(200):
            key = table.live[int(self._random.random() * len(table.live))]
            bare = any(not any(True for _ in entries(table.related(key, name))) for name in table.owns[:1])
            if not bare and not any(table.get(key, name) == "1" for name in special):
                return key
        return table.live[0]

    def copy(self, resource: str, model: int, parent: int | None) -> int:
        table = self.table(resource)
        key = table.next_key()
        position = table.at(model)
        relations = {name: table.related(model, name) for name in table.relations}
        if parent is not None and table.parent is not None:
            relations[table.parent] = parent
        forgotten = self.face.forgotten.get(resource, ())
        for name in relations:
            if name in forgotten:
                relations[name] = None
        table.append(key, table.row(position) | {"id": self.face.key(key)}, relations)
        for name in set(table.owns) - set(forgotten):
            copies = [
                self.copy(name, child, key)
                for child, _ in entries(table.related(model, name))
                if child in self.table(name)
            ]
            table.relate(key, name, copies)
        if parent is None and resource != self.face.main:
            self._tie(resource, key, relations)
        return key

    def _tie(self, resource: str, key: int, relations: Row) -> None:
        """Write the links of a new row on their other ends too, where those are kept."""
        for name, value in relations.items():
            other = self.face.store.get(name)
            if other is None or resource not in other.relations or name in self.table(resource).owns:
                continue
            for one, _ in entries(value):
                if one in other:
                    held = other.related(one, resource)
                    other.relate(one, resource, [*([held] if isinstance(held, int) else held or ()), key])

    def delete(self, given: Row) -> Row:
        """Hard delete, with everything that the rows own."""
        resource = given.get("resource", self.face.main)
        keys = self.chosen(resource, given)
        for key in keys:
            self.drop(resource, key)
        return {"ids": keys}

    def drop(self, resource: str, key: int) -> None:
        table = self.table(resource)
        if key not in table:
            return
        for name in table.owns:
            for child, _ in list(entries(table.related(key, name))):
                self.drop(name, child)
        table.remove(key)

    def archive(self, given: Row) -> Row:
        resource = given.get("resource", self.face.main)
        table = self.table(resource)
        keys = self.chosen(resource, given)
        for key in keys:
            if "archived" in table.columns:
                table.put(key, "archived", "1")
            else:
                self.face.hide(resource, key)
        self.touch(table, keys, given.get("stamp"))
        return {"ids": keys}


def _seconds(stamp: object) -> int:
    try:
        return moment(stamp)
    except ValueError:
        message = f"stamp {stamp!r} is no time"
        raise BadEdit(message) from None


def _visible_edit(table: Table, key: int) -> dict[str, Any]:
    """A change that anybody would see, in a text field that the row has."""
    for name in VISIBLE:
        if name in table.columns:
            return {name: f"{table.get(key, name) or ''} (edited)"[-200:]}
    return {}
