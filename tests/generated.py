"""The parts of the documents that are made from the declarations; `python -m tests.generated` writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.project import SOURCES, maker, module
from stitchhouse.dataset import ACCOUNT, Kind, Relation
from stitchhouse.layout import layouts, link_table
from tests import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from stitchhouse.dataset import Dataset, Table
    from stitchhouse.layout import Layout

OWNED, LINKED = Relation.OWNED, {Relation.MANY, Relation.SHARED}
ROOT = Path(__file__).resolve().parent.parent

ALSO_NAMED = {"last_order_id": "sales_orders"}
"""A column with an id that only repeats what another table tells: drawn, but no way from an order to its customer."""

DRAWN = {
    "stitchlabs": "sales_orders sales_order_line_items invoices invoice_line_items invoice_payments packing_slips "
    "packages credit_memos contacts people addresses products variants warehouse_stock_levels account_addresses "
    "channels purchase_orders",
    "stitchex": "sales_orders sales_order_line_items sales_order_line_quantities invoices payments pick_tickets "
    "receiving_tickets production_orders products product_variations skus inventory customers channels seasons",
}
"""The tables that the diagrams show, the most telling first: with all of them nobody could read one."""


@dataclass(frozen=True)
class Described:
    """A table as all datasets that fill it make it together; `shape` is that of the dataset it belongs to."""

    shape: Layout
    grain: str
    filled: list[str]
    foreign: dict[str, str]
    personal: list[str]


def singular(table: str) -> str:
    """The noun of one row: `sales_order_line_quantities` -> sales order line quantity."""
    words = re.sub(r"s__", " ", table).replace("_", " ")
    for plural, one in (("people$", "person"), ("ies$", "y"), ("(ress|x)es$", r"\1"), ("s$", "")):
        if re.search(plural, words):
            return re.sub(plural, one, words)
    return words


def changes(dataset: Dataset) -> str:
    """How the changes of a dataset are found."""
    if dataset.cursor:
        detail = ", then a detailed read of what changed" if dataset.detail else ""
        return f"keyset on `{dataset.cursor}`{detail}"
    daily = f"; `{dataset.daily.name}` keeps every day" if dataset.daily else ""
    if dataset.closed:
        return f"new ones and those that can still change, in order of `id`; all with `--full`{daily}"
    way = "in order of `id`" if dataset.paged else "in one answer"
    return f"read whole {way}, only rows with changed content are loaded{daily}"


def fills(dataset: Dataset, drawn: Sequence[str], most: int = 6) -> str:
    """The number of tables, and those beside the dataset's own by name, the drawn ones first."""
    shapes = layouts(dataset)
    others = [name for name in shapes if name != dataset.table.name]
    order = {name: number for number, name in enumerate(drawn)}
    others.sort(key=lambda name: (order.get(name, len(order)), "__" in name, shapes[name].side))
    count = "1 table" if not others else f"{len(shapes)} tables, with "
    more = " and more" if len(others) > most else ""
    return f"{count}{', '.join(f'`{name}`' for name in others[:most])}{more}"


def tables_of(source: str) -> Iterator[Table]:
    for dataset in maker(source)[1]:
        yield from (dataset.table, *dataset.tables)


@cache
def named(source: str) -> dict[str, str]:
    """Column with an id -> the table whose ids it holds."""
    also: dict[str, str] = module(source).NAMED | (ALSO_NAMED if source == "stitchex" else {})
    return {table.foreign: table.name for table in tables_of(source)} | also


@cache
def described(source: str) -> dict[str, Described]:
    """Every table of a source; first those with a list of their own, each followed by what hangs on it."""
    datasets: tuple[Dataset, ...] = maker(source)[1]
    owners = {dataset.table.name: dataset for dataset in datasets}
    forms: dict[str, list[tuple[Dataset, Layout]]] = {}
    for dataset in datasets:
        for name, layout in layouts(dataset).items():
            forms.setdefault(name, []).append((dataset, layout))
    found = {}
    for name, all_forms in forms.items():
        ordered = sorted(all_forms, key=lambda form: form[1].side)
        shape = ordered[0][1]
        columns = {column: kind for _, layout in ordered for column, kind in layout.columns.items()}
        ids = [column for column, kind in columns.items() if kind is Kind.ID and column != "id"]
        found[name] = Described(
            shape=shape,
            grain=owners[name].grain.split(";")[0] if name in owners else _grain(shape, source),
            filled=[dataset.name for dataset, _ in ordered],
            foreign={column: named(source)[column] for column in ids if column in named(source)},
            personal=_short([column for column in columns if any(column in layout.personal for _, layout in ordered)]),
        )
    return found


