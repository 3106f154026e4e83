"""`stitchhouse check`: what it finds out about a source, and that it leaves nothing behind."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from pipelines import locks
from tests.dialogue import dialogue

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.project import Project
    from tests.calling import Caller
    from tests.conftest import OpenShop, Shop

ORDERS = ("--dataset", "sales_orders")


def found(call: Caller, *arguments: str, **variables: str) -> dict[str, Any]:
    """The answers of one source, as an object."""
    code, out, _ = call("check", *arguments, "--json", **variables)
    answer = json.loads(out)
    assert answer["exit_code"] == code
    (source,) = answer["sources"]
    assert isinstance(source, dict)
    return source


def test_every_dataset(call: Caller, open_shop: OpenShop, tmp_path: Path) -> None:
    """Every dataset of every account is told with its rows, plans and abilities, and no file is made or changed."""
    with open_shop(page_size_cap=5, page_size=5) as shop:
        shutil.rmtree(shop.project.state)
        lines = call.fine("check").splitlines()
        counted = len(shop.control.ids("stitchlabs", "SalesOrders"))
    able = "id filter honoured, id order honoured, stamp filter honoured, stamp order honoured"
    plans = "first read: keyset on id, later: keyset on updated_at"
    assert f"stitchlabs.sales_orders main: {counted} rows; {plans}; {able}" in lines
    (organisations,) = [line for line in lines if line.startswith("stitchex: 127.0.0.1")]
    assert organisations.endswith("reads 4101 (Demo Label), 4108 (Second Label), 4115 (Third Label)")
    (labs,) = [line for line in lines if line.startswith("stitchlabs: credentials accepted; its clock is ")]
    assert "a first load takes at most " in labs
    assert "\x1b" not in "".join(lines)
    assert [path.name for path in shop.project.folder.iterdir()] == [".dlt"]
    assert list((shop.project.folder / ".dlt").iterdir()) == []
    assert {path.suffix for path in (tmp_path / "user").rglob("*") if path.is_file()} == {".lock"}


@pytest.mark.parametrize(
    ("switches", "abilities", "first", "later"),
    [
        ({}, ("honoured", "honoured"), "keyset on id", "keyset on updated_at"),
        ({"updated_at": "refused"}, ("honoured", "refused"), "keyset on id", "last page first"),
        ({"id_filter": "ignored"}, ("ignored", "honoured"), "last page first", "keyset on updated_at"),
        ({"sort": "ignored"}, ("honoured", "honoured"), "newest first", "newest first"),
    ],
)
def test_abilities(
    call: Caller, open_shop: OpenShop, switches: dict[str, str], abilities: tuple[str, str], first: str, later: str
) -> None:
    """The plans are those that a sync would choose by what the source was just seen to do."""
    with open_shop(page_size_cap=5, **switches):
        (orders,) = found(call, "stitchlabs", *ORDERS)["datasets"]
    assert (orders["capabilities"]["id_filter"], orders["capabilities"]["stamp_filter"]) == abilities
    assert (orders["first"], orders["later"], orders["exit_code"]) == (first, later, 0)


def test_selected_organisations(call: Caller, shop: Shop) -> None:
    """All organisations of the login are told, and which of them the settings select."""
    variable = {"SOURCES__STITCHEX__ORGANISATIONS": '["Second Label"]'}
    source = found(call, "stitchex", *ORDERS, **variable)
    assert {one["account"]: one["selected"] for one in source["accounts"]} == {
        "4101": False,
        "4108": True,
        "4115": False,
    }
    assert [one["account"] for one in source["datasets"]] == ["4108"]
    assert "leaves out 4101 (Demo Label), 4115 (Third Label)" in call.fine("check", "stitchex", *ORDERS, **variable)
    assert [one["account"] for one in found(call, "stitchex", *ORDERS, "--account", "4101")["datasets"]] == ["4101"]
    assert shop.asked("stitchlabs") == []


def test_rate(call: Caller, shop: Shop) -> None:
    """Questions keep to the rate, the time of an answer is told without the wait, and hours follow from the rate."""
    source = found(call, "stitchlabs", *ORDERS, SOURCES__STITCHLABS__REQUESTS_PER_SECOND="4")
    assert source["requests_per_second"] == 4
    assert 0 < source["answer_seconds"] < 0.25
    assert source["requests"] == source["datasets"][0]["requests"] > 0
    assert source["hours"] == pytest.approx(source["requests"] / 4 / 3600, rel=0.01)
    assert len(shop.asked("stitchlabs")) <= 10


@pytest.mark.parametrize(("seconds", "words"), [(3600, "ahead of"), (-3600, "behind")])
def test_clocks(call: Caller, shop: Shop, seconds: int, words: str) -> None:
    """A server whose clock is an hour off is told with the difference, and with a warning."""
    shop.control.clock(advance=seconds)
    out = call.fine("check", "stitchlabs", *ORDERS)
    assert f"s {words} ours" in out
    assert "warning: the clocks of 127.0.0.1" in out
    assert abs(found(call, "stitchlabs", *ORDERS)["clock"] - seconds) <= 5


def test_a_dataset_that_fails(call: Caller, shop: Shop) -> None:
    """A dataset that may not be read gets its line and its code, and the others are looked at."""
    shop.control.fault(403, api="stitchex")
    code, out, err = call("check", *ORDERS)
    assert code == 77
    assert "stitchex.sales_orders 4101: failed" in out
    assert "stitchex.sales_orders 4115: 2" in out
    (line,) = err.splitlines()
    assert line.startswith("stitchhouse: stitchex.sales_orders 4101: ")
    assert "stitchex: credentials accepted" in out


@pytest.mark.parametrize(
    ("variables", "code", "words"),
    [
        ({"SOURCES__STITCHEX__PASSWORD": "wrong-8841"}, 77, "check sources.stitchex.email"),
        ({"SOURCES__STITCHEX__BASE_URL": "http://127.0.0.1:1"}, 69, "cannot reach 127.0.0.1:1"),
        ({"SOURCES__STITCHEX__BASE_URL": "http://api.example.com"}, 78, "base_url must be https"),
        ({"SOURCES__STITCHEX__ORGANISATIONS": '["nobody"]'}, 78, "no organisation 'nobody'"),
        ({"SOURCES__STITCHEX__ORGANISATIONS": "4101"}, 78, "sources.stitchex.organisations must be a list"),
        (
            {"SOURCES__STITCHEX__REQUESTS_PER_SECOND": "fast"},
            78,
            "sources.stitchex.requests_per_second must be a number",
        ),
    ],
)
@pytest.mark.usefixtures("shop")
def test_a_source_that_fails(call: Caller, variables: dict[str, str], code: int, words: str) -> None:
    """What keeps a source from being read is one line with its own code, and the other source is looked at."""
    ended, out, err = call("check", *ORDERS, **variables)
    assert (ended, len(err.splitlines())) == (code, 1), err
    assert words in err
    assert "wrong-8841" not in out + err
    assert "stitchlabs: credentials accepted" in out


def test_wrong_token(call: Caller, shop: Shop) -> None:
    """A token that the source refuses is told as refused, without its value: 77."""
    source = found(call, "stitchlabs", *ORDERS, SOURCES__STITCHLABS__ACCESS_TOKEN="wrong-8841")
    assert (source["credentials"], source["exit_code"], source["datasets"][0]["exit_code"]) == ("refused", 77, 77)
    assert "wrong-8841" not in json.dumps(source)
    assert len(shop.control.requests()) == 1


def test_broken_contract(call: Caller, shop: Shop) -> None:
    """An answer that breaks the source's contract is told with the dataset: 65."""
    shop.control.fault("truncated", times=99, api="stitchlabs")
    assert "stitchlabs.sales_orders main: " in call.one_line(65, "check", "stitchlabs", *ORDERS)


