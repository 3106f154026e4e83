"""The login of Stitchex: three calls, one token that is kept and renewed, and a password that goes out once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from stitchhouse.errors import ContractError, CredentialsError, UnavailableError
from stitchhouse.walk import Ask
from tests.stitchex_login import LIST, LOGIN, ORDERS, PASSWORD, SET, api, ids, own_ids, paths, reader

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox


def grants(box: Sandbox) -> list[str]:
    return [request["body"]["grant_type"] for request in box.control.requests() if request["path"] == LOGIN]


def kept_tokens(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "user" / "stitchhouse").rglob("*.json"))


def test_three_calls_in_order(box: Sandbox) -> None:
    """A token, the organisations and the current organisation come in this order, before any row."""
    made = api(box)
    assert paths(box) == []
    ids(reader(made))
    assert paths(box)[:3] == [LOGIN, LIST, SET]
    assert set(paths(box)[3:]) == {ORDERS, SET}
    assert paths(box)[3] == ORDERS


def test_kept_token(box: Sandbox, tmp_path: Path) -> None:
    """The next run logs in with the token of this one, which lies in a file that only its user can read."""
    ids(reader(api(box, keep=True)))
    (file,) = kept_tokens(tmp_path)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert PASSWORD not in file.read_text()
    assert "demo" not in str(file)
    box.control.clear_requests()
    ids(reader(api(box, keep=True)))
    assert paths(box)[:2] == [LIST, SET]


def test_token_is_not_kept_if_not_wanted(box: Sandbox, tmp_path: Path) -> None:
    """With keep_token off nothing is written and every run logs in."""
    for _ in range(2):
        ids(reader(api(box)))
    assert paths(box).count(LOGIN) == 2
    assert kept_tokens(tmp_path) == []


@pytest.mark.parametrize(
    "damaged", ["", "no json", "[]", '{"access_token": 5}', '{"access_token": "x", "until": "soon"}', '{"until": null}']
)
def test_damaged_token_file(box: Sandbox, tmp_path: Path, damaged: str) -> None:
    """A damaged file of the token is as none."""
    ids(reader(api(box, keep=True)))
    kept_tokens(tmp_path)[0].write_text(damaged)
    assert len(ids(reader(api(box, keep=True)))) > 5
    assert paths(box).count(LOGIN) == 2


def test_refused_token(box: Sandbox) -> None:
    """A 401 in mid-walk is answered by one new token, the organisation set again, and the same request once more."""
    made = reader(api(box))
    first = made.page(Ask()).ids()
    box.control.clear_requests()
    box.control.fault("expire", before=2)
    found = first + ids(made, first[-1])
    assert found == own_ids(box, made.organisation)
    asked = box.control.requests()
    at = [request["status"] for request in asked].index(401)
    assert [request["path"] for request in asked[at : at + 4]] == [ORDERS, LOGIN, SET, ORDERS]
    assert asked[at]["query"] == asked[at + 3]["query"]
    assert [request["status"] for request in asked].count(401) == 1


def test_token_that_runs_out(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that runs out between two pages is renewed before, and the organisation is set for the new one."""
    box.control.switch(token_life=600)
    made = reader(api(box))
    first = made.page(Ask()).ids()
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 550)
    box.control.clear_requests()
    assert first + ids(made, first[-1]) == own_ids(box, made.organisation)
    assert paths(box)[:3] == [LOGIN, SET, ORDERS]
    assert {request["status"] for request in box.control.requests()} <= {200, 201}


def test_short_lived_tokens(box: Sandbox) -> None:
    """Even a token of half a minute can be used."""
    box.control.switch(token_life=30)
    made = reader(api(box))
    assert ids(made) == own_ids(box, made.organisation)


def test_second_401_in_a_row(box: Sandbox) -> None:
    """A source that refuses the new token as well is not asked a third time: 77."""
    made = reader(api(box))
    made.page(Ask())
    box.control.clear_requests()
    box.control.fault(401, times=9)
    with pytest.raises(CredentialsError) as caught:
        made.page(Ask())
    assert caught.value.exit_code == 77
    assert paths(box) == [ORDERS, LOGIN, SET, ORDERS]


def test_wrong_password(box: Sandbox) -> None:
    """A wrong password is tried exactly once, whatever is read, and the message names the setting, not the value."""
    made = api(box, "guess-9473")
    for _ in range(3):
        with pytest.raises(CredentialsError, match=r"sources\.stitchex\.password") as caught:
            made.accounts()
        assert caught.value.exit_code == 77
        assert "guess-9473" not in str(caught.value)
    assert paths(box) == [LOGIN]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_refused_login(box: Sandbox, status: int) -> None:
    """However a login is refused, it is tried once only, for a second try may lock the account."""
    box.control.fault(status, on="login", times=9)
    made = api(box)
    for _ in range(3):
        with pytest.raises(CredentialsError):
            made.accounts()
    assert paths(box) == [LOGIN]


def test_failing_organisations_cost_no_second_login(box: Sandbox) -> None:
    """Where everything behind the login fails, the login itself is not repeated to find out."""
    box.control.fault(500, on="login", before=2, times=99)
    with pytest.raises((UnavailableError, ContractError)):
        api(box).accounts()
    assert paths(box) == [LOGIN, *[LIST] * 5]


@pytest.mark.parametrize(
    ("refresh", "expected"), [("on", ["password", "refresh_token"]), ("off", ["password", "password"])]
)
def test_refresh_token(box: Sandbox, refresh: str, expected: list[str]) -> None:
    """A refresh token is used where one was given; the password goes out again only where there is none."""
    box.control.switch(refresh=refresh)
    made = reader(api(box))
    made.page(Ask())
    box.control.fault("expire")
    made.page(Ask())
    assert grants(box) == expected


def test_refused_refresh_token(box: Sandbox) -> None:
    """A refresh token that the source no longer takes costs nothing but a login with the password."""
    box.control.switch(refresh="on")
    made = reader(api(box))
    made.page(Ask())
    box.control.switch(refresh="off")
    box.control.fault("expire")
    assert len(made.page(Ask()).rows) == 5
    assert grants(box) == ["password", "refresh_token", "password"]
