r"""What people decided about say, and who reviews: bodies, read and typed.

    receipt.claim     {"receipt": R, "key": did, "seal_key", "proof": base64}
    contest.open      {"receipt": R, "seal_key", "tag", "boxes": [{"to": did, "box"}],
                       "statement": P, "attachments": [P, up to 5]}
    case.say          {"contest", "statement": P, "attachments": [P, up to 5]}
    case.share        {"contest", "boxes": [{"to", "box"}, one at least]}
    contest.withdraw, contest.settle, review.take, review.release   {"contest"}
    review.conclude   {"contest", "conclusion": "upheld|changed|withdrawn",
                       "reasons": P, "looked_at": [code, one at least],
                       "corrected": R or null}
    grant.give        {"receipt": R, "to": did, "purpose": "review|audit|help|research",
                       "until": RFC 3339, "wrapped": box or null}
    grant.end         {"grant"}
    grant.read        {"grant", "decision": uuid}
    helper.name       {"receipt": R, "helper": did, "scope": ["contest|read|grant|erase",
                       one at least], "until": RFC 3339}
    helper.end        {"decision", "helper": did}
    erasure.ask       {"receipt": R}              erasure.withdraw  {"decision"}
    reissue.stop      {"receipt": R}

    R = {"id": uuid, "index", "leaf": base64, "proof": [base64]}
    P = {"digest", "part"}: base64url of 32 bytes each
    box = base64url of 80 bytes; seal_key, tag: base64url of 32 bytes

`proof` of a claim: see `ledger.entries.case`. Names of acts, members and codes never
change.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from ledger.canonical import parse_base64url
from ledger.entries.case import BOX_BYTES
from ledger.entries.disclosure import SLOTS
from ledger.errors import MalformedError
from ledger.governance.body import (
    Body,
    check_members,
    read_choice,
    read_list,
    refuse,
)
from ledger.governance.cases.contest import CONCLUSIONS, PartName
from ledger.governance.cases.kept import PURPOSES, SCOPES
from ledger.governance.people.bodies import read_did, read_signature, read_time
from ledger.governance.showing import Showing, read_showing
from ledger.governance.talk.bodies import read_hash
from ledger.ids import DecisionId, Did, is_uuid4
from ledger.limits import BOXES_ACT_MAX, CASE_ATTACHMENTS_MAX

# What a reviewer can have looked at beside the decision's own slots; never change.
AROUND: Final = ("statement", "attachments", "system", "rules", "person", "deployer")
LOOKED_AT: Final = (*SLOTS, *AROUND)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReceiptOf:
    """A receipt as an act shows it.

    Attributes:
        id: the decision it says to be of.
        showing: its leaf, and the proof of its place.
    """

    id: DecisionId
    showing: Showing


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimOf:
    """What `receipt.claim` says."""

    receipt: ReceiptOf
    key: Did
    seal_key: str
    proof: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageOf:
    """A statement and what is attached to it.

    Attributes:
        contest: "" where it opens one.
    """

    contest: str
    statement: PartName
    attachments: tuple[PartName, ...]

    @property
    def parts(self) -> tuple[PartName, ...]:
        """All of them."""
        return (self.statement, *self.attachments)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningOf:
    """What `contest.open` says."""

    receipt: ReceiptOf
    seal_key: str
    tag: str
    boxes: dict[Did, str]
    message: MessageOf


@dataclass(frozen=True, slots=True)
class BoxesOf:
    """What `case.share` says."""

    contest: str
    boxes: dict[Did, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConclusionOf:
    """What `review.conclude` says."""

    contest: str
    conclusion: str
    reasons: PartName
    looked_at: tuple[str, ...]
    corrected: ReceiptOf | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantOf:
    """What `grant.give` says."""

    receipt: ReceiptOf
    to: Did
    purpose: str
    until_ms: int
    wrapped: str | None


@dataclass(frozen=True, slots=True)
class ReadOf:
    """What `grant.read` says."""

    grant: str
    decision: DecisionId


@dataclass(frozen=True, slots=True, kw_only=True)
class HelperOf:
    """What `helper.name` says; `scope` in the order of `SCOPES`."""

    receipt: ReceiptOf
    helper: Did
    scope: tuple[str, ...]
    until_ms: int


@dataclass(frozen=True, slots=True)
class HelperEnd:
    """What `helper.end` says."""

    decision: DecisionId
    helper: Did


# ---- members ----------------------------------------------------------------------


def read_decision(body: Body, name: str = "decision") -> DecisionId:
    """A decision's id.

    Raises:
        RejectedError: `invalid-act`, as every function here. Nothing was recorded.
    """
    text = body[name]
    if type(text) is not str or not is_uuid4(text):
        raise refuse(f"{name} is a decision's id")
    return DecisionId(text)


def _object(body: Body, name: str) -> Body:
    value = body[name]
    if type(value) is not dict:
        raise refuse(f"{name} is an object")
    return value


def _receipt(body: Body, name: str = "receipt") -> ReceiptOf:
    shown = _object(body, name)
    check_members(shown, ("id", "index", "leaf", "proof"))
    return ReceiptOf(read_decision(shown, "id"), read_showing(shown))


def _part(value: Any, name: str) -> PartName:
    if type(value) is not dict:
        raise refuse(f"{name} is an object of digest and part")
    check_members(value, ("digest", "part"))
    return PartName(read_hash(value, "digest"), read_hash(value, "part"))


def _items(
    body: Body, name: str, read: Callable[[Any, str], T], most: int
) -> tuple[T, ...]:
    items = body[name]
    if type(items) is not list or len(items) > most:
        raise refuse(f"{name} is a list of up to {most:,}")
    return tuple(read(item, f"each of {name}") for item in items)


def _box(body: Body, name: str) -> str:
    text = body[name]
    try:
        if type(text) is str and parse_base64url(text, length=BOX_BYTES):
            return text
    except MalformedError:
        pass
    raise refuse(f"{name} is base64url of {BOX_BYTES} bytes")


def _boxed(value: Any, name: str) -> tuple[Did, str]:
    if type(value) is not dict:
        raise refuse(f"{name} is an object of to and box")
    check_members(value, ("to", "box"))
    return read_did(value, "to"), _box(value, "box")


def _boxes(body: Body, least: int = 0) -> dict[Did, str]:
    boxes = _items(body, "boxes", _boxed, BOXES_ACT_MAX)
    found = dict(boxes)
    if len(found) != len(boxes) or len(found) < least:
        raise refuse(f"boxes are {least} at least, and one for each that has one")
    return found


def _message(body: Body, contest: str) -> MessageOf:
    return MessageOf(
        contest=contest,
        statement=_part(body["statement"], "statement"),
        attachments=_items(body, "attachments", _part, CASE_ATTACHMENTS_MAX),
    )


def _codes(body: Body, name: str, codes: tuple[str, ...]) -> tuple[str, ...]:
    """Some of these codes, one at least, in this order."""
    found = read_list(body, name, codes.__contains__)
    if not found:
        raise refuse(f"{name} has one at least of {', '.join(codes)}")
    return tuple(code for code in codes if code in found)


# ---- bodies -----------------------------------------------------------------------


def read_claim(body: Body) -> ClaimOf:
    """The body of a `receipt.claim`."""
    check_members(body, ("receipt", "key", "seal_key", "proof"))
    return ClaimOf(
        receipt=_receipt(body),
        key=read_did(body, "key"),
        seal_key=read_hash(body, "seal_key"),
        proof=read_signature(body, "proof"),
    )


def read_opening(body: Body) -> OpeningOf:
    """The body of a `contest.open`."""
    names = ("receipt", "seal_key", "tag", "boxes", "statement", "attachments")
    check_members(body, names)
    return OpeningOf(
        receipt=_receipt(body),
        seal_key=read_hash(body, "seal_key"),
        tag=read_hash(body, "tag"),
        boxes=_boxes(body),
        message=_message(body, ""),
    )


def read_message(body: Body) -> MessageOf:
    """The body of a `case.say`."""
    check_members(body, ("contest", "statement", "attachments"))
    return _message(body, read_hash(body, "contest"))


def read_boxes(body: Body) -> BoxesOf:
    """The body of a `case.share`."""
    check_members(body, ("contest", "boxes"))
    return BoxesOf(read_hash(body, "contest"), _boxes(body, 1))


def read_contest(body: Body) -> str:
    """The contest alone."""
    check_members(body, ("contest",))
    return read_hash(body, "contest")


def read_conclusion(body: Body) -> ConclusionOf:
    """The body of a `review.conclude`."""
    names = ("contest", "conclusion", "reasons", "looked_at", "corrected")
    check_members(body, names)
    corrected = body["corrected"]
    return ConclusionOf(
        contest=read_hash(body, "contest"),
        conclusion=read_choice(body, "conclusion", CONCLUSIONS),
        reasons=_part(body["reasons"], "reasons"),
        looked_at=_codes(body, "looked_at", LOOKED_AT),
        corrected=None if corrected is None else _receipt(body, "corrected"),
    )


def read_grant(body: Body) -> GrantOf:
    """The body of a `grant.give`."""
    check_members(body, ("receipt", "to", "purpose", "until", "wrapped"))
    return GrantOf(
        receipt=_receipt(body),
        to=read_did(body, "to"),
        purpose=read_choice(body, "purpose", PURPOSES),
        until_ms=read_time(body, "until"),
        wrapped=None if body["wrapped"] is None else _box(body, "wrapped"),
    )


def read_grant_id(body: Body) -> str:
    """The body of a `grant.end`."""
    check_members(body, ("grant",))
    return read_hash(body, "grant")


def read_read(body: Body) -> ReadOf:
    """The body of a `grant.read`."""
    check_members(body, ("grant", "decision"))
    return ReadOf(read_hash(body, "grant"), read_decision(body))


def read_helper(body: Body) -> HelperOf:
    """The body of a `helper.name`."""
    check_members(body, ("receipt", "helper", "scope", "until"))
    return HelperOf(
        receipt=_receipt(body),
        helper=read_did(body, "helper"),
        scope=_codes(body, "scope", SCOPES),
        until_ms=read_time(body, "until"),
    )


def read_helper_end(body: Body) -> HelperEnd:
    """The body of a `helper.end`."""
    check_members(body, ("decision", "helper"))
    return HelperEnd(read_decision(body), read_did(body, "helper"))


def read_receipt(body: Body) -> ReceiptOf:
    """A receipt alone."""
    check_members(body, ("receipt",))
    return _receipt(body)


def read_decision_alone(body: Body) -> DecisionId:
    """A decision alone."""
    check_members(body, ("decision",))
    return read_decision(body)
