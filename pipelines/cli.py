"""The command line. Each command imports what it needs when it runs, so that `--help` answers at once."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from stitchhouse.errors import StitchhouseError

INTERRUPTED, TERMINATED = 130, 143

app = typer.Typer(
    name="stitchhouse",
    help="Copies Stitch Labs and Stitchex commerce data into a data warehouse, and proves that nothing was lost.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

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


@app.command()
def init(
    sources: Annotated[
        list[str] | None, typer.Argument(help="stitchlabs, stitchex; without a name: asks for each.")
    ] = None,
    *,
    no_input: Annotated[
        bool,
        typer.Option("--no-input", help="Ask nothing: take the SOURCES__* variables of the environment as they are."),
    ] = False,
) -> None:
    """Ask for the credentials of the sources, put them into .dlt/secrets.toml, and check that they work.

    Values that are set already are offered, secrets without being shown. Nothing is written before the last answer.
    """
    from pipelines.init import run_init

    with leaving():
        raise typer.Exit(run_init(sources or [], no_input=no_input))


@app.command()
def sync(
    sources: Sources = None,
    *,
    dataset: Datasets = None,
    destination: Destination = "duckdb",
    account: Accounts = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Load nothing; print how many requests and hours it would take.")
    ] = False,
    wait: Annotated[
        str, typer.Option(help="Wait up to this long, such as 90s, 10m or 2h, where another run holds a lock.")
    ] = "0",
    publish: Annotated[
        Path | None,
        typer.Option(help="Then copy the DuckDB file to this one, in one step, for readers who keep it open."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Load what is new or changed. Exit code 0: all certified; 10: loaded, but something is not certain."""
    from pipelines.commands import run_sync

    code = run_sync(
        sources or [],
        datasets=dataset or [],
        destination=destination,
        accounts=account or [],
        dry_run=dry_run,
        wait=wait,
        published=publish,
        as_json=as_json,
    )
    raise typer.Exit(code)


@app.command()
def demo(
    *,
    orders: Annotated[int, typer.Option(min=1, help="Size of the shop.")] = 500,
    seed: Annotated[int, typer.Option(help="The same seed makes the same shop.")] = 1,
) -> None:
    """Sync a made-up shop twice, with changes in between, into warehouse/demo.duckdb. Needs no account."""
    from pipelines.demo import run_demo

    raise typer.Exit(run_demo(orders, seed))


@app.command()
def check(
    sources: Sources = None,
    *,
    dataset: Datasets = None,
    account: Accounts = None,
    destination: Annotated[str, typer.Option(help="Look whether this destination answers, too, such as duckdb.")] = "",
    as_json: AsJson = False,
) -> None:
    """Ask each source whether it lets us in, what it can do, how much it holds and how fast it is. Writes nothing."""
    from pipelines.check import run_check

    code = run_check(
        sources or [], datasets=dataset or [], accounts=account or [], destination=destination, as_json=as_json
    )
    raise typer.Exit(code)


@app.command()
def status(
    sources: Annotated[list[str] | None, typer.Argument(help="stitchlabs, stitchex; without a name: both.")] = None,
    *,
    destination: Destination = "duckdb",
    max_age: Annotated[
        str, typer.Option(help="Exit with 10 if a dataset was not certified within this time, such as 2h or 3d.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """The last walk of every dataset: when, certified or why not, cursor, rejected values; and rows per table."""
    from pipelines.status import run_status

    raise typer.Exit(run_status(sources or [], destination, max_age, as_json=as_json))


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One select, such as 'select count(*) from stitchlabs.sales_orders'.")],
    *,
    destination: Destination = "duckdb",
    file: Annotated[Path | None, typer.Option(help="Another DuckDB file, such as warehouse/demo.duckdb.")] = None,
    form: Annotated[Format, typer.Option("--format", help="How to print the rows.")] = Format.table,
) -> None:
    """Ask the warehouse in SQL. Only reads."""
    from pipelines.query import run_query

    run_query(sql, destination, file, form.value)


@app.command()
def reset(
    datasets: Annotated[list[str], typer.Argument(help="Such as stitchex.sales_orders.", metavar="DATASET")],
    *,
    account: Annotated[
        list[str] | None,
        typer.Option(help="Only this account: a Stitch Labs account's name, or a Stitchex organisation's id."),
    ] = None,
    destination: Destination = "duckdb",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Forget how far a dataset was read, so that the next sync reads all of it again.

    Its tables and rows stay, and every row is loaded over what is there: what changed without a trace comes too.
    """
    from pipelines.reset import run_reset

    with leaving():
        code = run_reset(datasets, accounts=account or [], destination=destination, yes=yes, as_json=as_json)
        raise typer.Exit(code)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
)
def sandbox(context: typer.Context) -> None:
    """Serve both APIs on this machine with a made-up shop, or with one made of your own file (--history FILE)."""
    from pipelines.demo import run_sandbox

    raise typer.Exit(run_sandbox(context.args))


def main() -> None:
    """Run a command. Every error of ours is one line and its exit code; a traceback is shown only if asked for."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        code = app(standalone_mode=False)
    except StitchhouseError as error:
        _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if hasattr(error, "format_message") and hasattr(error, "exit_code"):
            _fail(f"{error.format_message()}; see stitchhouse --help", 64)
        if os.environ.get("STITCHHOUSE_DEBUG"):
            raise
        words = " ".join(str(error).split())[:200]
        _fail(f"unexpected {type(error).__name__}: {words}; set STITCHHOUSE_DEBUG=1 to see where, and report it", 70)
    if code == INTERRUPTED:
        _fail(f"interrupted; {_ended.kept}", _ended.code)
    sys.exit(code if isinstance(code, int) else 0)


@dataclass
class Ended:
    """How a run ended before its time."""

    code: int = INTERRUPTED
    kept: str = "what was loaded is kept, the next run goes on from there"


_ended = Ended()


@contextmanager
def leaving() -> Iterator[None]:
    """Keeps what an interrupt says of what was done; typer keeps only that there was one."""
    try:
        yield
    except KeyboardInterrupt as left:
        _ended.kept = str(left) or _ended.kept
        raise


def _terminate(*_: object) -> None:
    """A polite end from outside is an interrupt with an exit code of its own."""
    _ended.code = TERMINATED
    raise KeyboardInterrupt


def _fail(line: str, code: int) -> NoReturn:
    print(f"stitchhouse: {line}", file=sys.stderr)  # noqa: T201 - the command line speaks
    sys.exit(code)
