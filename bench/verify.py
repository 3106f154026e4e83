"""Whether `verify` finds one wrong row in 100,000: one change at a time, behind the back of the sync.

`python -m bench.verify --trials 100` serves a made-up shop, loads the orders of both APIs with all that hangs on them,
and then changes one row of a random table of the warehouse (a value, a row deleted, added or doubled), or one row of
the source without a new stamp. Each time `verify` must name the table, the row and the column; then it is put back.
The same seed makes the same trials.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from pipelines.comparison import verify
from pipelines.load import sync
from pipelines.project import Project, maker
from pipelines.terminal import Terminal
from pipelines.warehouse import Target
from sandbox import running
from stitchhouse.dataset import ACCOUNT
from stitchhouse.layout import Layout, layouts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.verdict import Verdict
    from sandbox import Sandbox

ORDERS = {"stitchlabs": 2_700, "stitchex": 7_000}
"""Orders that fill 100,000 rows, all tables of the dataset together."""
DATASET = "sales_orders"
OURS = ("_dlt_load_id", "_row_hash", "_batch")
KINDS = ("alter", "alter", "delete", "add", "double", "source")
SILENT = {
    "stitchlabs": [
        ("SalesOrders", "sales_orders", "notes"),
        ("SalesOrderLineItems", "sales_order_line_items", "description"),
    ],
    "stitchex": [
        ("sales_orders", "sales_orders", "notes"),
        ("sales_order_line_items", "sales_order_line_items", "product_name"),
    ],
}
"""Rows of the sandbox that are changed without a trace: resource, table, column."""


@dataclass(frozen=True)
class Wrong:
    """What is wrong now, and how to put it right again."""

    kind: str
    table: str
    key: str
    column: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.kind, self.table, self.key, self.column)))


class Shop:
    """A served shop and the warehouse that was loaded from it."""

    def __init__(self, box: Sandbox, folder: Path) -> None:
        self.box = box
        self.project = Project(folder)
        self.project.enter()
        self.target = Target(self.project)
        self.terminal = Terminal(as_json=True)
        self.shapes: dict[str, dict[str, Layout]] = {}
        for source in ORDERS:
            (dataset,) = (one for one in maker(source)[1] if one.name == DATASET)
            self.shapes[source] = layouts(dataset)

    def load(self, source: str) -> None:
        outcome = sync(self.project, source, self.target, datasets=[DATASET])
        if outcome.error is not None:
            raise outcome.error

    def verdicts(self, source: str) -> list[Verdict]:
        return verify(self.project, source, self.target, self.terminal, datasets=[DATASET], accounts=[])

    @contextmanager
    def warehouse(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect(str(self.target.file)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            yield connection

    def filled(self, source: str) -> dict[str, int]:
        """Rows by table."""
        parts = [f"select '{name}', count(*) from {source}.{name}" for name in self.shapes[source]]
        with self.warehouse() as held:
            counts = held.execute(" union all ".join(parts)).fetchall()
        return {name: count for name, count in sorted(counts) if count}


def changed(value: Any, kind: str) -> Any:
    """Another value of the same type; `kind` is the type's name in the warehouse, where there is no value yet."""
    if value is None:
        firsts = {"BIGINT": 7, "BOOLEAN": True, "DATE": date(2020, 1, 1), "VARCHAR": "x"}
        return firsts.get(kind, Decimal("0.0001") if kind.startswith("DECIMAL") else datetime(2020, 1, 1))  # noqa: DTZ001 - the connection is in UTC
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, Decimal):
        return value + Decimal("0.0001")
    if isinstance(value, datetime):
        return value + timedelta(seconds=1)
    if isinstance(value, date):
        return value + timedelta(days=1)
    return f"{value} "


