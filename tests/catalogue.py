"""The faults that the product is held to: what ends how, what it says, and which test shows it.

The entries stand in `catalogue.toml`, one line each; `make docs` makes the table of `docs/reliability.md` of them.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTRIES = Path(__file__).with_name("catalogue.toml")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One fault. `exit` are the codes that a run with it can end with, `message` what it says of it, `-` for nothing.

    `test` are the tests that show it, as `file::function` or `file::function[parameter]`.
    """

    number: int
    part: str
    fault: str
    exit: tuple[int, ...]
    message: str
    test: tuple[str, ...]


def entries() -> list[Entry]:
    """All entries in their order. A number that is given twice is an error of TOML itself."""
    parts = tomllib.loads(ENTRIES.read_text(encoding="utf-8"))
    return [
        Entry(
            number=int(number),
            part=part,
            fault=one["fault"],
            exit=tuple(one["exit"]),
            message=one["message"],
            test=tuple(one["test"]),
        )
        for part, lines in parts.items()
        for number, one in lines.items()
    ]


def rows() -> Iterator[str]:
    """The table of the document."""
    yield "| # | fault | exit | message | test |"
    yield "|---|---|---|---|---|"
    for one in entries():
        codes = " or ".join(map(str, one.exit))
        tests = "<br>".join(f"`{name}`" for name in one.test)
        cells = (str(one.number), one.fault, codes, one.message, tests)
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
