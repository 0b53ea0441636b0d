"""A ballot's choice from the words of a command line, held against its own proposal."""

from collections.abc import Sequence
from typing import Any, Final

from api.member.client import plain
from ledger.errors import MalformedError, RejectedError
from ledger.governance.assembly.proposal import Proposal
from ledger.governance.assembly.voting import option_codes
from ledger.governance.ballots.methods import METHODS
from ledger.limits import BALLOT_SCORE_MAX, VOICE_CREDITS

_RANKED: Final = ("codes from first to last, with spaces between", "{b} {a}")
_SHARED: Final = (
    "codes from first to last, spaces between, and = where two share a place",
    "{b} {a}",
)
_FORMS: Final = {
    "yesno": ("yes, no, abstain or objection", "yes"),
    "single": ("one code", "{a}"),
    "approval": ("the codes you approve, with spaces between", "{a} {b}"),
    "score": (f"CODE=NUMBER of each, 0 to {BALLOT_SCORE_MAX}", "{a}=9 {b}=3"),
    "quadratic": (
        f"CODE=NUMBER of each; the squares are at most {VOICE_CREDITS} together",
        "{a}=9 {b}=-3",
    ),
}


def read_choice(proposal: Proposal, words: Sequence[str]) -> Any:
    """The JSON of a choice, from the words of the command line.

    Raises:
        MalformedError: no choice of this proposal's; says its form and codes. Nothing
            was signed.
    """
    method = proposal.content.ballot["method"]
    try:
        choice = _choice(method, words)
        METHODS[method].read(choice, option_codes(proposal))
    except MalformedError as error:
        raise MalformedError(f"{error}. {_form(proposal)}") from error
    except RejectedError as error:
        reason = str(error).removeprefix("the act's body is refused: ")
        raise MalformedError(f"{reason}. {_form(proposal)}") from error
    return choice


def _choice(method: str, words: Sequence[str]) -> Any:
    if method == "yesno":
        return _single(words)
    if list(words) == ["blank"]:
        return None
    if method == "single":
        return _single(words)
    if method in {"score", "quadratic"}:
        return dict(map(_points, words))
    if _shares_places(method):
        return [place.split("=") for place in words]
    return list(words)


def _shares_places(method: str) -> bool:
    return METHODS[method].read is METHODS["schulze"].read


def _single(words: Sequence[str]) -> str:
    if len(words) != 1:
        raise MalformedError(
            f"this ballot takes one choice, and {len(words)} are given"
        )
    return words[0]


def _points(word: str) -> tuple[str, int]:
    code, equals, number = word.partition("=")
    try:
        if equals:
            return code, int(number)
    except ValueError:
        pass
    raise MalformedError("this ballot gives options numbers, as CODE=NUMBER")


def _form(proposal: Proposal) -> str:
    """How to choose here, with an example, and among what."""
    method, options = proposal.content.ballot["method"], proposal.content.options
    ranked = _SHARED if _shares_places(method) else _RANKED
    form, example = _FORMS.get(method, ranked)
    if not options:
        return f"Choose {form}: counterfoil vote {proposal.key[:12]} {example}"
    shown = example.format(a=options[0].option, b=options[1].option)
    named = ", ".join(f"{one.option} ({plain(one.title)})" for one in options)
    return (
        f"Choose {form}: counterfoil vote {proposal.key[:12]} {shown}; or blank. "
        f"The codes: {named}"
    )
