"""All tables of the Stitchex face from the neutral shop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.shop import words
from sandbox.stitchex.customers import customers
from sandbox.stitchex.goods import goods
from sandbox.stitchex.invoices import invoices
from sandbox.stitchex.orders import sales_orders
from sandbox.stitchex.production import coming, production
from sandbox.stitchex.receiving import receiving
from sandbox.stitchex.returns import returns
from sandbox.stitchex.tickets import tickets
from sandbox.store import Table

if TYPE_CHECKING:
    from sandbox.shop.records import Shop
    from sandbox.store import Row, Store

SEASONS = ("Spring", "Summer", "Winter")
# Ids of seasons and channels are the same in every organisation; their keys here are not.
APART = 1000


def build(shop: Shop) -> Store:
    """All datasets that the face serves, and the tables nested in them, by table name."""
    store = sales_orders(shop) | _small_lists(shop)
    store |= production(shop)
    store |= receiving(shop, store)
    store |= goods(shop, coming(store))
    store |= customers(shop)
    store |= invoices(shop, store)
    store |= returns(shop, store)
    store |= tickets(shop, store)
    return store


def _small_lists(shop: Shop) -> Store:
    """Organisations, channels and seasons (section 9.10)."""
    everywhere = [(o.id, "" if not k else f" {k + 1}", k) for k, o in enumerate(shop.organisations)]
    channels: list[Row] = []
    seasons: list[Row] = []
    for _, suffix, k in everywhere:
        for n, (name, _) in enumerate(words.CHANNELS):
            currency = words.CURRENCIES[(n + k) % len(words.CURRENCIES)]
            channels.append({"channel_ID": 301 + n, "channel_name": name + suffix, "currency": currency})
        seasons += [{"id": 71 + n, "name": f"{name}{suffix}"} for n, name in enumerate(SEASONS)]
    return {
        "organisations": Table(
            [o.id for o in shop.organisations],
            {"id": [o.id for o in shop.organisations], "name": [o.name for o in shop.organisations]},
        ),
        "channels": _shared(channels, "channel_ID", [o for o, _, _ in everywhere for _ in words.CHANNELS]),
        "seasons": _shared(seasons, "id", [o for o, _, _ in everywhere for _ in SEASONS]),
    }


def _shared(rows: list[Row], key: str, owners: list[int]) -> Table:
    keys = [owner * APART + row[key] for owner, row in zip(owners, rows, strict=True)]
    return Table(keys, {name: [row[name] for row in rows] for name in rows[0]}, {"organisations": owners})
