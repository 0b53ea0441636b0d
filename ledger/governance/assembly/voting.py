"""A vote: its snapshot, how it stands, its extensions, its count. Pure.

    quorum      weight × 1,000,000 ≥ quorum_ppm × eligible
    passes      yes × denominator > numerator × (yes + no + objection)
    optimistic  passes unless (no + objection) × 100 ≥ objection_percent × eligible
    options     whatever its method names as winner, at a quorum; for one seat, where an
                option does nothing, the winner must pass against it as yes against no

How a vote stands is looked at one extension before its deadline, and at the deadline. If
it stands otherwise (a quorum reached, an outcome or a winner changed), the deadline moves
by one extension, at most by one voting period in all. So nobody learns at the close
what could not be seen an extension before, while there is time left to extend.
"""

from collections.abc import Iterator
from dataclasses import replace

from immutables import Map

from ledger.governance.assembly import phases
from ledger.governance.assembly.classes import (
    PPM,
    ROUTINE,
    STANDARD,
    TURNOUT_START_PPM,
    Thresholds,
    strictest,
    thresholds_of,
    usual_turnout,
)
from ledger.governance.assembly.doing import any_loosens, classes_of
from ledger.governance.assembly.proposal import Proposal, Result, Vote
from ledger.governance.assembly.unsealing import is_sealed, open_ballots
from ledger.governance.ballots import method
from ledger.governance.ballots.methods import METHODS
from ledger.governance.parameters import period_ms
from ledger.governance.people.delegation import (
    cap_of,
    chosen,
    resolve,
    scopes_of,
    uncut,
)
from ledger.governance.people.electorate import electorate
from ledger.governance.state import State, parameters_of
from ledger.ids import Did, SystemId


