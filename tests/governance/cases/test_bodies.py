"""Every act and action about cases, each member missing, mistyped, oversize, one too many."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from ledger.errors import RejectedError
from ledger.governance.actions import ACTIONS
from ledger.governance.cases import actions, acts
from ledger.governance.cases.bodies import LOOKED_AT
from ledger.ids import is_code
from tests.governance.acting import ODD
from tests.governance.cases.desk import NGO, new_desk, part_of, text_of, uuid_of

DESK = new_desk()
HELD = DESK.decide(1)
R = DESK.receipt(HELD)
P = part_of(1)
C = text_of(1, "contest")
UNTIL = "2027-02-01T00:00:00Z"
BOX = {"to": NGO.did, "box": text_of(1, "box", 80)}
SAID = {"statement": P, "attachments": [part_of(2)]}

# One body of each that has its form, whatever the state says to it.
BODIES: dict[str, dict[str, Any]] = {
    "receipt.claim": {
        "receipt": R,
        "key": NGO.did,
        "seal_key": text_of(1, "seal"),
        "proof": "A" * 86 + "==",
    },
    "helper.name": {
        "receipt": R,
        "helper": NGO.did,
        "scope": ["contest"],
        "until": UNTIL,
    },
    "helper.end": {"decision": HELD.id, "helper": NGO.did},
    "contest.open": {
        "receipt": R,
        "seal_key": text_of(1, "seal"),
        "tag": text_of(1, "tag"),
        "boxes": [BOX],
        **SAID,
    },
    "case.say": {"contest": C, **SAID},
    "case.share": {"contest": C, "boxes": [BOX]},
    "contest.withdraw": {"contest": C},
    "contest.settle": {"contest": C},
    "review.take": {"contest": C},
    "review.release": {"contest": C},
    "review.conclude": {
        "contest": C,
        "conclusion": "upheld",
        "reasons": P,
        "looked_at": ["person"],
        "corrected": R,
    },
    "grant.give": {
        "receipt": R,
        "to": NGO.did,
        "purpose": "audit",
        "until": UNTIL,
        "wrapped": BOX["box"],
    },
    "grant.end": {"grant": C},
    "grant.read": {"grant": C, "decision": HELD.id},
    "erasure.ask": {"receipt": R},
    "erasure.withdraw": {"decision": HELD.id},
    "reissue.stop": {"receipt": R},
}
ACTION_BODIES: dict[str, dict[str, Any]] = {
    "legal_hold.set": {"system": "example", "decision": None, "reason": "court"},
    "legal_hold.lift": {"system": None, "decision": HELD.id},
}
# Odd values beside those that no body has, and where they are in form after all.
MORE: tuple[Any, ...] = (
    None,
    7,
    [],
    "did:key:zNobody",
    "2027-02-30T00:00:00Z",
    text_of(1, "short", 31),
    text_of(1, "box", 79),
    C + "=",
    "A" * 42 + "B",  # stray bits
    HELD.id.upper(),
    "0b0f7d0e-3c5a-7f7e-8a59-2f4f0e8b9c11",
    "not-a-choice",
)
CODES = tuple(one for one in MORE if type(one) is str and is_code(one))
FITS: dict[tuple[str, ...], tuple[Any, ...]] = {
    ("boxes",): ([],),
    ("attachments",): ([],),
    ("corrected",): (None,),
    ("wrapped",): (None,),
    ("corrected", "index"): (7, 10**15),
    ("receipt", "index"): (7, 10**15),
    ("receipt", "proof"): ([],),
    ("corrected", "proof"): ([],),
    ("receipt", "leaf"): ("", C + "="),
    ("corrected", "leaf"): ("", C + "="),
    ("reason",): CODES,
    ("system",): CODES,  # where no decision is named beside it
}


def test_the_tables_are_whole() -> None:
    assert BODIES.keys() == acts.ACTS.keys()
    assert ACTION_BODIES.keys() == actions.ACTIONS.keys()


def paths(body: dict[str, Any], above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every member, and the members of those that are objects."""
    found = []
    for name, value in body.items():
        found.append((*above, name))
        if isinstance(value, dict):
            found += paths(value, (*above, name))
    return found


