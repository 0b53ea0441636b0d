"""Who becomes a member, by whose signatures, and how many at a time."""

from dataclasses import replace
from typing import Any

import pytest
from immutables import Map

from ledger.canonical import format_base64
from ledger.governance.people.bodies import credential_message
from ledger.governance.people.electorate import electorate
from ledger.governance.people.held import Application
from ledger.keys import SigningKey
from ledger.limits import APPLICATIONS_MAX, INVITATIONS_MEMBER_MAX
from tests.governance.people.world import (
    ANN,
    BOB,
    CAT,
    CONSENT,
    DAN,
    DAY_MS,
    EVE,
    FAY,
    World,
    key,
    new_key,
)
from tests.governance.world import FOUNDER, GENESIS

ISSUER = key(99)


def five() -> World:
    return World().found(ANN, BOB, CAT, DAN, EVE)


def credential(applicant: SigningKey, genesis: str = GENESIS) -> dict[str, Any]:
    sig = ISSUER.sign(credential_message(genesis, applicant.did))
    return {"issuer": ISSUER.did, "sig": format_base64(sig)}


def test_the_kth_vouch_admits_and_newcomers_wait_to_vote() -> None:
    world = World().found(ANN)
    world.apply(BOB)
    world.do("member.vouch", FOUNDER, applicant=BOB.did)
    assert not world.belongs(BOB)
    world.do("member.vouch", ANN, applicant=BOB.did)
    assert world.belongs(BOB)
    assert BOB.did not in world.people.applications
    assert BOB.did not in electorate(world.people, world.time_ms + 1, {})
    assert BOB.did in electorate(world.people, world.time_ms + 8 * DAY_MS, {})
    assert world.people.members[BOB.did].span.by == "vouch"


def test_more_vouches_where_the_community_says_so() -> None:
    world = World(parameters={"admission_vouches": 3}).found(ANN, BOB)
    world.apply(CAT)
    for by, admitted in ((FOUNDER, False), (ANN, False), (BOB, True)):
        world.do("member.vouch", by, applicant=CAT.did)
        assert world.belongs(CAT) is admitted


def test_who_may_apply() -> None:
    world = World().found(ANN)
    assert world.refuses("member.apply", ANN, **CONSENT) == "member-exists"
    world.apply(BOB)
    assert world.refuses("member.apply", BOB, **CONSENT) == "already-applied"
    bad = CONSENT | {"credential": credential(CAT)}
    assert world.refuses("member.apply", CAT, **bad) == "credential-needed"


def test_who_may_vouch() -> None:
    world = World().found(ANN)
    assert world.refuses("member.vouch", ANN, applicant=BOB.did) == (
        "unknown-application"
    )
    world.apply(BOB)
    assert world.refuses("member.vouch", CAT, applicant=BOB.did) == "forbidden"
    assert world.refuses("member.vouch", BOB, applicant=BOB.did) == "forbidden"
    world.do("member.vouch", ANN, applicant=BOB.did)
    assert world.refuses("member.vouch", ANN, applicant=BOB.did) == "already-vouched"
    world.apply(CAT)
    world.do("member.admit", FOUNDER, applicant=CAT.did)
    assert world.refuses("member.vouch", CAT, applicant=BOB.did) == "forbidden"
    assert world.refuses("member.vouch", ANN, applicant=CAT.did) == (
        "unknown-application"
    )


def test_an_application_lapses_and_may_be_withdrawn() -> None:
    world = World().found(ANN)
    world.apply(BOB)
    world.do("member.vouch", ANN, applicant=BOB.did)
    world.pass_time(90 * DAY_MS)
    assert world.refuses("member.vouch", FOUNDER, applicant=BOB.did) == (
        "unknown-application"
    )
    assert world.refuses("application.withdraw", BOB) == "unknown-application"
    world.apply(BOB)
    assert world.people.applications[BOB.did].vouches == ()
    world.do("application.withdraw", BOB)
    assert not world.people.applications


