"""What is admitted, what of it is public, and the texts that will be sealed."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from immutables import Map

from ledger.entries.decision import Submission
from ledger.entries.disclosure import SLOTS
from ledger.errors import FatalError, RejectedError
from ledger.governance.admit import admit as admit_and_judge, check_still
from ledger.governance.state import EMPTY, State
from ledger.ids import DecisionId
from tests.entries.strategies import json_values
from tests.governance.world import NOW_MS, REGISTER, REGISTERED, START, act_of, after

NEW_ID = DecisionId("0b0f7d0e-3c5a-4f7e-8a59-2f4f0e8b9c11")
AT_MS = NOW_MS + 271_000  # 10:04:31, four and a half minutes ahead
FIELDS: dict[str, Any] = {
    "system": "example",
    "decided_at": "2026-11-22T11:04:31+01:00",
    "automation": "full",
    "outcome": {"code": "rejected", "favourable": False},
    "subject": {"ref": "applicant-8812"},
    "reasons": [{"code": "R1", "text": "Två års erfarenhet"}],
}
OPEN = after(START, act_of("system.register", REGISTER | {"profile": "open"}))


def admit(state: State, fields: dict[str, Any], **times: Any) -> Submission:
    return admit_and_judge(state, fields, **times).submission


def refusal(state: State, at_ms: int = NOW_MS, **fields: object) -> str:
    with pytest.raises(RejectedError) as caught:
        admit(
            state,
            FIELDS | fields,
            decided_at_ms=at_ms,
            now_ms=NOW_MS,
            new_id=NEW_ID,
        )
    return caught.value.kind


def test_a_sealed_system_publishes_the_hour_only() -> None:
    found = admit(REGISTERED, FIELDS, decided_at_ms=AT_MS, now_ms=NOW_MS, new_id=NEW_ID)
    assert found.time == "2026-11-22T10:00:00Z"
    assert found.outcome is None
    assert (found.id, found.version, found.profile) == (NEW_ID, "2026-11", "sealed")
    assert found.values == {
        "decided_at": b'"2026-11-22T11:04:31+01:00"',
        "outcome": b'{"code":"rejected","favourable":false}',
        "subject": b'{"ref":"applicant-8812"}',
        "reasons": '[{"code":"R1","text":"Två års erfarenhet"}]'.encode(),
    }


def test_an_open_system_publishes_outcome_and_second() -> None:
    found = admit(OPEN, FIELDS, decided_at_ms=AT_MS, now_ms=NOW_MS, new_id=NEW_ID)
    assert found.time == "2026-11-22T10:04:31Z"
    assert found.outcome == FIELDS["outcome"]
    assert "outcome" in found.values


def test_the_senders_id_stands() -> None:
    given_id = "11111111-1111-4111-8111-111111111111"
    found = admit(
        REGISTERED,
        FIELDS | {"id": given_id},
        decided_at_ms=NOW_MS,
        now_ms=NOW_MS,
        new_id=NEW_ID,
    )
    assert found.id == given_id


def test_versions() -> None:
    none = after(START, act_of("system.register", REGISTER | {"versions": []}))
    found = admit(none, FIELDS, decided_at_ms=AT_MS, now_ms=NOW_MS, new_id=NEW_ID)
    assert found.version is None
    assert refusal(none, system_version="1") == "unknown-version"
    assert refusal(REGISTERED, system_version="1") == "unknown-version"
    more = after(
        START,
        act_of("system.register", REGISTER),
        act_of("system.version", {"system": "example", "version": "2"}, seq=2),
    )
    newest = admit(more, FIELDS, decided_at_ms=AT_MS, now_ms=NOW_MS, new_id=NEW_ID)
    assert newest.version == "2"


def test_refusals() -> None:
    assert refusal(REGISTERED, system="other") == "unknown-system"
    assert refusal(START) == "unknown-system"
    outcome = {"code": "other", "favourable": True}
    assert refusal(OPEN, outcome=outcome) == "unknown-outcome"
    admit(
        REGISTERED,
        FIELDS | {"outcome": outcome},
        decided_at_ms=NOW_MS,
        now_ms=NOW_MS,
        new_id=NEW_ID,
    )
    with pytest.raises(FatalError):
        admit(
            replace(EMPTY, systems=REGISTERED.systems),
            FIELDS,
            decided_at_ms=NOW_MS,
            now_ms=NOW_MS,
            new_id=NEW_ID,
        )


@pytest.mark.parametrize(
    ("off_ms", "fits"),
    [
        (5 * 60_000, True),
        (5 * 60_000 + 1, False),
        (-30 * 86_400_000, True),
        (-30 * 86_400_000 - 1, False),
    ],
)
def test_the_window_of_a_decision(off_ms: int, fits: bool) -> None:
    if fits:
        admit(
            REGISTERED,
            FIELDS,
            decided_at_ms=NOW_MS + off_ms,
            now_ms=NOW_MS,
            new_id=NEW_ID,
        )
    else:
        assert refusal(REGISTERED, NOW_MS + off_ms) == "decided-at-out-of-range"


def test_before_1970_is_out_of_range_whatever_the_parameter() -> None:
    assert REGISTERED.community is not None
    patient = replace(
        REGISTERED,
        community=replace(
            REGISTERED.community, parameters={"decided_at_age_days": 3_650_000}
        ),
    )
    assert refusal(patient, -1) == "decided-at-out-of-range"


def test_what_was_admitted_is_asked_again_when_the_state_moved() -> None:
    found = admit(
        REGISTERED, FIELDS, decided_at_ms=NOW_MS, now_ms=NOW_MS, new_id=NEW_ID
    )
    check_still(REGISTERED, found)
    system = REGISTERED.systems[found.system]
    for changed, kind in (
        ({}, "unknown-system"),
        ({system.id: replace(system, status="retired")}, "inactive-system"),
        ({system.id: replace(system, profile="open")}, "profile-changed"),
        ({system.id: replace(system, versions=())}, "unknown-version"),
    ):
        with pytest.raises(RejectedError) as caught:
            check_still(replace(REGISTERED, systems=Map(changed)), found)
        assert caught.value.kind == kind


@given(json_values.filter(lambda value: value is not None))
@settings(max_examples=60)
def test_texts_keep_their_values(value: object) -> None:
    found = admit(
        REGISTERED,
        FIELDS | {"inputs": value},
        decided_at_ms=NOW_MS,
        now_ms=NOW_MS,
        new_id=NEW_ID,
    )
    assert json.loads(found.values["inputs"]) == value
    assert set(found.values) <= set(SLOTS)


def test_integers_beyond_64_bits_stay_exact() -> None:
    found = admit(
        REGISTERED,
        FIELDS | {"inputs": {"n": 2**200, "t": "ü"}},
        decided_at_ms=NOW_MS,
        now_ms=NOW_MS,
        new_id=NEW_ID,
    )
    assert found.values["inputs"] == f'{{"n":{2**200},"t":"ü"}}'.encode()