def with_member(
    body: dict[str, Any], path: tuple[str, ...], **to: Any
) -> dict[str, Any]:
    """The body with one member set, or gone where nothing is said."""
    other = deepcopy(body)
    inner = other
    for name in path[:-1]:
        inner = inner[name]
    if to:
        inner[path[-1]] = to["value"]
    else:
        del inner[path[-1]]
    return other


def odd_bodies(body: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    found = [("one too many", {**body, "extra": 1})]
    for path in paths(body):
        told = ".".join(path)
        found.append((f"no {told}", with_member(body, path)))
        fits = FITS.get(path, ())
        found += [
            (f"{told} is {str(odd)[:24]!r}", with_member(body, path, value=odd))
            for odd in (*ODD, *MORE)
            if not any(odd == fit and type(odd) is type(fit) for fit in fits)
        ]
        if isinstance(body.get(path[0]), dict) and len(path) == 2:
            extra = {**body[path[0]], "extra": 1}
            found.append((f"{path[0]} with more", {**body, path[0]: extra}))
    return [(told, odd) for told, odd in found if odd != body]


def kind_of(read: Callable[[dict[str, Any]], Any], body: dict[str, Any]) -> str:
    """The kind of the refusal; "" where it is read."""
    try:
        read(body)
    except RejectedError as error:
        return error.kind if "the act's body is refused" in str(error) else str(error)
    return ""


@pytest.mark.parametrize("name", BODIES)
def test_a_body_in_form_is_read(name: str) -> None:
    assert acts.ACTS[name].read(BODIES[name]) is not None


@pytest.mark.parametrize("name", BODIES)
def test_every_odd_body_is_refused(name: str) -> None:
    for told, body in odd_bodies(BODIES[name]):
        assert kind_of(acts.ACTS[name].read, body) == "invalid-act", told


@pytest.mark.parametrize("name", ACTION_BODIES)
def test_every_odd_action_is_refused(name: str) -> None:
    good = ACTION_BODIES[name]
    assert ACTIONS[name].read(good) is not None
    odd = [body for _, body in odd_bodies(good)]
    odd += [{**good, "system": None, "decision": None}]
    odd += [{**good, "system": "example", "decision": uuid_of(1)}]
    for body in odd:
        assert kind_of(ACTIONS[name].read, body) == "invalid-act", body


@pytest.mark.parametrize(
    ("name", "member", "value"),
    [
        ("contest.open", "attachments", [part_of(n) for n in range(6)]),
        ("contest.open", "boxes", [BOX, BOX]),
        ("contest.open", "boxes", [{"to": NGO.did}]),
        ("contest.open", "boxes", [{**BOX, "box": text_of(1, "box", 81)}]),
        ("contest.open", "boxes", [{**BOX, "to": "did:web:example"}]),
        ("contest.open", "boxes", [BOX] * 101),
        ("contest.open", "attachments", [{"digest": P["digest"]}]),
        ("contest.open", "attachments", [P, 1]),
        ("case.share", "boxes", []),
        ("review.conclude", "looked_at", []),
        ("review.conclude", "looked_at", ["person", "person"]),
        ("review.conclude", "looked_at", ["salary"]),
        ("review.conclude", "conclusion", "settled"),
        ("helper.name", "scope", []),
        ("helper.name", "scope", ["vote"]),
        ("helper.name", "scope", ["read", "read"]),
        ("grant.give", "purpose", "marketing"),
        ("receipt.claim", "receipt", {**R, "proof": [R["leaf"][:44]] * 64}),
        ("receipt.claim", "receipt", {**R, "index": -1}),
        ("receipt.claim", "receipt", {**R, "index": True}),
        ("receipt.claim", "receipt", {**R, "leaf": "not base64"}),
    ],
)
def test_lists_and_choices_have_bounds(name: str, member: str, value: object) -> None:
    body = {**BODIES[name], member: value}
    assert kind_of(acts.ACTS[name].read, body) == "invalid-act"


def test_codes_come_back_in_their_own_order() -> None:
    body = {**BODIES["review.conclude"], "looked_at": ["person", "inputs", "outcome"]}
    read = acts.ACTS["review.conclude"].read(body)
    assert read.looked_at == ("outcome", "inputs", "person")
    assert set(read.looked_at) < set(LOOKED_AT)
    assert len(LOOKED_AT) == 22
