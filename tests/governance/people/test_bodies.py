"""Every act and action about people, with each member missing, mistyped and oversize."""

from typing import Any

import pytest

from ledger.canonical import format_base64url
from ledger.errors import RejectedError
from ledger.governance.actions import ACTIONS
from ledger.governance.people import actions, acts
from tests.entries.passkeys import Authenticator
from tests.governance.people.world import (
    ANN,
    BOB,
    CAT,
    CONSENT,
    EVE,
    World,
    key,
    new_key,
)
from tests.governance.world import FOUNDER

UNTIL = "2027-06-01T00:00:00Z"
PASSKEY = Authenticator(3)

# One body of each that has its form, whatever the state says to it.
BODIES: dict[str, dict[str, Any]] = {
    "member.apply": CONSENT,
    "application.withdraw": {},
    "member.vouch": {"applicant": EVE.did},
    "vouch.withdraw": {"applicant": EVE.did},
    "member.admit": {"applicant": EVE.did},
    "member.exit": {},
    "key.add": new_key(key(9), FOUNDER),
    "key.rotate": new_key(key(9), FOUNDER),
    "key.revoke": {"key": FOUNDER.did},
    "recovery.set": {"contacts": [ANN.did, BOB.did, CAT.did], "threshold": 2},
    "recovery.approve": {"member": ANN.did, **new_key(key(9), ANN)},
    "recovery.stop": {},
    "passkey.enroll": PASSKEY.enrolment(b"x" * 32),
    "passkey.revoke": {"credential": PASSKEY.credential},
    "delegation.set": {"to": ANN.did, "scope": "all", "until": UNTIL, "reason": None},
    "delegation.revoke": {"scope": "all"},
    "role.resign": {"role": "auditor"},
}
ACTION_BODIES: dict[str, dict[str, Any]] = {
    "member.admit": {"applicant": EVE.did},
    "member.remove": {"member": ANN.did},
    "role.appoint": {"role": "auditor", "member": ANN.did, "until": UNTIL},
    "role.recall": {"role": "auditor", "member": ANN.did},
}
MISTYPED: tuple[Any, ...] = (
    True,
    7,
    "",
    "x y",
    "é",
    {},
    {"issuer": 1, "sig": ""},
    {"issuer": ANN.did, "sig": "AAAA"},
    {"issuer": ANN.did},
    [],
    [7],
    ["did:key:zNobody"],
    "did:key:zNobody",
    "A" * 5_000,
    "AA==",
    "2027-02-30T00:00:00Z",
    "system:",
    f"system:{'a' * 65}",
)
# What a member of this name may be beside what it is in the table above.
ALSO: dict[str, tuple[Any, ...]] = {"contacts": ([],)}


def test_the_tables_are_whole() -> None:
    assert BODIES.keys() == acts.ACTS.keys()
    assert ACTION_BODIES.keys() == actions.ACTIONS.keys()


def bad_bodies(good: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = {"one more": good | {"more": 1}}
    for name, value in good.items():
        found[f"no {name}"] = {key: good[key] for key in good if key != name}
        for number, other in enumerate(MISTYPED):
            if other not in ALSO.get(name, ()):
                found[f"{name} mistyped {number}"] = good | {name: other}
        if value is not None:
            found[f"{name} null"] = good | {name: None}
    return found


CASES = [
    pytest.param(name, body, id=f"{name}: {why}")
    for name, good in BODIES.items()
    for why, body in bad_bodies(good).items()
]
ACTION_CASES = [
    pytest.param(name, body, id=f"{name}: {why}")
    for name, good in ACTION_BODIES.items()
    for why, body in bad_bodies(good).items()
]
# Has the form of base64url or a scope, and the state refuses it.
OF_THE_STATE = frozenset(
    {"passkey-refused", "unknown-scope", "unknown-passkey", "unknown-delegation"}
)


@pytest.mark.parametrize(("act", "body"), CASES)
def test_bad_bodies_of_acts(act: str, body: dict[str, Any]) -> None:
    world = World()
    by = EVE if act in {"member.apply", "application.withdraw"} else FOUNDER
    kind = world.refuses(act, by, **body)
    assert kind == "invalid-act" or kind in OF_THE_STATE


@pytest.mark.parametrize(("action", "body"), ACTION_CASES)
def test_bad_bodies_of_actions(action: str, body: dict[str, Any]) -> None:
    with pytest.raises(RejectedError) as caught:
        ACTIONS[action].read(body)
    assert caught.value.kind == "invalid-act"


@pytest.mark.parametrize("act", BODIES)
def test_whole_bodies_are_read(act: str) -> None:
    acts.ACTS[act].read(BODIES[act])
    if act in ACTION_BODIES:
        ACTIONS[act].read(ACTION_BODIES[act])


@pytest.mark.parametrize("act", sorted(BODIES.keys() - {"member.apply"}))
def test_a_stranger_may_do_none_of_it(act: str) -> None:
    kind = World().refuses(act, EVE, **BODIES[act])
    assert kind == (
        "unknown-application" if act == "application.withdraw" else "forbidden"
    )


def test_bounds_of_contacts() -> None:
    world = World()
    many = [key(number).did for number in range(50, 71)]
    for contacts, threshold in (
        ([ANN.did], 1),
        ([ANN.did, BOB.did], 1),
        ([ANN.did, BOB.did], 3),
        ([ANN.did, ANN.did], 2),
        (many, 2),
        ([], 1),
    ):
        body = {"contacts": contacts, "threshold": threshold}
        assert world.refuses("recovery.set", FOUNDER, **body) == "invalid-act"


def test_a_reason_is_a_digest() -> None:
    good = BODIES["delegation.set"] | {"reason": format_base64url(bytes(32))}
    acts.ACTS["delegation.set"].read(good)
    for reason in (format_base64url(bytes(31)), "because", format_base64url(bytes(33))):
        with pytest.raises(RejectedError):
            acts.ACTS["delegation.set"].read(good | {"reason": reason})
