"""Options and arguments that several commands share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

Sources = Annotated[
    list[str] | None, typer.Argument(help="stitchlabs, stitchex; without a name: all that are configured.")
]
Destination = Annotated[
    str, typer.Option(help="A destination that dlt knows; duckdb writes warehouse/stitchhouse.duckdb.")
]
Datasets = Annotated[
    list[str] | None, typer.Option(help="Only this dataset, such as sales_orders or stitchex.sales_orders.")
]
Accounts = Annotated[
    list[str] | None,
    typer.Option(help="Only this account: a Stitch Labs account's name, or a Stitchex organisation's id or name."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object instead of text.")]


class Format(StrEnum):
    table = "table"
    csv = "csv"
    json = "json"
