"""Proposals as anybody reads them: where one stands, what comes, what it would change."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from api.governance import listing, sized, standing
from api.paging import page_by_name, read_limit, read_number, read_query
from api.timeline import timeline
from api.wording import in_words
from ledger.entries.moment import format_log_time
from ledger.errors import NotFoundError
from ledger.governance.assembly.proposal import Proposal
from ledger.governance.assembly.status import due_ms, phase_of
from ledger.governance.state import State
from ledger.governance.talk.consensus import Answers, parts_per_million
from ledger.governance.talk.ranking import Ranked, Ranking, rank
from ledger.log.book import Book
from ledger.log.texts import KeptText

Params = dict[str, str]
RANKED_SHOWN: Final = 20  # comments in a proposal's own answer; the rest have pages


async def proposals(book: Book, request: web.BaseRequest, _: Params) -> web.Response:
    """Every proposal ever opened, by key."""
    size, state = await standing(book)
    page, following = page_by_name(request, state.assembly.proposals)
    items = [_item(state, state.assembly.proposals[key]) for key in page]
    return listing(size, items, following)


async def proposal(
    book: Book, _request: web.BaseRequest, params: Params
) -> web.Response:
    """One proposal, by its key or by the id of one of its wordings."""
    size, state = await standing(book)
    found = _find(state, params["id"])
    ranking = await ranked(state, found.key)
    texts = await _texts(book, ranking.comments[:RANKED_SHOWN])
    content = found.content
    return sized(
        size,
        {
            "size": size,
            **_item(state, found),
            "text": content.text,
            "actions": [one.public() for one in content.actions],
            "options": [one.public() for one in content.options],
            "ballot": dict(content.ballot),
            "changes": _changes(found),
            "timeline": timeline(found, state.log_time_ms),
            "results": [one.public() for one in found.results],
            "ranked": [_comment(one, texts) for one in ranking.comments[:RANKED_SHOWN]],
        },
    )


async def comments(
    book: Book, request: web.BaseRequest, params: Params
) -> web.Response:
    """What was said about a proposal, in the order of agreement across groups.

    The cursor is a place in that order: votes that come between two pages may move a
    comment from one to the other.
    """
    query = read_query(request, {"limit", "cursor"})
    limit = read_limit(query)
    start = read_number(query["cursor"]) if "cursor" in query else 0
    size, state = await standing(book)
    ranking = await ranked(state, _find(state, params["id"]).key)
    page = ranking.comments[start : start + limit]
    texts = await _texts(book, page)
    end = start + len(page)
    return sized(
        size,
        {
            "size": size,
            "items": [_comment(one, texts) for one in page],
            "next": str(end) if page and end < len(ranking.comments) else None,
            "groups": [len(group) for group in ranking.groups],
        },
    )


async def ranked(state: State, key: str) -> Ranking:
    """The ranking of a proposal's talk; beside the loop, for it may take a second."""
    thread = state.talk.thread(key)
    return await asyncio.to_thread(rank, thread)


def _find(state: State, name: str) -> Proposal:
    held = state.assembly.proposals
    found = held.get(name) or held.get(state.assembly.revisions.get(name, ""))
    if found is None:
        raise NotFoundError("not-found", "no such proposal here")
    return found


def _item(state: State, found: Proposal) -> dict[str, Any]:
    due = due_ms(found)
    return {
        "key": found.key,
        "revision": found.revision,
        "state": phase_of(found, state.log_time_ms),
        "class": found.class_,
        "title": found.content.title,
        "proposer": found.proposer,
        "opened": format_log_time(found.opened_ms),
        "until": None if due is None else format_log_time(due - 1),
        "endorsements": found.confirmed,
        "comments": len(state.talk.threads.get(found.key, ())),
    }


def _changes(found: Proposal) -> list[str]:
    return [in_words(one.action, one.body) for one in found.content.actions] + [
        f"if “{option.title}” is chosen: {in_words(one.action, one.body)}"
        for option in found.content.options
        for one in option.actions
    ]


# ---- comments --------------------------------------------------------------------------


async def _texts(book: Book, shown: Sequence[Ranked]) -> Mapping[str, KeptText]:
    return await book.texts.find_all(one.comment.digest for one in shown)


def _comment(one: Ranked, texts: Mapping[str, KeptText]) -> dict[str, Any]:
    comment = one.comment
    kept = texts.get(comment.digest)
    why = sorted(comment.flags.values())
    return {
        "id": comment.id,
        "author": comment.author,
        "kind": comment.kind,
        "degree": comment.degree,
        "replies_to": comment.replies_to,
        "at": format_log_time(comment.at_ms),
        "index": comment.index,
        "digest": comment.digest,
        "text": None if kept is None else kept.saying.text,
        "opinions": _opinions(one.opinions),
        "groups": [_opinions(answers) for answers in one.groups],
        "consensus_ppm": parts_per_million(one.consensus),
        "flags": {code: why.count(code) for code in why},
    }


def _opinions(answers: Answers) -> dict[str, int]:
    return {
        "agree": answers.agree,
        "disagree": answers.disagree,
        "seen": answers.seen,
    }
