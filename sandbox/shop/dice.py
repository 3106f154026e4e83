"""Seeded chance."""

from __future__ import annotations

from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """The few draws that Python promises to keep the same between versions, all made of ``random()``."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def below(self, n: int) -> int:
        return int(self._random.random() * n)

    def pick(self, options: tuple[T, ...]) -> T:
        return options[self.below(len(options))]

    def chance(self, share: float) -> bool:
        return self._random.random() < share
