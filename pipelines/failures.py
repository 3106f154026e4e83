"""What dlt, the disk or the destination says when a run fails, as one line with an exit code."""

from __future__ import annotations

import errno
import re
import shutil
from pathlib import PurePath
from typing import TYPE_CHECKING

from dlt.common.configuration.exceptions import ConfigFieldMissingException
from dlt.destinations.exceptions import DestinationConnectionError
from dlt.pipeline.exceptions import PipelineStepFailed

from pipelines.words import one_line
from stitchhouse.errors import (
    ConfigurationError,
    CredentialsError,
    DestinationError,
    LocalError,
    StitchhouseError,
    TryLaterError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOLDER = re.compile(r"held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")
FULL = re.compile(r"no space left|disk (is )?full|file too large|quota exceeded|could not extend file", re.IGNORECASE)
NO_MEMORY = re.compile(r"out of memory|cannot allocate|failed to allocate|allocation failure|bad_alloc", re.IGNORECASE)
DENIED = re.compile(
    r"permission denied|insufficient privilege|must be owner|read-only (transaction|mode|database)|access denied",
    re.IGNORECASE,
)
REFUSED = re.compile(r"password authentication failed|authentication failed|no password supplied", re.IGNORECASE)
OTHER_SHAPE = re.compile(
    r"referenced (column|table)|column .*(does not|not) exist|table .*(does not|not) exist|could not find|"
    r"does not have a column|conversion error|could not convert|cannot cast|type mismatch|binder error|"
    r"constraint error|not null constraint|catalog error",
    re.IGNORECASE,
)
MEGABYTE = 1_000_000


def failure(error: BaseException, destination: str, folder: Path) -> StitchhouseError:
    """The first error of ours below `error` tells best what to do; in `folder` packages lie until they are loaded.

    Raises a `KeyboardInterrupt` that somebody wrapped.
    """
    step = error.step if isinstance(error, PipelineStepFailed) else "the run"
    for cause in _causes(error):
        if isinstance(cause, StitchhouseError):
            return cause
        if isinstance(cause, KeyboardInterrupt):
            raise cause from None
        if isinstance(cause, ConfigFieldMissingException):
            where = f"destination.{destination}.credentials"
            return ConfigurationError(f"{where} is not set, or not whole ({', '.join(cause.fields)}); nothing was read")
        if isinstance(cause, MemoryError) or NO_MEMORY.search(str(cause)):
            return TryLaterError(
                f"{step} ran out of memory; the cursor stays: run again with more of it, "
                "or with --dataset for one dataset at a time"
            )
        if isinstance(cause, OSError) and cause.errno:
            return _local(cause, step, folder)
    return _refusal(error, destination, step, folder)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _local(error: OSError, step: str, folder: Path) -> StitchhouseError:
    if error.errno in {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}:
        return LocalError(f"{step} failed: {error.strerror}; {room(folder)}; nothing was loaded, run again")
    return LocalError(f"{step} failed: {error.strerror}; nothing was loaded, run again")


def _refusal(error: BaseException, destination: str, step: str, folder: Path) -> StitchhouseError:
    """What the destination said, which is the deepest of the causes."""
    deepest = list(_causes(error))[-1]
    words = one_line(deepest)
    if FULL.search(words):
        return DestinationError(f"{step} failed: {words}; {room(folder)}; the cursor stays, run again")
    if REFUSED.search(words):
        return CredentialsError(
            f"{destination} does not let us in ({words}); check destination.{destination}.credentials"
        )
    if DENIED.search(words):
        return CredentialsError(f"{destination} gives no right to write ({words}); the cursor stays, ask for it")
    if isinstance(deepest, DestinationConnectionError):
        return DestinationError(f"{destination} cannot be reached: {words}; the cursor stays, run again")
    if OTHER_SHAPE.search(words):
        return DestinationError(
            f"{step} failed: a table is not as it was made: {words}; the cursor stays: "
            f"undo what was changed in {destination} by hand, or move the tables away and sync again to rebuild them"
        )
    return DestinationError(f"{step} failed: {words}; the cursor stays, run again")


def room(folder: Path) -> str:
    """How much is free where `folder` lies, and how much what waits there takes."""
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    waiting = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return f"{free / MEGABYTE:.0f} MB are free in {folder}, and what waits there takes {waiting / MEGABYTE:.1f} MB"


def holder(found: re.Match[str]) -> str:
    """Who has a DuckDB file open, as DuckDB names it."""
    return f"{PurePath(found['program']).name} (process {found['pid']})"
