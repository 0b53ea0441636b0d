"""Every method against an oracle that counts another way, and against its promises."""

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, strategies as st

from ledger.canonical import jcs, parse_base64url, parse_jcs
from ledger.governance.ballots.method import Ballot, Result, support
from ledger.governance.ballots.methods import METHODS
from ledger.ids import Did
from tests.governance.ballots import oracle
from tests.governance.ballots.oracle import Cast
from tests.governance.ballots.samples import PROPOSAL, act_of

NAMES = ("a", "b", "c", "d", "e")
CHOOSING = [name for name, method in METHODS.items() if method.chooses]
RANKED = ["instant-runoff", "schulze", "schulze-ranked-only", "stv"]


def rankings(options: Sequence[str]) -> st.SearchStrategy[Any]:
    orders = st.permutations(list(options))
    return st.tuples(orders, st.integers(1, len(options))).map(lambda t: t[0][: t[1]])


@st.composite
def shared_rankings(draw: st.DrawFn, options: Sequence[str]) -> Any:
    places: list[list[str]] = []
    order: list[str] = draw(rankings(options))
    for option in order:
        shares: bool = draw(st.booleans())
        if places and shares:
            places[-1].append(option)
        else:
            places.append([option])
    return places


def choices(method: str, options: Sequence[str]) -> st.SearchStrategy[Any]:
    match method:
        case "yesno":
            return st.sampled_from(["yes", "no", "abstain", "objection"])
        case "single":
            found: st.SearchStrategy[Any] = st.sampled_from(options)
        case "approval":
            found = rankings(options)
        case "score":
            found = st.dictionaries(
                st.sampled_from(options), st.integers(0, 10), min_size=1
            )
        case "quadratic":
            found = st.dictionaries(
                st.sampled_from(options),
                st.integers(-4, 4).filter(bool),
                min_size=1,
            )
        case "instant-runoff" | "stv":
            found = rankings(options)
        case _:
            found = shared_rankings(options)
    return st.none() | found


@st.composite
def votes(draw: st.DrawFn, method: str, most: int = 12) -> tuple[list[str], list[Cast]]:
    """Options, and ballots of different voters."""
    options = list(NAMES[: draw(st.integers(2, len(NAMES)))])
    weights = st.integers(1, 3) if METHODS[method].weighted else st.just(1)
    found = draw(st.lists(st.tuples(choices(method, options), weights), max_size=most))
    cast = [
        Cast(f"voter{at:03}", choice, weight, act_of(at))
        for at, (choice, weight) in enumerate(found)
    ]
    return options, cast


def read(method: str, options: Sequence[str], cast: Sequence[Cast]) -> list[Ballot]:
    return [
        Ballot(
            voter=Did(one.voter),
            choice=METHODS[method].read(one.choice, options),
            weight=one.weight,
            act_id=one.act_id,
        )
        for one in cast
    ]


def counted(
    method: str, options: Sequence[str], cast: Sequence[Cast], seats: int = 1
) -> Result:
    ballots = read(method, options, cast)
    return METHODS[method].count(ballots, options, seats, PROPOSAL)


# ---- the oracle -----------------------------------------------------------------------


@pytest.mark.parametrize("method", ["single", "approval", "score", "quadratic"])
@given(data=st.data())
def test_marks_add_up(method: str, data: st.DataObject) -> None:
    options, cast = data.draw(votes(method))
    result = counted(method, options, cast)
    totals = oracle.totals(method, cast, options)
    assert list(result.totals.values()) == totals
    most = max(totals)
    leaders = [o for o, total in zip(options, totals, strict=True) if total == most]
    luck = oracle.luck_of(cast, PROPOSAL)
    assert result.winners == ((min(leaders, key=luck),) if most > 0 else ())


@pytest.mark.parametrize("method", ["schulze", "schulze-ranked-only"])
@given(data=st.data())
def test_schulze_along_every_path(method: str, data: st.DataObject) -> None:
    options, cast = data.draw(votes(method, most=8))
    named_only = method == "schulze-ranked-only"
    result = counted(method, options, cast)
    winners = oracle.schulze_winners(cast, options, named_only=named_only)
    assert set(result.places[0]) == winners
    assert result.condorcet == oracle.condorcet(cast, options, named_only=named_only)
    if any(map(any, result.detail["pairs"])):
        luck = oracle.luck_of(cast, PROPOSAL)
        assert result.winners == (min(winners, key=luck),)
    else:
        assert result.winners == ()
    if result.condorcet is not None:
        assert result.winners == (result.condorcet,)


@given(data=st.data())
def test_instant_runoff_round_by_round(data: st.DataObject) -> None:
    options, cast = data.draw(votes("instant-runoff"))
    result = counted("instant-runoff", options, cast)
    assert result.condorcet == oracle.condorcet(cast, options)
    if all(one.choice is None for one in cast):
        assert result.winners == ()
    else:
        luck = oracle.luck_of(cast, PROPOSAL)
        assert result.winners == (oracle.runoff_winner(cast, options, luck),)
    stv = counted("stv", options, cast)
    assert stv.winners == result.winners


@given(data=st.data(), seats=st.integers(1, 4))
def test_stv_by_exact_fractions(data: st.DataObject, seats: int) -> None:
    options, cast = data.draw(votes("stv", most=20))
    assume(any(one.choice is not None for one in cast))
    result = counted("stv", options, cast, seats)
    luck = oracle.luck_of(cast, PROPOSAL)
    filled = min(seats, len(options))
    if seats <= len(options):
        wanted = oracle.transferable_winners(cast, options, seats, luck)
        assert list(result.winners) == wanted
    assert len(result.winners) == filled


