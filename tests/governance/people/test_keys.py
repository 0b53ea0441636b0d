"""Keys, their recovery, and passkeys: who may sign for whom."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.canonical import format_base64, format_base64url
from ledger.governance.people.electorate import member_of
from ledger.governance.people.passkeys import enrolment_challenge, rp_id_of
from ledger.governance.people.rights import community_of
from ledger.keys import SigningKey
from ledger.limits import MEMBER_KEYS_MAX, MEMBER_PASSKEYS_MAX
from tests.entries.passkeys import HOST, Authenticator, client_data
from tests.governance.people.world import (
    ANN,
    BOB,
    CAT,
    CONSENT,
    DAN,
    DAY_MS,
    World,
    key,
    new_key,
    proof,
)
from tests.governance.world import FOUNDER, GENESIS

SECOND, THIRD, THIEF = key(20), key(21), key(22)
CHALLENGE = enrolment_challenge(GENESIS, ANN.did)
PASSKEY = Authenticator(3)


def village() -> World:
    return World().found(ANN, BOB, CAT, DAN)


# ---- keys ----------------------------------------------------------------------------


def test_a_second_key_acts_for_the_same_member() -> None:
    world = village()
    world.do("key.add", ANN, **new_key(SECOND, ANN))
    assert member_of(world.people, SECOND.did) == ANN.did
    world.do("member.exit", SECOND)
    assert not world.belongs(ANN)
    assert member_of(world.people, ANN.did) is None


def test_a_rotated_key_acts_no_longer() -> None:
    world = village()
    world.do("key.rotate", ANN, **new_key(SECOND, ANN))
    assert world.refuses("member.exit", ANN) == "forbidden"
    assert world.refuses("member.apply", ANN, **CONSENT) == "forbidden"
    world.do("key.add", SECOND, **new_key(THIRD, ANN))
    assert list(world.people.members[ANN.did].public()["keys"]) == [
        ANN.did,
        SECOND.did,
        THIRD.did,
    ]


def test_the_last_key_stays() -> None:
    world = village()
    assert world.refuses("key.revoke", ANN, key=ANN.did) == "last-key"
    assert world.refuses("key.revoke", ANN, key=BOB.did) == "unknown-key"
    world.do("key.add", ANN, **new_key(SECOND, ANN))
    world.do("key.revoke", SECOND, key=ANN.did)
    assert world.refuses("key.revoke", SECOND, key=ANN.did) == "unknown-key"
    assert world.refuses("key.revoke", SECOND, key=SECOND.did) == "last-key"


def test_a_key_is_one_members_for_ever() -> None:
    world = village()
    world.do("key.rotate", ANN, **new_key(SECOND, ANN))
    for used in (ANN, SECOND, BOB):
        assert world.refuses("key.add", CAT, **new_key(used, CAT)) == "key-used"
    world.apply(THIRD)
    assert world.refuses("key.add", CAT, **new_key(THIRD, CAT)) == "key-used"
    assert world.refuses("member.apply", SECOND, **CONSENT) == "member-exists"


PROOFS: dict[str, str] = {
    "of another member": proof(SECOND, BOB),
    "of another key": proof(THIRD, ANN),
    "for another ledger": proof(SECOND, ANN, "A" * 43),
    "of the old key": format_base64(ANN.sign(b"counterfoil/v1/key\0")),
}


@pytest.mark.parametrize("name", PROOFS)
def test_a_new_key_proves_that_it_is_held(name: str) -> None:
    world = village()
    body = {"key": SECOND.did, "proof": PROOFS[name]}
    for act in ("key.add", "key.rotate"):
        assert world.refuses(act, ANN, **body) == "proof-does-not-hold"


def test_keys_are_bounded_over_life() -> None:
    world = village()
    for number in range(MEMBER_KEYS_MAX - 1):
        world.do("key.add", ANN, **new_key(key(200 + number), ANN))
    more = new_key(SECOND, ANN)
    assert world.refuses("key.add", ANN, **more) == "too-many-keys"


def test_who_comes_back_keeps_their_keys() -> None:
    world = village()
    world.do("key.rotate", ANN, **new_key(SECOND, ANN))
    world.do("member.exit", SECOND)
    assert world.refuses("member.apply", ANN, **CONSENT) == "forbidden"
    world.apply(SECOND)
    assert ANN.did in world.people.applications
    world.do("member.vouch", BOB, applicant=ANN.did)
    world.do("member.vouch", CAT, applicant=ANN.did)
    assert member_of(world.people, SECOND.did) == ANN.did


# ---- recovery ------------------------------------------------------------------------


def friends() -> World:
    world = village()
    contacts = [BOB.did, CAT.did, DAN.did]
    world.do("recovery.set", ANN, contacts=contacts, threshold=2)
    return world


def approve(world: World, by: SigningKey, new: SigningKey = SECOND) -> None:
    world.do("recovery.approve", by, member=ANN.did, **new_key(new, ANN))


def test_contacts_recover_a_member_after_the_delay() -> None:
    world = friends()
    world.do("passkey.enroll", ANN, **PASSKEY.enrolment(CHALLENGE))
    approve(world, BOB)
    assert not world.people.due
    approve(world, CAT)
    assert world.refuses(
        "recovery.approve", DAN, member=ANN.did, **new_key(SECOND, ANN)
    ) == ("recovery-runs")
    world.pass_time(3 * DAY_MS - 10)
    assert member_of(world.people, SECOND.did) is None
    world.pass_time(20)
    assert member_of(world.people, SECOND.did) == ANN.did
    assert member_of(world.people, ANN.did) is None
    assert world.people.members[ANN.did].passkeys[0].revoked_ms is not None
    assert not world.people.due
    assert not world.people.recoveries[ANN.did].approvals


def test_the_owner_stops_it_in_time() -> None:
    world = friends()
    assert world.refuses("recovery.stop", ANN) == "no-recovery"
    approve(world, BOB)
    approve(world, CAT)
    contacts = {"contacts": [BOB.did, DAN.did], "threshold": 2}
    assert world.refuses("recovery.set", ANN, **contacts) == "recovery-runs"
    world.do("recovery.stop", ANN)
    world.pass_time(4 * DAY_MS)
    assert member_of(world.people, SECOND.did) is None
    world.do("recovery.set", ANN, contacts=[], threshold=0)
    assert world.refuses(
        "recovery.approve", BOB, member=ANN.did, **new_key(SECOND, ANN)
    ) == ("forbidden")


def test_contacts_agree_on_one_key() -> None:
    world = friends()
    approve(world, BOB, SECOND)
    again = {"member": ANN.did, **new_key(SECOND, ANN)}
    assert world.refuses("recovery.approve", BOB, **again) == "already-approved"
    approve(world, CAT, THIEF)
    assert not world.people.due, "two contacts, two keys"
    approve(world, DAN, SECOND)
    assert world.people.recoveries[ANN.did].key == SECOND.did


def test_who_may_not_recover() -> None:
    world = friends()
    body = {"member": ANN.did, **new_key(SECOND, ANN)}
    assert world.refuses("recovery.approve", FOUNDER, **body) == "forbidden"
    assert world.refuses("recovery.approve", ANN, **body) == "forbidden"
    assert world.refuses("recovery.approve", BOB, **(body | {"member": CAT.did})) == (
        "forbidden"
    )
    stolen = {"member": ANN.did, "key": SECOND.did, "proof": proof(SECOND, BOB)}
    assert world.refuses("recovery.approve", BOB, **stolen) == "proof-does-not-hold"
    for contacts in ([ANN.did, BOB.did], [BOB.did, THIRD.did]):
        body = {"contacts": contacts, "threshold": 2}
        assert world.refuses("recovery.set", ANN, **body) == "unknown-member"


def test_a_contact_who_left_does_not_count() -> None:
    world = friends()
    approve(world, BOB)
    world.do("member.exit", BOB)
    approve(world, CAT)
    assert not world.people.due
    approve(world, DAN)
    assert world.people.due


def test_a_key_taken_meanwhile_recovers_nobody() -> None:
    world = friends()
    approve(world, BOB)
    approve(world, CAT)
    world.do("key.add", BOB, **new_key(SECOND, BOB))
    world.pass_time(4 * DAY_MS)
    assert member_of(world.people, SECOND.did) == BOB.did
    assert member_of(world.people, ANN.did) == ANN.did


def test_exit_ends_a_recovery() -> None:
    world = friends()
    approve(world, BOB)
    approve(world, CAT)
    world.do("member.exit", ANN)
    assert not world.people.due
    assert ANN.did not in world.people.recoveries


def test_a_thief_who_stops_the_recovery_is_voted_out() -> None:
    """Key theft: the thief holds the only key, and acts; the owner comes back."""
    world = friends()
    world.do("key.rotate", ANN, **new_key(THIEF, ANN))
    approve(world, BOB)
    approve(world, CAT)
    world.do("recovery.stop", THIEF)
    world.enact("member.remove", member=ANN.did)
    assert world.refuses("delegation.revoke", THIEF, scope="all") == "forbidden"
    world.apply(SECOND)
    world.do("member.vouch", BOB, applicant=SECOND.did)
    world.do("member.vouch", CAT, applicant=SECOND.did)
    assert member_of(world.people, SECOND.did) == SECOND.did
    assert member_of(world.people, THIEF.did) is None


# ---- passkeys ------------------------------------------------------------------------


@pytest.mark.parametrize("eddsa", [False, True], ids=["ES256", "EdDSA"])
def test_a_passkey_signs_in_its_members_name(eddsa: bool) -> None:
    world = village()
    passkey = Authenticator(4, eddsa=eddsa)
    act = world.sign("member.exit", {}, ANN, passkey=passkey)
    assert world.refuses_act(act) == "VerificationError"
    world.do("passkey.enroll", ANN, **passkey.enrolment(CHALLENGE))
    assert world.people.members[ANN.did].passkeys[0].rp_id == HOST
    other = world.sign("member.exit", {}, BOB, passkey=passkey)
    assert world.refuses_act(other) == "VerificationError"
    stranger = world.sign("member.apply", CONSENT, SECOND, passkey=passkey)
    assert world.refuses_act(stranger) == "VerificationError"
    world.record(world.sign("member.exit", {}, ANN, passkey=passkey))
    assert not world.belongs(ANN)


def test_a_revoked_passkey_signs_no_longer() -> None:
    world = village()
    world.do("passkey.enroll", ANN, **PASSKEY.enrolment(CHALLENGE))
    assert world.refuses("passkey.enroll", ANN, **PASSKEY.enrolment(CHALLENGE)) == (
        "passkey-exists"
    )
    world.do("passkey.revoke", ANN, credential=PASSKEY.credential)
    assert world.refuses("passkey.revoke", ANN, credential=PASSKEY.credential) == (
        "unknown-passkey"
    )
    act = world.sign("member.exit", {}, ANN, passkey=PASSKEY)
    assert world.refuses_act(act) == "VerificationError"


def test_a_passkey_of_one_host_outlives_a_change_of_the_parameter() -> None:
    world = village()
    world.do("passkey.enroll", ANN, **PASSKEY.enrolment(CHALLENGE))
    world.parameters["passkey_rp_id"] = "other.example"
    assert rp_id_of(community_of(world.state)) == "other.example"
    new = Authenticator(5)
    assert world.refuses("passkey.enroll", ANN, **new.enrolment(CHALLENGE)) == (
        "passkey-refused"
    )
    world.record(world.sign("member.exit", {}, ANN, passkey=PASSKEY))


def test_the_host_of_passkeys() -> None:
    world = village()
    community = community_of(world.state)
    for origin, host in (
        ("ledger.example/commons", "ledger.example"),
        ("LOCALHOST:8080/commons", "localhost"),
        ("a b/commons", ""),
    ):
        assert rp_id_of(replace(community, origin=origin)) == host
    nowhere = replace(community, origin="a b/commons")
    world.state = replace(world.state, community=nowhere)
    assert world.refuses("passkey.enroll", ANN, **PASSKEY.enrolment(CHALLENGE)) == (
        "passkey-refused"
    )


def created(**said: Any) -> dict[str, Any]:
    data = client_data(CHALLENGE, **{"type_": "webauthn.create", **said})
    return {"client_data": format_base64url(data)}


REFUSED: dict[str, dict[str, Any]] = {
    "another member's challenge": PASSKEY.enrolment(
        enrolment_challenge(GENESIS, BOB.did)
    ),
    "another ledger's challenge": PASSKEY.enrolment(
        enrolment_challenge("A" * 43, ANN.did)
    ),
    "an assertion": created(type_="webauthn.get"),
    "another site": created(origin="https://evil.example"),
    "inside another page": created(crossOrigin=True),
    "another host's authenticator": {
        "authenticator_data": format_base64url(
            Authenticator(3, rp_id="evil.example").created()
        )
    },
    "nobody there": {"authenticator_data": format_base64url(PASSKEY.created(0x40))},
    "another credential": {"credential": Authenticator(9).credential},
    "another key": {"public_key": format_base64url(Authenticator(9).public)},
}


@pytest.mark.parametrize("name", REFUSED)
def test_enrolments_that_are_refused(name: str) -> None:
    world = village()
    body = PASSKEY.enrolment(CHALLENGE) | REFUSED[name]
    assert world.refuses("passkey.enroll", ANN, **body) == "passkey-refused"


def test_passkeys_are_bounded_over_life() -> None:
    world = village()
    for number in range(10, 10 + MEMBER_PASSKEYS_MAX):
        passkey = Authenticator(number, eddsa=True)
        world.do("passkey.enroll", ANN, **passkey.enrolment(CHALLENGE))
    assert world.refuses("passkey.enroll", ANN, **PASSKEY.enrolment(CHALLENGE)) == (
        "too-many-passkeys"
    )
