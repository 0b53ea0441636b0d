"""The pages about proposals: what each would change, where it stands, who decided."""

from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from api.timeline import steps
from api.web.face import Face, is_open, newest_first, paged, proposal_of
from api.web.words import Words
from ledger.errors import NotFoundError
from ledger.governance.assembly import phases
from ledger.governance.assembly.awaiting import trustees_here
from ledger.governance.assembly.classes import PPM, Thresholds
from ledger.governance.assembly.proposal import ActionOf, Proposal
from ledger.governance.assembly.status import ends_ms, phase_of
from ledger.governance.assembly.voting import count
from ledger.governance.state import State
from ledger.governance.talk.room import Comment
from ledger.log.book import Book

Params = dict[str, str]
COMMENTS_SHOWN: Final = 30  # on a page; all of them are under /v1
SHORT_CHARS: Final = 8  # letters of a member's key that tell one from another here


@dataclass(frozen=True, slots=True)
class Brief:
    """A proposal in a list.

    Attributes:
        key: for links.
        title: as proposed.
        state: a row of `phases.TRANSITIONS`.
        opened_ms: log time.
        until_ms: the last moment of its state; None where time alone does not end it.
    """

    key: str
    title: str
    state: str
    opened_ms: int
    until_ms: int | None


def brief(proposal: Proposal, time_ms: int) -> Brief:
    """A proposal, in a line."""
    ends = ends_ms(proposal, time_ms)
    return Brief(
        proposal.key,
        proposal.content.title,
        phase_of(proposal, time_ms),
        proposal.opened_ms,
        None if ends is None else ends - 1,
    )


def open_proposals(state: State) -> list[Brief]:
    """Those of which anything can still become, the newest first."""
    now_ms = state.log_time_ms
    return [
        brief(one, now_ms)
        for one in newest_first(state.assembly.proposals.values())
        if is_open(one, now_ms)
    ]


def change_in_words(one: ActionOf, words: Words) -> Any:
    """What an action would do; an unknown one says its own name."""
    named = {
        name: value for name, value in one.body.items() if type(value) in {str, int}
    }
    return words.sentence(f"action.{one.action}", "action.other", one.action, named)


@dataclass(frozen=True, slots=True)
class Said:
    """A comment as the page shows it; without its text where that is gone."""

    comment: Comment
    text: str | None
    agree: int
    disagree: int


async def said(book: Book, state: State, proposal: str) -> list[Said]:
    """The newest comments about a proposal, in the order they came."""
    shown = state.talk.thread(proposal)[-COMMENTS_SHOWN:]
    texts = await book.texts.find_all(one.digest for one in shown)
    return [
        Said(
            comment=one,
            text=None if one.digest not in texts else texts[one.digest].saying.text,
            agree=sum(vote > 0 for vote in one.votes.values()),
            disagree=sum(vote < 0 for vote in one.votes.values()),
        )
        for one in shown
    ]


class ProposalPages:
    """The pages of the room."""

    def __init__(self, face: Face) -> None:
        """`face`: the process's."""
        self._face = face

    async def listed(
        self, book: Book, request: web.BaseRequest, _: Params
    ) -> web.Response:
        """Every proposal, the open ones first."""
        state = await self._face.state(book)
        now_ms = state.log_time_ms
        found = newest_first(state.assembly.proposals.values())
        found.sort(key=lambda one: not is_open(one, now_ms))
        return self._face.page(
            book,
            request,
            "proposals.html",
            proposals=paged(request, [brief(one, now_ms) for one in found]),
            opened=sum(is_open(one, now_ms) for one in found),
        )

    async def one(
        self, book: Book, request: web.BaseRequest, params: Params
    ) -> web.Response:
        """One proposal, by its key or by the id of its wording.

        Raises:
            NotFoundError: no such proposal.
        """
        state = await self._face.state(book)
        found = proposal_of(state, params["id"])
        if found is None:
            raise NotFoundError("not-found", "no such proposal here")
        words = self._face.rendering.words_for(request)
        now_ms = state.log_time_ms
        return self._face.page(
            book,
            request,
            "proposal.html",
            brief=brief(found, now_ms),
            proposal=found,
            changes=[change_in_words(one, words) for one in found.content.actions],
            options=[
                (option, [change_in_words(one, words) for one in option.actions])
                for option in found.content.options
            ],
            steps=[(name, at_ms, at_ms <= now_ms) for name, at_ms in steps(found)],
            vote=_vote(state, found),
            results=[
                (one, _needs(one.thresholds, one.eligible), _tally(one.count))
                for one in found.results
            ],
            comments=len(state.talk.threads.get(found.key, ())),
            said=await said(book, state, found.key),
            open_to_ballots=phase_of(found, now_ms) in phases.OPEN_TO_BALLOTS,
        )


def _vote(state: State, found: Proposal) -> dict[str, Any] | None:
    vote = found.vote
    if vote is None:
        return None
    counted = None if vote.reveal_ms else count(state, found, vote).public()
    sealed = found.content.ballot.get("sealed", {"threshold": 0})
    return {
        "closes_ms": vote.deadline_ms,
        "eligible": vote.eligible,
        "ballots": len(vote.ballots),
        "tally": None if counted is None else _tally(counted),
        "opens_ms": vote.deadline_ms + vote.reveal_ms,
        "here": trustees_here(vote),
        "needed": sealed["threshold"],
        "needs": _needs(vote.thresholds, vote.eligible),
    }


def _tally(count: Any) -> dict[str, Any]:
    """What was counted: votes by word or option, and who won where there are options."""
    return {
        "yesno": count["method"] == "yesno",
        "method": count["method"],
        # A state writes names in order of the alphabet; people read "for" first.
        "totals": [(name, count["totals"][name]) for name in count["options"]],
        "winners": count["winners"],
        "ballots": count["ballots"],
    }


def _needs(thresholds: Thresholds, eligible: int) -> dict[str, Any]:
    """What passing takes, in people: how many must vote, what share must agree."""
    stop = -(-thresholds.objection_percent * eligible // 100)
    return {
        "optimistic": thresholds.optimistic,
        "stop": max(1, stop),
        "voters": -(-thresholds.quorum_ppm * eligible // PPM),
        "above": thresholds.passes[0],
        "of": thresholds.passes[1],
        "eligible": eligible,
    }