class Trial:
    """One change of one row, made and taken back."""

    def __init__(self, shop: Shop, source: str, kind: str, chance: random.Random) -> None:
        self.shop, self.source, self.kind, self.chance = shop, source, kind, chance
        self.tables = list(shop.filled(source))
        self.undo: list[tuple[str, tuple[Any, ...]]] = []
        self.restore: dict[str, Any] = {}

    def make(self) -> Wrong:
        with self.shop.warehouse() as held:
            return self._silent(held) if self.kind == "source" else self._behind(held, self.chance.choice(self.tables))

    def take_back(self) -> None:
        with self.shop.warehouse() as held:
            for question, values in self.undo:
                held.execute(question, values)
        if self.restore:
            self.shop.box.control.change(self.source, **self.restore, stamp=False)

    def _behind(self, held: duckdb.DuckDBPyConnection, table: str) -> Wrong:
        """One row of the warehouse: a value altered, deleted, added like another one, or doubled."""
        layout, name = self.shop.shapes[self.source][table], f"{self.source}.{table}"
        kinds = {row[0]: row[1] for row in held.execute(f"describe {name}").fetchall()}
        rows = sorted(held.execute(f"select * from {name}").fetchall(), key=str)
        values = self.chance.choice(rows)
        row = dict(zip(kinds, values, strict=True))
        whole = " and ".join(f'"{part}" is not distinct from ?' for part in kinds)
        insert = f"insert into {name} values ({', '.join('?' * len(row))})"
        delete = f"delete from {name} where {whole}"
        if self.kind == "delete":
            held.execute(delete, values)
            self.undo = [(insert, values)]
            return Wrong(self.kind, table, key_of(row, layout))
        if self.kind == "double":
            held.execute(insert, values)
            self.undo = [(delete, values), (insert, values)]
            return Wrong(self.kind, table, key_of(row, layout))
        if self.kind == "add":
            at = [part for part in layout.key if isinstance(row[part], int)][-1]
            row[at] = max(one[list(kinds).index(at)] for one in rows) + 1000
            held.execute(insert, list(row.values()))
            self.undo = [(delete, tuple(row.values()))]
            return Wrong(self.kind, table, key_of(row, layout))
        column = self.chance.choice([part for part in kinds if part not in OURS])
        new = row | {column: changed(row[column], kinds[column])}
        held.execute(f'update {name} set "{column}" = ? where {whole}', [new[column], *values])
        self.undo = [(delete, tuple(new.values())), (insert, values)]
        moved = column in {*layout.key, layout.scope}
        return Wrong(self.kind, table, key_of(row, layout), "" if moved else column)

    def _silent(self, held: duckdb.DuckDBPyConnection) -> Wrong:
        """One row of the source, without a new stamp."""
        kind, table, column = self.chance.choice(SILENT[self.source])
        rows = held.execute(f"select id, {column} from {self.source}.{table} order by id").fetchall()
        key, before = self.chance.choice(rows)
        self.restore = {"resource": kind, "ids": [key], "set": {column: before}}
        self.shop.box.control.change(
            self.source, kind, ids=[key], set={column: f"{before or ''} silently"}, stamp=False
        )
        return Wrong(self.kind, table, str(key), column)


def key_of(row: dict[str, Any], layout: Layout) -> str:
    return " ".join(str(row[part]) for part in layout.key if part != ACCOUNT)


def named(wrong: Wrong, verdicts: list[Verdict]) -> bool:
    """Whether a verdict names the table, the row, and the column where the row kept its place."""
    for verdict in verdicts:
        if wrong.key.isdecimal() and int(wrong.key) in verdict.left.get(wrong.table, ()):
            return True
        for (table, _), rows in verdict.found.shown.items():
            for one in rows:
                same = table == wrong.table and one.key == wrong.key
                if same and (not wrong.column or wrong.column in one.columns):
                    return verdict.exit_code != 0
    return False


def run(source: str, orders: int, number: int, seed: int) -> list[tuple[bool, float]]:
    """(found, seconds) of each trial with one API, and of a last one in which nothing may differ."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name, served(source, orders, Path(name)) as shop:
        begun = time.perf_counter()
        shop.load(source)
        filled = shop.filled(source)
        print(
            f"{source}.{DATASET}: {sum(filled.values()):,} rows in {len(filled)} tables, "
            f"loaded in {time.perf_counter() - begun:.1f} s",
            flush=True,
        )
        done = []
        for _ in range(number):
            trial = Trial(shop, source, chance.choice(KINDS), chance)
            wrong = trial.make()
            begun = time.perf_counter()
            verdicts = shop.verdicts(source)
            done.append((named(wrong, verdicts), time.perf_counter() - begun))
            trial.take_back()
            if not done[-1][0]:
                said = " | ".join(line for one in verdicts for line in one.lines())
                print(f"NOT FOUND: {wrong}; instead: {said}", flush=True)
        if any(verdict.exit_code for verdict in shop.verdicts(source)):
            raise SystemExit("something still differs after everything was put back")
    return done


@contextmanager
def served(source: str, orders: int, folder: Path) -> Iterator[Shop]:
    """A shop of one API, with the process inside its project."""
    (folder / ".dlt").mkdir()
    with running(api=source, orders=orders, organisations=1, control=True) as box:
        before, home = dict(os.environ), Path.cwd()
        os.environ |= box.environment
        os.environ |= {
            "DLT_PROJECT_DIR": str(folder),
            "DLT_DATA_DIR": str(folder / "data"),
            "XDG_STATE_HOME": str(folder / "user"),
        }
        os.chdir(folder)
        try:
            yield Shop(box, folder)
        finally:
            os.chdir(home)
            os.environ.clear()
            os.environ |= before


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m bench.verify", description=(__doc__ or "").split("\n\n")[0])
    words.add_argument("--trials", type=int, default=100)
    words.add_argument(
        "--size", type=float, default=1.0, help="of the shops; 1 fills 100,000 rows in each API's tables"
    )
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--source", choices=list(ORDERS), help="only this API")
    given = words.parse_args()
    done: list[tuple[bool, float]] = []
    sources = [given.source] if given.source else list(ORDERS)
    for place, source in enumerate(sources):
        number = (given.trials + place) // len(sources)
        mine = run(source, int(ORDERS[source] * given.size), number, given.seed)
        times = sorted(seconds for _, seconds in mine)
        print(
            f"  {len(mine)} trials, {sum(found for found, _ in mine)} found; "
            f"median {times[len(times) // 2]:.1f} s, longest {times[-1]:.1f} s",
            flush=True,
        )
        done += mine
    found = sum(was for was, _ in done)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{found} of {len(done)} found; peak memory {memory} MB; seed {given.seed}")
    return 0 if found == len(done) else 1


if __name__ == "__main__":
    sys.exit(main())
