"""Both APIs as a client sees them, over real HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import orjson
import requests

if TYPE_CHECKING:
    from sandbox import Sandbox

Json = dict[str, Any]
TIMEOUT = 30


class Labs:
    """Stitch Labs with the right token."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.base = sandbox.stitchlabs_url
        self.session = requests.Session()
        self.session.headers["access_token"] = "sandbox"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def ask(self, path: str, **body: Any) -> requests.Response:
        return self.session.post(f"{self.base}/api2/v2/{path}", json={"action": "read", **body}, timeout=TIMEOUT)

    def read(self, path: str = "SalesOrders", **body: Any) -> Json:
        reply = self.ask(path, **body)
        assert reply.status_code in {200, 206}, reply.text
        answered: Json = orjson.loads(reply.content)
        return answered

    def detail(self, *ids: int | str, resource: str = "SalesOrders") -> Json:
        return self.read(f"{resource}/detail", **{resource: [{"id": one} for one in ids]})

    def ids(self, **body: Any) -> list[int]:
        """The ids of one page of orders."""
        return [int(order["id"]) for order in self.read(**body)["SalesOrders"]]


class Ex:
    """Stitchex after all three steps of the login."""

    def __init__(self, sandbox: Sandbox, organisation: int | None = 4101) -> None:
        self.base = sandbox.stitchex_url
        self.session = requests.Session()
        self.token = self.log_in()
        self.session.headers["Authorization"] = f"Bearer {self.token['access_token']}"
        if organisation:
            self.choose(organisation)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def log_in(self, **changed: Any) -> Json:
        reply = self.post("/oauth/token", **login(**changed))
        answered: Json = orjson.loads(reply.content)
        return answered

    def post(self, path: str, **body: Any) -> requests.Response:
        return self.session.post(self.base + path, json=body, timeout=TIMEOUT)

    def choose(self, organisation: int) -> requests.Response:
        return self.post("/organisations/set_current_org", organizationId=organisation)

    def get(self, path: str, **query: Any) -> requests.Response:
        return self.session.get(self.base + path, params=query, timeout=TIMEOUT)

    def orders(self, **query: Any) -> Json:
        reply = self.get("/sales_orders", **query)
        assert reply.status_code == 200, reply.text
        answered: Json = orjson.loads(reply.content)
        return answered

    def ids(self, **query: Any) -> list[int]:
        return [order["id"] for order in self.orders(**query)["sales_orders"]]


def login(**changed: Any) -> Json:
    return {"email": "demo@example.com", "password": "sandbox", "grant_type": "password"} | changed
