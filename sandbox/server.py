"""Running the application in the foreground until a signal or the end of the parent."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.app import application
from sandbox.errors import PortTaken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from sandbox.options import Options

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Protocol(HttpToolsProtocol):
    """Lets the application reach its connection, so that it can cut it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"]["transport"] = self.transport


class _Server(uvicorn.Server):
    """uvicorn that ends by returning, where the original raises the signal once more."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._stop) for number in SIGNALS}
        try:
            yield
        finally:
            for number, action in before.items():
                signal.signal(number, action)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.should_exit = True


def serve(options: Options, ready: Callable[[int], None] | None = None) -> None:
    """Serve until SIGINT or SIGTERM; ``ready`` gets the port once requests are answered."""
    bound = _bound(options.host, options.port)
    try:
        servers: list[_Server] = []
        if options.with_parent:
            threading.Thread(target=_follow_parent, args=(servers,), daemon=True).start()
        # Millions of rows never become garbage; looking through them again and again would be most of the work.
        gc.disable()
        built = application(options)
        gc.enable()
        gc.freeze()
        gc.set_threshold(200_000, 20, 100)
        config = uvicorn.Config(
            built,
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            date_header=False,
            server_header=False,
            timeout_keep_alive=120,
            timeout_graceful_shutdown=1,
        )
        port = bound.getsockname()[1]
        servers.append(_Server(config, lambda: ready(port) if ready else None))
        servers[0].run([bound])
    finally:
        bound.close()


def _bound(host: str, port: int) -> socket.socket:
    bound = socket.socket()
    if os.name == "posix":
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        message = f"port {port} on {host} is taken or not allowed: {error.strerror}"
        raise PortTaken(message) from error
    return bound


def _follow_parent(servers: list[_Server]) -> None:
    """The parent holds our standard input open: its end is the parent's end."""
    sys.stdin.buffer.read()
    if servers and servers[0].started:
        servers[0].should_exit = True
    else:
        os._exit(0)
