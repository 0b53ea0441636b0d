"""Plans of what a person says in a contest: opening it, saying more, sharing it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from api.member.acting import Desk, Plan
from api.member.case import (
    Writing,
    box_for,
    boxes_for,
    find_case_key,
    own_boxes,
    reviewing_keys,
)
from api.member.voice import Voice, check_recorded, shown
from api.member.words import act_in_words
from ledger.canonical import format_base64url, parse_base64url
from ledger.entries.case import CASE_KEY_BYTES, derive_case
from ledger.entries.codec import decode_entry
from ledger.entries.entry import DecisionRecorded
from ledger.entries.hpke import public_of
from ledger.entries.receipt import Receipt
from ledger.entries.secret import derive
from ledger.errors import MalformedError, NotFoundError
from ledger.governance.cases.contest import Contest
from ledger.governance.cases.contesting import open_by
from ledger.governance.cases.room import NO_HELPERS
from ledger.ids import DecisionId, Did

_SEAL_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a person says when they contest.

    Attributes:
        ground: one of `GROUNDS`.
        text: in their words.
        fields: (name, what is wrong with it).
        files: attached.
    """

    ground: str
    text: str
    fields: Sequence[tuple[str, str]]
    files: Sequence[Path]


def decision_in(receipt: Receipt) -> DecisionRecorded:
    """The decision that a receipt is of.

    Raises:
        MalformedError: it is of something else.
    """
    entry = decode_entry(receipt.leaf)
    if not isinstance(entry, DecisionRecorded):
        raise MalformedError("only a decision's receipt can do this")
    return entry


async def plan_opening(
    desk: Desk, voice: Voice, receipt: Receipt, said: Statement
) -> Plan:
    """Contest a decision: what is said goes to the reviewers in office, encrypted.

    Raises:
        MalformedError, NotFoundError, RejectedError: it cannot be said so, or not here.
    """
    check_recorded(desk, voice, receipt)
    entry = decision_in(receipt)
    case_key = secrets.token_bytes(CASE_KEY_BYTES)
    seal_secret = secrets.token_bytes(_SEAL_BYTES)
    writing = Writing(case_key, [])
    about = (receipt.id, receipt.genesis)
    reviewers = reviewing_keys(desk.state, entry.statement.system)
    claim = voice.claim
    seal_key = (
        format_base64url(public_of(seal_secret)) if claim is None else (claim.seal_key)
    )
    body = {
        "receipt": await shown(desk, receipt),
        "seal_key": seal_key,
        "tag": derive_case(case_key).tag_digest,
        "boxes": [
            *boxes_for(case_key, reviewers, about),
            *own_boxes(case_key, voice, about),
            *_persons_box(desk, voice, receipt, case_key),
        ],
        "statement": writing.part("statement", _value(said, entry, receipt)),
        "attachments": writing.attached(said.files),
    }
    words = act_in_words(desk.state, "contest.open", body)
    words[1:] = [
        f"ground  {said.ground}",
        f"text    {said.text}",
        *(f"field   {name}: {text}" for name, text in said.fields),
        *(f"file    {file}" for file in said.files),
        _readers(len(reviewers)),
    ]
    if voice.by_secret:
        words.append(
            "Signed with the receipt's own key: whoever decided may have it too, and "
            "could withdraw this. `counterfoil claim` first is safer."
        )
    return Plan(
        act="contest.open",
        body=body,
        words=words,
        parts=writing.blobs,
        private={
            "decision": receipt.id,
            "case_key": format_base64url(case_key),
            "seal_secret": format_base64url(seal_secret),
        },
        next=[f"counterfoil contest show {receipt.id} --receipt RECEIPT"],
    )


def _readers(count: int) -> str:
    if not count:
        return (
            "No reviewer is in office who is apart from this system: share it with "
            "`counterfoil contest share` when there is one."
        )
    keys = "one key" if count == 1 else f"{count} keys"
    return f"Readable for {keys} of reviewers in office, and for nobody else."


def _value(
    said: Statement, entry: DecisionRecorded, receipt: Receipt
) -> dict[str, Any]:
    value: dict[str, Any] = {"ground": said.ground, "text": said.text}
    if said.fields:
        value["fields"] = [{"field": name, "text": text} for name, text in said.fields]
    if entry.signature is not None and receipt.secret is not None:
        # The ledger has no key to this decision: the reviewer gets it from here.
        value["dek"] = format_base64url(derive(receipt.secret).dek)
    return value


def _persons_box(
    desk: Desk, voice: Voice, receipt: Receipt, case_key: bytes
) -> list[dict[str, str]]:
    """Where a helper contests: a box for the person, to the claim that named them."""
    cases, decision = desk.state.cases, DecisionId(receipt.id)
    helper = cases.helpers.get(decision, NO_HELPERS).get(voice.key.did)
    claims = cases.claims.get(decision)
    if helper is None or claims is None or helper.by not in claims.keys:
        return []
    recipient = parse_base64url(claims.keys[helper.by].seal_key)
    return [box_for(case_key, helper.by, recipient, (receipt.id, receipt.genesis))]


def mine(desk: Desk, voice: Voice, receipt: Receipt) -> Contest:
    """The contest of this decision that the voice has open.

    Raises:
        NotFoundError: none.
    """
    found = open_by(desk.state.cases, DecisionId(receipt.id), voice.key.did)
    if found is None:
        raise NotFoundError(
            "not-found", "this key has no contest of this decision that is open"
        )
    return found


def plan_saying(
    desk: Desk, voice: Voice, contest: Contest, text: str, files: Sequence[Path]
) -> Plan:
    """A further message, by the person or by the reviewer.

    Raises:
        MalformedError, NotFoundError: it cannot be said so, or the case's key is not here.
    """
    writing = Writing(find_case_key(contest, voice, desk.met.genesis), [])
    body = {
        "contest": contest.id,
        "statement": writing.part("message", {"text": text}),
        "attachments": writing.attached(files),
    }
    words = act_in_words(desk.state, "case.say", body)
    words[1:] = [f"text    {text}", *(f"file    {file}" for file in files)]
    return Plan(act="case.say", body=body, words=words, parts=writing.blobs)


def plan_sharing(
    desk: Desk, voice: Voice, contest: Contest, keys: Sequence[str]
) -> Plan:
    """The case's key for these keys, or for reviewers in office who have none.

    Raises:
        NotFoundError: everybody has it, or it is not here.
    """
    case_key = find_case_key(contest, voice, desk.met.genesis)
    wanted = [Did(one) for one in keys] or [
        key
        for key in reviewing_keys(desk.state, contest.system)
        if key not in contest.boxes
    ]
    boxes = boxes_for(case_key, wanted, (contest.decision, desk.met.genesis))
    if not boxes:
        raise NotFoundError("not-found", "every reviewer in office has a box")
    body = {"contest": contest.id, "boxes": boxes}
    words = act_in_words(desk.state, "case.share", body)
    words[1:] = [f"for {box['to']}" for box in boxes]
    return Plan(act="case.share", body=body, words=words)
