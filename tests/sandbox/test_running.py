"""Starting, stopping and telling apart sandboxes."""

from __future__ import annotations

import ast
import re
import signal
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

import pytest
import requests

import sandbox as package
from sandbox import PortTaken, Sandbox, running
from sandbox.options import SWITCHES, Options
from sandbox.server import serve
from tests.sandbox.asking import TIMEOUT, Ex, Labs

FOLDER = Path(package.__file__).parent
ROOT = FOLDER.parent


def everything(sandbox: Sandbox) -> list[bytes]:
    """All bytes that a full read of both APIs gets."""
    with Labs(sandbox) as labs, Ex(sandbox) as ex:
        ids = labs.ids(page_size=50)
        return [
            labs.ask("SalesOrders", page_size=50).content,
            labs.ask("SalesOrders/detail", SalesOrders=[{"id": one} for one in ids]).content,
            labs.ask("Variants", page_size=50).content,
            ex.get("/sales_orders").content,
        ]


def test_the_same_seed_gives_the_same_bytes() -> None:
    """Two sandboxes of one seed answer alike, one of another seed does not."""
    with running(orders=40, seed=5) as one, running(orders=40, seed=5) as two, running(orders=40, seed=6) as three:
        assert len({one.port, two.port, three.port}) == 3
        assert everything(one) == everything(two)
        assert all(a != b for a, b in zip(everything(one), everything(three), strict=True))


def test_it_ends_with_the_block() -> None:
    """After the with block nobody listens any more."""
    with running(orders=20) as sandbox, Labs(sandbox) as labs:
        assert labs.read()["meta"]["total"] == "20"
    with pytest.raises(requests.ConnectionError):
        requests.get(sandbox.stitchex_url, timeout=TIMEOUT)


def test_it_ends_with_a_killed_parent() -> None:
    """When the process that started it is killed, the server closes its port."""
    program = (
        "from sandbox import running\nimport sys\nwith running(orders=20) as s:\n"
        " print(s.port, flush=True)\n sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline())
        connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        connection.request("GET", "/stitchex/organisations")
        connection.getresponse().read()
        parent.kill()
        assert connection.sock.recv(1) == b""
        connection.close()


def test_an_empty_shop_answers() -> None:
    """A shop without orders has empty lists."""
    with running(orders=0) as sandbox, Labs(sandbox) as labs, Ex(sandbox) as ex:
        assert labs.read()["SalesOrders"] == ex.orders()["sales_orders"] == []


def test_one_api_can_be_served_alone() -> None:
    """With api stitchex the other face is a 404."""
    with running(orders=20, api="stitchex") as sandbox, Labs(sandbox) as labs, Ex(sandbox) as ex:
        assert ex.orders()["sales_orders"]
        assert labs.ask("SalesOrders").status_code == 404


def test_every_answer_is_dated() -> None:
    """Also a path that nobody serves carries a Date and a message."""
    with running(orders=20) as sandbox:
        for path in ("", "/", "/nowhere", "/stitchlabs", "/stitchex/", "/_control/clock"):
            reply = requests.get(f"http://127.0.0.1:{sandbox.port}{path}", timeout=TIMEOUT)
            assert reply.headers["Date"]
            assert reply.json()["message"]


def test_it_keeps_connections_alive() -> None:
    """Several requests go over one connection."""
    with running(orders=20) as sandbox:
        connection = HTTPConnection("127.0.0.1", sandbox.port, timeout=TIMEOUT)
        ends = set()
        for _ in range(3):
            connection.request(
                "POST", "/stitchlabs/api2/v2/SalesOrders", b'{"action": "read"}', {"access_token": "sandbox"}
            )
            assert connection.getresponse().read()
            ends.add(connection.sock.getsockname())
        connection.close()
    assert len(ends) == 1


def test_environment_points_a_sync_here() -> None:
    """The variables name both base URLs and the fixed credentials, and lift the request rate."""
    with running(orders=20) as sandbox:
        env = sandbox.environment
    assert env["SOURCES__STITCHLABS__BASE_URL"] == f"http://127.0.0.1:{sandbox.port}/stitchlabs"
    assert env["SOURCES__STITCHEX__BASE_URL"] == f"http://127.0.0.1:{sandbox.port}/stitchex"
    assert env["SOURCES__STITCHEX__REQUESTS_PER_SECOND"] == env["SOURCES__STITCHLABS__REQUESTS_PER_SECOND"] == "0"


def test_a_taken_port_is_one_clear_error() -> None:
    """Serving on a port in use raises PortTaken with the port."""
    with running(orders=20) as sandbox, pytest.raises(PortTaken, match=str(sandbox.port)):
        serve(Options(port=sandbox.port))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_cleanly(number: signal.Signals) -> None:
    """SIGINT and SIGTERM end the command with 0 and without a trace."""
    with subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", "0", "--orders", "20"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as server:
        assert server.stdout is not None
        server.stdout.readline()
        server.send_signal(number)
        assert server.communicate(timeout=TIMEOUT) == (b"", b"")
        assert server.returncode == 0


def test_help_and_readme_name_every_switch() -> None:
    """Each switch is an option of the command and a line of the README."""
    told = subprocess.run(
        [sys.executable, "-m", "sandbox", "--help"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    readme = (FOLDER / "README.md").read_text()
    for name in SWITCHES:
        assert f"--{name.replace('_', '-')} " in told
        assert f"`{name}`" in readme


def test_it_stands_on_the_references_alone() -> None:
    """No module of the sandbox imports the engine, the sources or the pipelines."""
    for file in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert not any(re.match(r"(stitchhouse|sources|pipelines|sinks)\b", name) for name in names), file
