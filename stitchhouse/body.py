"""The body of an answer, read within a deadline and a size, and the fault that is worth another try."""

from __future__ import annotations

import time

import requests
import urllib3

from stitchhouse.errors import ContractError, StitchhouseError, UnavailableError

DEADLINE = 60
"""Seconds for a whole body, however slowly it drips."""
LARGEST_BODY = 64 * 2**20


class AgainError(Exception):
    """A try that failed in a way that the next one may not. `final` is what to raise when no try is left."""

    def __init__(self, final: StitchhouseError, wait: float | None = None, *, nobody: bool = False) -> None:
        super().__init__(str(final))
        self.final = final
        self.wait = wait
        self.nobody = nobody


def body_of(response: requests.Response, where: str) -> bytes:
    """The decoded body. Deadline and size hold for all of it."""
    end = time.monotonic() + DEADLINE
    chunks = []
    size = 0
    while chunk := _some(response):
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_BODY:
            raise ContractError(f"{where}: the answer is larger than {LARGEST_BODY // 2**20} MB")
        if time.monotonic() > end:
            raise AgainError(UnavailableError(f"{where}: no whole answer within {DEADLINE} seconds"))
    return b"".join(chunks)


def _some(response: requests.Response) -> bytes:
    """The next decoded bytes, as soon as there are any."""
    try:
        part: bytes = response.raw.read1(2**16, decode_content=True)
    except urllib3.exceptions.DecodeError as error:
        raise requests.exceptions.ContentDecodingError(error) from None
    except urllib3.exceptions.HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from None
    return part
