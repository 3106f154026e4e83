"""What `check` found out, as records, as lines and as a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.table import Table

from pipelines.terminal import Terminal, wide_console
from stitchhouse.errors import OK
from stitchhouse.walk.probe import HONOURED

if TYPE_CHECKING:
    from collections.abc import Sequence

FAR_APART = 60
"""Seconds between two clocks from which on the difference is worth a warning."""


@dataclass(kw_only=True)
class Able:
    """What one dataset of one account can do: the plans of a first and of a later read, and what the first takes."""

    dataset: str
    account: str
    rows: int | None = None
    first: str = ""
    later: str = ""
    capabilities: dict[str, str] = field(default_factory=dict)
    requests: int = 0
    error: str | None = None
    exit_code: int = OK


@dataclass(kw_only=True)
class Answers:
    """What one source answered. `clock` is how many seconds its clock is ahead of ours."""

    source: str
    host: str = ""
    credentials: str = "unknown"
    accounts: list[dict[str, Any]] = field(default_factory=list)
    datasets: list[Able] = field(default_factory=list)
    requests_per_second: float = 0.0
    answer_seconds: float | None = None
    clock: int | None = None
    requests: int = 0
    hours: float | None = None
    error: str | None = None
    exit_code: int = OK


def who(one: Answers) -> str:
    told = [f"{held['account']} ({held['name']})" if held["name"] else held["account"] for held in one.accounts]
    read = [words for words, held in zip(told, one.accounts, strict=True) if held["selected"]]
    left = [words for words in told if words not in read]
    return f"{one.source}: {one.host}; reads {', '.join(read)}" + (f"; leaves out {', '.join(left)}" if left else "")


def what(one: Able) -> str:
    if one.error is not None:
        return f"{one.dataset} {one.account}: failed"
    plans = f"first read: {one.first}, later: {one.later}"
    able = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in one.capabilities.items())
    return "; ".join([f"{one.dataset} {one.account}: {one.rows} rows", plans, *([able] if able else [])])


def how_fast(one: Answers) -> str:
    rate = f"at most {one.requests_per_second:g} requests a second" if one.requests_per_second > 0 else "no rate set"
    answer = "" if one.answer_seconds is None else f", answered in {one.answer_seconds:.3f} s (median)"
    where = "behind" if (one.clock or 0) < 0 else "ahead of"
    clock = "" if one.clock is None else f"; its clock is {abs(one.clock)} s {where} ours"
    hours = "" if one.hours is None else f", {one.hours:.2f} hours"
    return (
        f"{one.source}: credentials {one.credentials}{clock}; {rate}{answer}; "
        f"a first load takes at most {one.requests} requests{hours}"
    )


def show(found: Sequence[Answers], place: dict[str, Any] | None, terminal: Terminal) -> None:
    if terminal.console.is_terminal:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("dataset", "account", "rows", "first read", "later reads", "requests", "honours"):
            number = name in {"rows", "requests"}
            whole = number or name in {"dataset", "account"}
            table.add_column(name, justify="right" if number else "left", no_wrap=whole)
        for able in [able for one in found for able in one.datasets]:
            rows = "" if able.rows is None else f"{able.rows:,}"
            honoured = [name.replace("_", " ") for name, value in able.capabilities.items() if value == HONOURED]
            last = ", ".join(honoured) if able.error is None else "failed"
            table.add_row(able.dataset, able.account, rows, able.first, able.later, f"{able.requests:,}", last)
        for one in found:
            terminal.say(who(one))
        wide_console().print(table)
    for one in found:
        if one.error is None:
            terminal.say(how_fast(one))
        if one.clock is not None and abs(one.clock) > FAR_APART:
            terminal.say(f"warning: the clocks of {one.host} and of this machine are {abs(one.clock)} s apart")
    if place is not None and place["error"] is None:
        terminal.say(f"{place['place']}: {place['state']}")


def complaints(found: Sequence[Answers], place: dict[str, Any] | None) -> list[str]:
    lines = [f"{one.source}: {one.error}" for one in found if one.error]
    lines += [f"{able.dataset} {able.account}: {able.error}" for one in found for able in one.datasets if able.error]
    return lines + ([place["error"]] if place and place["error"] else [])
