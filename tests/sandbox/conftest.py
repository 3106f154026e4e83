"""One sandbox that nobody changes, shared; and one per test that changes things."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox import Sandbox, running
from tests.sandbox.asking import Ex, Labs

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def quiet() -> Iterator[Sandbox]:
    """Read only."""
    with running(orders=120, control=True) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def quiet_labs(quiet: Sandbox) -> Iterator[Labs]:
    with Labs(quiet) as labs:
        yield labs


@pytest.fixture
def moving() -> Iterator[Sandbox]:
    """To be changed by one test."""
    with running(orders=60, control=True) as sandbox:
        yield sandbox


@pytest.fixture
def labs(moving: Sandbox) -> Iterator[Labs]:
    with Labs(moving) as client:
        yield client


@pytest.fixture
def ex(moving: Sandbox) -> Iterator[Ex]:
    with Ex(moving) as client:
        yield client
