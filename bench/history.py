"""Real orders through the whole product: every figure checked, and what it costs.

`python -m bench.history FILE` serves FILE (the Online Retail data set, CSV or Parquet) with the sandbox, syncs it as
Stitch Labs orders into a DuckDB file, checks the figures that FILE itself gives, and prints time, memory and rows per
second beside a plain download of the very same pages. The file is Daqing Chen, Online Retail, UCI Machine Learning
Repository, 2015, doi 10.24432/C5BW33 (CC BY 4.0): https://archive.ics.uci.edu/dataset/352/online+retail
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import requests

from sandbox import running

HOME = "https://archive.ics.uci.edu/dataset/352/online+retail"
FIGURES = {
    "orders": "select count(*) from stitchlabs.sales_orders",
    "lines": "select count(*) from stitchlabs.sales_order_line_items",
    "units": "select sum(quantity) from stitchlabs.sales_order_line_items",
    "value": "select sum(quantity * price)::decimal(18, 3) from stitchlabs.sales_order_line_items",
    "customers": "select count(*) from stitchlabs.contacts",
    "products": "select count(*) from stitchlabs.variants",
    "countries": "select count(distinct country) from stitchlabs.addresses",
    "cancelled orders": "select count(*) from stitchlabs.sales_orders where local_id like 'C%'",
    "lines of orders without a customer": """
        select count(*) from stitchlabs.sales_order_line_items as line_items
        inner join stitchlabs.sales_orders on sales_orders.id = line_items.sales_order_id
        where sales_orders.contact_id is null
    """,
    "lines of the largest order": """
        select max(n) from (select count(*) as n from stitchlabs.sales_order_line_items group by sales_order_id)
    """,
    "lines without a description": """
        select count(*) from stitchlabs.sales_order_line_items where description is null or description = ''
    """,
    "descriptions with outer blanks": """
        select count(*) from stitchlabs.sales_order_line_items where description != trim(description)
    """,
    "rejected values": "select count(*) from stitchlabs._rejected",
}
SOURCE = """
    select
        count(distinct InvoiceNo),
        count(*),
        sum(Quantity),
        sum(Quantity * UnitPrice::varchar::decimal(18, 4))::decimal(18, 3),
        count(distinct CustomerID),
        count(distinct StockCode),
        count(distinct Country),
        count(distinct InvoiceNo) filter (where InvoiceNo like 'C%'),
        count(*) filter (where CustomerID is null),
        (select max(n) from (select count(*) as n from sales group by InvoiceNo)),
        count(*) filter (where Description is null or Description = ''),
        count(*) filter (where Description != trim(Description)),
        0
    from sales
"""


def expected(file: Path) -> list[Any]:
    """The same figures, counted on the file itself."""
    read = "read_parquet" if file.suffix == ".parquet" else "read_csv_auto"
    with duckdb.connect() as connection:
        connection.execute(f"create view sales as select * from {read}('{file}')")
        row = connection.execute(SOURCE).fetchone()
    return list(row or [])


def found(warehouse: Path) -> list[Any]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return [(connection.execute(sql).fetchone() or [None])[0] for sql in FIGURES.values()]


def synced(folder: Path, environment: dict[str, str]) -> tuple[float, int, dict[str, Any]]:
    """(seconds, peak memory in MB, the run as JSON) of a sync of the orders, as one process."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "pipelines", "sync", "--dataset", "stitchlabs.sales_orders", "--json"],
        cwd=folder,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, 10}:
        sys.exit(f"the sync ended with {process.returncode}")
    return time.perf_counter() - begun, usage.ru_maxrss // 1024, json.loads(said)


def downloaded(url: str, token: str, orders: list[int]) -> tuple[float, int]:
    """(seconds, bytes) to fetch the same pages and throw them away: all listings, then details in the same batches."""
    begun = time.perf_counter()
    size, last = 0, 0
    with requests.Session() as session:
        session.headers["access_token"] = token

        def fetch(path: str, **body: Any) -> None:
            nonlocal size
            size += len(session.post(f"{url}/api2/v2/{path}", json={"action": "read", **body}).content)

        for start in range(0, len(orders), 50):
            batch = orders[start : start + 50]
            fetch(
                "SalesOrders",
                page_size=50,
                page_num=1,
                sort=[{"id": "asc"}],
                filter={"and": [{"id": last, "operation": ">"}]},
            )
            fetch("SalesOrders/detail", SalesOrders=[{"id": key} for key in batch])
            last = batch[-1]
    return time.perf_counter() - begun, size


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m bench.history", description=(__doc__ or "").split("\n\n")[1])
    words.add_argument("file", type=Path, help="the transactions, CSV or Parquet")
    file = words.parse_args().file.resolve()
    if not file.exists():
        print(f"{file} is absent, so nothing was checked; get it from {HOME}")
        return 2
    with tempfile.TemporaryDirectory() as name, running(history=file, control=True) as box:
        folder = Path(name)
        (folder / ".dlt").mkdir()
        seconds, memory, run = synced(folder, box.environment | {"PYTHONPATH": str(Path(__file__).parents[1])})
        warehouse = folder / "warehouse" / "stitchhouse.duckdb"
        pairs = list(zip(FIGURES, expected(file), found(warehouse), strict=True))
        again, _, second = synced(folder, box.environment | {"PYTHONPATH": str(Path(__file__).parents[1])})
        plain, size = downloaded(box.stitchlabs_url, "sandbox", box.control.ids("stitchlabs", "SalesOrders"))
    print(f"{'figure':36}{'file':>16}{'warehouse':>16}")
    for what, wanted, got in pairs:
        print(f"{what:36}{wanted:>16}{got:>16}{'' if wanted == got else '   DIFFERS'}")
    rows = sum(run["sources"][0]["rows_loaded"].values())
    walk, quiet = run["sources"][0]["walks"][0], second["sources"][0]["walks"][0]
    print(f"\nload: {seconds:.1f} s, {rows:,} rows, {rows / seconds:,.0f} rows/s, peak memory {memory} MB")
    print(
        f"      {walk['requests']} requests, {size / 2**20:.0f} MB of JSON, "
        f"certified: {walk['certified']} ({walk['plan']})"
    )
    print(f"plain download of the same pages: {plain:.1f} s; the load takes {seconds / plain:.1f} x as long")
    loaded = sum(second["sources"][0]["rows_loaded"].values())
    print(f"again with nothing changed: {again:.1f} s, {loaded} rows, {quiet['requests']} request(s)")
    mine = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"(this benchmark's own process: {mine} MB)")
    return 0 if all(wanted == got for _, wanted, got in pairs) and loaded == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
