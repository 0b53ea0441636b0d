"""A proposal as JSON in the root, and the way back: `read_proposal(format_proposal(p))`.

What is derived is left out: the electorate follows from the members and the snapshot's
log time, how many confirmed from the endorsements. Members never change once published.
"""

from collections.abc import Mapping
from typing import Any

from immutables import Map

from ledger.governance.assembly.classes import read_thresholds
from ledger.governance.assembly.proposal import (
    ActionOf,
    Ballot,
    Content,
    Ending,
    Failure,
    Option,
    Proposal,
    Result,
    Vote,
)
from ledger.ids import Did

_PLAIN = (
    "revision",
    "proposer",
    "nonce",
    "class_",
    "loosens",
    "amendments",
    "opened_ms",
    "draft_until_ms",
    "submitted_ms",
    "endorsing_until_ms",
    "endorsed",
    "frozen",
    "deliberation_until_ms",
    "frozen_until_ms",
    "pending_until_ms",
    "challenge_until_ms",
    "timelock_until_ms",
    "ready_until_ms",
    "challenged",
    "braked",
    "opened_index",
    "receipts_index",
    "receipts",
)
_VOTE = (
    "snapshot_ms",
    "first_deadline_ms",
    "deadline_ms",
    "extension_ms",
    "reveal_ms",
    "eligible",
    "sample",
)


def format_proposal(proposal: Proposal) -> dict[str, Any]:
    """As JSON, without the key, which is the name it stands under."""
    said = {name.rstrip("_"): getattr(proposal, name) for name in _PLAIN}
    failure, ending, vote = proposal.failure, proposal.ending, proposal.vote
    return {
        **said,
        "content": proposal.content.public(),
        "endorsements": dict(proposal.endorsements),
        "challenges": dict(proposal.challenges),
        "objections": {str(at): act for at, act in proposal.objections.items()},
        "vote": None if vote is None else format_vote(vote),
        "results": [one.public() for one in proposal.results],
        "failure": (
            None
            if failure is None
            else {
                "act": failure.act_id,
                "time_ms": failure.time_ms,
                "kind": failure.kind,
            }
        ),
        "ending": (
            None
            if ending is None
            else {
                "state": ending.state,
                "time_ms": ending.time_ms,
                "by": ending.by,
                "reason": ending.reason,
            }
        ),
    }


def read_proposal(key: str, value: Mapping[str, Any]) -> Proposal:
    """What `format_proposal` wrote; its vote's electorate is still to be derived."""
    failure, ending, vote = value["failure"], value["ending"], value["vote"]
    endorsements = Map(value["endorsements"])
    revision = value["revision"]
    plain = {name: value[name.rstrip("_")] for name in _PLAIN}
    return Proposal(
        key=key,
        **plain,
        content=read_content(value["content"]),
        endorsements=endorsements,
        confirmed=sum(one == revision for one in endorsements.values()),
        challenges=Map(value["challenges"]),
        objections=Map({int(at): act for at, act in value["objections"].items()}),
        vote=None if vote is None else read_vote(vote),
        results=tuple(map(read_result, value["results"])),
        failure=(
            None
            if failure is None
            else Failure(failure["act"], failure["time_ms"], failure["kind"])
        ),
        ending=None if ending is None else Ending(**ending),
    )


def read_content(value: Mapping[str, Any]) -> Content:
    """What `Content.public` wrote."""
    return Content(
        title=value["title"],
        text=value["text"],
        actions=_read_actions(value.get("actions", ())),
        options=tuple(
            Option(one["option"], one["title"], _read_actions(one["actions"]))
            for one in value.get("options", ())
        ),
        ballot=dict(value["ballot"]),
        expedited=value["expedited"],
    )


def _read_actions(items: Any) -> tuple[ActionOf, ...]:
    return tuple(ActionOf(one["action"], dict(one["body"])) for one in items)


def format_vote(vote: Vote) -> dict[str, Any]:
    """As JSON, without the electorate."""
    return {
        **{name: getattr(vote, name) for name in _VOTE},
        "thresholds": vote.thresholds.public(),
        "parameters": dict(vote.parameters),
        "ballots": {voter: cast.public() for voter, cast in vote.ballots.items()},
        "shares": {
            voter: {str(number): share for number, share in shares.items()}
            for voter, shares in vote.shares.items()
        },
    }


def read_vote(value: Mapping[str, Any]) -> Vote:
    """What `format_vote` wrote; the electorate is still to be derived."""
    return Vote(
        **{name: value[name] for name in _VOTE},
        thresholds=read_thresholds(value["thresholds"]),
        parameters=dict(value["parameters"]),
        ballots=Map(
            {Did(voter): Ballot(*cast) for voter, cast in value["ballots"].items()}
        ),
        shares=Map(
            {
                Did(voter): Map({int(number): share for number, share in found.items()})
                for voter, found in value["shares"].items()
            }
        ),
    )


def read_result(value: Mapping[str, Any]) -> Result:
    """What `Result.public` wrote."""
    return Result(
        outcome=value["outcome"],
        counted_ms=value["counted_ms"],
        eligible=value["eligible"],
        thresholds=read_thresholds(value["thresholds"]),
        parameters=dict(value["parameters"]),
        count=dict(value["count"]),
    )
