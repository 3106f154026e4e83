"""The HTTP side: one application, two faces, and the control endpoints when they are wanted."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import orjson
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.control.board import Board
from sandbox.control.edits import BadEdit
from sandbox.control.faults import spoil
from sandbox.credentials import accounts_of
from sandbox.exchange import Answer, Asked, Face, refusal
from sandbox.options import Options, Switches
from sandbox.shop.seeded import seeded_shop
from sandbox.stitchex.face import Stitchex
from sandbox.stitchlabs.face import StitchLabs

if TYPE_CHECKING:
    from sandbox.shop.records import Shop

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


def shop_of(options: Options) -> Shop:
    """The shop that the options ask for."""
    if options.history is None:
        return seeded_shop(options.orders, options.seed, options.organisations)
    from sandbox.history import historical_shop  # noqa: PLC0415 - pyarrow costs start-up time

    return historical_shop(options.history, options.organisations)


def further_shop(options: Options, n: int, first: Shop) -> Shop:
    """The invented shop of a further account: a seed of its own under the ids of the first account's rows."""
    shop = shop_of(replace(options, seed=options.seed + n, history=None))
    for kind in () if first.historical else ("addresses", "customers", "orders", "products", "skus", "variations"):
        for ours, theirs in zip(getattr(shop, kind), getattr(first, kind), strict=False):
            ours.id = theirs.id
    return shop


def faces_of(options: Options, clock: Clock, switches: Switches) -> dict[str, Face]:
    """The faces by api name, each account of Stitch Labs one of its own."""
    shop = shop_of(options)
    faces: dict[str, Face] = {}
    if options.api != "stitchex":
        for n, account in enumerate(accounts_of(options.accounts)):
            own = further_shop(options, n, shop) if n else shop
            faces[account.api] = StitchLabs(own, clock, switches, account.token)
    if options.api != "stitchlabs":
        faces["stitchex"] = Stitchex(shop, clock, switches)
    return faces


def application(options: Options) -> Starlette:
    clock = Clock()
    switches = Switches(options.switches)
    faces = faces_of(options, clock, switches)
    board = Board(clock, switches, faces, options)
    bases = list(dict.fromkeys(api.partition("-")[0] for api in faces))
    of_token = {account.token: account.api for account in accounts_of(options.accounts)}

    async def served(request: Request) -> Response:
        api = request.path_params["path"].partition("/")[0]
        if api == "_control":
            return await controlled(request)
        if api not in bases:
            return wire(refusal(404, f"the sandbox serves /{' and /'.join(bases)}"), clock)
        asked = await _asked(request, f"/{api}")
        if api == "stitchlabs":
            api = of_token.get(asked.headers.get(switches.word("token_header"), ""), api)
        if board.latency:
            await asyncio.sleep(board.latency)
        login = faces[api].is_login(asked)
        try:
            fault = board.before(api, login=login)
        except BadEdit as error:
            return wire(refusal(500, f"a step of the script cannot be done: {error}"), clock)
        answer = faces[api].answer(asked)
        if fault is None:
            response = wire(answer, clock)
        else:
            response = await spoil(fault, answer, request, clock)
        cut = fault is not None and fault.kind == "drop"
        board.note(api, asked, "dropped" if cut else response.status_code, answer.rows)
        return response

    async def controlled(request: Request) -> Response:
        if not options.control:
            return wire(refusal(404, "started without control"), clock)
        return wire(board.control(await _asked(request, "/_control")), clock)

    return Starlette(routes=[Route("/{path:path}", served, methods=METHODS)])


async def _asked(request: Request, prefix: str) -> Asked:
    try:
        body = await request.body()
    except ClientDisconnect:
        body = b""
    return Asked(
        request.method, request.url.path.removeprefix(prefix), dict(request.query_params), request.headers, body
    )


def wire(answer: Answer, clock: Clock) -> Response:
    """The reply as bytes, dated by the sandbox's clock."""
    body = b"" if answer.content is None else orjson.dumps(answer.content)
    return Response(
        body, answer.status, {"date": clock.date(), "content-type": "application/json; charset=utf-8", **answer.headers}
    )
