"""The yardstick: what aiohttp itself costs for the same request.

A bare handler on uvloop without an access log reads the body, decodes it with orjson and
answers 201 with a small JSON. No token, no database, no signature.

    python -m bench.bare --workers 2        prints `ready http://127.0.0.1:PORT`
"""

import argparse
import asyncio
import os
import signal
import socket
import sys

import orjson
import uvloop
from aiohttp import web


async def answer(request: web.Request) -> web.Response:
    """Reads, decodes, answers: nothing else."""
    body = orjson.loads(await request.read())
    return web.Response(
        status=201,
        body=orjson.dumps({"id": body["subject"]["ref"], "index": 0}),
        content_type="application/json",
    )


async def serve(bound: socket.socket) -> None:
    """Serves on a listening socket until SIGTERM."""
    app = web.Application(client_max_size=1 << 20)
    app.router.add_post("/commons/v1/decisions", answer)
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    await web.SockSite(runner, bound, backlog=1024).start()
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()
    await runner.cleanup()


def listen(port: int) -> socket.socket:
    """A socket that shares its port with the other workers (SO_REUSEPORT)."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(("127.0.0.1", port))
    bound.listen(1024)
    return bound


def main() -> None:
    """Forks the extra workers, says ready, serves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=1)
    count = parser.parse_args().workers
    first = listen(0)
    port = first.getsockname()[1]
    children: list[int] = []
    for _ in range(count - 1):
        child = os.fork()
        if child == 0:
            first.close()
            uvloop.run(serve(listen(port)))
            os._exit(0)
        children.append(child)
    sys.stdout.write(f"ready http://127.0.0.1:{port}\n")
    sys.stdout.flush()
    uvloop.run(serve(first))
    for child in children:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
