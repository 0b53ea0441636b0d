"""One proposal as a member reads it: worked out from the state by the ledger's rules."""

from collections.abc import Iterator
from typing import Any, Final

from api.member.when import moment, span
from api.member.words import changes_of
from api.timeline import steps
from ledger.errors import RejectedError
from ledger.governance.assembly import phases
from ledger.governance.assembly.classes import PPM
from ledger.governance.assembly.doing import check_actions
from ledger.governance.assembly.proposal import Proposal, Vote
from ledger.governance.assembly.proposing import endorsers_needed
from ledger.governance.assembly.status import ends_ms, phase_of
from ledger.governance.assembly.voting import count, outcome_of
from ledger.governance.ballots.method import Result
from ledger.governance.ballots.methods import METHODS
from ledger.governance.kinds import Context
from ledger.governance.state import State

_MEANS: Final = {
    phases.NO_QUORUM: "too few have voted: nothing would change",
    phases.DEFEATED: "it would be defeated: nothing would change",
    phases.OBJECTED: "too many are against: it would be talked about again, as standard",
    phases.SUCCEEDED: "it would succeed",
}
_NEXT: Final = {
    phases.DRAFT: "its proposer submits it: counterfoil submit {id}",
    phases.ENDORSING: "members endorse it: counterfoil endorse {id}",
    phases.DELIBERATION: "members talk about it: counterfoil comment {id} TEXT",
    phases.FROZEN: "its wording is final; read it",
    phases.PENDING: "who may vote is fixed when this ends",
    phases.VOTING: "members vote: counterfoil vote {id} CHOICE",
    phases.EXTENDED: "it moved late, so there is more time: counterfoil vote {id} CHOICE",
    phases.CHALLENGE: "members may have it repeated: counterfoil challenge {id} --reason TEXT",
    phases.TIMELOCK: "it waits, so that nobody is surprised",
    phases.READY: "any member puts it into effect: counterfoil execute {id}",
    phases.FAILED: "its execution was refused; it may be tried again: "
    "counterfoil execute {id}",
}


def proposal_view(state: State, proposal: Proposal) -> dict[str, Any]:
    """Everything about it at the state's log time, as JSON."""
    now_ms, vote = state.log_time_ms, proposal.vote
    failure, ending = proposal.failure, proposal.ending
    return {
        "key": proposal.key,
        "revision": proposal.revision,
        "title": proposal.content.title,
        "text": proposal.content.text,
        "proposer": proposal.proposer,
        "state": phase_of(proposal, now_ms),
        "class": proposal.class_,
        "until_ms": ends_ms(proposal, now_ms),
        "changes": changes_of(proposal.content),
        "possible": _refusal(state, proposal),
        "ballot": dict(proposal.content.ballot),
        "options": [
            {"option": one.option, "title": one.title}
            for one in proposal.content.options
        ],
        "endorsements": proposal.confirmed,
        "endorsements_needed": endorsers_needed(state),
        "timeline": [
            {"step": name, "time_ms": time_ms, "past": time_ms <= now_ms}
            for name, time_ms in steps(proposal)
        ],
        "vote": None if vote is None else _vote(state, proposal, vote),
        "results": [one.public() for one in proposal.results],
        "objections": len(proposal.objections),
        "receipts": proposal.receipts,
        "failure": None if failure is None else failure.kind,
        "ending": None if ending is None else ending.state,
    }


def _refusal(state: State, proposal: Proposal) -> str | None:
    """Why its actions could not be done now; None while they could, or are done."""
    if proposal.ending is not None:
        return None
    context = Context(
        act_id="",
        actor=proposal.proposer,
        time_ms=state.log_time_ms,
        index=0,
        proposal=proposal.revision,
    )
    try:
        check_actions(state, proposal, context)
    except RejectedError as error:
        return str(error)
    return None


def _vote(state: State, proposal: Proposal, vote: Vote) -> dict[str, Any]:
    counted = count(state, proposal, vote)
    return {
        "eligible": vote.eligible,
        "voted": counted.weight,
        "quorum": -(-vote.thresholds.quorum_ppm * vote.eligible // PPM),
        "passes": list(vote.thresholds.passes),
        "until_ms": vote.deadline_ms,
        "tally": counted.public(),
        "closed_now": outcome_of(counted, vote.thresholds, vote.eligible),
    }


# ---- for a terminal ------------------------------------------------------------------


def view_lines(view: dict[str, Any], now_ms: int) -> Iterator[str]:
    """The same for people, line by line."""
    state, until = view["state"], view["until_ms"]
    left = "" if until is None else f", for {span(until - now_ms)} more"
    yield view["title"]
    yield f"{state}{left}"
    if state in _NEXT:
        yield f"  {_NEXT[state].format(id=view['key'][:12])}"
    yield ""
    yield "What it would change"
    for line in view["changes"]:
        yield f"  {line}"
    if view["possible"] is not None:
        yield f"  As things are now it could not be done: {view['possible']}"
    if state == phases.ENDORSING:
        endorsed, needed = view["endorsements"], view["endorsements_needed"]
        yield ""
        yield f"Endorsed by {endorsed} of the {needed} members that are needed"
    yield from _votes(view)
    yield ""
    yield "Timeline (UTC)"
    for step in view["timeline"]:
        sign = "✓" if step["past"] else "·"
        yield f"  {sign} {moment(step['time_ms'])}  {step['step']}"
    yield ""
    yield f"key {view['key']}"
    yield f"wording {view['revision']}, class {view['class']}, by {view['proposer']}"


def _votes(view: dict[str, Any]) -> Iterator[str]:
    """How it stands, what was counted, who stands in its way."""
    if view["vote"] is not None:
        yield ""
        yield from _vote_lines(view["vote"])
    for result in view["results"]:
        yield ""
        yield f"Counted: {result['outcome']}"
        yield from _tally_lines(result["count"], result["eligible"])
    if view["failure"] is not None:
        yield f"The last execution was refused: {view['failure']}"
    if view["objections"]:
        yield (
            f"{view['objections']:,} people decided about object, of "
            f"{view['receipts']:,} decisions in 90 days"
        )


def _vote_lines(vote: dict[str, Any]) -> Iterator[str]:
    yield "The vote so far"
    yield from _tally_lines(vote["tally"], vote["eligible"])
    above, of = vote["passes"]
    yield (
        f"  It needs {vote['quorum']:,} votes, and For above {above}/{of} of For and "
        "Against"
    )
    yield f"If it closed now: {_MEANS.get(vote['closed_now'], vote['closed_now'])}"


def _tally_lines(tally: dict[str, Any], eligible: int) -> Iterator[str]:
    result = Result.read(tally)
    yield f"  {result.weight:,} of {eligible:,} votes"
    for line in METHODS[result.method].describe(result):
        yield f"  {line}"
