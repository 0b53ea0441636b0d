"""A wire between the service and PostgreSQL that is cut at the COMMIT."""

import asyncio
import contextlib
from types import TracebackType
from typing import Final, Self
from urllib.parse import parse_qs, urlsplit

COMMIT: Final = b"COMMIT\0"
BEFORE: Final = "before"  # the server never sees the COMMIT
DURING: Final = "during"  # it is sent, and the wire is cut at once
AFTER: Final = "after"  # the server has answered, and nobody hears it


class CutWire:
    """Forwards everything on a port of its own, until told where to cut.

    Attributes:
        cut: BEFORE, DURING or AFTER; the next COMMIT is cut there, once.
        refuses: while true, no new connection is made.
    """

    def __init__(self, dsn: str) -> None:
        self._parts = urlsplit(dsn)
        self.cut: str | None = None
        self.cuts = 0
        self.refuses = False
        self._server: asyncio.Server | None = None
        self._wires: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for wire in list(self._wires):
            wire.transport.abort()
        await self._server.wait_closed()

    @property
    def dsn(self) -> str:
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        user = self._parts.netloc.rpartition("@")[0]
        database = self._parts.path
        return f"postgresql://{user}@127.0.0.1:{port}{database}?sslmode=disable"

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        query = parse_qs(self._parts.query)
        if "host" in query:
            port = query.get("port", ["5432"])[0]
            return await asyncio.open_unix_connection(
                f"{query['host'][0]}/.s.PGSQL.{port}"
            )
        return await asyncio.open_connection(
            self._parts.hostname, self._parts.port or 5432
        )

    async def _accept(
        self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> None:
        if self.refuses:
            to_client.transport.abort()
            return
        server, to_server = await self._connect()
        self._wires |= {to_client, to_server}
        back = asyncio.create_task(_pump(server, to_client))
        with contextlib.suppress(OSError):
            while data := await client.read(65_536):
                if self.cut is not None and COMMIT in data:
                    how, self.cut = self.cut, None
                    self.cuts += 1
                    back.cancel()
                    await asyncio.wait([back])
                    if how != BEFORE:
                        to_server.write(data)
                        await to_server.drain()
                    if how == AFTER:
                        await server.read(65_536)
                    break
                to_server.write(data)
                await to_server.drain()
        back.cancel()
        for wire in (to_client, to_server):
            wire.transport.abort()
            self._wires.discard(wire)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()