# ---- promises of every method ---------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@given(data=st.data(), luck=st.randoms(use_true_random=False))
def test_the_order_of_ballots_means_nothing(
    method: str, data: st.DataObject, luck: Random
) -> None:
    options, cast = data.draw(votes(method))
    result = counted(method, options, cast, 2)
    luck.shuffle(cast)
    assert counted(method, options, cast, 2) == result


@pytest.mark.parametrize("method", METHODS)
@given(data=st.data())
def test_a_weight_is_as_many_equal_ballots(method: str, data: st.DataObject) -> None:
    """Up to ties: another voter's act moves the hash."""
    options, cast = data.draw(votes(method))
    result = counted(method, options, cast, 2)
    split = [
        Cast(f"{one.voter}-{at}", one.choice, 1, act_of(1_000 * number + at))
        for number, one in enumerate(cast)
        for at in range(one.weight)
    ]
    again = counted(method, options, split, 2)
    assert (again.totals, again.weight) == (result.totals, result.weight)
    if not result.parted and not again.parted:
        assert (again.places, again.winners) == (result.places, result.winners)


@pytest.mark.parametrize("method", CHOOSING)
@given(data=st.data())
def test_voters_and_options_are_equal(method: str, data: st.DataObject) -> None:
    """Anonymity and neutrality: other voters, other names: the same outcome, ties apart."""
    options, cast = data.draw(votes(method))
    result = counted(method, options, cast, 2)
    others = [one._replace(voter=f"other{at:03}") for at, one in enumerate(cast[::-1])]
    again = counted(method, options, others, 2)
    if not result.parted and not again.parted:
        assert (again.places, again.winners) == (result.places, result.winners)
    renamed = dict(zip(options, data.draw(st.permutations(options)), strict=True))

    def rename(value: Any) -> Any:
        if isinstance(value, dict):
            return {renamed[name]: number for name, number in value.items()}
        if isinstance(value, list):
            return [rename(item) for item in value]
        return None if value is None else renamed[value]

    moved = [one._replace(choice=rename(one.choice)) for one in cast]
    there = counted(method, options, moved, 2)
    if not result.parted and not there.parted:
        assert there.winners == tuple(renamed[name] for name in result.winners)


def raised(method: str, choice: Any, winner: str, options: Sequence[str]) -> Any:
    """The choice with the winner further up, all else as it was."""
    match method:
        case "single":
            return winner
        case "approval":
            return [*({*(choice or [])} | {winner})]
        case "score":
            return {**(choice or {}), winner: 10}
        case "quadratic":
            return {name: n for name, n in (choice or {}).items() if n < 0} | {
                winner: 5
            }
        case _:
            kept = [[o for o in place if o != winner] for place in choice or []]
            return [[winner], *filter(None, kept)][: len(options)]


@pytest.mark.parametrize("method", ["single", "approval", "score", "schulze"])
@given(data=st.data())
def test_more_support_never_harms_the_winner(method: str, data: st.DataObject) -> None:
    """Monotonicity, which instant-runoff and STV do not have."""
    options, cast = data.draw(votes(method))
    result = counted(method, options, cast)
    assume(cast and result.winners and not result.parted)
    at = data.draw(st.integers(0, len(cast) - 1))
    assume(cast[at].choice is not None)
    (winner,) = result.winners
    choice = raised(method, cast[at].choice, winner, options)
    more = [*cast[:at], cast[at]._replace(choice=choice), *cast[at + 1 :]]
    assert counted(method, options, more).winners == (winner,)


@pytest.mark.parametrize("method", METHODS)
@given(data=st.data())
def test_formats_round(method: str, data: st.DataObject) -> None:
    options, cast = data.draw(votes(method))
    for one in read(method, options, cast):
        written = METHODS[method].write(one.choice, options)
        assert METHODS[method].read(written, options) == one.choice
    result = counted(method, options, cast, 2)
    public = parse_jcs(jcs(result.public()))
    assert Result.read(public) == result
    lines = METHODS[method].describe(result)
    assert lines
    assert all(line.isprintable() for line in lines)
    assert parse_base64url(result.root, length=32) == oracle.root_of(cast)


@pytest.mark.parametrize("method", METHODS)
@given(data=st.data())
def test_sums(method: str, data: st.DataObject) -> None:
    options, cast = data.draw(votes(method))
    result = counted(method, options, cast, 2)
    assert result.weight == sum(one.weight for one in cast)
    assert result.ballots == len(cast)
    if method == "yesno":
        assert sum(result.totals.values()) == result.weight
        return
    assert result.blank == sum(one.weight for one in cast if one.choice is None)
    assert sorted(o for place in result.places for o in place) == options
    if method in {"single", "instant-runoff", "stv"}:
        assert sum(result.totals.values()) == result.weight - result.blank
    for found in result.detail.get("rounds", []):
        numbers = [float(found["exhausted"]), *map(float, filter(None, found["votes"]))]
        assert sum(numbers) <= result.weight - result.blank + 1e-6
        if method == "instant-runoff":
            assert sum(numbers) == result.weight - result.blank


@pytest.mark.parametrize("method", CHOOSING)
@given(data=st.data())
def test_support_is_a_poll_of_two(method: str, data: st.DataObject) -> None:
    options, cast = data.draw(votes(method))
    ballots = read(method, options, cast)
    for_it, against = support(METHODS[method], ballots, 0, 1)
    assert support(METHODS[method], ballots, 1, 0) == (against, for_it)
    assert for_it + against <= sum(one.weight for one in cast)
    if method in RANKED:
        pairs = counted(method, options, cast).detail["pairs"]
        assert (for_it, against) == (pairs[0][1], pairs[1][0])
