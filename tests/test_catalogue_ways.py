"""The catalogue of faults, 1 to 60: those that stand in the way of a whole run, and those of one row or one id."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from stitchhouse.errors import ContractError, UnavailableError
from tests.stitchex_login import LOGIN
from tests.wire import FINE, Said, client, wire

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import OpenShop, Shop
    from tests.wire import Wire

SMALL = ("account_addresses", "package_carrier_types")
AUTHORITY = """[ca]
default_ca = own
[own]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
"""
WHEN = {"expired": ("20200101000000Z", "20200102000000Z"), "valid": ("20200101000000Z", "21200101000000Z")}
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="the certificates are made by openssl")


@pytest.fixture
def shop(open_shop: OpenShop) -> Iterator[Shop]:
    """A small shop: most of these runs never get to it."""
    with open_shop(orders=5, organisations=1) as opened:
        yield opened


def certificate(folder: Path, when: str, name: str) -> Path:
    """Key and certificate that sign themselves, in one file."""
    (folder / "index").write_text("")
    (folder / "serial").write_text("01\n")
    (folder / "own.cnf").write_text(AUTHORITY)
    key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key -out request -subj /CN=sandbox"
    dates = "-startdate {} -enddate {}".format(*WHEN[when])
    for command in (
        f"req -new {key} -addext subjectAltName={name}",
        f"ca -batch -selfsign -notext -config own.cnf -keyfile key -in request -out signed {dates}",
    ):
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)  # noqa: S607
    whole = folder / f"{when}.pem"
    whole.write_bytes((folder / "key").read_bytes() + (folder / "signed").read_bytes())
    return whole


@contextmanager
def over_tls(server: Wire, file: Path, *, oldest: bool = False) -> Iterator[str]:
    """The server's address once it speaks TLS only; `oldest` is TLS 1.0."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    if oldest:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
        context.set_ciphers("ALL:@SECLEVEL=0")
    plain = server._server.socket
    server._server.socket = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
    yield server.url.replace("http:", "https:")


@needs_openssl
@pytest.mark.parametrize(
    ("when", "name", "words"),
    [
        ("expired", "IP:127.0.0.1", "certificate has expired"),
        ("valid", "DNS:elsewhere.example", "IP address mismatch"),
        ("valid", "IP:127.0.0.1", ""),
    ],
    ids=["expired", "wrong host", "right"],
)
def test_certificates(tmp_path: Path, when: str, name: str, words: str) -> None:
    """Signed by whom we trust, but expired or of another host, a certificate ends with 69 before anything is sent."""
    file = certificate(tmp_path, when, name)
    with wire(FINE) as server, over_tls(server, file) as url:
        http = client(url)
        http._session.verify = str(file)
        if not words:
            assert http.send("GET", "/things", where="things").data == {"fine": True}
            return
        with pytest.raises(UnavailableError, match=f"things: the certificate of .* cannot be trusted .*{words}"):
            http.send("GET", "/things", where="things")
        assert server.asked == []


@needs_openssl
@pytest.mark.parametrize(
    ("version", "words"),
    [("newest", "self-signed certificate"), ("oldest", "no safe connection (TLS 1.2 or newer)")],
    ids=["self", "TLS1"],
)
def test_a_connection_that_is_not_safe(
    shop: Shop,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
    words: str,
) -> None:
    """A self-signed certificate, or TLS 1.0, ends a sync with 69; token and password are not sent, nor tried again."""
    file = certificate(tmp_path, "valid", "IP:127.0.0.1")
    with wire(FINE) as server, over_tls(server, file, oldest=version == "oldest") as url:
        for source, datasets in (("stitchlabs", SMALL), ("stitchex", ("channels", "seasons"))):
            monkeypatch.setenv(f"SOURCES__{source.upper()}__BASE_URL", url)
            outcome = shop.sync(source, datasets)
            assert (outcome.exit_code, len(outcome.certificates)) == (69, 2)
            assert [words in why and "nothing was sent, the cursor stays" in why for why in outcome.errors] == [True], (
                outcome.errors
            )
        assert server.asked == []


@pytest.mark.parametrize("answer", [Said(b"", 407), Said(b"<html>Log in to the network</html>")], ids=["407", "HTML"])
def test_a_proxy_that_lets_nobody_through(shop: Shop, monkeypatch: pytest.MonkeyPatch, answer: Said) -> None:
    """A proxy that wants a password, or answers itself, ends with 69 and is named by its variable without its login."""
    with wire(answer) as server:
        monkeypatch.setenv("HTTPS_PROXY", server.url.replace("//", "//me:hunter2@"))
        monkeypatch.setenv("SOURCES__STITCHLABS__BASE_URL", "https://api.example.invalid")
        outcome = shop.sync("stitchlabs", SMALL)
        assert {asked.method for asked in server.asked} == {"CONNECT"}
    assert outcome.exit_code == 69
    (line,) = outcome.errors
    assert "through the proxy set in HTTPS_PROXY" in line
    assert "hunter2" not in line


