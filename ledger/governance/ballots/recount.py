"""Counting a closed vote again from the log's entries, by another road than the state's.

The state keeps each voter's last ballot and counts when a deadline passes. Here every
`ballot.cast` in the log is judged by itself, in order:

    (1) signed    the envelope's signature is the actor's; it is for this ledger, comes
                  once, in its actor's order, and before its `until`
    (2) names     this wording of this proposal
    (3) in time   after the vote's snapshot, not after its deadline
    (4) elector   the actor's member was of the electorate at the snapshot
    (5) read      its choice is one of its method's
    (6) last      of one voter the newest counts, the others were replaced
    (7) opened    a sealed one, by the shares published of it; each fitted its digest

Then the ballots are counted anew, with delegations as they stood at the snapshot, and
compared number by number with the result that the entries lead to. Members, delegations
and deadlines come from replaying the other entries: `counterfoil audit` checks that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from immutables import Map

from ledger.entries.act import Act, check_act
from ledger.entries.codec import decode_entry
from ledger.entries.entry import ActRecorded
from ledger.errors import CounterfoilError
from ledger.governance.assembly import voting
from ledger.governance.assembly.proposal import Ballot, Proposal, Vote
from ledger.governance.assembly.unsealing import open_ballots, sealing_of
from ledger.governance.ballots.method import Result
from ledger.governance.ballots.methods import METHODS
from ledger.governance.ballots.sealing import keep, read_sealed
from ledger.governance.evolve import evolve, is_in_order
from ledger.governance.people.electorate import electorate, member_of
from ledger.governance.people.passkeys import check_signature
from ledger.governance.state import EMPTY, State
from ledger.ids import Did, LeafIndex
from ledger.limits import ID_LETTERS_MIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Recounted:
    """One closed vote, counted again.

    Attributes:
        proposal: its key.
        revision: the wording voted on.
        title: for people.
        number: which vote on it, from 1: a vote may be repeated.
        outcome: as the entries lead to.
        published: the count that the entries lead to, as JSON.
        result: the count made here.
        cast: voter → the act id of the ballot that counts.
        replaced: ballots that their voters replaced.
        left_out: ballots that count nowhere: late, of nobody eligible, or of no form.
    """

    proposal: str
    revision: str
    title: str
    number: int
    outcome: str
    published: Mapping[str, Any]
    result: Result
    cast: Mapping[str, str]
    replaced: int
    left_out: int

    def differences(self, other: Mapping[str, Any] | None = None) -> list[str]:
        """In what the count here is not `other`, by default the entries' own result."""
        told = self.published if other is None else other
        ours = self.result.public()
        return [name for name in ours if ours[name] != told.get(name)]


@dataclass(slots=True)
class _Box:
    """The ballots of the vote that is open; owned by `Recount`."""

    voters: frozenset[Did]
    ballots: dict[Did, Ballot] = field(default_factory=dict)
    sealed: dict[Did, dict[str, Any]] = field(default_factory=dict)
    replaced: int = 0
    left_out: int = 0


