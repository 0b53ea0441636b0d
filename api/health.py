"""Health: alive while the process answers; ready while it can record and be believed."""

import orjson
from aiohttp import web

from api.books import Books
from ledger.errors import CounterfoilError, UnavailableError
from ledger.storage.postgres import PostgresStore


class Health:
    """Answers `/health/live` and `/health/ready`."""

    def __init__(self, store: PostgresStore, books: Books) -> None:
        """Looks at the database and at every ledger's writer."""
        self._store = store
        self._books = books

    async def live(self, _request: web.BaseRequest) -> web.Response:
        """200 as long as anything answers."""
        return _answer({"status": "live"})

    async def ready(self, _request: web.BaseRequest) -> web.Response:
        """200 when every ledger can record.

        Raises:
            UnavailableError: the database is away, or a ledger refuses to sign.
        """
        try:
            await self._store.logs()
        except CounterfoilError as error:
            raise UnavailableError("the database does not answer") from error
        refusing = [
            name
            for name, book in self._books.open.items()
            if book.sequencer.refusal is not None
        ]
        if refusing:
            raise UnavailableError(
                f"{len(refusing)} ledger(s) refuse to sign; the operator's log says why",
                retry_after_s=60,
            )
        return _answer({"status": "ready", "ledgers": sorted(self._books.open)})


def _answer(value: object) -> web.Response:
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return web.Response(body=orjson.dumps(value), headers=headers)
