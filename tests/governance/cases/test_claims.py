"""Claims add keys and exclude nobody; helpers act by scope, for a time."""

from typing import Any

import pytest

from ledger.canonical import format_base64
from ledger.entries.codec import encode_entry
from ledger.entries.moment import format_log_time
from ledger.governance.cases.queries import claimed, claims_of, later_of
from tests.governance.assembly.town import DAY_MS, HOUR_MS, key
from tests.governance.cases.desk import (
    NGO,
    STRANGER,
    Desk,
    claim_keys,
    new_desk,
    text_of,
)


@pytest.fixture
def desk() -> Desk:
    return new_desk()


def test_a_claim_adds_a_key_beside_the_receipts_own(desk: Desk) -> None:
    held = desk.decide(1)
    assert not claimed(desk.state, held.id)
    first, second = desk.claim(held, 1), desk.claim(held, 2)
    assert (claimed(desk.state, held.id), claims_of(desk.state, held.id)) == (True, 2)
    keys = desk.state.cases.claims[held.id].keys
    assert set(keys) == {first.did, second.did}
    assert keys[second.did].claimed_ms == desk.time_ms
    for voice in (held.key, first, second):
        contest = desk.contest(held, voice, seal_key=claim_keys(1).seal_key)
        assert desk.found(contest).opener == voice.did
        assert not desk.found(contest).helped
    assert [one["type"] for one in later_of(desk.state, held.id)] == [
        *["receipt.claim"] * 2,
        *["contest.open"] * 3,
    ]


def test_only_the_contest_key_claims(desk: Desk) -> None:
    held = desk.decide(1)
    claim = claim_keys(1)
    body = desk.claim_body(held, claim)
    assert desk.refuses(STRANGER, "receipt.claim", body)[0] == "forbidden"
    assert desk.refuses(claim.key, "receipt.claim", body)[0] == "forbidden"
    mine = desk.claim(held, 2)
    body = desk.claim_body(held, claim)
    assert desk.refuses(mine, "receipt.claim", body)[0] == "forbidden"


def test_a_key_claims_once_and_one_receipt_only(desk: Desk) -> None:
    held, other = desk.decide(1), desk.decide(2)
    desk.claim(held, 1)
    body = desk.claim_body(held, claim_keys(1))
    assert desk.refuses(held.key, "receipt.claim", body)[0] == "claimed"
    body = desk.claim_body(other, claim_keys(1))
    assert desk.refuses(other.key, "receipt.claim", body)[0] == "key-used"
    seal_key = claim_keys(1).seal_key
    body = {**desk.claim_body(other, claim_keys(2)), "seal_key": seal_key}
    assert desk.refuses(other.key, "receipt.claim", body)[0] == "key-used"
    for did in (key(0).did, held.key.did):
        body = {**desk.claim_body(held, claim_keys(3)), "key": did}
        assert desk.refuses(held.key, "receipt.claim", body)[0] == "key-used"
    body = desk.opening(other, seal_key=seal_key)
    assert desk.refuses(other.key, "contest.open", body)[0] == "key-used"


def test_the_new_key_must_have_signed_this_very_claim(desk: Desk) -> None:
    held, other = desk.decide(1), desk.decide(2)
    good, of_other = (desk.claim_body(one, claim_keys(1)) for one in (held, other))
    bad: list[dict[str, Any]] = [
        {**good, "proof": of_other["proof"]},
        {**good, "proof": format_base64(bytes(64))},
        {**good, "seal_key": text_of(1, "another")},
        {**good, "key": claim_keys(2).key.did},
    ]
    for body in bad:
        kind, sentence = desk.refuses(held.key, "receipt.claim", body)
        assert (kind, "did not sign this claim" in sentence) == (
            "proof-does-not-hold",
            True,
        )


def test_a_receipt_must_be_shown_as_it_is(desk: Desk) -> None:
    held, other = desk.decide(1), desk.decide(2)
    good = desk.claim_body(held, claim_keys(1))
    receipt, others = good["receipt"], desk.receipt(other)
    founding = format_base64(encode_entry(desk.entries[0]))
    bad = [
        {**receipt, "id": other.id},
        {**receipt, "index": other.index},
        {**receipt, "proof": others["proof"]},
        {**receipt, "proof": receipt["proof"][:-1]},
        {**receipt, "leaf": others["leaf"]},
        {**receipt, "leaf": founding},
        {**receipt, "index": len(desk.entries)},
    ]
    for one in bad:
        body = {**good, "receipt": one}
        assert desk.refuses(held.key, "receipt.claim", body)[0] == "leaf-elsewhere"


def test_twenty_claims_a_day(desk: Desk) -> None:
    held = desk.decide(1)
    for number in range(20):
        desk.claim(held, number)
    body = desk.claim_body(held, claim_keys(20))
    kind, sentence = desk.refuses(held.key, "receipt.claim", body)
    assert kind == "too-many-claims"
    assert "20" in sentence
    other = desk.decide(2)
    desk.claim(other, 21)  # the bound is the receipt's own
    first = desk.state.cases.claims[held.id].newest[0]
    desk.wait_until(first + DAY_MS - 2)
    body = desk.claim_body(held, claim_keys(20))
    assert desk.refuses(held.key, "receipt.claim", body)[0] == "too-many-claims"
    desk.wait_until(first + DAY_MS - 1)
    desk.claim(held, 20)


# ---- helpers ------------------------------------------------------------------------


