"""Faults of the disk and the warehouse: how a sync ends that meets them, and that the next one is whole."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from contextlib import contextmanager
from struct import pack, unpack
from typing import TYPE_CHECKING

import duckdb
import pytest
from dlt.destinations.exceptions import DatabaseTerminalException

from pipelines.failures import failure
from tests.contacts import SYNC, whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.calling import Caller
    from tests.conftest import Shop

PRIME = 0xBF58476D1CE4E5B9
"""Of DuckDB's checksum."""


@contextmanager
def no_file_larger(size: int) -> Iterator[None]:
    """What a full disk does to a process, by a limit of the system."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    ("size", "code", "where"),
    [(2_000, 74, "cannot be written"), (16_000, 73, "extract"), (150_000, 73, "run"), (400_000, 74, "load")],
    ids=["made", "extract", "normalize", "load"],
)
def test_a_full_disk(size: int, code: int, where: str, call: Caller, small: Shop) -> None:
    """Where a disk is full, a line says how much is free and how much waits; with room again the next run is whole."""
    with no_file_larger(size):
        words = ("sync", "stitchlabs", "--dataset", "sales_orders") if where == "load" else SYNC
        line = call.one_line(code, *words)
    assert where in line
    assert " MB are free in " in line
    assert "run again" in line
    whole(small)


def test_a_warehouse_that_another_program_has_open(call: Caller, small: Shop) -> None:
    """A DuckDB file that another process holds ends a sync with 75 and that process's id; nothing is asked."""
    whole(small)
    small.control.clear_requests()
    held = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", held, str(small.file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        assert f"(process {other.pid})" in call.one_line(75, *SYNC)
        published = call.one_line(75, *SYNC, "--publish", str(small.project.folder / "copy.duckdb"))
        other.communicate()
    assert f"(process {other.pid})" in published
    assert small.control.requests() == []
    whole(small)


def test_a_broken_warehouse(call: Caller, small: Shop) -> None:
    """A file that is no DuckDB file ends with 74, byte for byte as it was; moved away, the next run rebuilds it."""
    small.file.parent.mkdir(parents=True)
    small.file.write_bytes(b"not a database" * 1000)
    line = call.one_line(74, *SYNC)
    assert "was not touched" in line
    assert "move it (and its .wal) away and sync again" in line
    assert small.file.read_bytes() == b"not a database" * 1000
    small.file.rename(small.file.with_suffix(".broken"))
    whole(small)


def test_a_torn_journal(small: Shop) -> None:
    """A write-ahead log that a power cut left torn takes nothing with it: the next run is whole."""
    whole(small)
    small.file.with_name(f"{small.file.name}.wal").write_bytes(b"\x63\x00\x01" * 4000)
    whole(small)


def test_a_warehouse_of_a_newer_duckdb(call: Caller, small: Shop) -> None:
    """A file in a newer format ends with 78 and names both versions."""
    whole(small)
    data = bytearray(small.file.read_bytes())
    assert unpack("<Q", data[:8]) == (checksum(data[8:4096]),)
    data[12:20] = pack("<Q", 77)
    data[:8] = pack("<Q", checksum(data[8:4096]))
    small.file.write_bytes(data)
    line = call.one_line(78, *SYNC)
    assert "storage version 77" in line
    assert duckdb.__version__ in line


def checksum(data: bytes | bytearray) -> int:
    """As DuckDB computes it of a block."""
    result = 5381
    for (word,) in (unpack("<Q", data[at : at + 8]) for at in range(0, len(data), 8)):
        result ^= (word * PRIME) % 2**64
    return result


def test_a_warehouse_restored_from_a_backup(small: Shop) -> None:
    """After an older copy of the warehouse was put back, its own cursor counts, and what was lost comes again."""
    whole(small)
    backup = small.file.with_suffix(".backup")
    shutil.copy(small.file, backup)
    small.control.clock(advance=3600)
    changed = small.control.change("stitchlabs", "Contacts", count=3, set={"name": "after the backup"})
    small.control.clock(advance=3600)
    whole(small)
    shutil.copy(backup, small.file)
    whole(small)
    noted = small.sql("select id from stitchlabs.contacts where name = 'after the backup' order by id")
    assert [key for (key,) in noted] == sorted(changed)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ("drop table stitchlabs.contacts__addresses", "stitchlabs.contacts__addresses is gone"),
        ("alter table stitchlabs.contacts drop column name", "stitchlabs.contacts.name is gone"),
        ("alter table stitchlabs.contacts alter updated_at type varchar", "stitchlabs.contacts.updated_at is text"),
    ],
    ids=["table", "column", "type"],
)
def test_a_table_changed_by_hand(change: str, place: str, call: Caller, small: Shop) -> None:
    """A table or column that somebody took away or changed ends with 74 and its name, before anything is read."""
    whole(small)
    with duckdb.connect(str(small.file)) as connection:
        connection.execute(change)
    small.control.clear_requests()
    line = call.one_line(74, *SYNC)
    assert place in line
    assert "stitchhouse reset stitchlabs.contacts" in line
    assert small.control.requests() == []


def test_a_dropped_table_is_made_anew_after_a_reset(call: Caller, small: Shop) -> None:
    """After the reset that the line names, a dropped table is made anew and filled."""
    whole(small)
    lines = small.one("select count(*) from stitchlabs.contacts__addresses")
    with duckdb.connect(str(small.file)) as connection:
        connection.execute("drop table stitchlabs.contacts__addresses")
    call.fine("reset", "stitchlabs.contacts", "--yes")
    whole(small)
    assert small.one("select count(*) from stitchlabs.contacts__addresses") == lines


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ("permission denied for schema stitchlabs", 77, "gives no right to write"),
        ("cannot execute INSERT in a read-only transaction", 77, "gives no right to write"),
        ('password authentication failed for user "loader"', 77, "does not let us in"),
        ("could not extend file base/1/2: No space left on device", 74, "MB are free in"),
        ("out of memory: failed to allocate 1 MiB", 75, "ran out of memory"),
        ('column "total" of relation "sales_orders" does not exist', 74, "not as it was made"),
        ("deadlock detected", 74, "the cursor stays, run again"),
    ],
)
def test_what_a_destination_says(words: str, code: int, told: str, tmp_path: Path) -> None:
    """What a server such as PostgreSQL refuses, becomes the code and line of its cause."""
    refused = DatabaseTerminalException(ValueError(words))
    refused.__cause__ = ValueError(words)
    found = failure(refused, "postgres", tmp_path)
    assert found.exit_code == code
    assert told in str(found)
    assert "\n" not in str(found)
