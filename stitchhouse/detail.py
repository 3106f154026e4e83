"""The second, detailed read of rows whose lines and links no list shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stitchhouse.errors import RefusedError
from stitchhouse.walk.page import Page, row_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stitchhouse.walk.page import Reader

AT_ONCE = 50


class Details:
    """Reads rows by id. `several` is whether one answer holds all asked ids: None until the source has shown it."""

    def __init__(self, reader: Reader, *, several: bool | None) -> None:
        self.reader = reader
        self.several = several
        self.gone: list[int] = []
        """Ids that were asked alone and not answered."""

    def read(self, ids: Sequence[int]) -> Iterator[Page]:
        """Answers that together hold every asked id but those in `gone`. What was not asked for is left out."""
        left = list(ids)
        while left:
            size = AT_ONCE if self.several else 1 if self.several is False else 2
            asked, left = left[:size], left[size:]
            page = self._asked(asked)
            answered = set(page.ids())
            missing = [key for key in asked if key not in answered]
            if self.several is None and len(asked) > 1 and answered:
                self.several = not missing
            if page.rows:
                yield page
            yield from self._alone(missing, asked_alone=len(asked) == 1)

    def _alone(self, missing: list[int], *, asked_alone: bool) -> Iterator[Page]:
        for key in missing:
            page = None if asked_alone else self._only(self.reader.details([key]), [key])
            if page is not None and page.rows:
                yield page
            else:
                self.gone.append(key)

    def _asked(self, asked: Sequence[int]) -> Page:
        try:
            return self._only(self.reader.details(asked), asked)
        except RefusedError:
            if len(asked) == 1:
                raise
            # Asked one by one, each gets its own answer.
            self.several = False if self.several is None else self.several
            return Page(rows=[])

    @staticmethod
    def _only(page: Page, asked: Sequence[int]) -> Page:
        """The rows that were asked for, each once."""
        wanted = set(asked)
        rows = []
        for row, key in zip(page.rows, map(row_id, page.rows), strict=True):
            if key in wanted:
                wanted.discard(key)
                rows.append(row)
        return Page(rows=rows, number=page.number, date=page.date, blocks=page.blocks, mended=page.mended)
