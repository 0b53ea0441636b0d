"""Erasures, legal holds, and receipts that are asked for again."""

from typing import Any

import pytest

from ledger.entries.entry import ErasureExecuted
from ledger.governance.cases.queries import (
    erasures_due,
    is_erased,
    later_of,
    reissue_of,
)
from ledger.governance.evolve import evolve
from ledger.governance.state import EMPTY
from ledger.ids import LeafIndex
from tests.governance.assembly.town import DAY_MS
from tests.governance.cases.desk import (
    EXAMPLE,
    LEDGER,
    NGO,
    OTHER,
    STRANGER,
    Desk,
    Held,
    claim_keys,
    new_desk,
    uuid_of,
)

FLOOR_MS = 184 * DAY_MS


@pytest.fixture
def desk() -> Desk:
    return new_desk()


def ask(desk: Desk, held: Held) -> None:
    desk.do(held.key, "erasure.ask", {"receipt": desk.receipt(held)})


def due(desk: Desk) -> list[str]:
    return [*erasures_due(desk.state, desk.time_ms)]


def test_an_erasure_waits_for_the_floor(desk: Desk) -> None:
    held = desk.decide(1)
    hour_ms = desk.time_ms // 3_600_000 * 3_600_000  # what is on the leaf
    desk.wait(DAY_MS)
    ask(desk, held)
    erasure = desk.state.cases.erasures[held.id]
    assert erasure.due_ms == hour_ms + FLOOR_MS
    assert (erasure.system, erasure.by) == (EXAMPLE, held.key.did)
    asking = {"receipt": desk.receipt(held)}
    assert desk.refuses(held.key, "erasure.ask", asking)[0] == "erasure-asked"
    desk.wait_until(erasure.due_ms - 1)
    assert due(desk) == []
    desk.wait_until(erasure.due_ms)
    assert due(desk) == [held.id]
    desk.sweep(held.id)
    assert is_erased(desk.state, held.id)
    assert due(desk) == []
    event = later_of(desk.state, held.id)[-1]
    assert (event["type"], event["index"]) == (
        "erasure.executed",
        len(desk.entries) - 1,
    )


def test_an_old_decision_is_due_at_once(desk: Desk) -> None:
    held = desk.decide(1)
    desk.wait(FLOOR_MS + DAY_MS)
    ask(desk, held)
    assert due(desk) == [held.id]


def test_the_floor_is_the_communitys(desk: Desk) -> None:
    lower = ("parameter.set", {"name": "retention_floor_days", "value": 0})
    raised = desk.open(
        1,
        ("parameter.set", {"name": "retention_floor_days", "value": 365}),
        nonce="more",
    )
    assert desk.proposal(raised).loosens
    kept = desk.decide(9)
    ask(desk, kept)
    proposal = desk.open(0, lower, nonce="floor")
    desk.to_ready(proposal)
    desk.execute(proposal)
    assert not desk.proposal(proposal).loosens
    held = desk.decide(1)
    ask(desk, held)
    assert due(desk) == [held.id]  # what was asked before keeps its own time


def test_an_erasure_is_withdrawn_in_time(desk: Desk) -> None:
    held = desk.decide(1)
    body = {"decision": held.id}
    assert desk.refuses(held.key, "erasure.withdraw", body)[0] == "not-shown"
    mine = desk.claim(held, 1)
    assert desk.refuses(mine, "erasure.withdraw", body)[0] == "no-erasure"
    desk.do(held.key, "helper.name", desk.naming(held, NGO.did, "erase"))
    desk.do(NGO, "erasure.ask", {"receipt": desk.receipt(held)})
    for stranger in (STRANGER, NGO):
        assert desk.refuses(stranger, "erasure.withdraw", body)[0] == "forbidden"
    desk.do(mine, "erasure.withdraw", body)
    assert desk.state.cases.erasures[held.id].withdrawn_ms == desk.time_ms
    assert desk.refuses(mine, "erasure.withdraw", body)[0] == "no-erasure"
    desk.wait(FLOOR_MS)
    assert due(desk) == []
    ask(desk, held)  # anew
    assert due(desk) == [held.id]


def test_an_open_contest_puts_it_off(desk: Desk) -> None:
    held = desk.decide(1)
    ask(desk, held)
    contest = desk.contest(held)
    desk.wait(FLOOR_MS)
    assert due(desk) == []
    desk.do(held.key, "contest.settle", {"contest": contest})
    assert due(desk) == [held.id]


@pytest.mark.parametrize("what", ["system", "decision"])
def test_a_legal_hold_puts_it_off(desk: Desk, what: str) -> None:
    held, other = desk.decide(1), desk.decide(2, OTHER)
    ask(desk, held)
    ask(desk, other)
    held_by: dict[str, Any] = {"system": None, "decision": None}
    held_by[what] = EXAMPLE if what == "system" else held.id
    setting = ("legal_hold.set", {**held_by, "reason": "court"})
    desk.enact(setting, nonce="hold")
    (hold,) = desk.state.cases.legal_holds.values()
    assert hold.reason == "court"
    desk.wait(FLOOR_MS)
    assert due(desk) == [other.id]
    desk.sweep(held.id)  # as a careless operator might
    assert not is_erased(desk.state, held.id)
    proposal = desk.open(0, ("legal_hold.lift", held_by), nonce="lift")
    assert (desk.proposal(proposal).loosens, desk.proposal(proposal).class_) == (
        False,
        "standard",
    )
    desk.to_ready(proposal)
    desk.execute(proposal)
    assert due(desk) == sorted([held.id, other.id])
    told = [one["type"] for one in later_of(desk.state, held.id)]
    of_it = ["legal_hold.set", "legal_hold.lift"] if what == "decision" else []
    assert told == ["erasure.ask", *of_it]


