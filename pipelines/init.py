"""The `init` command: puts credentials into `.dlt/secrets.toml`, then checks that they work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipelines.project import SOURCES, Project
from pipelines.prompts import agreed, answered, on_terminal, secret
from pipelines.settings import Settings
from pipelines.terminal import Terminal
from stitchhouse.errors import OK, ConfigurationError, CredentialsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

TITLES = {"stitchlabs": "Stitch Labs", "stitchex": "Stitchex (Uphance)"}
NEEDED = {"stitchlabs": ("access_token",), "stitchex": ("email", "password")}
MAIN = "main"
"""The account's name where none is given."""


def run_init(names: Sequence[str], *, no_input: bool) -> int:
    """The exit code of the check that follows. Nothing is written before the last question is answered."""
    for name in names:
        if name not in SOURCES:
            raise UsageError(f"no source {name!r}; there are: {', '.join(SOURCES)}")
    if not no_input and not on_terminal():
        raise UsageError("init asks questions, and there is no terminal; set SOURCES__* variables and say --no-input")
    project = Project.find(anywhere=True)
    project.enter(writes=False)
    terminal = Terminal()
    settings = Settings(project.folder)
    sources = _taken(names, settings) if no_input else _asked(names, settings, terminal)
    if not sources:
        terminal.say("nothing was changed")
        return OK
    for file in settings.write(sources):
        terminal.say(f"wrote {file}")
    _read_again()

    from pipelines.check import run_check

    return run_check(sources, datasets=[], accounts=[], destination="", as_json=False)


def _taken(names: Sequence[str], settings: Settings) -> list[str]:
    """The sources that variables or files set up, whose values are taken as they are."""
    lacking = {source: _lacking(source, settings) for source in names or SOURCES}
    begun = [source for source in lacking if names or len(lacking[source]) < len(NEEDED[source])]
    if lines := [line for source in begun or lacking for line in lacking[source]]:
        raise ConfigurationError("; ".join(lines))
    for source in begun:
        if source == "stitchlabs":
            _put_accounts(settings, _accounts(settings))
        else:
            held = {key: str(settings.get(source, key)) for key in NEEDED[source]}
            settings.put(source, **held, **_organisations(settings, _list(settings.get(source, "organisations"))))
    return begun


def _lacking(source: str, settings: Settings) -> list[str]:
    if source == "stitchlabs" and settings.get(source, "accounts"):
        return []
    keys = [key for key in NEEDED[source] if not settings.get(source, key)]
    variables = [f"SOURCES__{source}__{key}".upper() for key in keys]
    return [f"sources.{source}.{key} is not set; set {name}" for key, name in zip(keys, variables, strict=True)]


def _asked(names: Sequence[str], settings: Settings, terminal: Terminal) -> list[str]:
    terminal.say(f"Credentials go into {settings.secrets_file}, which only you can read. Ctrl-C leaves all as it is.")
    sources = list(dict.fromkeys(names)) or [
        source for source in SOURCES if agreed(f"Set up {TITLES[source]}?", default=True)
    ]
    for source in sources:
        terminal.say(f"\n{TITLES[source]}, at {settings.base_url(source)}")
        if source == "stitchlabs":
            _ask_accounts(settings)
        else:
            _ask_login(settings, terminal)
    return sources


def _ask_accounts(settings: Settings) -> None:
    accounts = {}
    for held, token in (_accounts(settings) or {MAIN: ""}).items():
        name = answered("Name of this account", held)
        accounts[name] = secret("Access token", token)
    while agreed("Another account of Stitch Labs?", default=False):
        name = answered("Name of this account")
        accounts[name] = secret("Access token", accounts.get(name, ""))
    _put_accounts(settings, accounts)


def _accounts(settings: Settings) -> dict[str, str]:
    """Name -> token of the accounts that are set."""
    held = settings.get("stitchlabs", "accounts")
    if not held:
        token = settings.get("stitchlabs", "access_token")
        return {str(settings.get("stitchlabs", "account") or MAIN): str(token)} if token else {}
    try:
        table = json.loads(held) if isinstance(held, str) else held
        accounts = {str(name): str(token) for name, token in table.items() if str(token).strip()}
    except (ValueError, AttributeError):
        message = 'sources.stitchlabs.accounts is no table of names and tokens, such as {"main": "..."}'
        raise ConfigurationError(message) from None
    if not accounts:
        raise ConfigurationError("sources.stitchlabs.accounts names no account")
    return accounts


def _put_accounts(settings: Settings, accounts: dict[str, str]) -> None:
    """One account stands as `access_token`, and by its name only if that is not the default; more are a table."""
    if len(accounts) > 1:
        settings.put("stitchlabs", access_token=None, account=None, accounts=accounts)
        return
    ((name, token),) = accounts.items()
    named = None if name == str(settings.get("stitchlabs", "account") or MAIN) else name
    settings.put("stitchlabs", accounts=None, access_token=token, **({"account": named} if named else {}))


def _ask_login(settings: Settings, terminal: Terminal) -> None:
    listed = None
    while listed is None:
        email = answered("Email", str(settings.get("stitchex", "email") or ""))
        password = secret("Password", str(settings.get("stitchex", "password") or ""))
        try:
            listed = _listed(settings, email, password)
        except CredentialsError as error:
            terminal.say(str(error))
        else:
            settings.put("stitchex", email=email, password=password)
    for key, name in listed.items():
        terminal.say(f"  {key}  {name}")
    chosen = _ask_organisations(listed, _list(settings.get("stitchex", "organisations")), terminal)
    settings.put("stitchex", **_organisations(settings, chosen))


def _listed(settings: Settings, email: str, password: str) -> dict[str, str]:
    """Id -> name of every organisation of the login."""
    from pipelines.connection import connect

    terms = {"base_url": settings.base_url("stitchex"), "email": email, "password": password}
    api = connect("stitchex", (), **terms, organisations=(), keep_token=False)
    return {str(one["id"]): str(one.get("name") or "") for one in api.connection.organisations()}


def _ask_organisations(listed: dict[str, str], held: list[str], terminal: Terminal) -> list[str]:
    """Ids of the organisations to read; empty reads all, those of tomorrow too."""
    while True:
        said = answered("Organisations to read, by id or name, with commas between", ", ".join(held) or "all")
        if said == "all":
            return []
        words = _list(said)
        found = {word: [key for key, name in listed.items() if word in {key, name}] for word in words}
        if unclear := [word for word, ids in found.items() if len(ids) != 1]:
            terminal.say(f"{unclear[0]!r} names none of them, or several; say ids")
            continue
        return list(dict.fromkeys(ids[0] for ids in found.values()))


def _organisations(settings: Settings, chosen: list[str]) -> dict[str, Any]:
    """All are read without a setting; an empty list says so where another file names some."""
    return {"organisations": chosen} if chosen or settings.get("stitchex", "organisations") else {}


def _list(held: Any) -> list[str]:
    """A list of a file, or text of a variable or a person: JSON, or words with commas between them."""
    if isinstance(held, str) and held.lstrip().startswith("["):
        try:
            held = json.loads(held)
        except ValueError:
            raise ConfigurationError('sources.stitchex.organisations is no list, such as ["4101"]') from None
    words = held.split(",") if isinstance(held, str) else held or []
    return [str(word).strip() for word in words if str(word).strip()]


def _read_again() -> None:
    """dlt may have read the settings before they were written."""
    from dlt.common.configuration.container import Container
    from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

    Container()[PluggableRunContext].reload_providers()
