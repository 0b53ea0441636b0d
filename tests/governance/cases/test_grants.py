"""Grants: who may read, until when, and that every read is on record."""

import pytest

from ledger.canonical import format_base64
from ledger.entries.moment import format_log_time
from ledger.governance.cases.queries import grants_of, later_of
from ledger.governance.people.bodies import key_message
from tests.governance.assembly.town import DAY_MS, key
from tests.governance.cases.desk import (
    NGO,
    STRANGER,
    Desk,
    new_desk,
    text_of,
)

AUDITOR = 4
BOX = text_of(1, "box", 80)


@pytest.fixture
def desk() -> Desk:
    return new_desk()


def test_a_grant_its_reads_and_its_end(desk: Desk) -> None:
    held = desk.decide(1)
    grant = desk.do(held.key, "grant.give", desk.granting(held, key(AUDITOR).did))
    first, second = desk.read(grant, AUDITOR), desk.read(grant, AUDITOR)
    found = desk.state.cases.grants[grant]
    assert [one.act for one in found.reads] == [first, second]
    assert found.reads[1].at_ms == desk.time_ms
    desk.do(held.key, "grant.end", {"grant": grant})
    body = {"grant": grant, "decision": held.id}
    assert desk.refuses(AUDITOR, "grant.read", body)[0] == "grant-ended"
    assert desk.refuses(held.key, "grant.end", {"grant": grant})[0] == "grant-ended"
    told = [(one["type"], one["about"]) for one in later_of(desk.state, held.id)]
    assert told == [(f"grant.{act}", grant) for act in ("give", "read", "read", "end")]


def test_only_the_grantee_reads_and_only_that_decision(desk: Desk) -> None:
    held, other = desk.decide(1), desk.decide(2)
    grant = desk.do(held.key, "grant.give", desk.granting(held, NGO.did))
    body = {"grant": grant, "decision": held.id}
    for stranger in (STRANGER, held.key, 0):
        assert desk.refuses(stranger, "grant.read", body)[0] == "forbidden"
    elsewhere = {**body, "decision": other.id}
    assert desk.refuses(NGO, "grant.read", elsewhere)[0] == "another-decision"
    nothing = {**body, "grant": text_of(1, "grant")}
    assert desk.refuses(NGO, "grant.read", nothing)[0] == "unknown-grant"
    assert desk.refuses(NGO, "grant.end", {"grant": nothing["grant"]})[0] == (
        "unknown-grant"
    )
    desk.read(grant, NGO)


def test_a_members_keys_read_and_revoked_ones_do_not(desk: Desk) -> None:
    held = desk.decide(1)
    grant = desk.do(held.key, "grant.give", desk.granting(held, key(AUDITOR).did))
    signed = NGO.sign(key_message(desk.genesis, key(AUDITOR).did, NGO.did))
    desk.do(AUDITOR, "key.rotate", {"key": NGO.did, "proof": format_base64(signed)})
    body = {"grant": grant, "decision": held.id}
    assert desk.refuses(AUDITOR, "grant.read", body)[0] == "forbidden"
    desk.read(grant, NGO)
    desk.do(NGO, "member.exit", {})
    assert desk.refuses(NGO, "grant.read", body)[0] == "forbidden"


def test_a_grant_lapses(desk: Desk) -> None:
    held = desk.decide(1)
    until_ms = desk.time_ms + DAY_MS
    giving = desk.granting(held, NGO.did, until=format_log_time(until_ms))
    grant = desk.do(held.key, "grant.give", giving)
    desk.wait_until(until_ms - 2)
    desk.read(grant, NGO)
    body = {"grant": grant, "decision": held.id}
    assert desk.refuses(NGO, "grant.read", body)[0] == "grant-ended"
    assert desk.refuses(held.key, "grant.end", {"grant": grant})[0] == "grant-ended"


def test_who_gives_and_who_ends(desk: Desk) -> None:
    held, other = desk.decide(1), desk.decide(2)
    mine = desk.claim(held, 1)
    giving = desk.granting(held, key(AUDITOR).did)
    assert desk.refuses(STRANGER, "grant.give", giving)[0] == "forbidden"
    assert desk.refuses(other.key, "grant.give", giving)[0] == "forbidden"
    desk.do(mine, "helper.name", desk.naming(held, NGO.did, "grant"))
    grant = desk.do(NGO, "grant.give", desk.granting(held, key(AUDITOR).did))
    for stranger in (STRANGER, other.key, AUDITOR):
        assert desk.refuses(stranger, "grant.end", {"grant": grant})[0] == "forbidden"
    desk.do(mine, "grant.end", {"grant": grant})
    again = desk.do(NGO, "grant.give", desk.granting(held, key(AUDITOR).did))
    desk.do(NGO, "grant.end", {"grant": again})


def test_nobody_blinds_a_reviewer(desk: Desk) -> None:
    held = desk.decide(1)
    mine = desk.claim(held, 1)
    contest = desk.contest(held, mine)
    grant = desk.take(contest)
    for voice in (held.key, mine, 1):
        kind, sentence = desk.refuses(voice, "grant.end", {"grant": grant})
        assert (kind, "release or withdraw" in sentence) == ("forbidden", True)
    desk.do(mine, "contest.withdraw", {"contest": contest})
    assert desk.state.cases.grants[grant].ended_ms == desk.time_ms


def test_the_key_is_wrapped_where_the_ledger_has_none(desk: Desk) -> None:
    managed, sealed = desk.decide(1), desk.decide(2, signed=True)
    for held, wrapped in ((managed, BOX), (sealed, None)):
        giving = desk.granting(held, NGO.did, wrapped=wrapped)
        assert desk.refuses(held.key, "grant.give", giving)[0] == "wrong-wrapping"
    giving = desk.granting(sealed, NGO.did, wrapped=BOX)
    grant = desk.do(sealed.key, "grant.give", giving)
    assert desk.state.cases.grants[grant].wrapped == BOX
    assert desk.state.cases.shown[sealed.id].signed


def test_bounds_of_grants(desk: Desk) -> None:
    held = desk.decide(1)
    for until_ms in (desk.time_ms, desk.time_ms + 367 * DAY_MS):
        giving = desk.granting(held, NGO.did, until=format_log_time(until_ms))
        assert desk.refuses(held.key, "grant.give", giving)[0] == "until-out-of-bounds"
    grants = [
        desk.do(held.key, "grant.give", desk.granting(held, NGO.did)) for _ in range(20)
    ]
    giving = desk.granting(held, NGO.did)
    assert desk.refuses(held.key, "grant.give", giving)[0] == "too-many-grants"
    mine = desk.claim(held, 1)  # the bound is each key's own
    desk.do(mine, "grant.give", desk.granting(held, NGO.did))
    desk.do(held.key, "grant.end", {"grant": grants[7]})
    desk.do(held.key, "grant.give", desk.granting(held, NGO.did))
    assert len(grants_of(desk.state, held.id)) == 22


def test_a_thousand_reads(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.governance.cases.granting.GRANT_READS_MAX", 5)
    held = desk.decide(1)
    grant = desk.do(held.key, "grant.give", desk.granting(held, NGO.did))
    for _ in range(5):
        desk.read(grant, NGO)
    body = {"grant": grant, "decision": held.id}
    assert desk.refuses(NGO, "grant.read", body)[0] == "too-many-reads"
