"""Seeded chance."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Dice:
    """The few draws that Python promises to keep the same between versions, all made of ``random()``."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def below(self, n: int) -> int:
        return int(self._random.random() * n)

    def pick(self, options: tuple[T, ...]) -> T:
        return options[self.below(len(options))]

    def shuffled(self, keys: Sequence[int]) -> list[int]:
        """The same keys in an order of chance."""
        return sorted(keys, key=lambda _: self._random.random())

    def chance(self, share: float) -> bool:
        return self._random.random() < share