def open_vote(state: State, proposal: Proposal) -> Proposal:
    """The proposal with its snapshot taken: what it needs, and who may vote, frozen."""
    parameters = parameters_of(state)
    snapshot_ms = proposal.pending_until_ms
    actions = proposal.content.all_actions()
    classes = classes_of(state, actions, routine=proposal.class_ == ROUTINE)
    class_ = strictest(classes)
    expedited = proposal.content.expedited and class_ in (ROUTINE, STANDARD)
    name = "voting_expedited_s" if expedited else "voting_s"
    voting_ms = min(period_ms(parameters, name), period_ms(parameters, "voting_s"))
    voters = electorate(state.people, snapshot_ms, parameters)
    return replace(
        proposal,
        class_=class_,  # as things stand now; they may have changed since it was worded
        loosens=any_loosens(state, actions),
        vote=Vote(
            snapshot_ms=snapshot_ms,
            first_deadline_ms=snapshot_ms + voting_ms,
            deadline_ms=snapshot_ms + voting_ms,
            # A window as long as the vote would extend every one of them.
            extension_ms=min(period_ms(parameters, "extension_s"), voting_ms // 2),
            reveal_ms=period_ms(parameters, "reveal_s") if is_sealed(proposal) else 0,
            thresholds=thresholds_of(classes, parameters, state.assembly.turnout_ppm),
            parameters=dict(parameters),
            eligible=len(voters),
            electorate=voters,
        ),
    )


def option_codes(proposal: Proposal) -> tuple[str, ...]:
    """The options' codes in the proposal's order; () for yes or no."""
    return tuple([option.option for option in proposal.content.options])


def count(state: State, proposal: Proposal, vote: Vote) -> method.Result:
    """What the ballots say, by the proposal's method; sealed ones say nothing."""
    ballot = proposal.content.ballot
    row = METHODS[ballot["method"]]
    cast = () if vote.reveal_ms else tuple(_weighed(state, proposal, vote))
    options = option_codes(proposal)
    counted = row.count(cast, options, ballot["seats"], proposal.revision)
    if row.seated or not counted.winners:
        return counted
    winner = options.index(counted.winners[0])
    if not proposal.content.options[winner].actions:
        return counted
    polls = [
        method.support(row, cast, winner, other)
        for other, option in enumerate(proposal.content.options)
        if not option.actions
    ]
    hardest = min(polls, key=lambda poll: poll[0] - poll[1], default=None)
    return replace(counted, support=hardest)


def _weighed(state: State, proposal: Proposal, vote: Vote) -> Iterator[method.Ballot]:
    options = option_codes(proposal)
    row = METHODS[proposal.content.ballot["method"]]
    weights = weights_of(state, proposal, vote) if row.weighted else {}
    read = row.read
    for voter, cast in vote.ballots.items():
        yield method.Ballot(
            voter=voter,
            choice=read(cast.choice, options),
            weight=weights.get(voter, 1),
            act_id=cast.act_id,
        )


def weights_of(state: State, proposal: Proposal, vote: Vote) -> dict[Did, int]:
    """The votes of each voter: their own, and those that delegations bring.

    Delegations are those of the snapshot, save that whoever has left since brings no
    vote, and carries none but their own ballot.
    """
    people = state.people
    systems = {
        SystemId(action.body["system"])
        for action in proposal.content.all_actions()
        if type(action.body.get("system")) is str
    }
    scopes = scopes_of(proposal.class_, systems)
    frozen = chosen(people, vote.snapshot_ms, vote.electorate, scopes)
    edges = uncut(people, frozen, vote.snapshot_ms)
    if not edges:
        return {}
    cap = cap_of(vote.eligible, vote.parameters)
    return resolve(edges, vote.electorate, vote.ballots, cap).weights


def outcome_of(counted: method.Result, thresholds: Thresholds, eligible: int) -> str:
    """What the numbers mean: "NoQuorum", "Defeated", "Objected" or "Succeeded"."""
    totals = counted.totals
    above, of = thresholds.passes
    if counted.method == "yesno":
        against = totals["no"] + totals["objection"]
        if thresholds.optimistic:
            objected = against * 100 >= thresholds.objection_percent * eligible
            return phases.OBJECTED if objected else phases.SUCCEEDED
        passes = totals["yes"] * of > above * (totals["yes"] + against)
    else:
        passes = bool(counted.winners)
        if counted.support is not None:
            preferred, against = counted.support
            passes = preferred * of > above * (preferred + against)
    if not counted.weight or counted.weight * PPM < thresholds.quorum_ppm * eligible:
        return phases.NO_QUORUM
    return phases.SUCCEEDED if passes else phases.DEFEATED


def _standing(vote: Vote, counted: method.Result) -> str:
    """How it stands: two standings are equal if nobody would call it otherwise."""
    outcome = outcome_of(counted, vote.thresholds, vote.eligible)
    return " ".join((outcome, *counted.winners))


def sample(state: State, proposal: Proposal, vote: Vote) -> Proposal:
    """The proposal with how its vote stood an extension before the deadline."""
    standing = _standing(vote, count(state, proposal, vote))
    return replace(proposal, vote=replace(vote, sample=standing))


def close_vote(state: State, proposal: Proposal, vote: Vote) -> tuple[State, Proposal]:
    """The deadline has passed: the vote extended, or counted for good."""
    if vote.reveal_ms:
        return _close_sealed(state, proposal, vote)
    counted = count(state, proposal, vote)
    standing = _standing(vote, counted)
    latest_ms = 2 * vote.first_deadline_ms - vote.snapshot_ms
    if standing != vote.sample and vote.deadline_ms < latest_ms:
        deadline_ms = min(vote.deadline_ms + vote.extension_ms, latest_ms)
        later = replace(vote, deadline_ms=deadline_ms, sample=standing)
        return state, replace(proposal, vote=later)
    return _settle(state, proposal, vote, counted)


def _close_sealed(
    state: State, proposal: Proposal, vote: Vote
) -> tuple[State, Proposal]:
    opened = open_ballots(proposal, vote)
    if opened is None:
        nothing = count(state, proposal, vote)
        return state, _closed(proposal, vote, phases.UNOPENED, nothing)
    clear = replace(vote, ballots=opened, reveal_ms=0)
    return _settle(state, proposal, vote, count(state, proposal, clear))


def _settle(
    state: State, proposal: Proposal, vote: Vote, counted: method.Result
) -> tuple[State, Proposal]:
    outcome = outcome_of(counted, vote.thresholds, vote.eligible)
    if not vote.thresholds.optimistic and outcome != phases.NO_QUORUM:
        state = _learn_turnout(state, vote, counted.weight)
    return state, _closed(proposal, vote, outcome, counted)


def _closed(
    proposal: Proposal, vote: Vote, outcome: str, counted: method.Result
) -> Proposal:
    result = Result(
        outcome=outcome,
        counted_ms=vote.deadline_ms + vote.reveal_ms,
        eligible=vote.eligible,
        thresholds=vote.thresholds,
        parameters=vote.parameters,
        count=counted.public(),
    )
    return replace(proposal, vote=None, results=(*proposal.results, result))


def _learn_turnout(state: State, vote: Vote, turnout: int) -> State:
    name, usual = vote.thresholds.class_, state.assembly.turnout_ppm
    before = usual.get(name, TURNOUT_START_PPM)
    after = usual_turnout(before, vote.parameters, turnout, vote.eligible)
    learned: Map[str, int] = usual.set(name, after)
    return replace(state, assembly=replace(state.assembly, turnout_ppm=learned))
