"""Keeps Python's cycle collector out of the way of a load.

Pages are millions of small objects without cycles, freed when their batch is done. Looking through them for cycles took
a third of the time of a large load (`bench/`).
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

THRESHOLD = 1_000_000
"""Objects alive beyond those already looked at before the next look: more than a batch holds."""


@contextmanager
def rarely() -> Iterator[None]:
    """While it lasts, only what outgrows a batch is looked at, and nothing that was there before."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(THRESHOLD, 10, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
