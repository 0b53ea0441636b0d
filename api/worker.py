"""One process that answers: a listening socket, the app behind it, an orderly end."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Final

import uvloop
from aiohttp import web

from api import logs
from api.app import App, open_app
from api.config import Config
from api.protocol import QuietServer
from ledger.limits import HEADER_BYTES_MAX, REQUEST_TIME_S

BACKLOG: Final = 1_024  # connections the kernel holds until they are accepted
GC_OBJECTS: Final = 50_000  # new objects between collections; about 10 MB
DRAIN_S: Final = 20.0  # seconds for requests under way when the service stops


def listen(host: str, port: int, *, shared: bool) -> socket.socket:
    """A bound socket; `shared` lets several processes bind the same port.

    Raises:
        OSError: the address is in use or is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


async def answer_until(
    config: Config,
    *,
    dsn: str,
    base_url: str,
    worker: int,
    bound: socket.socket,
    stop: asyncio.Event,
    ready: Callable[[], None],
) -> None:
    """Serve on `bound` until `stop`, then finish what is under way.

    Raises:
        FatalError, UnavailableError: as `open_app`.
    """
    log = logs.configure(config.log_level, config.log_format)
    async with open_app(
        config, dsn=dsn, base_url=base_url, worker=worker, log=log
    ) as app:
        runner = web.ServerRunner(http_server(app, log), handle_signals=False)
        await runner.setup()
        site = web.SockSite(runner, bound, backlog=BACKLOG, shutdown_timeout=DRAIN_S)
        await site.start()
        # What is here now stays: the collector need not walk it again. Requests make
        # few cycles, and the default of 700 objects would stop the loop at each.
        gc.freeze()
        gc.set_threshold(GC_OBJECTS, 20, 100)
        ready()
        await stop.wait()
        app.stream.closing.set()
        await runner.cleanup()


def http_server(app: App, log: Any) -> web.Server:
    """What listens: bounded headers, and time for them; nothing sent is repeated."""
    return QuietServer(
        app.server.handle,
        log=log,
        access_log=None,
        keepalive_timeout=REQUEST_TIME_S,  # cuts off a header that trickles in, too
        max_line_size=HEADER_BYTES_MAX,
        max_field_size=HEADER_BYTES_MAX,
        lingering_time=2.0,
    )


def run_child(
    config: Config, dsn: str, base_url: str, worker: int, port: int, parent: Connection
) -> None:
    """The body of a worker process; ends when told, or when its parent is gone."""

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        loop.add_signal_handler(signal.SIGINT, lambda: None)  # the parent decides
        # The parent never writes: readable means that it is gone.
        loop.add_reader(parent.fileno(), stop.set)
        await answer_until(
            config,
            dsn=dsn,
            base_url=base_url,
            worker=worker,
            bound=listen(config.host, port, shared=True),
            stop=stop,
            ready=lambda: parent.send(os.getpid()),
        )

    with contextlib.suppress(BrokenPipeError):
        uvloop.run(main())
