"""``python -m sandbox``: the stand-in on its own."""

from __future__ import annotations

import argparse
import json
import sys

from sandbox.errors import BadOption, BrokenHistory, PortTaken
from sandbox.options import APIS, SWITCHES, Options, Switches
from sandbox.server import serve


def whole(text: str) -> int:
    """A whole number from 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)


def positive(text: str) -> int:
    """A whole number from 1."""
    return whole(text) or whole("none")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Stands in for Stitch Labs (/stitchlabs) and Stitchex (/stitchex) on 127.0.0.1. "
        "Prints one JSON line with the port once it answers.",
    )
    made.add_argument("--port", type=int, default=8080, help="0 takes any free port (default %(default)s)")
    made.add_argument("--orders", type=whole, default=500, help="size of the invented shop (default %(default)s)")
    made.add_argument("--seed", type=int, default=1, help="same seed, same bytes (default %(default)s)")
    made.add_argument("--accounts", type=positive, default=1, help="Stitch Labs accounts (default %(default)s)")
    made.add_argument("--organisations", type=positive, default=3, help="Stitchex organisations (default %(default)s)")
    made.add_argument("--history", metavar="FILE", help="make the shop of a CSV or Parquet file of transactions")
    made.add_argument("--latency", type=float, default=0, metavar="SECONDS", help="wait before each answer")
    made.add_argument("--control", action="store_true", help="open the control endpoints under /_control")
    made.add_argument("--api", choices=APIS, default="both", help="serve one API alone (default %(default)s)")
    made.add_argument("--with-parent", action="store_true", help="end when standard input ends")
    for name, switch in SWITCHES.items():
        values = "|".join(switch.choices) or "N"
        made.add_argument(
            f"--{name.replace('_', '-')}",
            dest=f"switch_{name}",
            metavar=values,
            help=f"{switch.api}: {switch.about} (default {switch.default})",
        )
    return made


def main(arguments: list[str] | None = None) -> int:
    read = vars(parser().parse_args(arguments))
    switches = {name: value for name in SWITCHES if (value := read.pop(f"switch_{name}")) is not None}
    try:
        Switches(switches)
        serve(Options(**read, switches=switches), _say)
    except (BadOption, BrokenHistory, PortTaken) as error:
        if read["with_parent"]:
            _line({"error": type(error).__name__, "message": str(error)})
        else:
            sys.stderr.write(f"{error}\n")
        return 78 if isinstance(error, BadOption) else 65 if isinstance(error, BrokenHistory) else 69
    return 0


def _say(port: int) -> None:
    _line({"port": port})


def _line(words: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
