"""What a ballot, a way to count and a result are: the words that every method shares.

A *method* is a row of `methods.METHODS`. The assembly reads each choice with it when a
ballot is cast, keeps the last ballot of each voter, and counts when the vote closes:

    method  = METHODS["schulze"]
    choice  = method.read(body["choice"], options)             refuses a form
    ballots = [Ballot(voter=…, choice=choice, weight=3, act_id=…), …]
    result  = method.count(ballots, options, seats, proposal_id)
    result.winners, result.public()                            JSON, kept with the proposal

Options are codes, in the proposal's order; a choice holds their places in that order, so
that equal choices are equal values. None is a blank ballot: it counts towards a quorum
and says nothing of the options. A ballot of weight w counts as w equal ballots; where a
method is not `weighted`, delegation does not reach it and every weight is 1.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from ledger.canonical import format_base64url
from ledger.errors import FatalError
from ledger.governance.ballots.tie import ballots_root
from ledger.ids import Did

Choice: TypeAlias = str | int | tuple[int, ...] | tuple[tuple[int, ...], ...] | None
Options: TypeAlias = Sequence[str]
BLANK: Final = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """The ballot of one voter that counts: the last one cast.

    Attributes:
        voter: the member's did.
        choice: as the method's `read` gave it.
        weight: how many votes it carries, the voter's own among them; 0 when the voter
            may not vote, or its delegator overrode it.
        act_id: of the act that cast it.
    """

    voter: Did
    choice: Choice
    weight: int = 1
    act_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a count gives; `public` is its JSON, kept with the proposal.

    Attributes:
        method: its name.
        options: in the proposal's order.
        seats: how many were to be elected.
        ballots: how many ballots were counted.
        weight: the votes they carry.
        blank: those of them that are blank.
        root: RFC 6962 root over the ballots' act ids (see `tie`), base64url.
        totals: each option's votes, points or first preferences, by name.
        places: the options from first to last; those of one place tie.
        winners: as many as there are seats, in the order elected; none where nobody
            preferred anything, or where thresholds decide (`yesno`).
        parted: the tied options that only the hash told apart, winners first.
        support: [for, against]: the votes that prefer the winner to an option that does
            nothing, and those the other way round; None where nothing was compared.
        condorcet: the option that beats every other in pairs, of ranked methods.
        detail: the method's own working: rounds, pairs, strongest paths.
    """

    method: str
    options: tuple[str, ...]
    seats: int = 1
    ballots: int
    weight: int
    blank: int
    root: str
    totals: Mapping[str, int]
    places: tuple[tuple[str, ...], ...] = ()
    winners: tuple[str, ...] = ()
    parted: tuple[str, ...] = ()
    support: tuple[int, int] | None = None
    condorcet: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    def public(self) -> dict[str, Any]:
        """As JSON; `Result.read` is its inverse."""
        return {
            "method": self.method,
            "options": list(self.options),
            "seats": self.seats,
            "ballots": self.ballots,
            "weight": self.weight,
            "blank": self.blank,
            "root": self.root,
            "totals": dict(self.totals),
            "places": [list(place) for place in self.places],
            "winners": list(self.winners),
            "parted": list(self.parted),
            "support": None if self.support is None else list(self.support),
            "condorcet": self.condorcet,
            "detail": dict(self.detail),
        }

    @staticmethod
    def read(value: Mapping[str, Any]) -> "Result":
        """The result whose `public` is `value`, from our own state."""
        return Result(
            method=value["method"],
            options=tuple(value["options"]),
            seats=value["seats"],
            ballots=value["ballots"],
            weight=value["weight"],
            blank=value["blank"],
            root=value["root"],
            totals=dict(value["totals"]),
            places=tuple(map(tuple, value["places"])),
            winners=tuple(value["winners"]),
            parted=tuple(value["parted"]),
            support=_pair(value["support"]),
            condorcet=value["condorcet"],
            detail=dict(value["detail"]),
        )


