"""Waiting for a lock that another run holds."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock, Timeout

from pipelines import locks
from pipelines.durations import duration
from pipelines.locks import Patience
from stitchhouse.errors import UsageError
from tests.test_command_processes import started

if TYPE_CHECKING:
    from pathlib import Path

    from tests.calling import Caller
    from tests.conftest import OpenShop, Shop


def test_until_the_lock_is_free(open_shop: OpenShop) -> None:
    """A sync that waits says so once, goes on when the other run is done, and loads everything."""
    with open_shop(orders=10) as shop, ExitStack() as held:
        held.enter_context(locks.loading(shop.project, str(shop.file), "stitchlabs"))
        with started("sync", "stitchlabs", "--wait", "2m") as waiting:
            assert waiting.stdout is not None
            assert "is being loaded by another run; waiting up to 120 seconds" in waiting.stdout.readline()
            assert shop.asked("stitchlabs") == []
            held.close()
            out, err = waiting.communicate()
        assert (waiting.returncode, err) == (0, ""), out
        assert "waiting" not in out
        assert shop.one("select count(*) from stitchlabs.sales_orders") == 10


def test_in_vain(call: Caller, shop: Shop) -> None:
    """A wait that is over before the lock is free ends with 75, having asked the source nothing."""
    began = time.monotonic()
    with locks.loading(shop.project, str(shop.file), "stitchlabs"):
        code, out, err = call("sync", "stitchlabs", "--wait", "1s")
    assert (code, len(out.splitlines()), len(err.splitlines())) == (75, 1, 1)
    assert "waiting up to 1 second" in out
    assert "run again when it is done" in err
    assert 1 <= time.monotonic() - began < 30
    assert shop.control.requests() == []


def test_at_once(call: Caller, shop: Shop) -> None:
    """Without --wait a sync that meets a lock ends at once."""
    with locks.loading(shop.project, str(shop.file), "stitchlabs"):
        assert "another run" in call.one_line(75, "sync", "stitchlabs")


def test_one_patience_for_all_locks(tmp_path: Path) -> None:
    """The time to wait is for all locks of a run together, and waiting is told once."""
    told: list[str] = []
    patience = Patience(0.3, told.append)
    with FileLock(tmp_path / "first"), FileLock(tmp_path / "second"):
        for name in ("first", "second"):
            with pytest.raises(Timeout):
                patience.acquire(FileLock(tmp_path / name), f"{name} is held")
    assert patience.left == 0
    assert told == ["first is held; waiting up to 0 seconds for it"]


@pytest.mark.parametrize(
    ("text", "seconds"), [("0", 0), ("90s", 90), ("10m", 600), ("2h", 7200), (" 3d ", 259_200), ("0m", 0)]
)
def test_durations(text: str, seconds: int) -> None:
    """A duration is a whole number with its unit: seconds, minutes, hours or days."""
    assert duration(text, "--wait") == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "soon", "10", "-1m", "1.5h", "1h30m", "10 m", "999999d"])
def test_what_is_no_duration(text: str) -> None:
    """Anything else is answered with the option and examples: 64."""
    with pytest.raises(UsageError, match=r"--wait '.*' is no duration; write 90s, 30m, 2h or 3d"):
        duration(text, "--wait")


def test_a_wrong_wait(call: Caller, shop: Shop) -> None:
    """A wait that is no duration is refused before anything is read: 64."""
    assert "--wait 'soon' is no duration" in call.one_line(64, "sync", "--wait", "soon")
    assert shop.control.requests() == []
