"""Reads Stitch Labs: `POST /api2/v2/<Resource>` and `/detail`, always with `"action": "read"` (API reference, 3 to 5).

Nothing else is ever sent: `_body` is the only place that makes a body.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from sources.stitchlabs.filter import Filter, Test, checked
from stitchhouse.columns import WHOLE, as_text
from stitchhouse.errors import ContractError, RefusedError, UsageError
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


class Client:
    """The typed questions that the API answers. `token_header` is a setting, since some proxies strip underscores."""

    def __init__(self, http: Http, token: str, *, token_header: str = "access_token") -> None:  # noqa: S107 - a name
        self.http = http
        http.secrets.add(token)
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
        answer = self.http.send("POST", path, where=where, body=_body(more), headers=self._headers)
        data = answer.data
        if not isinstance(data, dict) or resource not in data:
            said = data.get("message") or data.get("error") if isinstance(data, dict) else None
            keys = ", ".join(map(str, data)) if isinstance(data, dict) else type(data).__name__
            told = f"it says: {self.http.quote(said)}" if said else f"it holds: {keys}"
            raise ContractError(f"{where}: the answer holds no '{resource}' ({told}); the cursor stays")
        held = data.get("meta")
        meta: dict[str, Any] = held if isinstance(held, dict) else {}
        number, last = whole(meta, "current_page", where), whole(meta, "last_page", where)
        page = asked or 1
        return Page(
            rows=objects(data[resource]),
            number=number if number and asked else page,
            last=last,
            total=whole(meta, "total", where),
            more=last is not None and page < last,
            date=answer.date,
            blocks={name: by_id(held) for name, held in data.items() if name not in {"meta", resource}},
        )


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
        if ask.since is not None:
            tests.append(Test(self.dataset.cursor, ask.since, ">="))
        if ask.at is not None:
            tests.append(Test(self.dataset.cursor, ask.at))
        where = f"stitchlabs.{self.dataset.name} of {self.account}, page {ask.page}"
        where += f" after id {ask.after}" if ask.after else ""
        return self.client.listing(
            self.dataset.path,
            filter=Filter(all_of=tests) if tests else None,
            sort=self._sort(ask),
            page_size=ask.size or PAGE_SIZE,
            page_num=ask.page,
            where=where,
        )

    def details(self, ids: Sequence[int]) -> Page:
        where = f"stitchlabs.{self.dataset.name} of {self.account}, detail of id {ids[0]}"
        where += f" and {len(ids) - 1} more" if len(ids) > 1 else ""
        try:
            return self.client.detail(self.dataset.path, ids, where)
        except RefusedError as error:
            if error.status == 404 and len(ids) == 1:  # noqa: PLR2004 - gone, which is an answer
                return Page(rows=[])
            raise

    @staticmethod
    def _sort(ask: Ask) -> list[tuple[str, Direction]]:
        if ask.order is None:
            return []
        direction: Direction = "desc" if ask.descending else "asc"
        return [(ask.order, direction), *([("id", direction)] if ask.order != "id" else [])]


class StitchLabs:
    """The API as the engine reads it: an account is a token, named in the settings."""

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


def objects(held: Any) -> list[Object]:
    """The rows of a resource, which may be an array, a map by id, one object, or null."""
    if held is None:
        return []
    if isinstance(held, dict):
        return [held] if "id" in held else list(held.values())
    return list(held)


def by_id(held: Any) -> dict[str, Object]:
    """A block as id -> object, from any of the forms it may have."""
    if isinstance(held, dict) and "id" not in held:
        return held
    return {str(row.get("id", f"#{place}")): row for place, row in enumerate(objects(held))}


def whole(meta: Mapping[str, Any], name: str, where: str) -> int | None:
    """A number of `meta`, which comes as text; None where it is missing."""
    text = as_text(meta.get(name))
    if text is None or text == "":
        return None
    if not WHOLE.fullmatch(text) or int(text) < 0:
        raise ContractError(f"{where}: meta says that {name} is {text!r}; the cursor stays")
    return int(text)
