"""Ballots by the run: what `evolve` makes of one after another, made at once.

Most entries of a busy ledger are ballots, and they come in a row. A ballot moves its
actor's seq, the log time, the count of records and the ballots of one vote; of these,
only the actor's seq is asked when the next one is judged. So each is judged by what
stood before the run, by the functions that `evolve` judges it by, and the state is copied
once a run instead of six times a ballot. Tests hold the two equal.
"""

from typing import Final, NamedTuple, TypeGuard

from immutables import MapMutation

from ledger.entries.entry import ActRecorded, Entry
from ledger.errors import RejectedError
from ledger.governance.assembly.bodies import read_cast
from ledger.governance.assembly.course import put
from ledger.governance.assembly.finding import find_wording
from ledger.governance.assembly.polling import ballot_of, check_ballot
from ledger.governance.assembly.proposal import Ballot, Proposal, Vote
from ledger.governance.changed import changed
from ledger.governance.evolve import is_in_order
from ledger.governance.people.electorate import member_of
from ledger.governance.state import State
from ledger.ids import Did

BALLOT_CAST: Final = "ballot.cast"


def is_ballot(entry: Entry) -> TypeGuard[ActRecorded]:
    """Whether a run may take this entry."""
    return isinstance(entry, ActRecorded) and entry.act.act == BALLOT_CAST


class _Poll(NamedTuple):
    """A vote as it was before the run, and its ballots so far."""

    proposal: Proposal
    vote: Vote
    ballots: MapMutation[Did, Ballot]


class Run:
    """Ballots in a row; owns what they have moved until the state is made of it."""

    __slots__ = ("_places", "_polls", "_sequences", "_state")

    def __init__(self, state: State) -> None:
        """`state`: the one before the run."""
        self._state = state
        self._sequences = state.sequences.mutate()
        self._polls: dict[str, _Poll] = {}  # by the wording that ballots name
        self._places: list[tuple[int, int]] = []

    def take(self, entry: ActRecorded, index: int) -> None:
        """Takes the ballot at `index`; never refuses, as `evolve`."""
        actor, seq = entry.act.actor, entry.act.seq
        last = self._sequences.get(actor, 0)
        if seq > last:
            self._sequences[actor] = seq
        self._places.append((entry.time_ms, index))
        if is_in_order(self._state.community, entry, last):
            try:
                self._cast(entry)
            except RejectedError:
                return

    def _cast(self, entry: ActRecorded) -> None:
        act = entry.act
        member = member_of(self._state.people, act.actor)
        if member is None:
            return
        cast = read_cast(act.body)
        poll = self._polls.get(cast.proposal)
        if poll is None:
            proposal = find_wording(self._state, cast.proposal)
            vote = check_ballot(proposal, member, cast, entry.time_ms)
            poll = _Poll(proposal, vote, vote.ballots.mutate())
            self._polls[cast.proposal] = poll
        else:
            check_ballot(poll.proposal, member, cast, entry.time_ms)
        poll.ballots[member] = ballot_of(cast, act.id, entry.time_ms)

    def end(self) -> State:
        """The state after the run, one ballot at least."""
        state = self._state
        for proposal, vote, ballots in self._polls.values():
            voted = changed(vote, ballots=ballots.finish())
            state = put(state, changed(proposal, vote=voted))
        return changed(
            state,
            log_time_ms=self._places[-1][0],
            sequences=self._sequences.finish(),
            assembly=state.assembly.record_all(self._places),
        )
