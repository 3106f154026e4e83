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
    from tests.conftest import Shop


def passed(shop: Shop, api: str) -> list[str]:
    """Orders that the cursor has passed although the warehouse does not hold them as they are."""
    at = cursor(shop, api)
    rows = truth(shop, api) if at else {}
    behind = [key for key, one in rows.items() if at and datetime.fromisoformat(one["row"]["updated_at"]) < at]
    found = differences(shop, api, only=behind) if behind else []
    return [f"behind the cursor {at}: {line}" for line in found]


def cursor(shop: Shop, api: str) -> datetime | None:
    """The cursor of orders in the state of the last load that counts, as the warehouse itself has it."""
    question = f"""
        select kept.state from {api}._dlt_pipeline_state as kept
        semi join {api}._dlt_loads as loads on loads.load_id = kept._dlt_load_id and loads.status = 0
        order by kept.version desc limit 1
    """
    try:
        states = shop.sql(question)
    except duckdb.Error:
        return None  # no load ever counted: the file or its tables are not there
    resources = [decompress_state(state)["sources"][api]["resources"] for (state,) in states]
    held = [one.get("sales_orders", {}).get("incremental", {}).get("updated_at", {}) for one in resources]
    return datetime.fromisoformat(held[0]["last_value"]) if held and held[0] else None


def doubled(shop: Shop, api: str) -> list[str]:
    """Tables that hold a key twice."""
    found = []
    with duckdb.connect(str(shop.file), read_only=True) as connection:
        there = {
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() where schema_name = ?", [api]
            ).fetchall()
        }
        for dataset in maker(api)[1]:
            for name, layout in layouts(dataset).items():
                if name in there:
                    key = ", ".join(f'"{column}"' for column in layout.key)
                    question = f'select count(*) from (select 1 from {api}."{name}" group by {key} having count(*) > 1)'
                    ((count,),) = connection.execute(question).fetchall()
                    found += [f"{name} holds {count} keys more than once"] if count else []
    return sorted(set(found))


def orphans(shop: Shop, api: str) -> list[str]:
    """Tables of an order's rows that hold rows of no order."""
    found = []
    dataset = next(one for one in maker(api)[1] if one.name == "sales_orders")
    with duckdb.connect(str(shop.file), read_only=True) as connection:
        for name, layout in layouts(dataset).items():
            if name == "sales_orders" or "sales_order_id" not in layout.key:
                continue
            question = f"""
                select count(*) from {api}."{name}" as own
                anti join {api}.sales_orders as held on held.account = own.account and held.id = own.sales_order_id
            """
            ((count,),) = connection.execute(question).fetchall()
            found += [f"{name} holds {count} rows of no order"] if count else []
    return found
