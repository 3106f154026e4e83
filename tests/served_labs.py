"""What the Stitch Labs sandbox lacks of the vendor's lists: entry -> what is missing."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests import lists
from tests.sandbox.asking import TIMEOUT, Json, Labs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from requests import Response

    from tests.declared import Missing
    from tests.lists import Request

PAGE = 50
BATCH = 20
"""Orders of one detail call."""
OAUTH = {
    "response_type": "code",
    "client_id": "sandbox",
    "client_secret": "sandbox-secret",
    "redirect_uri": "https://example.com/back",
    "scope": "",
    "state": "here",
    "grant_type": "authorization_code",
}


class Shop:
    """Every order of a sandbox, listed and in detail."""

    def __init__(self, labs: Labs) -> None:
        self.labs = labs

    @cached_property
    def listed(self) -> list[Json]:
        rows: list[Json] = []
        last = 1
        while len(rows) < PAGE * last:
            reply = self.labs.read(page_size=PAGE, page_num=len(rows) // PAGE + 1)
            rows += reply["SalesOrders"]
            last = int(reply["meta"]["last_page"])
            if len(reply["SalesOrders"]) < PAGE:
                break
        return rows

    @cached_property
    def replies(self) -> list[Json]:
        ids = [order["id"] for order in self.listed]
        return [self.labs.detail(*ids[start : start + BATCH]) for start in range(0, len(ids), BATCH)]

    @cached_property
    def detailed(self) -> list[Json]:
        return [order for reply in self.replies for order in reply["SalesOrders"]]

    def send(self, request: Request, body: Json) -> Response:
        return self.labs.session.post(f"{self.labs.base}{request.path}", json=body, timeout=TIMEOUT)


def order_attributes(shop: Shop) -> Missing:
    """Every order has every attribute, in the listing and in the detail."""
    return _lacking(lists.ATTRIBUTES, {"listing": shop.listed, "detail": shop.detailed})


def order_filters(shop: Shop) -> Missing:
    """A filter by the value of an order is answered with the orders that have it."""
    missing = {}
    for name in lists.FILTERS:
        value = next(order[name] for order in shop.listed if order[name])
        reply = shop.labs.ask("SalesOrders", filter={"and": [{name: value}]}, page_size=PAGE)
        if reply.status_code not in {200, 206}:
            missing[name] = f"is answered with {reply.status_code} {reply.text[:100]}"
        elif {order[name] for order in reply.json()["SalesOrders"]} != {value}:
            missing[name] = f"finds other orders than those with {value!r}"
    return missing


def base_links(shop: Shop) -> Missing:
    return _lacking(lists.BASE_LINKS, {"links of a detail": [order["links"] for order in shop.detailed]})


def secondary_links(shop: Shop) -> Missing:
    """Each path leads from an order to an object, in some detail, but for those of which only the name is known."""
    return {
        path: "leads to no object"
        for path, link in lists.SECONDARY_LINKS.items()
        if path not in lists.NAMES_ONLY and not any(_leads(reply, link.follow, link.type) for reply in shop.replies)
    }


def _leads(reply: Json, follow: tuple[str, ...], kind: str) -> bool:
    objects: list[Json] = reply["SalesOrders"]
    for step, name in enumerate(follow):
        block = reply.get(name, {})
        entries = [entry for one in objects for entry in (one["links"] or {}).get(name, ())]
        if kind and step == len(follow) - 1:
            entries = [entry for entry in entries if entry.get("type") == kind]
        objects = [block[key] for key in dict.fromkeys(entry["id"] for entry in entries) if key in block]
    return bool(objects)


def reads(shop: Shop) -> Missing:
    """An example is answered with the resource as an array, `meta` of texts, and blocks of objects by id."""
    missing = {}
    for name, request in lists.READS.items():
        reply = shop.send(request, _of_this_shop(request, shop))
        if reply.status_code not in {200, 206}:
            missing[name] = f"answered {reply.status_code}"
        elif said := _envelope(reply.json(), request.resource):
            missing[name] = said
    return missing


def _of_this_shop(request: Request, shop: Shop) -> Json:
    """The body with an id that exists here, for the ids of the examples are invented."""
    body = request.body
    for row in body.get(request.resource, ()):
        row["id"] = type(row["id"])(shop.listed[0]["id"])
    return body


def _envelope(reply: Json, resource: str) -> str:
    blocks = {name: block for name, block in reply.items() if name not in {"meta", resource}}
    if not isinstance(reply.get(resource), list) or not reply[resource]:
        return f"{resource} is no array of rows"
    if not all(isinstance(value, str) for value in reply["meta"].values()):
        return "meta is not all text"
    by_id = all(block and all(one["id"] == key for key, one in block.items()) for block in blocks.values())
    return "" if by_id else "a block is not keyed by id"


def meta(shop: Shop) -> Missing:
    return _lacking(lists.LABS_META, {"listing": [shop.labs.read()["meta"]], "detail": [shop.replies[0]["meta"]]})


def calls(shop: Shop) -> Missing:
    """The code flow: authorize sends the browser back with a code, and the token path takes it."""
    authorize, token = lists.LABS_CALLS
    missing = {}
    known = {name: OAUTH[name] for name in authorize["parameters"]}
    reply = shop.labs.session.get(
        f"{shop.labs.base}{authorize['path']}", params=known, allow_redirects=False, timeout=TIMEOUT
    )
    back = {name: values[0] for name, values in parse_qs(urlsplit(reply.headers.get("Location", "")).query).items()}
    if reply.status_code != 302 or not set(authorize["reply"]) <= back.keys() or back["state"] != OAUTH["state"]:
        missing[authorize["name"]] = f"answered {reply.status_code} and sends back {sorted(back)}"
    form = {name: (OAUTH | back).get(name, "") for name in token["parameters"]}
    reply = shop.labs.session.post(f"{shop.labs.base}{token['path']}", data=form, timeout=TIMEOUT)
    if reply.status_code != 200 or not set(token["reply"]) <= reply.json().keys():
        missing[token["name"]] = f"answered {reply.status_code}"
    return missing


def _lacking(names: Iterable[str], where: Mapping[str, list[Any]]) -> Missing:
    return {
        name: f"is not in every {place}"
        for name in names
        for place, rows in where.items()
        if not rows or any(name not in row for row in rows)
    }