def test_holds_that_cannot_be(desk: Desk) -> None:
    body: dict[str, Any] = {"system": EXAMPLE, "decision": None}
    setting = {**body, "reason": "court"}

    def refused(action: str, of: dict[str, Any]) -> str:
        proposing = {
            "nonce": "odd",
            "title": "A title",
            "text": "Why.\n",
            "ballot": {"method": "yesno"},
            "expedited": False,
            "actions": [{"action": action, "body": of}],
        }
        return desk.refuses(0, "proposal.open", proposing)[0]

    assert refused("legal_hold.lift", body) == "no-hold"
    nobodys = {**setting, "system": "nobodys"}
    assert refused("legal_hold.set", nobodys) == "unknown-system"
    desk.enact(("legal_hold.set", setting), nonce="hold")
    assert refused("legal_hold.set", setting) == "hold-stands"


def test_once_erased_nothing_more_is_begun(desk: Desk) -> None:
    held = desk.decide(1)
    grant = desk.do(held.key, "grant.give", desk.granting(held, NGO.did))
    ask(desk, held)
    desk.wait(FLOOR_MS)
    grant = desk.do(held.key, "grant.give", desk.granting(held, NGO.did))
    desk.sweep(held.id)
    receipt = {"receipt": desk.receipt(held)}
    tries = [
        ("receipt.claim", desk.claim_body(held, claim_keys(1))),
        ("contest.open", desk.opening(held)),
        ("grant.give", desk.granting(held, NGO.did)),
        ("helper.name", desk.naming(held, NGO.did, "contest")),
        ("erasure.ask", receipt),
        ("erasure.withdraw", {"decision": held.id}),
        ("reissue.stop", receipt),
    ]
    for act, body in tries:
        assert desk.refuses(held.key, act, body)[0] == "erased", act
    read = {"grant": grant, "decision": held.id}
    assert desk.refuses(NGO, "grant.read", read)[0] == "erased"


def test_due_erasures_stand_in_order_of_id(desk: Desk) -> None:
    people = [desk.decide(number) for number in range(1, 12)]
    for held in people:
        ask(desk, held)
    desk.wait(FLOOR_MS)
    assert due(desk) == sorted(held.id for held in people)
    assert due(desk) != [held.id for held in people]


# ---- receipts asked for again -----------------------------------------------------------


def test_a_reissue_waits_and_is_stopped(desk: Desk) -> None:
    held = desk.decide(1)
    receipt = {"receipt": desk.receipt(held)}
    assert desk.refuses(held.key, "reissue.stop", receipt)[0] == "no-reissue"
    desk.reissue(held.id)
    noted_ms = desk.time_ms
    found = reissue_of(desk.state, held.id)
    assert found is not None
    assert (found.noted_ms, found.due_ms) == (noted_ms, noted_ms + 3 * DAY_MS)
    desk.wait(DAY_MS)
    desk.reissue(held.id, uuid_of(99))  # the same one: its delay runs already
    assert reissue_of(desk.state, held.id) == found
    receipt = {"receipt": desk.receipt(held)}
    assert desk.refuses(STRANGER, "reissue.stop", receipt)[0] == "forbidden"
    desk.do(held.key, "helper.name", desk.naming(held, NGO.did, "contest", "erase"))
    receipt = {"receipt": desk.receipt(held)}
    assert desk.refuses(NGO, "reissue.stop", receipt)[0] == "forbidden"
    desk.do(held.key, "reissue.stop", receipt)
    stopped = reissue_of(desk.state, held.id)
    assert stopped is not None
    assert stopped.stopped_ms == desk.time_ms
    receipt = {"receipt": desk.receipt(held)}
    assert desk.refuses(held.key, "reissue.stop", receipt)[0] == "no-reissue"
    desk.reissue(held.id)
    assert [one.stopped_ms for one in desk.state.cases.reissues[held.id]] == [
        stopped.stopped_ms,
        None,
    ]


def test_a_reissue_that_was_given_is_not_stopped(desk: Desk) -> None:
    held = desk.decide(1)
    desk.reissue(held.id)
    desk.wait(3 * DAY_MS)
    receipt = {"receipt": desk.receipt(held)}
    assert desk.refuses(held.key, "reissue.stop", receipt)[0] == "no-reissue"
    assert [one["type"] for one in later_of(desk.state, held.id)] == [
        "receipt.reissued"
    ]


def test_the_newest_twenty_are_kept(desk: Desk) -> None:
    held = desk.decide(1)
    for _ in range(22):
        desk.reissue(held.id)
        desk.wait(3 * DAY_MS)
    rows = desk.state.cases.reissues[held.id]
    assert len(rows) == 20
    assert rows[-1].due_ms <= desk.time_ms
    assert len(later_of(desk.state, held.id)) == 22


def test_a_sweep_before_entry_0_says_nothing() -> None:
    entry = ErasureExecuted(
        id=uuid_of(1), ledger=LEDGER, time_ms=5, decisions=(uuid_of(2),)
    )
    state = evolve(EMPTY, entry, LeafIndex(1))
    assert (state.log_time_ms, state.cases) == (5, EMPTY.cases)
