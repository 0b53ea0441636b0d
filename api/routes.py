"""Who answers each operation of the route table; neither can have one the other lacks."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from api import actors, acts, cases, feed, governance, reads, texts
from api.decisions import Decisions
from api.health import Health
from api.lost import Lost
from api.metrics import Metrics
from api.pages import Pages
from api.proposals import Proposals
from api.reissues import Reissues
from api.router import Router
from api.server import BookHandler, PlainHandler, Route
from api.stream import Stream
from api.web.face import Face
from api.web.lost import LostPages
from api.web.site import site
from schemas.operations import OPERATIONS

NO_CORS: Final = frozenset(
    {"record_decisions", "ask_reissue", "reissue", "lost_start", "lost_finish"}
)


def build_router(
    *,
    decisions: Decisions,
    reissues: Reissues,
    health: Health,
    metrics: Metrics,
    stream: Stream,
    grant_keys: cases.GrantKeys,
    pages: Pages,
    lost: Lost,
    face: Face,
    home: PlainHandler,
) -> Router[Route]:
    """The router of every operation and every page.

    Raises:
        KeyError: an operation of the table that nobody answers.
    """

    async def metrics_text(_request: web.BaseRequest) -> web.Response:
        headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        return web.Response(body=metrics.render(), headers=headers)

    states, proposals = governance.States(), Proposals()
    of_ledger: Mapping[str, BookHandler] = {
        "record_decisions": decisions.record,
        "ask_reissue": reissues.ask,
        "reissue": reissues.find,
        "record_act": acts.act,
        "actor": actors.actor,
        "stream": stream.entries,
        "receipt_page": pages.receipts.receipt,
        **{
            name: getattr(reads, name)
            for name in (
                "checkpoint", "tile", "entries_tile", "keys", "entry", "entries",
                "decision", "decision_rules", "decisions", "receipt", "sealed", "inclusion",
                "consistency",
            )
        },
        **{
            name: getattr(governance, name)
            for name in (
                "community", "parameters", "members", "systems", "system",
            )
        },
        **{name: governance.listed(rows) for name, rows in governance.LISTS.items()},
        "state": states.state,
        "section": states.section,
        "proposals": proposals.proposals,
        "proposal": proposals.proposal,
        "comments": proposals.comments,
        **{
            name: getattr(cases, name)
            for name in ("keep_part", "part", "contests", "contest", "grant")
        },
        "grant_key": grant_keys.key,
        "keep_text": texts.keep_text,
        "text": texts.text,
        "feed": feed.feed,
        "lost_start": lost.start,
        "lost_finish": lost.finish,
    }  # fmt: skip
    of_service: Mapping[str, PlainHandler] = {
        "live": health.live,
        "ready": health.ready,
        "metrics": metrics_text,
        "openapi": pages.openapi,
        "docs": pages.docs,
        "static": pages.static,
    }
    router: Router[Route] = Router()
    for operation in OPERATIONS:
        name, path = operation.name, operation.path
        template = f"{path[:-1]}+}}" if operation.wild else path
        if name in of_service:
            route = Route(name, plain=of_service[name])
        else:
            cors = name not in NO_CORS
            route = Route(name, book=of_ledger[name], cors=cors)
        router.add(operation.method, template, route)
    lost_pages = LostPages(rendering=face.rendering, provider=lost.place)
    own = {**site(face), **lost_pages.pages(), **pages.receipts.pages()}
    for path, handler in own.items():
        router.add("GET", f"/{{ledger}}{path}", Route("page", book=handler, cors=True))
    router.add("GET", "/", Route("home", plain=home))
    return router
