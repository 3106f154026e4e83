"""The command line. Each command imports what it needs when it runs, so that `--help` answers at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.ends import leaving, run
from pipelines.hidden import veiled
from pipelines.options import Accounts, AsJson, Datasets, Destination, Format, Sources
from pipelines.unread import whoever_reads

app = typer.Typer(
    name="stitchhouse",
    help="Copies Stitch Labs and Stitchex commerce data into a data warehouse, and proves that nothing was lost.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


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
    full: Annotated[
        bool,
        typer.Option("--full", help="Read everything: finds silent edits and deleted rows. Once a week, say."),
    ] = False,
    lookback: Annotated[
        str, typer.Option(help="Read what changed since so long before the last run, such as 3d. Once a day, say.")
    ] = "",
    since: Annotated[str, typer.Option(help="Only rows updated at this time or later, such as 2026-11-01.")] = "",
    until: Annotated[str, typer.Option(help="Only rows updated before this time; moves no cursor.")] = "",
    ids: Annotated[str, typer.Option(help="Only these ids of one --dataset, such as 17,18; loads them anew.")] = "",
    max_requests: Annotated[
        int, typer.Option(min=0, help="Stop cleanly after about so many requests; the next run goes on from there.")
    ] = 0,
    max_deletes: Annotated[
        int, typer.Option(min=0, help="With --full: believe that so many rows are gone, not only 10 or 1 %.")
    ] = 0,
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
    from pipelines.windows import window_of

    window = window_of(
        full=full,
        lookback=lookback,
        since=since,
        until=until,
        ids=ids,
        datasets=dataset or [],
        sources=sources or [],
    )
    with leaving("what was loaded is kept, the next run goes on from there"):
        code = run_sync(
            sources or [],
            window=window,
            max_requests=max_requests,
            max_deletes=max_deletes,
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

    with leaving("the next demo begins anew"):
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
    ack: Annotated[
        bool, typer.Option("--ack", help="Close what is open: uncertified walks and rejected values that were seen to.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """The last walk of every dataset: certified and why, or why not; what was rejected or is gone; rows per table.

    Exit code 10: something is uncertified, rejected or stale, and nobody closed it.
    """
    from pipelines.status import run_status

    raise typer.Exit(run_status(sources or [], destination, max_age, ack=ack, as_json=as_json))


@app.command()
def verify(
    sources: Sources = None,
    *,
    dataset: Datasets = None,
    account: Accounts = None,
    destination: Destination = "duckdb",
    repair: Annotated[
        bool, typer.Option("--repair", help="Read exactly what differs again, load it over, and compare it once more.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read each source in full, compare every row and column with the warehouse, and name what differs.

    Loads nothing without --repair. Exit code 0: equal; 10: something differs, or the source could not be read surely.
    """
    from pipelines.verify import run_verify

    with leaving("what --repair loaded is kept" if repair else ""):
        code = run_verify(
            sources or [],
            datasets=dataset or [],
            destination=destination,
            accounts=account or [],
            repair=repair,
            as_json=as_json,
        )
        raise typer.Exit(code)


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

    with leaving("what was forgotten by then stays so; run the same again"):
        code = run_reset(datasets, accounts=account or [], destination=destination, yes=yes, as_json=as_json)
        raise typer.Exit(code)


@app.command()
def forget(
    table: Annotated[str, typer.Argument(help="Such as stitchlabs.contacts.")],
    key: Annotated[int, typer.Argument(help="The id of the row.", metavar="ID")],
    *,
    account: Annotated[
        str, typer.Option(help="Whose row, where several accounts have one with this id: the account's name or id.")
    ] = "",
    destination: Destination = "duckdb",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase a person: every personal value of the row, of what hangs on it and of whatever refers to it.

    The rows stay, with their sums and their ids. A hashed tombstone keeps the next sync from bringing the person back.
    """
    from pipelines.forget import run_forget

    with leaving("not all may be erased; run the same again"):
        raise typer.Exit(run_forget(table, key, account=account, destination=destination, yes=yes, as_json=as_json))


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
)
def sandbox(context: typer.Context) -> None:
    """Serve both APIs on this machine with a made-up shop, or with one made of your own file (--history FILE)."""
    from pipelines.demo import run_sandbox

    raise typer.Exit(run_sandbox(context.args))


@whoever_reads()
@veiled()
def main() -> None:
    """Run a command. Every error of ours is one line and its exit code; a traceback is shown only if asked for."""
    run(app)
