"""Reads Stitch Labs: `POST /api2/v2/<Resource>` and `/detail`, always with `"action": "read"` (API reference, 3 to 5).

Nothing else is ever sent: `_body` is the only place that makes a body.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from sources.stitchlabs.filter import Filter, Test, checked
from stitchhouse.envelope import held, no_list, objects, once, pages, whole
from stitchhouse.errors import ContractError, CredentialsError, RefusedError, UsageError
from stitchhouse.faults import TELL, DeniedError
from stitchhouse.walk import Page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stitchhouse.dataset import Dataset
    from stitchhouse.http import Http
    from stitchhouse.links import Object
    from stitchhouse.walk import Ask

PAGE_SIZE = 50
"""The largest that any client was seen to ask for; what comes back is what counts."""
Direction = Literal["asc", "desc"]
DIRECTIONS = ("asc", "desc")


class Client:
    """The typed questions that the API answers. `token_header` is a setting, since some proxies strip underscores."""

    def __init__(self, http: Http, token: str, *, token_header: str = "access_token") -> None:  # noqa: S107 - a name
        self.http = http
        self._refused: CredentialsError | None = None
        """Why no resource is worth a request: the token itself, not a right that it lacks for one of them."""
        self._denied: set[str] | None = set()
        """Resources denied before any was read; None once one was."""
        http.hide(token)
        self._headers = {token_header: token}

    def listing(
        self,
        resource: str,
        *,
        filter: Filter | Mapping[str, Any] | None = None,  # noqa: A002 - the API's own word
        sort: Sequence[tuple[str, Direction]] = (),
        page_size: int = PAGE_SIZE,
        page_num: int = 1,
        where: str = "",
    ) -> Page:
        """One page of a listing. Raises `UsageError` for a question that the API does not know."""
        chosen = filter if filter is None or isinstance(filter, Filter) else Filter.of(one_filter(filter))
        if page_size < 1 or page_num < 1:
            raise UsageError(f"pages and their sizes count from 1, not page {page_num} of size {page_size}")
        if wrong := [direction for _, direction in sort if direction not in DIRECTIONS]:
            raise UsageError(f"a sort goes 'asc' or 'desc', not {wrong[0]!r}")
        body: dict[str, Any] = {"page_size": page_size, "page_num": page_num}
        if chosen is not None and (asked := chosen.body(resource)):
            body["filter"] = asked
        if sort:
            body["sort"] = [{checked(resource, name, "sort"): direction} for name, direction in sort]
        return self._send(resource, f"/api2/v2/{resource}", body, where or f"{resource}, page {page_num}", page_num)

    def detail(self, resource: str, ids: Sequence[int], where: str = "") -> Page:
        """The rows of `ids` with everything linked to them, as far as the API answers them."""
        body = {resource: [{"id": key} for key in ids]}
        where = where or f"{resource}, detail of id {ids[0]}" + (f" and {len(ids) - 1} more" if len(ids) > 1 else "")
        return self._send(resource, f"/api2/v2/{resource}/detail", body, where, None)

    def _send(self, resource: str, path: str, more: dict[str, Any], where: str, asked: int | None) -> Page:
        if self._refused is not None:
            raise self._refused
        try:
            answer = self.http.send("POST", path, where=where, body=_body(more), headers=self._headers)
        except CredentialsError as error:
            raise self._denial(resource, error) from None
        self._denied = None
        data = answer.data
        rows = objects(as_list(held(data, resource, where, self.http.quote)), resource, where)
        # A word or a number beside the blocks speaks of the answer, not of any object.
        named = {name: block for name, block in data.items() if name not in {"meta", resource}}
        blocks = {name: by_id(block, name, where) for name, block in named.items() if isinstance(block, dict | list)}
        meta = data.get("meta")
        if asked is None:
            return Page(rows=rows, date=answer.date, blocks=blocks, mended=answer.mended)
        if not isinstance(meta, dict) or (last := whole(meta, "last_page", where)) is None:
            raise ContractError(f"{where}: the answer does not say how many pages there are; {TELL}")
        number, total = whole(meta, "current_page", where), whole(meta, "total", where)
        # An empty result says that it is page 1 of 0.
        number = number if number and rows else asked
        return Page(
            rows=rows,
            size=more["page_size"],
            number=number,
            last=pages(last, total, where),
            total=total,
            more=asked < last,
            date=answer.date,
            blocks=blocks,
            mended=answer.mended,
        )

    def _denial(self, resource: str, error: CredentialsError) -> CredentialsError:
        """A token that is not known, or may read neither of the first two resources, is not tried at the others."""
        refused = CredentialsError(f"{error}; check sources.stitchlabs.access_token")
        if self._denied is not None:
            self._denied.add(resource)
            if not isinstance(error, DeniedError) or len(self._denied) > 1:
                self._refused = refused
        return refused


class ListReader:
    """Reads one resource of one account."""

    def __init__(self, client: Client, dataset: Dataset, account: str) -> None:
        self.client = client
        self.dataset = dataset
        self.account = account
        self._sent = client.http.sent

    @property
    def requests(self) -> int:
        return self.client.http.sent - self._sent

    def page(self, ask: Ask) -> Page:
        tests = []
        if ask.after is not None:
            tests.append(Test("id", ask.after, ">"))
        if ask.before is not None:
            tests.append(Test("id", ask.before, "<"))
        if ask.since is not None:
            tests.append(Test(self.dataset.cursor, ask.since, ">="))
        if ask.until is not None:
            tests.append(Test(self.dataset.cursor, ask.until, "<"))
        if ask.at is not None:
            tests.append(Test(self.dataset.cursor, ask.at))
        where = f"stitchlabs.{self.dataset.name} of {self.account}, page {ask.page}"
        where += f" after id {ask.after}" if ask.after else ""
        where += f" before id {ask.before}" if ask.before else ""
        try:
            page = self.client.listing(
                self.dataset.path,
                filter=Filter(all_of=tests) if tests else None,
                sort=self._sort(ask),
                page_size=ask.size or PAGE_SIZE,
                page_num=ask.page,
                where=where,
            )
        except RefusedError as error:
            # To a question that is small, a refusal is an answer: it only asks what the list can do.
            if error.absent and not ask.size:
                raise no_list(error, self.dataset.name, "sources.stitchlabs.base_url") from None
            raise
        rows, copies = once(page.rows, self.dataset.cursor)
        return replace(page, rows=rows, mended={**page.mended, **copies})

    def details(self, ids: Sequence[int]) -> Page:
        where = f"stitchlabs.{self.dataset.name} of {self.account}, detail of id {ids[0]}"
        where += f" and {len(ids) - 1} more" if len(ids) > 1 else ""
        try:
            return self.client.detail(self.dataset.path, ids, where)
        except RefusedError as error:
            if error.absent and len(ids) == 1:
                return Page(rows=[])
            raise

    def more(self, rows: Sequence[Object]) -> Sequence[Object]:
        """The rows as they are: nothing of this API has a page of its own for each row."""
        return rows

    @staticmethod
    def _sort(ask: Ask) -> list[tuple[str, Direction]]:
        if ask.order is None:
            return []
        direction: Direction = "desc" if ask.descending else "asc"
        return [(ask.order, direction), *([("id", direction)] if ask.order != "id" else [])]


class StitchLabs:
    """The API as the engine reads it: an account is a token, named in the settings, with a pace of its own."""

    def __init__(self, clients: Mapping[str, Client]) -> None:
        self._clients = clients

    def accounts(self) -> Sequence[str]:
        return list(self._clients)

    def reader(self, dataset: Dataset, account: str) -> ListReader:
        return ListReader(self._clients[account], dataset, account)


def one_filter(asked: Any) -> Mapping[str, Any]:
    if not hasattr(asked, "keys"):
        raise UsageError("a request takes one filter; put all tests into its 'and' and 'or'")
    held: Mapping[str, Any] = asked
    return held


def _body(more: dict[str, Any]) -> dict[str, Any]:
    return {"action": "read"} | more


def as_list(held: Any) -> Any:
    """The rows of a resource, which may be an array, a map by id, or one object."""
    if isinstance(held, dict):
        return [held] if "id" in held else list(held.values())
    return held


def by_id(block: Any, name: str, where: str) -> dict[str, Object]:
    """A block as id -> object, from any of the forms it may have; null is an empty one."""
    if block is None:
        return {}
    rows = objects(as_list(block), name, where)
    if isinstance(block, dict) and "id" not in block and all(isinstance(row, dict) for row in block.values()):
        return block
    return {str(row.get("id", f"#{place}")): row for place, row in enumerate(rows)}
