"""Counting again, another way: ballot by ballot, from the definitions, for small votes.

Nothing here is the product's but the bytes of the tie, written anew. Ballots are
(voter, JSON choice, weight, act id).
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from hashlib import sha256
from itertools import permutations
from typing import Any, NamedTuple


class Cast(NamedTuple):
    voter: str
    choice: Any
    weight: int
    act_id: str


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1, as it is written there."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(
        b"\1" + merkle_root(leaves[:half]) + merkle_root(leaves[half:])
    ).digest()


def root_of(ballots: Sequence[Cast]) -> bytes:
    return merkle_root([b.act_id.encode() for b in sorted(ballots)])


def luck_of(ballots: Sequence[Cast], proposal: str) -> Callable[[str], bytes]:
    root = root_of(ballots)

    def luck(option: str) -> bytes:
        parts = b"counterfoil/v1/tie\x00", proposal.encode(), root, option.encode()
        return sha256(b"".join(parts)).digest()

    return luck


def rank_of(choice: list[Any], option: str) -> int:
    """Its place; one past the last where it is left out."""
    for at, place in enumerate(choice):
        if option == place or (type(place) is list and option in place):
            return at
    return len(choice)


def is_named(choice: list[Any], option: str) -> bool:
    return rank_of(choice, option) < len(choice)


def versus(
    ballots: Sequence[Cast], one: str, other: str, *, named_only: bool = False
) -> int:
    return sum(
        ballot.weight
        for ballot in ballots
        if ballot.choice is not None
        and rank_of(ballot.choice, one) < rank_of(ballot.choice, other)
        and (not named_only or is_named(ballot.choice, other))
    )


def condorcet(
    ballots: Sequence[Cast], options: Sequence[str], *, named_only: bool = False
) -> str | None:
    for one in options:
        if all(
            versus(ballots, one, other, named_only=named_only)
            > versus(ballots, other, one, named_only=named_only)
            for other in options
            if other != one
        ):
            return one
    return None


def totals(method: str, ballots: Sequence[Cast], options: Sequence[str]) -> list[int]:
    def mark(choice: Any, option: str) -> int:
        if choice is None:
            return 0
        match method:
            case "single":
                return int(choice == option)
            case "approval":
                return int(option in choice)
            case _:
                return int(choice.get(option, 0))

    return [sum(mark(b.choice, o) * b.weight for b in ballots) for o in options]


# ---- Schulze: every path there is ---------------------------------------------------


def schulze_winners(
    ballots: Sequence[Cast], options: Sequence[str], *, named_only: bool
) -> set[str]:
    def strength(one: str, other: str) -> int:
        for_it = versus(ballots, one, other, named_only=named_only)
        against = versus(ballots, other, one, named_only=named_only)
        return for_it if for_it > against else 0

    def best(one: str, other: str) -> int:
        between = [option for option in options if option not in {one, other}]
        paths = (
            (one, *middle, other)
            for length in range(len(between) + 1)
            for middle in permutations(between, length)
        )
        return max(
            min(strength(path[at], path[at + 1]) for at in range(len(path) - 1))
            for path in paths
        )

    return {
        one
        for one in options
        if all(
            best(other, one) <= best(one, other) for other in options if other != one
        )
    }


# ---- runoffs: every round counted from the ballots ------------------------------------


def worst_first(
    ballots: Sequence[Cast],
    options: Sequence[str],
    votes: dict[str, Any],
    luck: Callable[[str], bytes],
) -> list[str]:
    def copeland(one: str) -> int:
        wins = [versus(ballots, one, o) - versus(ballots, o, one) for o in options]
        return sum(w > 0 for w in wins) - sum(w < 0 for w in wins)

    def key(option: str) -> tuple[Any, int, int]:
        return votes[option], copeland(option), -int.from_bytes(luck(option), "big")

    return sorted(votes, key=key)


def runoff_winner(
    ballots: Sequence[Cast], options: Sequence[str], luck: Callable[[str], bytes]
) -> str:
    standing = list(options)
    while len(standing) > 1:
        votes = dict.fromkeys(standing, 0)
        for ballot in ballots:
            for option in ballot.choice or []:
                if option in votes:
                    votes[option] += ballot.weight
                    break
        leader = max(votes, key=votes.__getitem__)
        if votes[leader] * 2 > sum(votes.values()):
            return leader
        standing.remove(worst_first(ballots, options, votes, luck)[0])
    return standing[0]


class Exact(NamedTuple):
    """The ballots of an STV count, each with its value and whose pile it is in."""

    marked: list[Cast]
    value: dict[str, Fraction]
    under: dict[str, str]

    def held(self, option: str) -> Fraction:
        return sum(
            (
                ballot.weight * self.value[ballot.voter]
                for ballot in self.marked
                if self.under[ballot.voter] == option
            ),
            Fraction(),
        )

    def move(self, option: str, part: Fraction, standing: list[str]) -> None:
        for ballot in self.marked:
            if self.under[ballot.voter] == option:
                self.value[ballot.voter] *= part
                later = ballot.choice[ballot.choice.index(option) + 1 :]
                self.under[ballot.voter] = next((o for o in later if o in standing), "")


def transferable_winners(
    ballots: Sequence[Cast],
    options: Sequence[str],
    seats: int,
    luck: Callable[[str], bytes],
) -> list[str]:
    """The elected in order, by fractions without a bound, ballot by ballot."""
    marked = [ballot for ballot in ballots if ballot.choice is not None]
    quota = sum(ballot.weight for ballot in marked) // (seats + 1) + 1
    table = Exact(
        marked,
        {ballot.voter: Fraction(1) for ballot in marked},
        {ballot.voter: ballot.choice[0] for ballot in marked},
    )
    standing, elected, waiting = list(options), list[str](), list[str]()
    while len(elected) < seats:
        votes = {option: table.held(option) for option in standing}
        order = worst_first(ballots, options, votes, luck)[::-1]
        reached = [option for option in order if votes[option] >= quota]
        elected += reached
        waiting += reached
        standing = [option for option in standing if option not in reached]
        if len(elected) < seats and len(standing) <= seats - len(elected):
            elected += [option for option in order if option in standing]
        elif waiting:
            full = {option: table.held(option) for option in waiting}
            first = worst_first(ballots, options, full, luck)[-1]
            waiting.remove(first)
            table.move(first, (full[first] - quota) / full[first], standing)
        else:
            weakest = order[-1]
            standing.remove(weakest)
            table.move(weakest, Fraction(1), standing)
    return elected