class Recount:
    """Reads a log's entries in order and counts every vote on one proposal again.

    Attributes:
        found: the proposal as it now stands; None until it is opened.
        votes: the closed ones, in order.
        state: after the entries so far.
    """

    __slots__ = ("_box", "_name", "found", "state", "votes")

    def __init__(self, name: str) -> None:
        """`name`: the proposal's key, the id of a wording of it, or how one begins."""
        self._name = name
        self._box: _Box | None = None
        self.state: State = EMPTY
        self.found: Proposal | None = None
        self.votes: list[Recounted] = []

    def take(self, index: LeafIndex, leaf: bytes) -> None:
        """Takes the entry at `index`.

        Raises:
            MalformedError: it is not in the ledger's form.
        """
        entry = decode_entry(leaf)
        before, was = self.state, self.found
        if isinstance(entry, ActRecorded) and entry.act.act == "ballot.cast":
            self._judge(entry)
        self.state = evolve(before, entry, index)
        assembly = self.state.assembly
        # An earlier wording names it here too: this reader has seen them all.
        if was is not None:
            self.found = assembly.proposals.get(was.key)
        elif assembly.revisions is not before.assembly.revisions:
            self.found = assembly.proposals.get(min(self.keys(), default=""))
        if self.found is None:
            return
        if was is not None:
            self._close(before, was, self.found)
        if self.found.vote is not None and self._box is None:
            vote = self.found.vote
            people = self.state.people
            voters = electorate(people, vote.snapshot_ms, vote.parameters)
            self._box = _Box(voters)
        elif self.found.vote is None:
            self._box = None

    def keys(self) -> set[str]:
        """The proposals that the name means now: several, where it is too short."""
        assembly, name = self.state.assembly, self._name
        exact = assembly.revisions.get(name, name)
        if exact in assembly.proposals:
            return {exact}
        if len(name) < ID_LETTERS_MIN:
            return set()
        wordings = {k for w, k in assembly.revisions.items() if w.startswith(name)}
        return wordings | {k for k in assembly.proposals if k.startswith(name)}

    def sealed(self) -> Mapping[Did, Mapping[str, Any]]:
        """Voter → sealed ballot, boxes and all, of the vote that is open."""
        return {} if self._box is None else self._box.sealed

    def _judge(self, entry: ActRecorded) -> None:
        proposal, box, act = self.found, self._box, entry.act
        if proposal is None or proposal.vote is None or box is None:
            return
        if act.body.get("proposal") != proposal.revision:  # (2)
            return
        member = member_of(self.state.people, act.actor)
        if member is None or member not in box.voters:  # (4)
            box.left_out += 1
            return
        ballot = self._read(act, entry.time_ms, proposal, proposal.vote)
        state, last = self.state, self.state.sequences.get(act.actor, 0)
        if ballot is None or not is_in_order(state.community, entry, last):
            box.left_out += 1
            return
        box.replaced += member in box.ballots  # (6)
        box.ballots[member] = ballot
        if proposal.vote.reveal_ms:
            box.sealed[member] = act.body["sealed"]

    def _read(
        self, act: Act, time_ms: int, proposal: Proposal, vote: Vote
    ) -> Ballot | None:
        if not vote.snapshot_ms < time_ms <= vote.deadline_ms:  # (3)
            return None
        row = METHODS[proposal.content.ballot["method"]]
        choice, reason = act.body.get("choice"), act.body.get("reason")
        try:
            check_act(act)  # (1)
            check_signature(self.state, act)
            if vote.reveal_ms:
                voter = member_of(self.state.people, act.actor)
                assert voter is not None, "asked before"  # noqa: S101 -- ours
                sealing = sealing_of(proposal, voter)
                sealed = read_sealed(act.body.get("sealed"), sealing)
                return Ballot(act.id, time_ms, keep(sealed), None)
            row.read(choice, voting.option_codes(proposal))  # (5)
        except CounterfoilError:
            return None
        if choice == "objection" and reason is None and not row.chooses:
            return None
        return Ballot(act.id, time_ms, choice, reason)

    def _close(self, before: State, was: Proposal, now: Proposal) -> None:
        """Counts what closed with this entry: a vote, and those it passed over.

        Where time moved far at once, votes may have opened and closed with one entry:
        nobody could cast a ballot in them.
        """
        vote, box = was.vote, self._box
        for number, published in enumerate(now.results, 1):
            if number <= len(was.results):
                continue
            if vote is None or box is None:
                box, result = _Box(frozenset()), _empty(was)
            else:
                theirs = replace(vote, ballots=Map(box.ballots), electorate=box.voters)
                if vote.reveal_ms:  # (7)
                    theirs = _opened(was, theirs, box)
                result = voting.count(before, was, theirs)
            self.votes.append(
                Recounted(
                    proposal=now.key,
                    revision=was.revision,
                    title=was.content.title,
                    number=number,
                    outcome=published.outcome,
                    published=published.count,
                    result=result,
                    cast={voter: one.act_id for voter, one in box.ballots.items()},
                    replaced=box.replaced,
                    left_out=box.left_out,
                )
            )
            vote = self._box = None


def _opened(proposal: Proposal, vote: Vote, box: _Box) -> Vote:
    """The vote with its sealed ballots in the clear; none if too few trustees opened."""
    opened = open_ballots(proposal, vote)
    clear = Map[Did, Ballot]() if opened is None else opened
    box.left_out += len(box.ballots) - len(clear)
    box.ballots = dict(clear)
    return replace(vote, ballots=clear, reveal_ms=0)


def _empty(proposal: Proposal) -> Result:
    ballot = proposal.content.ballot
    count = METHODS[ballot["method"]].count
    options = voting.option_codes(proposal)
    return count((), options, ballot["seats"], proposal.revision)
