"""What happens in a shop from day to day: invoices are paid and drafts are shipped (switch ``business``)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.shop.records import CENT, loose
from sandbox.stitchex.dealings import number
from sandbox.stitchex.eras import local_day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.clock import Clock
    from sandbox.store import Store

DAY = 86400
SMALL = Decimal(50)
"""What is owed up to here is paid at once, more of it by halves."""


class Business:
    """Moves on once for every full day that the sandbox's clock has passed since the start."""

    def __init__(self, store: Store, clock: Clock, zones: Mapping[int, str]) -> None:
        self._store = store
        self._clock = clock
        self._zones = zones
        self._start = clock.now()
        self._days = 0

    def catch_up(self) -> None:
        """A third of all open documents move each day, so all of them within three."""
        today = int((self._clock.now() - self._start) // DAY)
        while self._days < today:
            self._days += 1
            at = int(self._start) + self._days * DAY
            open_invoices, drafts = self._pay(at), self._ship(at)
            if not open_invoices and not drafts:
                self._days = today

    def _pay(self, at: int) -> bool:
        """Whether anything was owed."""
        invoices, payments = self._store["invoices"], self._store["payments"]
        owing = False
        for key in invoices.live:
            owed = number(invoices.get(key, "amount_outstanding"))
            owing = owing or owed > 0
            if key % 3 != self._days % 3 or owed <= 0:
                continue
            paid = owed if owed <= SMALL else (owed / 2).quantize(CENT)
            row = invoices.row(invoices.at(key))
            payment = payments.next_key()
            organisation = row["organisation_id"]
            payments.append(
                payment,
                {
                    "id": payment,
                    "created_at": at,
                    "updated_at": at,
                    "amount": loose(paid),
                    "reference": str(row["invoice_number"]),
                    "source": "Bank transfer",
                    "date": local_day(at, self._zones.get(organisation, "UTC")),
                    "sale_id": row["sale_id"],
                    "company_id": row["company_id"],
                    "invoice_id": key,
                },
                {"organisations": organisation},
            )
            invoices.put(key, "total_paid", loose(number(row["total_paid"]) + paid))
            invoices.put(key, "amount_outstanding", loose(owed - paid))
            invoices.put(key, "payments_count", row["payments_count"] + 1)
            invoices.put(key, "updated_at", at)
        return owing

    def _ship(self, at: int) -> bool:
        """Whether there was a draft."""
        tickets = self._store["pick_tickets"]
        drafts = [key for key in tickets.live if tickets.get(key, "status") == "draft"]
        for key in drafts:
            if key % 3 == self._days % 3:
                tickets.put(key, "status", "shipped")
                tickets.put(key, "stock_adjusted_at", at)
                tickets.put(key, "updated_at", at)
        return bool(drafts)