def test_nothing_configured(call: Caller, project: Project) -> None:
    """Without any credentials, check says which settings are missing: 78."""
    assert "no source is configured" in call.one_line(78, "check")
    assert not project.warehouse.exists()


def test_while_another_run_reads(call: Caller, shop: Shop) -> None:
    """A login that another run is reading with is left alone: 75."""
    with locks.walking(f"127.0.0.1:{shop.box.port}", ["demo@example.com"]):
        assert "another run reads" in call.one_line(75, "check", "stitchex")
    assert shop.control.requests() == []


def test_destination(call: Caller, shop: Shop) -> None:
    """A DuckDB file is opened without being changed: not there yet, there, or broken (74)."""
    words = ("check", "stitchlabs", *ORDERS, "--destination", "duckdb")
    assert f"{shop.file}: not there yet" in call.fine(*words)
    assert not shop.file.parent.exists()
    shop.sync("stitchlabs", ["sales_orders"])
    before = shop.file.read_bytes()
    assert f"{shop.file}: can be opened" in call.fine(*words)
    assert shop.file.read_bytes() == before
    shop.file.write_text("no database" * 999)
    assert str(shop.file) in call.one_line(74, *words)
    assert "no destination 'drawer'" in call.one_line(64, "check", "--destination", "drawer")


@pytest.mark.usefixtures("shop")
def test_on_a_terminal() -> None:
    """On a terminal the datasets are one table."""
    with dialogue("check", "stitchex", *ORDERS, TERM="xterm") as talk:
        assert talk.end() == 0
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", talk.seen).splitlines()
    (head,) = [line for line in lines if "dataset" in line and "later reads" in line]
    (row,) = [line for line in lines if re.match(r"stitchex\.sales_orders +4101 ", line)]
    assert row.index("whole list") == head.index("first read")
    assert row.index("id filter, id order") == head.index("honours")
