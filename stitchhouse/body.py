"""The body of an answer: unpacked, and read within a deadline and a size."""

from __future__ import annotations

import time
import zlib
from typing import TYPE_CHECKING

import requests
import urllib3

from stitchhouse.errors import ContractError, UnavailableError
from stitchhouse.faults import AgainError

if TYPE_CHECKING:
    from collections.abc import Iterator

DEADLINE = 60
"""Seconds for a whole body, however slowly it drips."""
LARGEST_BODY = 64 * 2**20
PIECE = 2**20
"""Most bytes to unpack at once, so that a small body cannot become a huge one before its size is seen."""


PACKINGS = ("gzip", "x-gzip", "deflate")
EITHER = zlib.MAX_WBITS + 32
"""Packed by gzip or zlib, whichever the first bytes tell."""


def body_of(response: requests.Response, where: str) -> tuple[bytes, bool]:
    """The unpacked body, and whether its end was there. Deadline and size hold for all of it."""
    end = time.monotonic() + DEADLINE
    parts = Unpacked(response)
    chunks = []
    size = 0
    for chunk in parts:
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_BODY:
            raise ContractError(
                f"{where}: the answer is larger than {LARGEST_BODY // 2**20} MB; the cursor stays, tell the vendor"
            )
        if time.monotonic() > end:
            raise AgainError(UnavailableError, f"no whole answer within {DEADLINE} seconds")
    return b"".join(chunks), parts.whole


class Unpacked:
    """The bytes of a body as soon as there are any, a piece at a time however small they were sent.

    `whole` tells at the end whether a packed body had its checksum; what was unpacked is there without it too.
    """

    def __init__(self, response: requests.Response) -> None:
        self.whole = True
        self._raw = response.raw
        self._packing = response.headers.get("Content-Encoding", "").strip().lower()

    def __iter__(self) -> Iterator[bytes]:
        if self._packing in {"", "identity"}:
            while part := self._some():
                yield part
            return
        if self._packing not in PACKINGS:
            raise AgainError(ContractError, "the answer is packed in a way that was not asked for")
        try:
            yield from self._unpacked()
        except zlib.error:
            raise AgainError(ContractError, "the answer is not packed as it says") from None

    def _unpacked(self) -> Iterator[bytes]:
        packer = zlib.decompressobj(EITHER)
        while packed := self._some():
            while packed:
                if packer.eof:
                    packer = zlib.decompressobj(EITHER)
                yield packer.decompress(packed, PIECE)
                packed = packer.unconsumed_tail or packer.unused_data
        yield packer.flush()
        self.whole = packer.eof

    def _some(self) -> bytes:
        try:
            part: bytes = self._raw.read1(2**16, decode_content=False)
        except urllib3.exceptions.HTTPError as error:
            raise requests.exceptions.ChunkedEncodingError(error) from None
        return part