def _grain(shape: Layout, source: str) -> str:
    """What one row is of a table without a list of its own."""
    key = [named(source).get(column, column) for column in shape.key if column != ACCOUNT]
    if key == ["id"]:
        return f"one row per {singular(shape.name)}"
    return f"one row per {' and '.join(singular(noun) for noun in key)}"


def _short(columns: Sequence[str]) -> list[str]:
    """The columns, those of one nested object as one: `billing_address_*`."""
    nested = re.compile(r"^((?:billing_|shipping_)?(?:address|contact))_.+")
    return list(dict.fromkeys(nested.sub(r"\1_*", column) for column in columns))


def dataset_rows() -> Iterator[str]:
    yield "| dataset | grain | key | how changes are found | fills |"
    yield "|---|---|---|---|---|"
    for source in SOURCES:
        for dataset in maker(source)[1]:
            key = ", ".join(layouts(dataset)[dataset.table.name].key)
            cells = (
                f"`{source}.{dataset.name}`",
                dataset.grain,
                f"`{key}`",
                changes(dataset),
                fills(dataset, DRAWN[source].split()),
            )
            yield f"| {' | '.join(cells)} |"


def table_rows(source: str) -> Iterator[str]:
    yield "| table | one row per | key | hangs on | filled by | ids of other tables | personal columns |"
    yield "|---|---|---|---|---|---|---|"
    for name, table in described(source).items():
        foreign = ", ".join(f"`{column}` -> {target}" for column, target in table.foreign.items())
        words = (", ".join(table.shape.key), table.shape.owner, ", ".join(table.filled), foreign)
        noun = table.grain.removeprefix("one row per ")
        yield f"| `{name}` | {noun} | {' | '.join(words)} | {', '.join(table.personal)} |"


def diagram(source: str) -> Iterator[str]:
    """The drawn tables and what ties them: parent to what it owns, a column with an id, a link table of a list."""
    drawn = dict.fromkeys(DRAWN[source].split())
    shapes = described(source)
    if unknown := sorted(drawn.keys() - shapes.keys()):
        raise SystemExit(f"no dataset of {source} fills {', '.join(unknown)}: take it out of DRAWN")
    lists = {dataset.table.name for dataset in maker(source)[1]}
    owned = {(link.table, table.name) for table in tables_of(source) for link in table.links if link.relation is OWNED}
    ties: dict[tuple[str, str], str] = {}
    for name in drawn:
        for column, target in shapes[name].foreign.items():
            if target not in drawn or (column == shapes[name].shape.scope and (name, target) not in owned):
                continue
            ties.setdefault((name, target), f"{'}o--||' if (name, target) in owned else '}o--o|'} {target} : {column}")
    for table in tables_of(source):
        for link in table.links:
            pair = (table.name, link.table)
            linked = link.relation in LINKED and table.name in lists and set(pair) <= drawn.keys()
            if linked and pair[::-1] not in ties:
                ties.setdefault(pair, f"}}o--o{{ {link.table} : {link_table(table, link)}")
    yield "```mermaid"
    yield "erDiagram"
    yield from (f"    {name} {tie}" for (name, _), tie in ties.items())
    yield "```"


GENERATED: dict[Path, dict[str, Callable[[], Iterable[str]]]] = {
    ROOT / "README.md": {
        "datasets": dataset_rows,
        **{f"{source} diagram": partial(diagram, source) for source in SOURCES},
    },
    ROOT / "warehouse" / "README.md": {f"{source} tables": partial(table_rows, source) for source in SOURCES},
    ROOT / "docs" / "reliability.md": {"catalogue": catalogue.rows},
}
"""Document -> the name of a part between its markers -> what makes it."""


def made(document: Path) -> str:
    """The document as it should be."""
    text = document.read_text(encoding="utf-8")
    for name, lines in GENERATED[document].items():
        begin, end = f"<!-- generated: {name} -->\n", "<!-- end -->"
        before, rest = text.split(begin, 1)
        text = f"{before}{begin}\n" + "\n".join(lines()) + f"\n\n{end}{rest.split(end, 1)[1]}"
    return text


if __name__ == "__main__":
    for path in GENERATED:
        path.write_text(made(path), encoding="utf-8")
