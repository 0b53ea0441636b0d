"""One proposal as a member reads it: worked out from the state by the ledger's rules."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from api.member.when import moment, span
from api.member.words import changes_of, options_of, quoted
from api.timeline import steps
from ledger.errors import RejectedError
from ledger.governance.assembly import phases
from ledger.governance.assembly.awaiting import trustees_here
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
    phases.COUNTED: "its trustees open the ballots: counterfoil reveal {id}",
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
        "changes": changes_of(state, proposal.content),
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
    """How it stands; of sealed ballots nobody can say before they are opened."""
    counted = None if vote.reveal_ms else count(state, proposal, vote)
    closed_now = None
    if counted is not None:
        closed_now = outcome_of(counted, vote.thresholds, vote.eligible)
    return {
        "eligible": vote.eligible,
        "ballots": len(vote.ballots),
        "sealed": counted is None,
        "voted": None if counted is None else counted.weight,
        "quorum": -(-vote.thresholds.quorum_ppm * vote.eligible // PPM),
        "passes": list(vote.thresholds.passes),
        "until_ms": vote.deadline_ms,
        "tally": None if counted is None else counted.public(),
        "closed_now": closed_now,
        "opening": None if counted is not None else _opening(proposal, vote),
    }


def _opening(proposal: Proposal, vote: Vote) -> dict[str, Any]:
    """Of sealed ballots: until when trustees open them, how many are needed and here."""
    return {
        "until_ms": vote.deadline_ms + vote.reveal_ms,
        "trustees_needed": proposal.content.ballot["sealed"]["threshold"],
        "trustees_here": trustees_here(vote),
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
    yield from _part("What it says", quoted(view["text"]))
    yield from _part("What may be chosen, by its code", options_of(view["options"]))
    yield from _part("What it would change", view["changes"])
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


def _part(heading: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield heading
    for line in lines:
        yield f"  {line}"


def _votes(view: dict[str, Any]) -> Iterator[str]:
    """How it stands, what was counted, who stands in its way."""
    if view["vote"] is not None:
        yield ""
        sealed = view["vote"]["sealed"]
        yield from _sealed_lines(view) if sealed else _vote_lines(view["vote"])
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


def _sealed_lines(view: dict[str, Any]) -> Iterator[str]:
    vote = view["vote"]
    opening, cast = vote["opening"], vote["ballots"]
    closed = view["state"] == phases.COUNTED
    yield "The vote is over" if closed else "The vote so far"
    ballots = "1 sealed ballot was" if cast == 1 else f"{cast:,} sealed ballots were"
    yield f"  {ballots} cast; {vote['eligible']:,} members may vote"
    yield _needs(vote)
    here, needed = opening["trustees_here"], opening["trustees_needed"]
    if not closed:
        yield (
            "Nobody can count them before the vote closes; then "
            f"{needed} of its trustees open them"
        )
        return
    yield f"Until {moment(opening['until_ms'])} UTC its trustees publish their shares:"
    yield f"  counterfoil reveal {view['key'][:12]}"
    yield f"  {needed} trustees are needed; the shares of {here} are here"


def _needs(vote: dict[str, Any]) -> str:
    above, of = vote["passes"]
    return (
        f"  It needs {vote['quorum']:,} votes, and For above {above}/{of} of For and "
        "Against"
    )


def _vote_lines(vote: dict[str, Any]) -> Iterator[str]:
    yield "The vote so far"
    yield from _tally_lines(vote["tally"], vote["eligible"])
    yield _needs(vote)
    yield f"If it closed now: {_MEANS.get(vote['closed_now'], vote['closed_now'])}"


def _tally_lines(tally: dict[str, Any], eligible: int) -> Iterator[str]:
    result = Result.read(tally)
    yield f"  {result.weight:,} of {eligible:,} votes"
    for line in METHODS[result.method].describe(result):
        yield f"  {line}"
