"""Somebody else's words inside a line of ours."""

from __future__ import annotations


def one_line(words: object, most: int = 200) -> str:
    """Without line breaks, and no longer than `most`."""
    return " ".join(str(words).split())[:most]