def _pair(value: Sequence[int] | None) -> tuple[int, int] | None:
    return None if value is None else (value[0], value[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One way to vote and to count.

    Attributes:
        read: (JSON, options) → choice; RejectedError `invalid-act`.
        write: (choice, options) → JSON; `read(write(choice)) == choice`.
        count: (ballots, options, seats, proposal id) → result. Ballots of weight 0 are
            left out. The order of the ballots means nothing.
        describe: (result) → the words of a terminal, a line each.
        prefers: (choice, one option's place, another's) → 1 where the ballot prefers
            the one, -1 the other, 0 neither: what `support` adds up.
        weighted: whether delegation reaches it.
        seated: whether it can fill more than one seat.
        chooses: whether it names winners among options of the proposal's own; `yesno`
            has fixed options, and thresholds decide.
        rule: what it counts, what unranked means, and who wins a tie, in a sentence each.
    """

    read: Callable[[Any, Options], Choice]
    write: Callable[[Choice, Options], Any]
    count: Callable[[Iterable[Ballot], Options, int, str], Result]
    describe: Callable[[Result], list[str]]
    prefers: Callable[[Choice, int, int], int]
    weighted: bool = True
    seated: bool = False
    chooses: bool = True
    rule: str


@dataclass(frozen=True, slots=True)
class Box:
    """Ballots as they come out of the ballot box: equal ones in one group.

    Attributes:
        groups: choice → votes; the blank ones are not among them.
        ballots: how many ballots.
        weight: the votes they carry.
        blank: the blank votes.
        root: over their act ids, 32 bytes.
    """

    groups: Mapping[Any, int]
    ballots: int
    weight: int
    blank: int
    root: bytes

    def result(
        self,
        method: str,
        options: tuple[str, ...],
        *,
        totals: Sequence[int],
        places: Sequence[Sequence[int]],
        winners: Sequence[int],
        parted: Sequence[int] = (),
        seats: int = 1,
        condorcet: int | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> Result:
        """The result of counting these ballots, options given by their places."""
        return Result(
            method=method,
            options=options,
            seats=seats,
            ballots=self.ballots,
            weight=self.weight,
            blank=self.blank,
            root=format_base64url(self.root),
            totals=dict(zip(options, totals, strict=True)),
            places=tuple(tuple(options[at] for at in place) for place in places),
            winners=tuple(options[at] for at in winners),
            parted=tuple(options[at] for at in parted),
            condorcet=None if condorcet is None else options[condorcet],
            detail=detail or {},
        )


def open_box(ballots: Iterable[Ballot], *, weighted: bool = True) -> Box:
    """Groups equal ballots, so that a count costs their variety and not their number.

    Raises:
        FatalError: two ballots of one voter, a weight below 0, or other than 1 where
            the method knows none: the assembly's own mistake. Nothing was recorded.
    """
    groups: Counter[Choice] = Counter()
    cast: dict[str, str] = {}
    given = 0
    for ballot in ballots:
        if ballot.weight == 0:
            continue
        if ballot.weight != 1 and (ballot.weight < 0 or not weighted):
            raise FatalError("a ballot of a weight that its method does not know")
        groups[ballot.choice] += ballot.weight
        cast[ballot.voter] = ballot.act_id
        given += 1
    if len(cast) != given:
        raise FatalError("two ballots of one voter in one count")
    weight = groups.total()
    blank = groups.pop(BLANK, 0)
    return Box(groups, given, weight, blank, ballots_root(cast))


def support(
    method: Method, ballots: Iterable[Ballot], one: int, other: int
) -> tuple[int, int]:
    """The votes that prefer option `one` to `other`, and those the other way round.

    What a class's threshold is asked of when options compete: For and Against are the
    winner against the option that changes nothing.
    """
    groups: Counter[Choice] = Counter()
    for ballot in ballots:
        groups[ballot.choice] += ballot.weight
    found = [(method.prefers(choice, one, other), n) for choice, n in groups.items()]
    return (
        sum(votes for side, votes in found if side > 0),
        sum(votes for side, votes in found if side < 0),
    )
