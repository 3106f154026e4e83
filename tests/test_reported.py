"""What alarms, and what does not alarm again: exit codes of a sync, and certificates in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.terminal import sentence
from stitchhouse.walk.certificate import gist
from tests.miscounting import DATASET, PAYMENTS, ROWS, Liar, status

if TYPE_CHECKING:
    from tests.calling import Caller
    from tests.conftest import OpenShop

CURSOR = "select cursor_after from stitchlabs._walks order by ended_at desc limit 1"


def test_a_reason_alarms_once(liar: Liar) -> None:
    """A walk that is not certified ends with 10, and with 0 when the same reason comes again, in other figures too."""
    assert liar.sync()[0] == 0
    held = liar.shop.one(ROWS)
    before = liar.shop.one(CURSOR)
    liar.lies = True
    code, first = liar.sync()
    assert (code, first.certified, first.reported, first.cursor_after) == (10, False, False, before)
    liar.shop.control.add(**PAYMENTS)
    code, again = liar.sync()
    assert (code, again.certified, again.reported, again.cursor_after) == (0, False, True, before)
    assert (first.why, again.why) == tuple(
        f"the only page left holds {rows} rows, the source counts {rows + 1}" for rows in (held, held + 1)
    )
    assert liar.shop.one(ROWS) == held + 1
    assert f"{DATASET} main: NOT CERTIFIED, as reported before: {again.why}; " in sentence(again)
    liar.lies = False
    assert liar.sync()[0] == 0
    assert liar.shop.one(CURSOR) > before


def test_another_reason_alarms(liar: Liar) -> None:
    """A list that never stands still and has no order ends with 10 once; another reason after that ends with 10."""
    liar.shop.control.switch(page_size_cap=2, sort="ignored", id_filter="refused", updated_at="refused")
    liar.shop.control.script(every={"n": 3, "do": [{"do": "add", "count": 1, **PAYMENTS}]})
    liar.shop.control.fault("disorder", times=9_999)
    code, first = liar.sync()
    assert (code, first.certified, first.cursor_after) == (10, False, None), first
    assert "no order" in first.why
    code, again = liar.sync()
    assert (code, again.reported) == (0, True)
    liar.shop.control.script()
    liar.shop.control.clear_faults()
    liar.shop.control.switch(
        page_size_cap=500, sort="honoured", **dict.fromkeys(("id_filter", "updated_at"), "honoured")
    )
    liar.lies = True
    code, other = liar.sync()
    assert (code, other.reported) == (10, False)
    assert gist(other.why) != gist(again.why)
    assert liar.sync()[0] == 0


def test_an_error_alarms_each_time(call: Caller, open_shop: OpenShop) -> None:
    """A source that fails again ends each sync with its own code, and each time there is something to close."""
    with open_shop(orders=20) as shop:
        shop.sync("stitchlabs", [DATASET])
        for _ in range(2):
            shop.control.fault(500, times=99)
            assert shop.sync("stitchlabs", [DATASET]).exit_code in {65, 69}
            shop.control.clear_faults()
            code, told = status(call, "--ack")
            assert (code, len(told["closed"]["walks"])) == (0, 1)


def test_certificates_in_words(call: Caller, open_shop: OpenShop) -> None:
    """A certificate says why nothing can have been missed; a sync prints it, and status tells it once per plan."""
    with open_shop(orders=20, organisations=1, page_size=5, page_size_cap=5) as shop:
        chosen = ("--dataset", f"stitchlabs.{DATASET}", "--dataset", "stitchex.sales_orders")
        lines = call.fine("sync", *chosen).splitlines()
        assert ["; nothing missed: " in line for line in lines] == [True, True], lines
        for source in ("stitchlabs", "stitchex"):
            assert shop.sql(f"select dataset from {source}._walks where certified is not true or why = ''") == []
        keyset = shop.one("select why from stitchlabs._walks")
        proof, _, figures = keyset.partition("; ")
        assert proof.startswith("each page began ")
        assert figures == f"{shop.one(ROWS)} of {shop.one(ROWS)} counted rows read"
        told = call.fine("status")
        assert told.count(proof) == 1
        assert figures in next(line for line in told.splitlines() if line.startswith(f"stitchlabs.{DATASET} "))
        (walk,) = status(call)[1]["walks"]
        assert (walk["why"], walk["asked"]) == (keyset, "all")


def test_the_gist_of_a_reason() -> None:
    """Two reasons are the same if they differ in figures and times alone."""
    one = "a row of 2026-03-01 12:00:00+00:00 came from a list filtered from 2026-03-02 12:00:00.123+00:00; ids 4, 17"
    assert gist(one) == "a row of # came from a list filtered from #; ids #"
    assert gist("the rows of page 3 do not ascend by id") != gist("the rows of page 3 do not ascend by updated_at")