def test_a_vouch_is_taken_back_while_it_is_not_the_last() -> None:
    world = World().found(ANN)
    world.apply(BOB)
    world.do("member.vouch", ANN, applicant=BOB.did)
    world.do("vouch.withdraw", ANN, applicant=BOB.did)
    assert world.refuses("vouch.withdraw", ANN, applicant=BOB.did) == (
        "unknown-application"
    )
    world.do("member.vouch", FOUNDER, applicant=BOB.did)
    assert not world.belongs(BOB)


def test_a_held_back_vouch_does_not_admit() -> None:
    """Withheld by whoever records, released once the voucher has thought again."""
    world = World().found(ANN)
    world.apply(BOB)
    world.do("member.vouch", FOUNDER, applicant=BOB.did)
    held = world.sign("member.vouch", {"applicant": BOB.did}, ANN)
    world.do(
        "delegation.set",
        ANN,
        to=FOUNDER.did,
        scope="all",
        reason=None,
        until="2026-12-20T00:00:00Z",
    )
    assert world.refuses_act(held) == "seq-used"
    held = world.sign("member.vouch", {"applicant": BOB.did}, ANN)
    world.pass_time(DAY_MS)
    assert world.refuses_act(held) == "act-out-of-time"


def test_a_vouch_of_somebody_who_left_does_not_count() -> None:
    world = World().found(ANN, BOB)
    world.apply(CAT)
    world.do("member.vouch", ANN, applicant=CAT.did)
    world.do("member.exit", ANN)
    world.do("member.vouch", BOB, applicant=CAT.did)
    assert not world.belongs(CAT)
    world.do("member.vouch", FOUNDER, applicant=CAT.did)
    assert world.belongs(CAT)


def test_an_application_replayed_from_another_ledger() -> None:
    world = World().found(ANN)
    other = "A" * 43
    assert (
        world.refuses_act(world.sign("member.apply", CONSENT, BOB, genesis=other))
        == "another-ledger"
    )


def test_by_credential() -> None:
    rule = {"admission": "credential", "admission_issuer": ISSUER.did}
    world = World(parameters=rule)
    world.apply(ANN, credential(ANN))
    world.do("member.admit", FOUNDER, applicant=ANN.did)
    world.pass_time(8 * DAY_MS)
    forged = credential(BOB) | {"issuer": ANN.did}
    for bad in (None, credential(CAT), credential(BOB, "A" * 43), forged):
        body = CONSENT | {"credential": bad}
        assert world.refuses("member.apply", BOB, **body) == "credential-needed"
    world.apply(BOB, credential(BOB))
    world.do("member.vouch", ANN, applicant=BOB.did)
    assert not world.belongs(BOB)
    world.do("member.vouch", FOUNDER, applicant=BOB.did)
    assert world.people.members[BOB.did].span.by == "credential"


def test_by_invitation() -> None:
    world = World(parameters={"admission": "invite"})
    assert world.refuses("member.apply", ANN, **CONSENT) == "not-invited"
    world.do("member.vouch", FOUNDER, applicant=ANN.did)
    world.apply(ANN)
    world.do("member.admit", FOUNDER, applicant=ANN.did)
    world.pass_time(8 * DAY_MS)
    world.do("member.vouch", FOUNDER, applicant=BOB.did)
    world.do("member.vouch", ANN, applicant=BOB.did)
    assert not world.belongs(BOB), "not without the applicant's own signature"
    world.apply(BOB)
    assert world.belongs(BOB)
    assert world.refuses("member.vouch", ANN, applicant=BOB.did) == "member-exists"
    world.do("member.vouch", ANN, applicant=CAT.did)
    world.do("vouch.withdraw", ANN, applicant=CAT.did)
    assert not world.people.applications


