"""Changes to the lines of one order."""

from __future__ import annotations

from sandbox.control.edits import BadEdit, Edits
from sandbox.store import Row, entries


class LineEdits(Edits):
    """All edits of one face, those of lines included."""

    def lines(self, given: Row) -> Row:
        """Edit the lines of one order; the order gets the stamp too."""
        orders = self.table(self.face.main)
        order = int(given.get("order") or self.model(orders))
        if order not in orders:
            message = f"no order {order}"
            raise BadEdit(message)
        name = self.face.lines_of(order)
        table = self.table(name)
        held = [key for key, _ in entries(orders.related(order, name)) if key in table]
        touched: list[int] = []
        done: Row = {"order": order, "ids": held}
        if "remove" in given:
            gone = held if given["remove"] == "all" else [int(key) for key in given["remove"]]
            for key in _own(gone, held, order):
                self.drop(name, key)
            held = [key for key in held if key not in set(gone)]
        if "add" in given:
            other = (key for key, _ in entries(orders.related(self.model(orders), name)) if key in table)
            models = held or list(other) or table.live[:1]
            fresh = [self.copy(name, models[i % len(models)], order) for i in range(int(given["add"]))]
            held = [*held, *fresh]
            touched += fresh
        for text, values in given.get("set", {}).items():
            key = int(text)
            home = table
            if key not in held:
                home = next((self.table(below) for below in table.owns if key in self.table(below)), table)
            if key not in home:
                message = f"order {order} has no line {key}"
                raise BadEdit(message)
            self.assign(home, key, values)
            touched += [key] if home is table else []
        orders.relate(order, name, held)
        if "move" in given:
            self._move(order, given["move"], held, name)
            self.face.settle(int(given["move"]["to"]))
            self.touch(orders, [int(given["move"]["to"])], given.get("stamp"))
            touched += [int(key) for key in given["move"]["lines"]]
        self.touch(table, touched, given.get("stamp"))
        self.touch(orders, [order], given.get("stamp"))
        self.face.settle(order)
        return done | {"ids": [key for key, _ in entries(orders.related(order, name))]}

    def _move(self, order: int, move: Row, held: list[int], name: str) -> None:
        orders, table, to = self.table(self.face.main), self.table(name), int(move["to"])
        if to not in orders:
            message = f"no order {to}"
            raise BadEdit(message)
        if self.face.lines_of(to) != name:
            message = f"order {to} keeps its lines elsewhere: one of the two is closed"
            raise BadEdit(message)
        going = _own([int(key) for key in move["lines"]], held, order)
        orders.relate(order, name, [key for key in held if key not in set(going)])
        orders.relate(to, name, [*(key for key, _ in entries(orders.related(to, name))), *going])
        for key in going:
            table.relate(key, str(table.parent), to)


def _own(keys: list[int], held: list[int], order: int) -> list[int]:
    strange = set(keys) - set(held)
    if strange:
        message = f"order {order} has no line {min(strange)}"
        raise BadEdit(message)
    return keys
