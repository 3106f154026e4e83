"""Where things are: the project folder, what lies in it, and the two sources by name."""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.hidden import hide_settings
from stitchhouse.errors import ConfigurationError, LocalError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dlt.extract import DltSource

    from stitchhouse.dataset import Dataset

SOURCES = ("stitchlabs", "stitchex")
NEEDED = {
    "stitchlabs": ("base_url", "access_token"),
    "stitchex": ("base_url", "email", "password"),
}
"""The settings without which a source cannot be read; `accounts` of Stitch Labs stand for an `access_token`."""


@dataclass(frozen=True)
class Project:
    """The folder that holds `.dlt/`: the working directory or one above it, else the checkout that we run from."""

    folder: Path

    @classmethod
    def find(cls, *, anywhere: bool = False) -> Project:
        """`anywhere` takes the working directory where there is none, for commands that need no settings."""
        here = Path.cwd()
        checkout = Path(__file__).resolve().parent.parent
        for folder in (here, *here.parents, checkout):
            if (folder / ".dlt").is_dir():
                return cls(folder)
        if anywhere:
            return cls(here)
        raise ConfigurationError(f"no project here: {here} and the folders above it hold no .dlt; go to yours")

    @property
    def state(self) -> Path:
        """What we and dlt keep between runs on this machine; can be deleted at any time without losing a row."""
        return self.folder / ".stitchhouse"

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse" / "stitchhouse.duckdb"

    def enter(self, *, writes: bool = True) -> None:
        """Point dlt at this project: its settings, and its data inside it. Must come before dlt is imported."""
        try:
            if writes:
                self.state.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LocalError(f"cannot write to {self.folder}: {error.strerror}; nothing was read") from None
        defaults = {
            "DLT_PROJECT_DIR": str(self.folder),
            "DLT_DATA_DIR": str(self.state),
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "RUNTIME__LOG_LEVEL": "CRITICAL",
            "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "true",
            "LOAD__DELETE_COMPLETED_JOBS": "true",
            "EXTRACT__NEXT_ITEM_MODE": "fifo",
        }
        for name, value in defaults.items():
            os.environ.setdefault(name, value)
        hide_settings(self.folder)


def chosen(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """(the sources to work on, one line for each that is skipped). Without names: those that are configured."""
    for name in names:
        if name not in SOURCES:
            raise UsageError(f"no source {name!r}; there are: {', '.join(SOURCES)}")
    if names:
        for name in names:
            if lines := missing(name) or unusable(name):
                raise ConfigurationError("; ".join(lines))
        return list(dict.fromkeys(names)), [line for name in dict.fromkeys(names) for line in trimmed(name)]
    ready = [name for name in SOURCES if not missing(name)]
    skipped = [f"{name} skipped: {missing(name)[0]}" for name in SOURCES if name not in ready]
    for name in SOURCES:
        if lines := unusable(name):
            raise ConfigurationError("; ".join(lines))
    if not ready:
        raise ConfigurationError("no source is configured: " + "; ".join(skipped) + "; stitchhouse init asks for it")
    return ready, skipped + [line for name in ready for line in trimmed(name)]


def unusable(source: str) -> list[str]:
    """One line for each setting whose value cannot be meant: a line break inside, or quotes around it."""
    found = []
    for key, value in _texts(source).items():
        what = "holds a line break" if len(value.splitlines()) > 1 else "stands in quotes" if _quoted(value) else ""
        if what:
            found.append(f"{_named(source, key)} {what}; give the bare value")
    return found


def trimmed(source: str) -> list[str]:
    """One line for each setting with blanks around it, which are taken for a slip."""
    return [
        f"sources.{source}.{key} has blanks around it, which are left out"
        for key in NEEDED[source]
        if (value := setting(source, key)) and str(value) != str(value).strip()
    ]


def _texts(source: str) -> dict[str, str]:
    return {key: str(setting(source, key) or "").strip() for key in NEEDED[source]}


def _quoted(value: str) -> bool:
    return len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"


def _named(source: str, key: str) -> str:
    return f"sources.{source}.{key} (in the environment SOURCES__{source.upper()}__{key.upper()})"


def missing(source: str) -> list[str]:
    """One line for each setting that a source needs and does not have. Names settings, never values."""
    return [
        f"sources.{source}.{key} is not set; put it into .dlt/secrets.toml "
        f"or the environment as SOURCES__{source.upper()}__{key.upper()}"
        for key in NEEDED[source]
        if not str(setting(source, key) or "").strip() and not (key == "access_token" and setting(source, "accounts"))
    ]


def setting(source: str, key: str) -> Any:
    """The value in force. `dlt.config` looks into the secrets too, `dlt.secrets` not into the configuration."""
    import dlt

    name = f"sources.{source}.{key}"
    # What `dlt.config` reads, secrets too, dlt writes into the trace file of the pipeline.
    value: Any = dlt.secrets.get(name)
    return dlt.config.get(name) if value is None else value


def module(source: str) -> Any:
    return importlib.import_module(f"sources.{source}")


def maker(source: str) -> tuple[Callable[..., DltSource], tuple[Dataset, ...]]:
    """The dlt source and its datasets."""
    held = module(source)
    return getattr(held, source), held.DATASETS


def datasets_of(source: str, names: Sequence[str]) -> list[str]:
    """The datasets of `source` among `names`, or all: `sales_orders` and `stitchlabs.sales_orders` name the same."""
    known = [dataset.name for dataset in maker(source)[1]]
    wanted = [name.removeprefix(f"{source}.") for name in names]
    return [name for name in known if name in wanted] if names else known


def check_datasets(sources: Sequence[str], names: Sequence[str]) -> None:
    """Raises `UsageError` for a name that none of `sources` has as a dataset."""
    from stitchhouse.layout import layouts

    datasets = {f"{source}.{dataset.name}": dataset for source in sources for dataset in maker(source)[1]}
    for name in names:
        if name in datasets or any(whole.partition(".")[2] == name for whole in datasets):
            continue
        for whole, dataset in datasets.items():
            if name in layouts(dataset) or name in {f"{whole.partition('.')[0]}.{table}" for table in layouts(dataset)}:
                raise UsageError(f"{name} is a table of {whole}; ask for that dataset")
        raise UsageError(f"no dataset {name!r} in {', '.join(sources)}; there are: {', '.join(datasets)}")
