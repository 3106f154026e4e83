"""Reads one Stitchex list of one organisation: `GET /<list>?page=N&since_id=N` (API reference, sections 4 and 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sources.stitchex.datasets import ORGANISATIONS
from sources.stitchex.guard import Guard
from stitchhouse.envelope import held, no_list, objects, once, pages, whole
from stitchhouse.errors import ConfigurationError, ContractError, RefusedError
from stitchhouse.faults import TELL
from stitchhouse.spelling import spelled
from stitchhouse.walk import Page
from stitchhouse.walk.page import row_id

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sources.stitchex.auth import Connection
    from stitchhouse.answer import Answer
    from stitchhouse.dataset import Dataset, Link
    from stitchhouse.links import Object
    from stitchhouse.walk import Ask

STAMP = "updated_at"
SWITCHED = "the cursor stays, let nobody else use this login while it runs"


FULL = 50
"""Rows of a full page of the list with the smallest pages; most hold 100."""


class Stitchex:
    """The API as the engine reads it: an account is an organisation, named by its id.

    `asked` names the links whose objects come only by one more request per row, and are wanted.
    """

    def __init__(self, connection: Connection, wanted: Sequence[str] = (), asked: Collection[str] = ()) -> None:
        self.connection = connection
        self.guard = Guard(connection)
        self._wanted = list(wanted)
        self._asked = asked

    def accounts(self) -> Sequence[str]:
        """Ids of the organisations to read: those asked for, by id or name, or all of the login."""
        found = {str(one.get("id")): str(one.get("name")) for one in self.connection.organisations()}
        chosen = []
        for want in self._wanted:
            ids = [key for key, name in found.items() if want in {key, name}]
            if len(ids) != 1:
                listed = ", ".join(f"{key} ({name})" for key, name in found.items())
                what = "no" if not ids else "more than one"
                raise ConfigurationError(f"{what} organisation {want!r} in this login; there are: {listed}")
            chosen += ids
        return chosen or list(found)

    def reader(self, dataset: Dataset, account: str) -> ListReader:
        kind = OrganisationReader if dataset is ORGANISATIONS else ListReader
        return kind(self.connection, dataset, int(account), self.guard, self._asked)


class ListReader:
    """Reads one list of one organisation, and checks on every page that it is that organisation's."""

    def __init__(
        self, connection: Connection, dataset: Dataset, organisation: int, guard: Guard, asked: Collection[str] = ()
    ) -> None:
        self.connection = connection
        self.dataset = dataset
        self.organisation = organisation
        self.guard = guard
        self._asked = [link for link in dataset.table.links if link.asked and link.name in asked]
        self._sent = connection.http.sent

    @property
    def requests(self) -> int:
        return self.connection.http.sent - self._sent

    def page(self, ask: Ask) -> Page:
        if ask.descending or ask.before or ask.since or ask.until or ask.at or ask.order not in {None, "id"}:
            raise RefusedError(f"stitchex.{self.dataset.name}: the list knows no such order or filter", 400)
        params = {"page": ask.page} | ({} if ask.after is None else {"since_id": ask.after})
        where = f"stitchex.{self.dataset.name} of organisation {self.organisation}, page {ask.page}"
        where += f" after id {ask.after}" if ask.after else ""
        try:
            page = self._ask(params, where)
        except RefusedError as error:
            # To a question that is small, a refusal is an answer: it only asks what the list can do.
            if error.absent and not ask.size:
                raise no_list(error, self.dataset.name, "sources.stitchex.base_url") from None
            raise
        if ask.size or self._ours(page, where):
            return page
        self.connection.use(self.organisation, again=True)
        page = self._ask(params, where)
        if strangers := self._strangers(page):
            raise ContractError(f"{where}: a row of organisation {strangers[0]} came, twice; {SWITCHED}")
        if not self.dataset.account_column and not self.guard.current(self.organisation, where, just_set=True):
            raise ContractError(f"{where}: another organisation was set meanwhile, twice; {SWITCHED}")
        return page

    def details(self, ids: Sequence[int]) -> Page:
        """One document by its id; the others of `ids` are left out. A page without rows where there is none (404)."""
        where = f"stitchex.{self.dataset.name} of organisation {self.organisation}, id {ids[0]}"
        page = self._one(ids[0], where)
        if page.rows and not self._strangers(page):
            return page
        if not page.rows and self.guard.current(self.organisation, where):
            return page
        self.connection.use(self.organisation, again=True)
        page = self._one(ids[0], where)
        if self._strangers(page) or not (page.rows or self.guard.current(self.organisation, where, just_set=True)):
            raise ContractError(f"{where}: another organisation was set meanwhile, twice; {SWITCHED}")
        return page

    def _one(self, key: int, where: str) -> Page:
        """Of another organisation, no document of ours is there."""
        try:
            answer = self.connection.get(f"/{self.dataset.path}/{key}", self.organisation, where)
        except RefusedError as error:
            if error.absent:
                return Page(rows=[])
            raise
        rows = objects(one_of(answer.data, self.dataset.path), self.dataset.path, where)
        return Page(rows=[spelled(self.dataset.table, row) for row in rows], date=answer.date, mended=answer.mended)

    def more(self, rows: Sequence[Object]) -> Sequence[Object]:
        """The rows with the objects that each shows only on a page of its own, as far as they are wanted."""
        for link in self._asked:
            rows = [row | {link.name: found} if (found := self._below(row, link)) is not None else row for row in rows]
        return rows

    def _below(self, row: Object, link: Link) -> list[Object] | None:
        """The objects of one row; None where the row is gone meanwhile, or has no id to ask by."""
        key = row_id(row)
        if key is None:
            return None
        where = f"stitchex.{self.dataset.name} of organisation {self.organisation}, {link.asked} of id {key}"
        try:
            answer = self.connection.get(f"/{self.dataset.path}/{key}/{link.asked}", self.organisation, where)
        except RefusedError as error:
            if not error.absent:
                raise
            # A row that is there, but has no such page, has no such objects.
            return [] if self.details([key]).rows else None
        if isinstance(answer.data, dict) and link.name in answer.data and answer.data[link.name] is None:
            return []
        return objects(held(answer.data, link.name, where, self.connection.http.quote), link.name, where)

    def _ask(self, params: dict[str, int], where: str) -> Page:
        answer = self.connection.get(f"/{self.dataset.path}", self.organisation, where, params)
        page = to_page(answer, self.dataset, params["page"], where, self.connection.http.quote)
        page.rows, copies = once([spelled(self.dataset.table, row) for row in page.rows], STAMP)
        page.mended = {**page.mended, **copies}
        return page

    def _ours(self, page: Page, where: str) -> bool:
        """Whether a page can be believed to be of the organisation that was asked for."""
        if not self.dataset.account_column:
            return self.guard.current(self.organisation, where)
        if self._strangers(page):
            return False
        self.guard.note(self.organisation, self.dataset.path, page.rows)
        # An empty page names no organisation, so it is believed only just after the organisation was set.
        return bool(page.rows)

    def _strangers(self, page: Page) -> list[object]:
        column = self.dataset.account_column
        own = {self.organisation, str(self.organisation), None}
        return [row.get(column) for row in page.rows if row.get(column) not in own] if column else []


