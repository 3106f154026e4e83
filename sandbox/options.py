"""Everything that can be chosen when the sandbox starts, and the switches that can be thrown later."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.errors import BadOption


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A behaviour that the references leave open; whole-number switches have no choices."""

    api: str
    default: str | int
    choices: tuple[str, ...] = ()
    about: str

    def read(self, name: str, value: object) -> str | int:
        """The value in its own type; bool stands for on and off."""
        if isinstance(value, bool):
            value = "on" if value else "off"
        text = str(value)
        if self.choices:
            if text not in self.choices:
                message = f"switch {name}: {text!r} is none of {', '.join(self.choices)}"
                raise BadOption(message)
            return text
        if not text.isdecimal():
            message = f"switch {name}: {text!r} is no whole number"
            raise BadOption(message)
        return int(text)


SWITCHES: dict[str, Switch] = {
    "updated_at": Switch(
        api="stitchlabs", default="honoured", choices=("honoured", "ignored", "refused"), about="filter on updated_at"
    ),
    "id_filter": Switch(
        api="stitchlabs", default="honoured", choices=("honoured", "ignored", "refused"), about="filter on id"
    ),
    "sort": Switch(
        api="stitchlabs",
        default="honoured",
        choices=("honoured", "ignored", "newest", "shuffled"),
        about="sort of listings; what is not honoured comes by id, newest first, or otherwise with each request",
    ),
    "detail": Switch(api="stitchlabs", default="all", choices=("all", "first"), about="several ids in one detail call"),
    "completed_lines": Switch(
        api="stitchlabs",
        default="completed",
        choices=("live", "completed", "both"),
        about="where the lines of closed orders sit",
    ),
    "status_206": Switch(api="stitchlabs", default="on", choices=("on", "off"), about="206 for a page before the last"),
    "numbers": Switch(
        api="stitchlabs", default="text", choices=("text", "json", "bool"), about="counts and flags as JSON numbers"
    ),
    "page_size_cap": Switch(api="stitchlabs", default=50, about="largest page_size that is honoured"),
    "links_empty": Switch(
        api="stitchlabs",
        default="list",
        choices=("list", "object", "null", "missing"),
        about="links of an object without any",
    ),
    "unknown_detail": Switch(
        api="stitchlabs",
        default="empty",
        choices=("empty", "404", "deleted"),
        about="detail of an id that is not there",
    ),
    "deleted_rows": Switch(
        api="stitchlabs", default="listed", choices=("listed", "hidden"), about="deleted and void rows in listings"
    ),
    "time_form": Switch(
        api="stitchlabs",
        default="offset",
        choices=("offset", "compact", "z", "millis", "naive"),
        about="how times are written",
    ),
    "meta": Switch(api="stitchlabs", default="text", choices=("text", "json", "missing"), about="values of meta"),
    "rows": Switch(api="stitchlabs", default="array", choices=("array", "map"), about="the asked objects, or by id"),
    "blocks": Switch(api="stitchlabs", default="map", choices=("map", "array"), about="side-loaded objects by id"),
    "reports": Switch(
        api="stitchlabs", default="array", choices=("array", "object"), about="a report of one object holds it bare"
    ),
    "extras": Switch(
        api="stitchlabs", default="off", choices=("off", "on"), about="a field, a link and a block that nobody knows"
    ),
    "token_header": Switch(
        api="stitchlabs", default="access_token", choices=("access_token", "access-token"), about="name of the header"
    ),
    "era": Switch(api="stitchex", default="2026", choices=("2019", "2026"), about="generation of the API"),
    "org_scope": Switch(
        api="stitchex", default="token", choices=("token", "user"), about="who holds the current organisation"
    ),
    "since_id": Switch(
        api="stitchex", default="honoured", choices=("honoured", "ignored", "refused"), about="since_id on lists"
    ),
    "order": Switch(
        api="stitchex",
        default="id",
        choices=("id", "newest", "shuffled"),
        about="order of the lists: by id, newest first, or otherwise with each request",
    ),
    "page_size": Switch(api="stitchex", default=100, about="rows on a page"),
    "token_life": Switch(api="stitchex", default=0, about="life of a token in seconds, 0: as the era has it"),
    "refresh": Switch(
        api="stitchex", default="era", choices=("era", "on", "off"), about="refresh tokens; era: only in 2026"
    ),
    "listing_meta": Switch(
        api="stitchex", default="off", choices=("off", "on"), about="channels and seasons come paged, with meta"
    ),
    "business": Switch(
        api="stitchex",
        default="off",
        choices=("off", "on"),
        about="each day of the clock invoices are paid and draft pick tickets shipped",
    ),
}


# What ``api`` can be: building one face alone halves the time and memory of a very large shop.
APIS = ("both", "stitchlabs", "stitchex")


class Switches:
    """The current position of every switch."""

    def __init__(self, chosen: dict[str, object] | None = None) -> None:
        self.values: dict[str, str | int] = {name: switch.default for name, switch in SWITCHES.items()}
        self.throw(chosen or {})

    def throw(self, chosen: dict[str, object]) -> None:
        """Move switches; none moves when one value is bad."""
        read: dict[str, str | int] = {}
        for name, value in chosen.items():
            if name not in SWITCHES:
                message = f"no switch {name!r}; there are {', '.join(SWITCHES)}"
                raise BadOption(message)
            read[name] = SWITCHES[name].read(name, value)
        self.values |= read

    def word(self, name: str) -> str:
        return str(self.values[name])

    def number(self, name: str) -> int:
        return int(self.values[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What one sandbox is started with."""

    host: str = "127.0.0.1"
    port: int = 0
    orders: int = 500
    seed: int = 1
    accounts: int = 1
    organisations: int = 3
    history: str | None = None
    latency: float = 0
    control: bool = False
    api: str = "both"
    with_parent: bool = False
    switches: dict[str, object] = field(default_factory=dict)
