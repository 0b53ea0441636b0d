"""Proposals as anybody reads them: where one stands, what comes, what it would change."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from api.computed import Computed
from api.governance import listing, sized, standing
from api.paging import page_by_name, read_limit, read_number, read_query
from api.timeline import timeline
from api.wording import in_words
from ledger.entries.moment import format_log_time
from ledger.errors import NotFoundError
from ledger.governance.assembly.proposal import Proposal, Vote
from ledger.governance.assembly.status import ends_ms, phase_of
from ledger.governance.assembly.voting import count, outcome_of
from ledger.governance.state import State
from ledger.governance.talk.consensus import Answers, parts_per_million
from ledger.governance.talk.ranking import Ranked, Ranking, rank
from ledger.log.book import Book
from ledger.log.texts import KeptText

Params = dict[str, str]
RANKED_SHOWN: Final = 20  # comments in a proposal's own answer; the rest have pages


class Proposals:
    """The proposals of every ledger of this process, as anybody reads them."""

    def __init__(self) -> None:
        """Nothing was counted or ranked yet."""
        self._rankings: Computed[Ranking] = Computed()
        self._votes: Computed[dict[str, Any]] = Computed()

    async def proposals(
        self, book: Book, request: web.BaseRequest, _: Params
    ) -> web.Response:
        """Every proposal ever opened, by key."""
        size, state = await standing(book)
        page, following = page_by_name(request, state.assembly.proposals)
        items = [_item(state, state.assembly.proposals[key]) for key in page]
        return listing(size, items, following)

    async def proposal(
        self, book: Book, _request: web.BaseRequest, params: Params
    ) -> web.Response:
        """One proposal, by its key or by the id of one of its wordings."""
        size, state = await standing(book)
        found = _find(state, params["id"])
        shown = (await self._ranking(book, state, found.key)).comments[:RANKED_SHOWN]
        texts = await _texts(book, shown)
        view = {
            "size": size,
            **_item(state, found),
            **_said(found),
            "timeline": timeline(found, state.log_time_ms),
            "vote": await self._vote(book, state, found),
            "results": [one.public() for one in found.results],
            "ranked": [_comment(one, texts) for one in shown],
        }
        return sized(size, view)

    async def comments(
        self, book: Book, request: web.BaseRequest, params: Params
    ) -> web.Response:
        """What was said about a proposal, in the order of agreement across groups.

        The cursor is a place in that order: votes that come between two pages may move a
        comment from one to the other.
        """
        query = read_query(request, {"limit", "cursor"})
        limit = read_limit(query)
        start = read_number(query["cursor"]) if "cursor" in query else 0
        size, state = await standing(book)
        key = _find(state, params["id"]).key
        ranking = await self._ranking(book, state, key)
        page = ranking.comments[start : start + limit]
        texts = await _texts(book, page)
        end = start + len(page)
        view = {
            "size": size,
            "items": [_comment(one, texts) for one in page],
            "next": str(end) if page and end < len(ranking.comments) else None,
            "groups": [len(group) for group in ranking.groups],
        }
        return sized(size, view)

    async def _ranking(self, book: Book, state: State, key: str) -> Ranking:
        thread = tuple(state.talk.thread(key))
        name = (book.ledger.name, key)
        return await self._rankings.get(name, thread, lambda: rank(thread))

    async def _vote(
        self, book: Book, state: State, found: Proposal
    ) -> dict[str, Any] | None:
        vote = found.vote
        if vote is None:
            return None
        return await self._votes.get(
            (book.ledger.name, found.key),
            (found, state.people),
            lambda: _standing(state, found, vote),
        )


def _standing(state: State, found: Proposal, vote: Vote) -> dict[str, Any]:
    """How a vote stands, and what it would come to if it closed now.

    Of ballots that are sealed until the close nobody can say.
    """
    counted = None if vote.reveal_ms else count(state, found, vote)
    return {
        "opened": format_log_time(vote.snapshot_ms + 1),
        "closes": format_log_time(vote.deadline_ms),
        "extended": vote.deadline_ms > vote.first_deadline_ms,
        "eligible": vote.eligible,
        "thresholds": vote.thresholds.public(),
        "ballots": len(vote.ballots),
        "sealed": counted is None,
        "tally": None if counted is None else counted.public(),
        "closed_now": (
            None
            if counted is None
            else outcome_of(counted, vote.thresholds, vote.eligible)
        ),
    }


def _said(found: Proposal) -> dict[str, Any]:
    """Its wording, what it would change, and what was done to it."""
    content, failure, ending = found.content, found.failure, found.ending
    return {
        "text": content.text,
        "actions": [one.public() for one in content.actions],
        "options": [one.public() for one in content.options],
        "ballot": dict(content.ballot),
        "expedited": content.expedited,
        "changes": _changes(found),
        "endorsers": sorted(
            member
            for member, revision in found.endorsements.items()
            if revision == found.revision
        ),
        "challenges": len(found.challenges),
        "objections": len(found.objections),
        "receipts": found.receipts,
        "failure": None if failure is None else failure.kind,
        "ending": (
            None
            if ending is None
            else {
                "state": ending.state,
                "at": format_log_time(ending.time_ms),
                "by": ending.by,
                "reason": ending.reason,
            }
        ),
    }


def _find(state: State, name: str) -> Proposal:
    held = state.assembly.proposals
    found = held.get(name) or held.get(state.assembly.revisions.get(name, ""))
    if found is None:
        raise NotFoundError("not-found", "no such proposal here")
    return found


def _item(state: State, found: Proposal) -> dict[str, Any]:
    ends = ends_ms(found, state.log_time_ms)
    return {
        "key": found.key,
        "revision": found.revision,
        "state": phase_of(found, state.log_time_ms),
        "class": found.class_,
        "title": found.content.title,
        "proposer": found.proposer,
        "opened": format_log_time(found.opened_ms),
        "until": None if ends is None else format_log_time(ends - 1),
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