def test_a_helper_acts_within_its_scope_and_time(desk: Desk) -> None:
    held = desk.decide(1)
    until_ms = desk.time_ms + 10 * HOUR_MS
    naming = desk.naming(held, NGO.did, "contest", until=format_log_time(until_ms))
    desk.do(
        desk.claim(held, 1), "helper.name", {**naming, "receipt": desk.receipt(held)}
    )
    contest = desk.contest(held, NGO)
    assert desk.found(contest).helped
    asking = {"receipt": desk.receipt(held)}
    assert desk.refuses(NGO, "erasure.ask", asking)[0] == "forbidden"
    granting = desk.granting(held, STRANGER.did)
    assert desk.refuses(NGO, "grant.give", granting)[0] == "forbidden"
    naming = desk.naming(held, STRANGER.did, "contest")
    assert desk.refuses(NGO, "helper.name", naming)[0] == "forbidden"
    desk.wait_until(until_ms - 2)
    said = {"contest": contest, "statement": desk.part(), "attachments": []}
    desk.do(NGO, "case.say", said)
    said = {"contest": contest, "statement": desk.part(), "attachments": []}
    assert desk.refuses(NGO, "case.say", said)[0] == "helper-ended"
    for act in ("contest.withdraw", "contest.settle"):
        assert desk.refuses(NGO, act, {"contest": contest})[0] == "helper-ended"
    assert desk.refuses(NGO, "contest.open", desk.opening(held))[0] == "helper-ended"


@pytest.mark.parametrize("who", ["contest key", "claimed key", "helper"])
def test_who_ends_a_helper(desk: Desk, who: str) -> None:
    held = desk.decide(1)
    mine = desk.claim(held, 1)
    desk.do(mine, "helper.name", desk.naming(held, NGO.did, "contest", "read"))
    (grant,) = desk.state.cases.grants.values()
    ender = {"contest key": held.key, "claimed key": mine, "helper": NGO}[who]
    body = {"decision": held.id, "helper": NGO.did}
    assert desk.refuses(STRANGER, "helper.end", body)[0] == "forbidden"
    desk.do(ender, "helper.end", body)
    helper = desk.state.cases.helpers[held.id][NGO.did]
    assert helper.ended_ms == desk.time_ms
    assert desk.state.cases.grants[grant.id].ended_ms == desk.time_ms
    assert desk.refuses(mine, "helper.end", body)[0] == "unknown-helper"
    assert desk.refuses(NGO, "contest.open", desk.opening(held))[0] == "helper-ended"
    read = {"grant": grant.id, "decision": held.id}
    assert desk.refuses(NGO, "grant.read", read)[0] == "grant-ended"
    desk.do(mine, "helper.name", desk.naming(held, NGO.did, "contest"))
    desk.contest(held, NGO)


def test_naming_again_takes_the_place_of_the_former(desk: Desk) -> None:
    held = desk.decide(1)
    desk.do(held.key, "helper.name", desk.naming(held, NGO.did, "read", "contest"))
    (first,) = desk.state.cases.grants
    desk.do(held.key, "helper.name", desk.naming(held, NGO.did, "read"))
    first_grant, second = desk.state.cases.grants[first], desk.state.cases.helpers
    assert first_grant.ended_ms == desk.time_ms
    assert second[held.id][NGO.did].scope == ("read",)
    grants = [one for one in desk.state.cases.grants.values() if one.ended_ms is None]
    assert [(one.to, one.purpose, one.by) for one in grants] == [
        (NGO.did, "help", held.key.did)
    ]
    assert desk.refuses(NGO, "contest.open", desk.opening(held))[0] == "forbidden"


def test_a_helper_another_key_named_is_not_named_anew(desk: Desk) -> None:
    held = desk.decide(1)
    mine = desk.claim(held, 1)
    desk.do(mine, "helper.name", desk.naming(held, NGO.did, "contest"))
    naming = desk.naming(held, NGO.did, "read")
    assert desk.refuses(held.key, "helper.name", naming)[0] == "helper-named"
    desk.wait(101 * DAY_MS)
    desk.do(held.key, "helper.name", desk.naming(held, NGO.did, "read"))


def test_bounds_of_helpers(desk: Desk) -> None:
    held = desk.decide(1)
    for until_ms in (desk.time_ms, desk.time_ms + 732 * DAY_MS):
        naming = desk.naming(held, NGO.did, "contest", until=format_log_time(until_ms))
        assert desk.refuses(held.key, "helper.name", naming)[0] == "until-out-of-bounds"
    for number in range(20):
        did = claim_keys(number).key.did
        desk.do(held.key, "helper.name", desk.naming(held, did, "contest"))
    naming = desk.naming(held, NGO.did, "contest")
    assert desk.refuses(held.key, "helper.name", naming)[0] == "too-many-helpers"
    mine = desk.claim(held, 50)  # the bound is each key's own
    desk.do(mine, "helper.name", desk.naming(held, NGO.did, "contest"))
    stranger = desk.naming(held, NGO.did, "contest")
    assert desk.refuses(STRANGER, "helper.name", stranger)[0] == "forbidden"


def test_nothing_is_ended_that_nobody_showed(desk: Desk) -> None:
    held = desk.decide(1)
    body = {"decision": held.id, "helper": NGO.did}
    assert desk.refuses(held.key, "helper.end", body)[0] == "not-shown"
    desk.claim(held, 1)
    assert desk.refuses(held.key, "helper.end", body)[0] == "unknown-helper"