class OrganisationReader(ListReader):
    """The organisation itself, out of the list that the login brought."""

    def page(self, ask: Ask) -> Page:  # noqa: ARG002 - the list is whole and needs no asking
        rows = [one for one in self.connection.organisations() if one.get("id") == self.organisation]
        return Page(rows=rows, total=len(rows))


def to_page(answer: Answer, dataset: Dataset, asked: int, where: str, quote: Callable[[object], str]) -> Page:
    """The envelope: the list under its plural name, and `meta` unless the list is not paged."""
    rows = objects(held(answer.data, dataset.path, where, quote), dataset.path, where)
    meta = answer.data.get("meta")
    if not dataset.paged and meta is None:
        return Page(rows=rows, number=asked, date=answer.date, mended=answer.mended)
    if not isinstance(meta, dict) or "next_page" not in meta:
        raise ContractError(f"{where}: the answer does not say whether more pages follow; {TELL}")
    number, following = whole(meta, "current_page", where), whole(meta, "next_page", where)
    last, total = whole(meta, "total_pages", where), whole(meta, "total_count", where)
    number = asked if number is None else number
    if following is not None and following <= number:
        raise ContractError(f"{where}: page {number} says that the next page is {following}; {TELL}")
    return Page(
        rows=rows,
        size=FULL,
        number=number,
        last=pages(last, total, where),
        total=total,
        more=following is not None,
        date=answer.date,
        mended=answer.mended,
    )


def one_of(data: Any, plural: str) -> list[dict[str, Any]]:
    """One object under its singular or plural name, alone or as a list of one, or as the whole answer."""
    for name in (plural.removesuffix("s"), plural):
        if isinstance(data, dict) and name in data:
            data = data[name]
            break
    return data if isinstance(data, list) else [data] if isinstance(data, dict) and "id" in data else []
