"""The composition root: everything a process needs, made here and passed down."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from api import __version__
from api.auth import Tokens
from api.books import Books
from api.cases import GrantKeys
from api.config import Config
from api.decisions import Decisions
from api.docs_page import docs_page
from api.health import Health
from api.logs import RequestLog
from api.lost import Lost
from api.metrics import Counts, Metrics, key, resident_bytes
from api.oidc.opening import open_provider
from api.pages import Pages
from api.reissues import Reissues
from api.routes import build_router
from api.server import Server
from api.stream import Stream
from api.sweeper import Sweeper
from api.web.catalogue import Catalogues
from api.web.face import Face
from api.web.figures import Counting
from api.web.front import Home
from api.web.mishap import mishap_page
from api.web.rendering import Rendering
from ledger.clock import SystemClock
from ledger.errors import CounterfoilError
from ledger.storage.postgres import PostgresStore
from schemas.openapi import openapi_document


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One process's service, open."""

    books: Books
    server: Server
    stream: Stream


@asynccontextmanager
async def open_app(
    config: Config, *, dsn: str, base_url: str, worker: int, log: Any
) -> AsyncIterator[App]:
    """Open every ledger and make the server; close them all at the end.

    Raises:
        FatalError: a key file is missing, or the database does not keep its promises.
        UnavailableError: the database does not answer.
    """
    clock = SystemClock()
    store = await PostgresStore.connect(dsn)
    books = Books(
        store=store,
        keys_dir=config.keys_dir,
        tiles_dir=config.tiles_dir,
        clock=clock,
        log=log,
    )
    metrics = Metrics(
        config.data_dir / "run" / "metrics",
        worker,
        lambda: {**_gauges(books), **sweeper.counts()},
    )
    stream = Stream()
    provider = open_provider(config.oidc, clock, log)
    tokens = Tokens(store, clock)
    sweeper = Sweeper(
        books,
        dsn=dsn,
        clock=clock,
        every_s=config.sweep_s,
        backup_retention_days=config.backup_retention_days,
        log=log,
    )
    requests = RequestLog(clock, level=config.log_level, form=config.log_format)
    rendering = Rendering(Catalogues())
    face = Face(rendering, Counting(), base_url)
    try:
        await books.start()
        metrics.start()
        sweeper.start()
        router = build_router(
            decisions=Decisions(tokens, base_url),
            reissues=Reissues(tokens, base_url),
            health=Health(store, books),
            metrics=metrics,
            stream=stream,
            grant_keys=GrantKeys(clock),
            pages=_pages(config, base_url, rendering),
            face=face,
            home=Home(face, books).page,
            lost=Lost(provider, base_url, clock),
        )
        server = Server(
            router=router,
            books=books,
            metrics=metrics,
            clock=clock,
            log=log,
            requests=requests,
            mishap=partial(mishap_page, rendering),
        )
        yield App(books=books, server=server, stream=stream)
    finally:
        await metrics.close()
        await sweeper.close()
        await books.close()
        await store.close()
        requests.flush()


def _pages(config: Config, base_url: str, rendering: Rendering) -> Pages:
    document = openapi_document(version=__version__, base_url=base_url)
    docs = docs_page(document, stylesheet="/static/docs.css")
    return Pages(document, docs, rendering, backup_days=config.backup_retention_days)


def _gauges(books: Books) -> Counts:
    counts: Counts = {"counterfoil_resident_bytes": float(resident_bytes())}
    for name, book in books.open.items():
        sequencer = book.sequencer
        counts[key("counterfoil_pool_entries", ledger=name)] = sequencer.intake.pooled
        counts[key("counterfoil_batches_total", ledger=name)] = sequencer.batches
        counts[key("counterfoil_entries_total", ledger=name)] = sequencer.entries
        refusing = float(sequencer.refusal is not None)
        counts[key("counterfoil_refusing", ledger=name)] = refusing
        try:
            size = float(book.reader.size())
        except CounterfoilError:
            continue
        counts[key("counterfoil_tree_size", ledger=name)] = size
    return counts
