"""What the Stitchex sandbox, and the product's login to it, lack of the vendor's lists: entry -> what is missing."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from sources.stitchex import connect
from stitchhouse.errors import StitchhouseError
from tests import lists
from tests.sandbox.asking import TIMEOUT, Ex, Json, login

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox import Sandbox
    from tests.declared import Missing
    from tests.lists import Field

NOWHERE = {"id": "999999999", "created_at": "2999-01-01"}
"""Values of a parameter for which no row comes, by field; a word that occurs nowhere for the others."""


class Shop:
    """Every row of every list of one organisation."""

    def __init__(self, ex: Ex) -> None:
        self.ex = ex
        self.rows: Callable[[str], list[Json]] = cache(self._walk)

    def _walk(self, name: str) -> list[Json]:
        rows: list[Json] = []
        page: int | None = 1
        while page:
            reply = self.ex.get(f"/{name}", page=page)
            if reply.status_code != 200:
                return rows
            rows += reply.json()[name]
            page = reply.json().get("meta", {}).get("next_page")
        return rows


def calls(shop: Shop) -> Missing:
    """Each call of a connection is answered as the page shows it."""
    missing = {}
    said: Json = {}
    values = login() | {"organizationId": int(shop.rows("organisations")[0]["id"])}
    for call in lists.EX_CALLS:
        body = {name: (said | values | call.get("values", {}))[name] for name in call["body"]}
        reply = shop.ex.session.request(call["method"], shop.ex.base + call["path"], json=body or None, timeout=TIMEOUT)
        answer = reply.json()
        said |= answer
        told = {name: answer.get(name) for name in call.get("answers", {})}
        if not reply.ok or not set(call["reply"]) <= answer.keys() or told != call.get("answers", {}):
            missing[call["name"]] = f"answered {reply.status_code} with {sorted(answer)}"
    return missing


def sent(box: Sandbox) -> Missing:
    """The product connects with the calls of the page: their method, path, and members of the body."""
    before = len(box.control.requests())
    connection = connect(
        box.stitchex_url, "demo@example.com", "sandbox", requests_per_second=0, keep_token=False
    ).connection
    with suppress(StitchhouseError):
        (organisation, *_) = connection.organisations()
        connection.use(organisation["id"])
        connection._token["until"] = 0.0
        connection.get("/sales_orders", organisation["id"], "after the token's end")
    made = {(one["method"], one["path"], frozenset(one["body"] or ())) for one in box.control.requests()[before:]}
    return {
        call["name"]: "is not sent"
        for call in lists.EX_CALLS
        if (call["method"], call["path"], frozenset(call["body"])) not in made
    }


def endpoints(shop: Shop) -> Missing:
    """A list answers under its plural key, with `meta` where it is paged; one of its rows under the documented key."""
    missing = {}
    for name, one in lists.EX_LISTS.items():
        if said := _list(shop, name, one) or _one(shop, name, one):
            missing[name] = said
    return missing


def _list(shop: Shop, name: str, one: dict[str, Any]) -> str:
    reply = shop.ex.get(f"/{name}")
    if reply.status_code != 200 or not reply.json().get(name):
        return f"/{name} answered {reply.status_code} without rows"
    meta, length = reply.json().get("meta"), len(reply.json()[name])
    if (meta is not None) is not one["paged"]:
        return f"/{name} has the wrong paging"
    size = min(one.get("size", length), meta["total_count"]) if meta else length
    return "" if length == size else f"/{name} has {length} rows on a page instead of {size}"


def _one(shop: Shop, name: str, one: dict[str, Any]) -> str:
    if "one" not in one:
        return ""
    key = shop.rows(name)[0]["id"]
    reply = shop.ex.get(f"/{name}/{key}")
    held = reply.json() if reply.status_code == 200 else {}
    (word,) = held if len(held) == 1 else [""]
    row = held.get(word) if word else held
    right = isinstance(row, dict) and row.get("id") == key and one["one"] in {"*", word}
    return "" if right else f"/{name}/{{id}} answered {reply.status_code} with {sorted(held)}"


def meta(shop: Shop) -> Missing:
    """The keys are on every paged list."""
    replies = [shop.ex.get(f"/{name}") for name, one in lists.EX_LISTS.items() if one["paged"]]
    metas = [reply.json().get("meta", {}) for reply in replies if reply.status_code == 200]
    return {key: "is not in every meta" for key in lists.EX_META if not all(key in meta for meta in metas)}


def parameters(shop: Shop) -> Missing:
    """A parameter brings the rows that it names, and none for a value that no row has."""
    missing = {}
    for entry, (name, one) in lists.EX_PARAMETERS.items():
        if said := _second_page(shop, name) if one["name"] == "page" else _chosen(shop, name, one):
            missing[entry] = said
    return missing


def _second_page(shop: Shop, name: str) -> str:
    reply = shop.ex.get(f"/{name}", page=2)
    if reply.status_code != 200:
        return f"answered {reply.status_code}"
    return "" if reply.json().get("meta", {}).get("current_page") == 2 else "page 2 is not page 2"


def _chosen(shop: Shop, name: str, one: dict[str, Any]) -> str:
    field = one["field"]
    rows = [row for row in shop.rows(name) if row.get(field)]
    if not rows:
        return f"no row of {name} has a value of {field}"
    value = rows[len(rows) // 2][field]
    wanted = {row["id"] for row in rows if (row[field] > value if one["rows"] == "above" else row[field] == value)}
    reply = shop.ex.get(f"/{name}", **{one["name"]: value})
    if reply.status_code != 200:
        return f"answered {reply.status_code}"
    found, total = [row["id"] for row in reply.json()[name]], reply.json()["meta"]["total_count"]
    if total != len(wanted) or not wanted.issuperset(found):
        return f"{value!r} finds {total} rows instead of {len(wanted)}"
    none = shop.ex.get(f"/{name}", **{one["name"]: NOWHERE.get(field, "999999999")})
    return "" if none.status_code == 200 and not none.json()[name] else "is ignored for a value that no row has"


def fields(shop: Shop) -> Missing:
    """Each field is on some row of its list; on which others it may be left out is a matter of the sandbox's tests."""
    return {
        entry: "is on no row" for entry, field in lists.EX_FIELDS.items() if not _seen(shop.rows(field.list), field)
    }


def _seen(rows: list[Json], field: Field) -> bool:
    path = field.at.split(".") if field.at else []
    *objects, last = field.name.split(".")
    return any(last in one for row in rows for one in _inside(row, path, objects))


def _inside(row: Json, path: list[str], objects: list[str]) -> Iterator[Json]:
    if path:
        for child in row.get(path[0]) or ():
            yield from _inside(child, path[1:], objects)
    elif not objects:
        yield row
    elif isinstance(nested := row.get(objects[0]), dict):
        yield from _inside(nested, [], objects[1:])
