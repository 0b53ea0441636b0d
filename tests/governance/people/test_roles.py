"""Roles: elected for a time, bounded in number, recalled and resigned."""

import pytest

from ledger.errors import ForbiddenError
from ledger.governance.actions import ACTIONS
from ledger.governance.kinds import Context
from ledger.governance.people.bodies import ROLES
from ledger.governance.people.roles import check_role, holders
from tests.governance.people.world import ANN, BOB, CAT, DAN, DAY_MS, EVE, World
from tests.governance.world import FOUNDER

UNTIL = "2027-11-01T00:00:00Z"


def village() -> World:
    return World().found(ANN, BOB, CAT, DAN)


def test_a_term_begins_and_ends() -> None:
    world = village()
    world.enact("role.appoint", role="reviewer", member=ANN.did, until=UNTIL)
    assert holders(world.people, "reviewer", world.time_ms) == {ANN.did}
    context = Context(act_id="", actor=ANN.did, time_ms=world.time_ms, index=1)
    assert check_role(world.state, context, "reviewer") == ANN.did
    for role in ("auditor", "guardian"):
        with pytest.raises(ForbiddenError):
            check_role(world.state, context, role)
    world.pass_time(350 * DAY_MS)
    assert not holders(world.people, "reviewer", world.time_ms)
    assert world.refuses("role.resign", ANN, role="reviewer") == "not-a-holder"


def test_recall_resignation_and_exit() -> None:
    world = village()
    for member in (ANN, BOB, CAT):
        world.enact("role.appoint", role="steward", member=member.did, until=UNTIL)
    world.enact("role.recall", role="steward", member=ANN.did)
    world.do("role.resign", BOB, role="steward")
    world.do("member.exit", CAT)
    assert not world.people.roles
    gone = {"role": "steward", "member": ANN.did}
    assert world.refuses_action("role.recall", **gone) == "not-a-holder"


def test_guardians_are_three() -> None:
    world = village()
    for member in (ANN, BOB, CAT):
        world.enact("role.appoint", role="guardian", member=member.did, until=UNTIL)
    fourth = {"role": "guardian", "member": DAN.did, "until": UNTIL}
    assert world.refuses_action("role.appoint", **fourth) == "too-many-holders"
    world.enact("role.appoint", role="guardian", member=ANN.did, until=UNTIL)
    world.pass_time(350 * DAY_MS)
    later = fourth | {"until": "2028-10-01T00:00:00Z"}
    world.enact("role.appoint", **later)
    assert list(world.people.roles["guardian"]) == [DAN.did], "lapsed terms are gone"


def test_what_appointments_are_refused() -> None:
    world = village()
    good = {"role": "auditor", "member": ANN.did, "until": UNTIL}
    for changed, kind in (
        ({"member": EVE.did}, "unknown-member"),
        ({"until": "2026-11-22T10:00:00Z"}, "term-out-of-bounds"),
        ({"until": "2029-11-22T10:00:00Z"}, "term-out-of-bounds"),
        ({"role": "king"}, "invalid-act"),
    ):
        assert world.refuses_action("role.appoint", **(good | changed)) == kind


def test_taking_power_back_is_never_harder_than_giving_it() -> None:
    world = village()
    for role in ROLES:
        recall = {"role": role, "member": FOUNDER.did}
        appoint = recall | {"until": UNTIL}
        classes = [
            ACTIONS[name].class_of(world.state, ACTIONS[name].read(body))
            for name, body in (("role.recall", recall), ("role.appoint", appoint))
        ]
        assert classes[0] == "standard"
        assert classes[1] == ("constitution" if role == "guardian" else "standard")