@pytest.mark.parametrize(
    "path", ["@evil.example/x", ".evil.example/x", ":99@evil.example", "\\@evil.example/x", "evil.example", "", "\t/x"]
)
def test_no_other_host_is_asked(path: str) -> None:
    """Whatever path the request layer is handed, it asks the configured host or nobody."""
    with wire(FINE) as server:
        http = client(server.url)
        with pytest.raises(ContractError, match=r"a request to another host than 127\.0\.0\.1:.* was refused"):
            http.send("GET", path, where="things")
        for odd in ("//evil.example/x", "/x@evil.example", "/\\evil.example", "/../x"):
            assert http.send("GET", odd, where="things").data == {"fine": True}
        assert {asked.headers["host"] for asked in server.asked} == {server.url[7:]}


def test_a_redirected_login(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A login that is redirected ends with 65; the password goes to nobody else, and is not sent a second time."""
    with wire(FINE) as other, wire(Said(b"", 307, {"Location": f"{other.url}/oauth/token"})) as server:
        monkeypatch.setenv("SOURCES__STITCHEX__BASE_URL", server.url)
        outcome = shop.sync("stitchex", ("channels", "seasons"))
        assert (len(server.asked), len(other.asked)) == (1, 0)
    assert outcome.exit_code == 65
    assert all("login: redirect to" in why and "check the base URL" in why for why in outcome.errors)


@pytest.mark.parametrize(
    ("said", "code", "words", "asked"),
    [
        (
            Said({"message": "who?"}, 401),
            77,
            "does not accept the credentials .who.*sources.stitchlabs.access_token",
            1,
        ),
        (Said({"message": "no"}, 403), 77, "denies access .*sources.stitchlabs.access_token", 2),
        (Said(b"", 429, {"Retry-After": "3600"}), 75, "rate limited until .*; nothing lost, run again then", 1),
        (Said(b"", 502), 69, "page 1: HTTP 502 from .*the cursor stays, run again later", 15),
        (Said(b"<html>Back soon</html>"), 69, "got HTML, not JSON .maintenance.*run again later", 15),
    ],
    ids=["401", "403", "429", "502", "HTML"],
)
def test_a_source_that_lets_nobody_in(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, said: Said, code: int, words: str, asked: int
) -> None:
    """Where everything is refused or fails, no more is asked than it takes to know, and the reason is told."""
    datasets = (*SMALL, "person_field_types")
    with wire(said) as server:
        monkeypatch.setenv("SOURCES__STITCHLABS__BASE_URL", server.url)
        outcome = shop.sync("stitchlabs", datasets)
        assert len(server.asked) == asked
    assert outcome.exit_code == code
    assert len(outcome.certificates) == len(datasets)
    assert all(re.search(words, why) for why in outcome.errors), outcome.errors


def test_nobody_there(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that cannot be reached ends with 69, is named, and is tried for the first dataset only."""
    with wire(FINE) as server:
        url = server.url
    monkeypatch.setenv("SOURCES__STITCHLABS__BASE_URL", url)
    outcome = shop.sync("stitchlabs", SMALL)
    assert outcome.exit_code == 69
    (line,) = outcome.errors
    assert line == (
        "stitchlabs.account_addresses of main, page 1: "
        f"cannot reach {url[7:]} (ConnectionError); the cursor stays, run again later"
    )


def test_a_right_that_is_missing_for_the_first_list(shop: Shop) -> None:
    """A token that may not read the first resource still reads the others."""
    shop.control.fault(403, api="stitchlabs")
    outcome = shop.sync("stitchlabs", SMALL)
    assert sorted(one.exit_code for one in outcome.certificates) == [0, 77]


def test_401_in_mid_walk(open_shop: OpenShop) -> None:
    """A token that is refused in mid-walk costs one new login; the sync ends with 0 and no order is missing."""
    with open_shop(orders=60, organisations=1, page_size=10) as shop:
        shop.control.fault("expire", before=4, api="stitchex")
        assert shop.sync("stitchex").exit_code == 0
        assert shop.one("select count(*) from stitchex.sales_orders") == 60
        paths = [one["path"] for one in shop.control.requests()]
        assert (paths.count(LOGIN), [one["status"] for one in shop.control.requests()].count(401)) == (2, 1)
