"""The settings files of a project: what they hold, and how they are written. Comments and the rest of a file stay."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

import tomlkit
from tomlkit.exceptions import ParseError

from stitchhouse.errors import ConfigurationError, LocalError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

CONFIG = """\
# Settings that are no secret. Each can be given as a variable too, which wins: SOURCES__STITCHEX__BASE_URL and so on.

[sources.stitchlabs]
base_url = "https://api-pub.stitchlabs.com"

[sources.stitchex]
base_url = "https://api.uphance.com"

[runtime]
dlthub_telemetry = false # nothing is sent to anybody but the source and the destination
log_level = "WARNING" # at DEBUG dlt writes request headers, and with them secrets, into the log

[normalize.parquet_normalizer]
add_dlt_load_id = true # every row names the load that brought it; dlt's default for Arrow tables is not to

[load]
delete_completed_jobs = true # a loaded package leaves no copy of its rows on disk

[extract]
next_item_mode = "fifo" # a dataset is read to its end before the next one begins: one walk, one request at a time
"""
"""The `.dlt/config.toml` of a new project; the same as the checkout's."""
SECRETS = "# Written by stitchhouse init. A variable such as SOURCES__STITCHEX__PASSWORD wins over what stands here.\n"
IGNORED = (".dlt/secrets.toml", ".stitchhouse/", "*.duckdb*")
"""What must not get into a commit: secrets, the state of runs, warehouses."""


class Settings:
    """The settings of the sources in the project at `folder`, and of the environment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.secrets_file = folder / ".dlt" / "secrets.toml"
        self._config_file = folder / ".dlt" / "config.toml"
        self._secrets = _read(self.secrets_file, SECRETS)
        self._config = _read(self._config_file, CONFIG)
        self._fresh = tomlkit.parse(CONFIG)

    def get(self, source: str, key: str) -> Any:
        """The value in force: of the environment, where it is text, else of the secrets, else of the configuration."""
        variable = os.environ.get(f"SOURCES__{source}__{key}".upper(), "").strip()
        held = (_table(file, source).get(key) for file in (self._secrets, self._config))
        return variable or next((value for value in held if value is not None and value != ""), None)

    def base_url(self, source: str) -> str:
        return str(self.get(source, "base_url") or _table(self._fresh, source)["base_url"])

    def put(self, source: str, **values: Any) -> None:
        """Set secrets; None takes one away."""
        _put(self._secrets, source, values)

    def write(self, sources: Sequence[str]) -> list[Path]:
        """The files written, secrets last, when git is already told to leave them alone."""
        fresh = not self._config_file.exists()
        for source in sources:
            # A new file gets the address in force, so that the project reads the same without the variable.
            if fresh or not any(_table(file, source).get("base_url") for file in (self._secrets, self._config)):
                _put(self._config, source, {"base_url": self.base_url(source)})
        ignore = self._folder / ".gitignore"
        wanted = {
            self._config_file: (self._config.as_string(), 0o644),
            ignore: (_ignoring(_text(ignore)), 0o644),
            self.secrets_file: (self._secrets.as_string(), 0o600),
        }
        return [file for file, (text, mode) in wanted.items() if _written(file, text, mode)]


def _text(file: Path) -> str:
    """Line ends as they are; empty where there is no such file."""
    try:
        return file.read_bytes().decode() if file.exists() else ""
    except OSError as error:
        raise LocalError(f"cannot read {file}: {error.strerror}; nothing was changed") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file} is not UTF-8; nothing was changed") from None


def _read(file: Path, otherwise: str) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(_text(file) or otherwise)
    except ParseError as error:
        raise ConfigurationError(f"{file} is not TOML (line {error.line}); nothing was changed") from None


def _put(file: tomlkit.TOMLDocument, source: str, values: Mapping[str, Any]) -> None:
    table: Any = file
    for name in ("sources", source):
        table = table.setdefault(name, tomlkit.table(is_super_table=name == "sources"))
        if not isinstance(table, MutableMapping):
            raise ConfigurationError(f"{name} is no table in the settings of this project; nothing was changed")
    for key, value in values.items():
        if value is None:
            table.pop(key, None)
        elif isinstance(value, dict) and isinstance(held := table.get(key), MutableMapping):
            for old in [name for name in held if name not in value]:
                held.pop(old)
            held.update(value)
        else:
            table[key] = value


def _ignoring(text: str) -> str:
    """The lines of a `.gitignore` and those of ours that it lacks."""
    lines = [line for line in IGNORED if line not in text.splitlines()]
    return "\n".join([text.rstrip("\n"), *lines, ""]).lstrip("\n") if lines else text


def _written(file: Path, text: str, mode: int) -> bool:
    """Whether the file had to be written: in one step, so that nobody ever reads half of it or an open secret."""
    file = file.resolve()
    part = file.with_name(f".{file.name}.{os.getpid()}")
    data = text.encode()
    try:
        if file.exists() and file.read_bytes() == data and not file.stat().st_mode & 0o777 & ~mode:
            return False
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as written:
                written.write(data)
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise LocalError(f"cannot write {file}: {error.strerror}") from None
    return True


def _table(file: tomlkit.TOMLDocument, source: str) -> dict[str, Any]:
    held = file.unwrap().get("sources", {})
    table = held.get(source, {}) if isinstance(held, dict) else {}
    return table if isinstance(table, dict) else {}
