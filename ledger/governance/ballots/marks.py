"""Marks added up: single, approval, score and quadratic, and who has most.

    method      choice                      means
    single      "a"                         one vote for a
    approval    ["a", "b"]                  one vote for each
    score       {"a": 10, "b": 3}           0 to 10 points for each; not named: 0
    quadratic   {"a": 9, "b": -4}           votes for or against; n votes cost n² of the
                                            100 voice credits; not named: none
    each        null                        a blank ballot

Most votes or points win, if they are more than 0; options with equally many share a
place, and the tie's hash names the winner (`tie`). A ballot of weight w counts as w equal
ballots. Not so in quadratic: voice credits say how much something matters to one person,
which nobody can say for another, so delegation does not reach it.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from ledger.governance.ballots.method import (
    Ballot,
    Box,
    Choice,
    Method,
    Options,
    Result,
    open_box,
)
from ledger.governance.ballots.tie import Ties
from ledger.governance.body import refuse
from ledger.limits import BALLOT_SCORE_MAX, VOICE_CREDITS

Adder = Callable[[Any, int, list[int]], None]  # choice, votes, totals to add to


def read_option(value: Any, options: Options) -> int:
    """An option's place.

    Raises:
        RejectedError: `invalid-act`, as every function here. Nothing was recorded.
    """
    if type(value) is not str or value not in options:
        raise refuse("a choice names options of the proposal, by their codes")
    return options.index(value)


# ---- single and approval -----------------------------------------------------------


def _read_single(value: Any, options: Options) -> Choice:
    return None if value is None else read_option(value, options)


def _write_single(choice: Choice, options: Options) -> Any:
    return options[choice] if type(choice) is int else None


def _add_single(choice: int, votes: int, totals: list[int]) -> None:
    totals[choice] += votes


def _prefers_single(choice: Choice, one: int, other: int) -> int:
    return (choice == one) - (choice == other)


def _read_approval(value: Any, options: Options) -> Choice:
    if value is None:
        return None
    if type(value) is not list or not 1 <= len(value) <= len(options):
        raise refuse("a choice is a list of the options approved, or null for none")
    places = {read_option(item, options) for item in value}
    if len(places) != len(value):
        raise refuse("a choice names each option once")
    return tuple(sorted(places))


def _write_approval(choice: Choice, options: Options) -> Any:
    return [options[at] for at in _numbers(choice)] if choice is not None else None


def _add_approval(choice: tuple[int, ...], votes: int, totals: list[int]) -> None:
    for at in choice:
        totals[at] += votes


def _prefers_approval(choice: Choice, one: int, other: int) -> int:
    approved = _numbers(choice)
    return (one in approved) - (other in approved)


# ---- score and quadratic -----------------------------------------------------------


def _numbers(choice: Choice) -> tuple[int, ...]:
    """The whole numbers of a choice; none of a blank one."""
    if type(choice) is not tuple:
        return ()
    return tuple(item for item in choice if type(item) is int)


def _read_numbers(
    value: Any, options: Options, least: int, most: int, what: str
) -> tuple[int, ...]:
    if type(value) is not dict or not 1 <= len(value) <= len(options):
        raise refuse(f"a choice gives options {what}, or is null")
    numbers = [0] * len(options)
    for name, number in value.items():
        at = read_option(name, options)
        if type(number) is not int or not least <= number <= most:
            raise refuse(f"a choice gives options {what}")
        numbers[at] = number
    return tuple(numbers)


def _read_score(value: Any, options: Options) -> Choice:
    if value is None:
        return None
    most = BALLOT_SCORE_MAX
    return _read_numbers(value, options, 0, most, f"0 to {most} points each")


def _read_quadratic(value: Any, options: Options) -> Choice:
    if value is None:
        return None
    what = "votes for or against, in whole numbers other than 0"
    numbers = _read_numbers(value, options, -VOICE_CREDITS, VOICE_CREDITS, what)
    if not all(value.values()):
        raise refuse(f"a choice gives options {what}")
    cost = sum(number * number for number in numbers)
    if cost > VOICE_CREDITS:
        raise refuse(
            f"the votes cost {cost:,} voice credits (the square of each), and a ballot "
            f"has {VOICE_CREDITS}"
        )
    return numbers


def _write_numbers(choice: Choice, options: Options) -> Any:
    if choice is None:
        return None
    return dict(zip(options, _numbers(choice), strict=True))


def _write_quadratic(choice: Choice, options: Options) -> Any:
    if choice is None:
        return None
    pairs = zip(options, _numbers(choice), strict=True)
    return {name: number for name, number in pairs if number}


def _add_numbers(choice: tuple[int, ...], votes: int, totals: list[int]) -> None:
    for at, number in enumerate(choice):
        totals[at] += number * votes


def _prefers_number(choice: Choice, one: int, other: int) -> int:
    numbers = _numbers(choice)
    if not numbers:
        return 0
    return (numbers[one] > numbers[other]) - (numbers[one] < numbers[other])


# ---- counting ------------------------------------------------------------------------


def _counter(
    name: str, add: Adder, *, weighted: bool = True
) -> Callable[[Iterable[Ballot], Options, int, str], Result]:
    def count(
        ballots: Iterable[Ballot],
        options: Options,
        seats: int,  # noqa: ARG001 -- every method's form; one winner here
        proposal_id: str,
    ) -> Result:
        box = open_box(ballots, weighted=weighted)
        totals = [0] * len(options)
        for choice, votes in box.groups.items():
            add(choice, votes, totals)
        return _result(name, box, tuple(options), totals, proposal_id)

    return count


def _result(
    name: str, box: Box, options: tuple[str, ...], totals: Sequence[int], proposal: str
) -> Result:
    ties = Ties(proposal, box.root, options)
    places = [
        [at for at, total in enumerate(totals) if total == level]
        for level in sorted(set(totals), reverse=True)
    ]
    first = places[0] if max(totals) > 0 else []
    if len(first) > 1:
        first = sorted(first, key=ties.__getitem__)
    return box.result(
        name,
        options,
        totals=totals,
        places=places,
        winners=first[:1],
        parted=first if len(first) > 1 else (),
    )


def describe(result: Result) -> list[str]:
    """The options by their totals, a line each; then who won, and how."""
    width = max(map(len, result.options))
    lines = [
        f"{name:<{width}} {result.totals[name]:>9,}"
        for place in result.places
        for name in place
    ]
    return [*lines, *describe_end(result)]


def describe_places(result: Result) -> list[str]:
    """The places from first to last, those who share one in one line."""
    return [
        f"{number:>2}. {' = '.join(place)}"
        for number, place in enumerate(result.places, 1)
    ]


def describe_end(result: Result) -> list[str]:
    """Blank ballots, ties that the hash decided, and the winners."""
    lines = []
    if "pairs" in result.detail:
        told = result.condorcet or "none"
        lines.append(f"beats every other in pairs (Condorcet winner): {told}")
    if result.blank:
        lines.append(f"blank: {result.blank:,}")
    if result.parted:
        lines.append(f"tied, decided by the ballots' hash: {', '.join(result.parted)}")
    if result.support is not None:
        preferred, against = result.support
        lines.append(
            f"the winner against doing nothing: {preferred:,} for, {against:,} against"
        )
    if result.winners:
        lines.append(f"won: {', '.join(result.winners)}")
    else:
        lines.append("nobody preferred anything: no winner")
    return lines


_TIE = "Equally many: the smallest hash of the tie."
SINGLE: Final = Method(
    read=_read_single,
    write=_write_single,
    count=_counter("single", _add_single),
    describe=describe,
    prefers=_prefers_single,
    rule=f"One vote for one option; most votes win. {_TIE}",
)
APPROVAL: Final = Method(
    read=_read_approval,
    write=_write_approval,
    count=_counter("approval", _add_approval),
    describe=describe,
    prefers=_prefers_approval,
    rule=f"One vote for each option approved; most votes win. Not named: not approved. "
    f"{_TIE}",
)
SCORE: Final = Method(
    read=_read_score,
    write=_write_numbers,
    count=_counter("score", _add_numbers),
    describe=describe,
    prefers=_prefers_number,
    rule=f"0 to {BALLOT_SCORE_MAX} points for each option; most points win. Not named: "
    f"0 points. {_TIE}",
)
QUADRATIC: Final = Method(
    read=_read_quadratic,
    write=_write_quadratic,
    count=_counter("quadratic", _add_numbers, weighted=False),
    describe=describe,
    prefers=_prefers_number,
    weighted=False,
    rule=f"Votes for or against each option; n votes cost n² of {VOICE_CREDITS} voice "
    "credits; most votes win, if more than 0. Not named: no vote. Delegated votes do "
    f"not count. {_TIE}",
)