def test_by_vote_two_members_sign_too() -> None:
    world = World(parameters={"admission": "vote"}).found(ANN, BOB)
    assert world.refuses_action("member.admit", applicant=CAT.did) == (
        "unknown-application"
    )
    world.apply(CAT)
    world.do("member.vouch", ANN, applicant=CAT.did)
    assert world.refuses_action("member.admit", applicant=CAT.did) == "vouches-needed"
    world.do("member.vouch", BOB, applicant=CAT.did)
    world.do("member.vouch", FOUNDER, applicant=CAT.did)
    assert not world.belongs(CAT)
    world.enact("member.admit", applicant=CAT.did)
    assert world.people.members[CAT.did].span.by == "vote"


def test_a_single_member_can_still_grow_by_vote() -> None:
    world = World()
    world.pass_time(31 * DAY_MS)
    world.apply(ANN)
    world.do("member.vouch", FOUNDER, applicant=ANN.did)
    assert not world.belongs(ANN)
    world.enact("member.admit", applicant=ANN.did)
    assert world.belongs(ANN)


def test_founders_admit_until_the_fifth_has_joined() -> None:
    world = five()
    world.apply(FAY)
    assert world.refuses("member.admit", FOUNDER, applicant=FAY.did) == "forbidden"
    world.do("member.exit", ANN)
    assert world.refuses("member.admit", FOUNDER, applicant=FAY.did) == "forbidden"


def test_founders_admit_until_day_30() -> None:
    world = World()
    world.apply(ANN)
    world.pass_time(30 * DAY_MS)
    assert world.refuses("member.admit", FOUNDER, applicant=ANN.did) == "forbidden"


def test_only_founders_admit_alone() -> None:
    world = World().found(ANN)
    world.apply(BOB)
    assert world.refuses("member.admit", ANN, applicant=BOB.did) == "forbidden"
    assert world.refuses("member.admit", FOUNDER, applicant=CAT.did) == (
        "unknown-application"
    )


def test_growth_is_bounded() -> None:
    world = five()
    for number in range(10, 14):
        world.apply(key(number))
        world.do("member.vouch", ANN, applicant=key(number).did)
        if number < 13:
            world.do("member.vouch", BOB, applicant=key(number).did)
            assert world.belongs(key(number))
    full = {"applicant": key(13).did}
    assert world.refuses("member.vouch", BOB, **full) == "too-many-admissions"
    world.do("member.exit", key(10))  # a place is not free because somebody left
    assert world.refuses("member.vouch", BOB, **full) == "too-many-admissions"
    world.pass_time(7 * DAY_MS)
    world.do("member.vouch", BOB, **full)
    assert world.belongs(key(13))


def test_growth_is_a_share_of_a_large_community() -> None:
    world = World(parameters={"growth_percent": 50, "growth_least": 1}).found(
        ANN, BOB, CAT
    )
    for number in (10, 11, 12):  # two of four are half
        world.apply(key(number))
        world.do("member.vouch", ANN, applicant=key(number).did)
        if number < 12:
            world.do("member.vouch", BOB, applicant=key(number).did)
    full = {"applicant": key(12).did}
    assert world.refuses("member.vouch", BOB, **full) == "too-many-admissions"
    assert world.refuses_action("member.admit", **full) == "vouches-needed"


def test_one_member_vouches_for_a_bounded_number() -> None:
    world = World(parameters={"admission": "invite"}).found()
    for number in range(INVITATIONS_MEMBER_MAX):
        world.do("member.vouch", FOUNDER, applicant=key(100 + number).did)
    assert world.refuses("member.vouch", FOUNDER, applicant=ANN.did) == (
        "too-many-vouches"
    )


@pytest.mark.slow
def test_strangers_cannot_lock_a_candidate_out() -> None:
    world = World().found(ANN)
    world.apply(BOB)
    world.do("member.vouch", ANN, applicant=BOB.did)
    for number in range(APPLICATIONS_MAX):
        application = world.sign("member.apply", CONSENT, key(1_000 + number))
        world.record(application)
    assert len(world.people.applications) == APPLICATIONS_MAX
    assert BOB.did in world.people.applications
    assert key(1_000).did not in world.people.applications


