"""The `demo` and `sandbox` commands: the only doors to the sandbox."""

from __future__ import annotations

import argparse
import os
import shlex
from typing import TYPE_CHECKING, Any

from pipelines.project import SOURCES, Project, datasets_of
from pipelines.terminal import Terminal, sentence
from stitchhouse.errors import OK, ContractError, LocalError, UsageError, worst

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.load import Outcome
    from pipelines.warehouse import Target

CHANGED, ADDED = 20, 3
SHOWN = "sales_orders"
"""The dataset whose walks the demo prints in full."""
QUESTIONS = (
    (
        "Sales by channel (Stitch Labs)",
        """
        select channels.name as channel, count(*) as orders, sum(sales_orders.total) as total
        from stitchlabs.sales_orders
        left join stitchlabs.channels
            on channels.account = sales_orders.account and channels.id = sales_orders.channel_id
        where not sales_orders.deleted and not sales_orders.void and not sales_orders.draft
        group by 1
        order by 3 desc
        limit 5
        """,
    ),
    (
        "Best sellers (Stitchex)",
        """
        select line_items.product_name as product, sum(line_quantities.quantity) as units
        from stitchex.sales_order_line_quantities as line_quantities
        inner join stitchex.sales_order_line_items as line_items
            on line_items.account = line_quantities.account
            and line_items.id = line_quantities.sales_order_line_item_id
        group by 1
        order by 2 desc
        limit 5
        """,
    ),
)


def run_demo(orders: int, seed: int) -> int:
    """Two syncs of both sources from a sandbox of our own; the exit code is the worst of them."""
    from sandbox import running

    project = Project.find(anywhere=True)
    terminal = Terminal()
    with running(orders=orders, seed=seed, control=True) as box:
        os.environ.update(box.environment | {"SOURCES__STITCHEX__KEEP_TOKEN": "false"})
        project.enter()
        target = _new_target(project)
        terminal.say(f"A sandbox speaks both APIs on port {box.port}, with a shop of {orders} orders.\n")
        terminal.say(f"First sync, into {target.place}:")
        outcomes = _sync_all(project, target, terminal)
        what = f"{CHANGED} orders are edited, {ADDED} are new, one loses its lines"
        terminal.say(f"\nThe shop changes, in both APIs: {what}. Sync again:")
        _change(box.control)
        outcomes += _sync_all(project, target, terminal)
    for title, sql in QUESTIONS:
        terminal.say(f"\n{title}:")
        _answer(project, target, sql)
    terminal.say(f"\nAsk it yourself: stitchhouse query --file {target.place} 'select ...'")
    return worst([outcome.exit_code for outcome in outcomes])


def _new_target(project: Project) -> Target:
    from pipelines.warehouse import Target

    file = project.folder / "warehouse" / "demo.duckdb"
    try:
        for old in (file, file.with_name(f"{file.name}.wal")):
            old.unlink(missing_ok=True)
    except OSError as error:
        raise LocalError(f"cannot replace {file}: {error.strerror}") from None
    return Target(project, file=file)


def _change(control: Any) -> None:
    for api, resource in (("stitchlabs", "SalesOrders"), ("stitchex", "sales_orders")):
        control.change(api, resource, count=CHANGED)
        control.add(api, resource, count=ADDED)
        control.lines(api, control.ids(api, resource)[0], remove="all")


def _sync_all(project: Project, target: Target, terminal: Terminal) -> list[Outcome]:
    from pipelines.load import sync

    outcomes = []
    for source in SOURCES:
        terminal.start(source)
        try:
            outcome = sync(project, source, target, datasets=datasets_of(source, []), show=terminal.show)
        finally:
            terminal.stop()
        outcomes.append(outcome)
        _say(source, outcome, terminal)
        if outcome.error is not None:
            terminal.say(f"  {source}: {outcome.error}")
    return outcomes


def _say(source: str, outcome: Outcome, terminal: Terminal) -> None:
    """The walks of orders in full, of the others only those that are not certified, and what they come to."""
    others = [one for one in outcome.certificates if one.dataset != SHOWN]
    for certificate in outcome.certificates:
        if certificate.dataset == SHOWN or not certificate.certified:
            terminal.say(f"  {source}.{sentence(certificate)}")
    certified = sum(one.certified for one in others)
    requests = sum(one.requests for one in others)
    terminal.say(f"  {source}: {certified} of {len(others)} other walks certified; {requests} requests")
    terminal.say(f"  {source}: {sum(outcome.rows.values()):,} rows loaded into {len(outcome.rows)} tables")


def _answer(project: Project, target: Target, sql: str) -> None:
    from pipelines.query import ask, show

    show(*ask(project, sql, "duckdb", target.file))


def run_sandbox(arguments: Sequence[str]) -> int:
    """Serve until interrupted. The sandbox knows its own options and prints its own help."""
    from sandbox.__main__ import parser

    words = parser()
    words.prog = "stitchhouse sandbox"
    words.exit_on_error = False
    try:
        read, unknown = words.parse_known_args(list(arguments))
    except argparse.ArgumentError as error:
        raise UsageError(f"{error}; see stitchhouse sandbox --help") from None
    except SystemExit:
        return OK
    if unknown:
        raise UsageError(f"no such option: {unknown[0]}; see stitchhouse sandbox --help")
    return _serve(vars(read))


def _serve(read: dict[str, Any]) -> int:
    from sandbox.errors import BadOption, BrokenHistory, PortTaken
    from sandbox.options import SWITCHES, Options, Switches
    from sandbox.server import serve

    switches = {name: value for name in SWITCHES if (value := read.pop(f"switch_{name}")) is not None}
    try:
        Switches(switches)
        serve(Options(**read, switches=switches), lambda port: _say_exports(port, read["accounts"]))
    except BrokenHistory as error:
        raise ContractError(str(error)) from None
    except (BadOption, PortTaken) as error:
        raise UsageError(str(error)) from None
    return OK


def _say_exports(port: int, accounts: int) -> None:
    """The lines that point a sync at this sandbox."""
    from sandbox.control.client import Control
    from sandbox.running import Sandbox

    served = Sandbox(port, Control(port), os.getpid(), accounts)
    lines = [f"export {name}={shlex.quote(value)}" for name, value in served.environment.items()]
    print("\n".join([*lines, "# serving until Ctrl-C"]), flush=True)  # noqa: T201 - the command line speaks
