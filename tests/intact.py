"""What must hold of a warehouse whatever killed a load: no key twice, no row of nobody, no cursor too far ahead."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import duckdb
from dlt.common.versioned_state import decompress_state

from pipelines.project import maker
from stitchhouse.layout import layouts
from tests.truth import differences, truth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.kept import KeptShop


def passed(shop: KeptShop) -> list[str]:
    """Orders that the cursor has passed although the warehouse does not hold them as they are."""
    at = cursor(shop)
    rows = truth(shop, shop.api) if at else {}
    behind = [key for key, one in rows.items() if at and datetime.fromisoformat(one["row"]["updated_at"]) < at]
    found = differences(shop, shop.api, only=behind) if behind else []
    return [f"behind the cursor {at}: {line}" for line in found]


def cursor(shop: KeptShop) -> datetime | None:
    """The cursor of orders in the state of the last load that counts, as the warehouse itself has it."""
    question = f"""
        select kept.state from {shop.api}._dlt_pipeline_state as kept
        semi join {shop.api}._dlt_loads as loads on loads.load_id = kept._dlt_load_id and loads.status = 0
        order by kept.version desc limit 1
    """
    try:
        states = shop.sql(question)
    except duckdb.Error:
        return None  # no load ever counted: the file or its tables are not there
    resources = [decompress_state(state)["sources"][shop.api]["resources"] for (state,) in states]
    held = [one.get("sales_orders", {}).get("incremental", {}).get("updated_at", {}) for one in resources]
    return datetime.fromisoformat(held[0]["last_value"]) if held and held[0] else None


def tables(shop: KeptShop) -> set[str]:
    """The tables that exist: none before the first load."""
    if not shop.file.exists():
        return set()
    return {name for (name,) in shop.sql(f"select table_name from duckdb_tables() where schema_name = '{shop.api}'")}


def doubled(shop: KeptShop) -> list[str]:
    """Tables that hold a key twice."""
    there = tables(shop)
    questions = {}
    for dataset in maker(shop.api)[1]:
        for name, layout in layouts(dataset).items():
            key = ", ".join(f'"{column}"' for column in layout.key)
            if name in there:
                questions[name] = f'from (select 1 from {shop.api}."{name}" group by {key} having count(*) > 1)'
    return [f"{name} holds {count} keys more than once" for name, count in _counted(shop, questions)]


def orphans(shop: KeptShop) -> list[str]:
    """Tables of an order's rows that hold rows of no order."""
    dataset = next(one for one in maker(shop.api)[1] if one.name == "sales_orders")
    questions = {
        name: f"""
            from {shop.api}."{name}" as own
            anti join {shop.api}.sales_orders as held on held.account = own.account and held.id = own.sales_order_id
        """
        for name, layout in layouts(dataset).items()
        if name != "sales_orders" and "sales_order_id" in layout.key
    }
    return [f"{name} holds {count} rows of no order" for name, count in _counted(shop, questions)]


def _counted(shop: KeptShop, questions: Mapping[str, str]) -> list[tuple[str, int]]:
    """The tables whose question finds rows, and how many: all are asked at once, because to open a file takes time."""
    asked = " union all ".join(f"select '{name}', count(*) {question}" for name, question in questions.items())
    return [(name, count) for name, count in shop.sql(asked) if count] if asked else []
