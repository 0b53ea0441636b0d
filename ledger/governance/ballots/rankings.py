"""Reading and writing rankings.

    strict   ["a", "c", "b"]          each place one option: instant-runoff, STV
    shared   [["a"], ["b", "c"]]      options of one place are equal: Schulze

From first to last, each option at most once, at least one; null is a blank ballot.
Options may be left out; each method says what that means.
"""

from typing import Any

from ledger.governance.ballots.marks import read_option
from ledger.governance.ballots.method import Choice, Options
from ledger.governance.ballots.pairs import members
from ledger.governance.body import refuse


def read_strict(value: Any, options: Options) -> Choice:
    """A ranking without shared places.

    Raises:
        RejectedError: `invalid-act`: another form. Nothing was recorded, here and below.
    """
    if value is None:
        return None
    if type(value) is not list or not 1 <= len(value) <= len(options):
        raise refuse("a choice is a list of options from first to last, or null")
    places = tuple(read_option(item, options) for item in value)
    if len(set(places)) != len(places):
        raise refuse("a choice ranks each option at most once")
    return places


def write_strict(choice: Choice, options: Options) -> Any:
    """As `read_strict` reads it."""
    if type(choice) is not tuple:
        return None
    return [options[at] for place in choice for at in members(place)]


def read_shared(value: Any, options: Options) -> Choice:
    """A ranking whose places may be shared."""
    if value is None:
        return None
    if (
        type(value) is not list
        or not 1 <= len(value) <= len(options)
        or not all(type(place) is list and place for place in value)
        or sum(map(len, value)) > len(options)
    ):
        raise refuse(
            "a choice is a list of places from first to last, each a list of options, "
            "or null"
        )
    places = tuple(
        tuple(sorted(read_option(item, options) for item in place)) for place in value
    )
    named = [at for place in places for at in place]
    if len(set(named)) != len(named):
        raise refuse("a choice ranks each option at most once")
    return places


def write_shared(choice: Choice, options: Options) -> Any:
    """As `read_shared` reads it."""
    if type(choice) is not tuple:
        return None
    return [[options[at] for at in members(place)] for place in choice]