def test_leaving_and_coming_back() -> None:
    world = five()
    world.do("member.exit", ANN)
    assert not world.belongs(ANN)
    assert world.refuses("member.exit", ANN) == "forbidden"
    world.apply(ANN)
    world.do("member.vouch", BOB, applicant=ANN.did)
    world.do("member.vouch", CAT, applicant=ANN.did)
    assert [span.by for span in world.people.members[ANN.did].spans] == [
        "founder",
        "vouch",
    ]
    voters = electorate(world.people, world.time_ms + DAY_MS, {})
    assert ANN.did not in voters, "who comes back waits as newcomers do"


def test_who_was_removed_comes_back_by_vote_alone() -> None:
    world = five()
    assert world.refuses_action("member.remove", member=FAY.did) == "unknown-member"
    world.enact("member.remove", member=ANN.did)
    assert world.people.members[ANN.did].span.why == "removed"
    assert world.refuses("member.vouch", ANN, applicant=BOB.did) == "forbidden"
    world.apply(ANN)
    for by in (BOB, CAT, DAN):
        world.do("member.vouch", by, applicant=ANN.did)
    assert not world.belongs(ANN)
    world.enact("member.admit", applicant=ANN.did)
    assert world.belongs(ANN)


def test_founders_do_not_admit_whom_a_vote_removed() -> None:
    world = World(parameters={"admission": "vote"}).found(ANN, BOB)
    world.enact("member.remove", member=ANN.did)
    world.apply(ANN)
    assert world.refuses("member.admit", FOUNDER, applicant=ANN.did) == (
        "removed-member"
    )
    world.do("member.vouch", FOUNDER, applicant=ANN.did)
    world.do("member.vouch", BOB, applicant=ANN.did)
    world.enact("member.admit", applicant=ANN.did)
    assert world.belongs(ANN)


def test_the_last_member_goes_by_their_own_will_only() -> None:
    world = World()
    assert world.refuses_action("member.remove", member=FOUNDER.did) == "last-member"
    world.do("member.exit", FOUNDER)
    assert world.people.belonging == 0
    assert world.refuses("member.exit", FOUNDER) == "forbidden"


def test_a_list_full_of_supported_applications_takes_no_more() -> None:
    world = World(parameters={"admission": "invite"}).found()
    vouches = ((FOUNDER.did, world.time_ms),)
    full = {
        key(2_000 + number).did: Application(
            applicant=key(2_000 + number).did, since_ms=world.time_ms, vouches=vouches
        )
        for number in range(APPLICATIONS_MAX)
    }
    people = replace(world.people, applications=Map(full))
    world.state = replace(world.state, people=people)
    world.do("vouch.withdraw", FOUNDER, applicant=key(2_000).did)
    for number in range(1, INVITATIONS_MEMBER_MAX):
        world.do("vouch.withdraw", FOUNDER, applicant=key(2_000 + number).did)
    assert world.refuses("member.vouch", FOUNDER, applicant=ANN.did) == (
        "too-many-vouches"
    )
    others = {id_: replace(a, vouches=((ANN.did, 1),)) for id_, a in full.items()}
    people = replace(world.people, applications=Map(others))
    world.state = replace(world.state, people=people)
    assert world.refuses("member.vouch", FOUNDER, applicant=BOB.did) == (
        "too-many-applications"
    )
    world.parameters["admission"] = "vouch"
    assert world.refuses("member.apply", BOB, **CONSENT) == "too-many-applications"
    world.pass_time(90 * DAY_MS)
    world.apply(BOB)
    assert list(world.people.applications) == [BOB.did], "lapsed ones are gone"


def test_an_earlier_member_is_invited_by_their_id() -> None:
    world = World().found(ANN, BOB)
    world.parameters["admission"] = "invite"
    world.do("key.add", ANN, **new_key(FAY, ANN))
    world.do("member.exit", ANN)
    assert world.refuses("member.vouch", BOB, applicant=FAY.did) == "unknown-member"
    world.do("member.vouch", BOB, applicant=ANN.did)
