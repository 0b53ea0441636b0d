"""What members say about proposals, read and typed.

    comment.add     {"proposal": key, "digest", "kind": "comment|suggestion",
                     "degree": "must|should|should-not|must-not" | null,
                     "replies_to": comment | null}
    comment.agree   {"comment", "vote": 1 | 0 | -1}
    comment.flag    {"comment", "reason": code | null}

A suggestion has a degree and a comment has none. `digest` is base64url(SHA-256) of a
Disclosure in the slot "comment" (`ledger.entries.saying`). A flag without a reason takes
the member's own flag away. Names of acts, members and codes never change.
"""

from dataclasses import dataclass
from typing import Final

from ledger.canonical import parse_base64url
from ledger.errors import MalformedError
from ledger.governance.body import Body, check_members, read_choice, refuse
from ledger.governance.talk.consensus import AGREE, DISAGREE, PASS
from ledger.governance.talk.room import COMMENT, SUGGESTION

DEGREES: Final = ("must", "should", "should-not", "must-not")
FLAGS: Final = ("abuse", "illegal", "off-topic", "private-data", "spam")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A comment to be added."""

    proposal: str
    digest: str
    kind: str
    degree: str | None
    replies_to: str | None


@dataclass(frozen=True, slots=True)
class AnswerTo:
    """A member's agreement with a comment."""

    comment: str
    vote: int


@dataclass(frozen=True, slots=True)
class FlagOf:
    """A member's flag on a comment; no reason takes it away."""

    comment: str
    reason: str | None


def read_hash(body: Body, name: str) -> str:
    """The base64url of 32 bytes: a key, a digest, or the id of an act.

    Raises:
        RejectedError: `invalid-act`, as every function here.
    """
    text = body[name]
    try:
        parse_base64url(text if type(text) is str else "", length=32)
    except MalformedError:
        raise refuse(f"{name} is 43 letters of base64url") from None
    return str(text)


def read_said(body: Body) -> Said:
    """The body of a `comment.add`."""
    check_members(body, ("proposal", "digest", "kind", "degree", "replies_to"))
    kind = read_choice(body, "kind", (COMMENT, SUGGESTION))
    if kind == COMMENT and body["degree"] is not None:
        raise refuse("degree is null for a comment: only a suggestion has one")
    return Said(
        proposal=read_hash(body, "proposal"),
        digest=read_hash(body, "digest"),
        kind=kind,
        degree=read_choice(body, "degree", DEGREES) if kind == SUGGESTION else None,
        replies_to=(
            None if body["replies_to"] is None else read_hash(body, "replies_to")
        ),
    )


def read_answer(body: Body) -> AnswerTo:
    """The body of a `comment.agree`."""
    check_members(body, ("comment", "vote"))
    vote = body["vote"]
    if type(vote) is not int or vote not in {AGREE, PASS, DISAGREE}:
        raise refuse("vote is 1 to agree, 0 to pass, -1 to disagree")
    return AnswerTo(read_hash(body, "comment"), vote)


def read_flag(body: Body) -> FlagOf:
    """The body of a `comment.flag`."""
    check_members(body, ("comment", "reason"))
    reason = None if body["reason"] is None else read_choice(body, "reason", FLAGS)
    return FlagOf(read_hash(body, "comment"), reason)
