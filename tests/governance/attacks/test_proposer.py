"""A proposer who would do, without the brake, what the people decided about may delay."""

from typing import Any

import pytest

from ledger.entries.codec import decode_entry, encode_entry
from ledger.errors import ConflictError, RejectedError
from ledger.governance.replay import replay
from ledger.governance.state import EMPTY
from tests.governance.assembly.test_brake import LEAF, object_with
from tests.governance.assembly.town import DAY_MS, HOUR_MS, Town, did
from tests.governance.attacks.test_deployer import receipts, regulated
from tests.governance.safeguards.rules import rule
from tests.governance.world import REGISTER

RULE = rule()
REPEAL = ("safeguard.repeal", {"id": RULE["id"]})
STRICT = ("parameter.set", {"name": "challenge_percent", "value": 6})
VERSION = ("system.version", {"system": "example", "version": "v9"})


def amend(town: Town, proposal: str, *actions: tuple[str, Any], **more: Any) -> None:
    """Amended by its proposer, and endorsed again; no actions: those it has."""
    said = {**town.proposal(proposal).content.public(), **more}
    if actions:
        said["actions"] = [{"action": name, "body": body} for name, body in actions]
    by = next(n for n in range(9) if did(n) == town.proposal(proposal).proposer)
    town.do(by, "proposal.amend", {"proposal": proposal, **said})
    for number in range(town.members):
        if town.phase(proposal) == "Endorsing" and number != by:
            body = {"proposal": proposal, "revision": town.id(proposal)}
            town.do(number, "proposal.endorse", body)


def objected(town: Town, proposal: str, index: int) -> str:
    """The kind of refusal that an objection meets; "" for none."""
    try:
        object_with(town, proposal, index)
    except RejectedError as error:
        return error.kind
    return ""


def lock_ms(town: Town, proposal: str) -> int:
    found = town.proposal(proposal)
    return found.timelock_until_ms - found.challenge_until_ms


def done(town: Town, *actions: tuple[str, Any], nonce: str = "done") -> str:
    """Everybody wants it, and it is done."""
    proposal = town.open(0, *actions, nonce=nonce)
    town.to_ready(proposal)
    town.execute(proposal)
    assert town.phase(proposal) == "Executed"
    return proposal


def braked(town: Town, held: range) -> str:
    """A proposal of a version that three receipts of twenty sent back."""
    proposal = town.open(1, VERSION, nonce="braked")
    town.to_deliberation(proposal)
    for index in held[:3]:
        object_with(town, proposal, index)
    town.pass_it(proposal)
    assert town.phase(proposal) == "Deliberation"
    assert town.proposal(proposal).braked
    return proposal


def test_a_brake_that_was_used_is_not_taken_to_another_action() -> None:
    town = regulated()
    held = receipts(town)
    done(town, ("safeguard.enact", RULE))
    proposal = braked(town, held)
    amend(town, proposal, REPEAL)
    assert not town.proposal(proposal).braked
    assert not town.proposal(proposal).objections
    for index in held:
        assert objected(town, proposal, index) == ""
    town.pass_it(proposal)
    assert town.phase(proposal) == "Deliberation"
    assert objected(town, proposal, held[0]) == "objected-before"


def test_a_brake_that_was_used_stays_used_for_the_same_actions() -> None:
    town = regulated()
    held = receipts(town)
    proposal = braked(town, held)
    amend(town, proposal, text="Said better.\n")
    assert objected(town, proposal, held[5]) == "objected-before"
    town.to_ready(proposal)
    assert lock_ms(town, proposal) == 3 * DAY_MS
    town.execute(proposal)
    assert town.phase(proposal) == "Executed"


def test_objections_count_for_the_wording_they_name() -> None:
    town = regulated()
    held = receipts(town)
    proposal = town.open(1, VERSION)
    town.to_deliberation(proposal)
    for index in held:
        object_with(town, proposal, index)
    amend(town, proposal, text="Said better.\n")
    assert not town.proposal(proposal).objections
    object_with(town, proposal, held[0])
    with pytest.raises(ConflictError):
        object_with(town, proposal, held[0])
    town.to_ready(proposal)
    assert lock_ms(town, proposal) > 5 * DAY_MS


def test_an_old_draft_has_the_window_of_what_it_does() -> None:
    town = Town()
    town.do(0, "system.register", REGISTER)
    shell = town.open(0, nonce="shell")
    assert town.proposal(shell).receipts == 0
    first = len(town.entries)
    for _ in range(50):
        town.append(decode_entry(LEAF))
    amend(town, shell, text="The window is still its own.\n")
    assert town.proposal(shell).receipts == 0
    town.wait(20 * DAY_MS)
    amend(town, shell, VERSION)
    assert town.proposal(shell).receipts == 50
    town.to_deliberation(shell)
    assert objected(town, shell, first) == ""


# ---- what changed since it was worded ---------------------------------------------------


def profile(name: str, *outcomes: str) -> tuple[str, dict[str, Any]]:
    body = {"system": "example", "profile": name, "outcomes": list(outcomes)}
    return "system.profile", body


SEALED, OPEN = profile("sealed"), profile("open", "granted", "rejected")


def vote_on(town: Town, *proposals: str) -> None:
    """Everybody votes yes on all of them, until the last may be executed."""
    found = [town.proposal(one) for one in proposals]
    town.wait_until(max(one.pending_until_ms for one in found) + 1)
    for proposal in proposals:
        for number in range(town.members):
            town.vote(number, proposal)
    for proposal in proposals:
        town.close(proposal)
    wait_for(town, *proposals)


def wait_for(town: Town, *proposals: str) -> None:
    until_ms = max(town.proposal(one).timelock_until_ms for one in proposals)
    town.wait_until(until_ms + 1)


def failed_for(town: Town, proposal: str) -> str:
    """The kind for which its execution fails; what it would do is not done."""
    before = {**town.state.sections(), "proposals": None, "community": None}
    town.execute(proposal)
    after = {**town.state.sections(), "proposals": None, "community": None}
    assert {**before, "receipts": None} == {**after, "receipts": None}
    assert town.phase(proposal) == "Failed"
    failure = town.proposal(proposal).failure
    assert failure is not None
    return failure.kind


def replays(town: Town) -> bool:
    leaves = enumerate(map(encode_entry, town.entries))
    return replay(EMPTY, leaves) == town.state


def test_what_loosens_by_the_time_of_the_vote_can_be_objected_to() -> None:
    town = regulated()
    held = receipts(town)
    done(town, OPEN, nonce="open")
    seal = town.open(0, SEALED, nonce="seal")
    again = town.open(1, OPEN, nonce="again")
    assert not town.proposal(again).loosens
    town.to_ready(seal)
    town.execute(seal)
    town.to_deliberation(again)
    assert objected(town, again, held[0]) == ""
    town.to_voting(again)
    assert town.proposal(again).loosens
    for index in held[1:3]:
        object_with(town, again, index)
    for number in range(5):
        town.vote(number, again)
    town.close(again)
    assert town.phase(again) == "Deliberation"
    town.to_ready(again)
    town.execute(again)
    assert town.phase(again) == "Executed"
    assert replays(town)


def test_what_loosens_since_its_vote_is_not_done() -> None:
    town = regulated()
    held = receipts(town)
    done(town, OPEN, nonce="open")
    seal = town.open(0, SEALED, nonce="seal")
    again = town.open(1, OPEN, nonce="again")
    other = town.open(2, VERSION, OPEN, nonce="other")  # it loosens, and can be delayed
    for one in (seal, again, other):
        town.to_deliberation(one)
    assert objected(town, again, held[0]) == "nothing-to-object"
    vote_on(town, seal, again, other)
    town.execute(seal)
    assert failed_for(town, again) == "loosens-since"
    town.execute(other)
    assert town.phase(other) == "Executed"
    town.execute(again)  # tried again: it loosens nothing now
    assert town.phase(again) == "Executed"
    assert replays(town)


def test_one_objection_does_not_stand_for_the_brake() -> None:
    """What loosens since the vote began is not done because a friend objected once."""
    town = regulated()
    held = receipts(town)
    done(town, OPEN, nonce="open")
    seal = town.open(0, SEALED, nonce="seal")
    again = town.open(1, OPEN, nonce="again")
    town.to_deliberation(seal)
    town.to_voting(seal)
    for number in range(5):
        town.vote(number, seal)
    town.close(seal)
    town.to_deliberation(again)
    wait_for(town, seal)
    town.to_voting(again)
    assert not town.proposal(again).loosens
    town.execute(seal)
    assert objected(town, again, held[0]) == ""
    for number in range(5):
        town.vote(number, again)
    town.close(again)
    assert lock_ms(town, again) > 5 * DAY_MS
    wait_for(town, again)
    assert failed_for(town, again) == "loosens-since"


def test_a_longer_review_is_measured_when_it_is_done() -> None:
    town = Town()
    short = town.open(0, ("parameter.set", {"name": "review_days", "value": 5}))
    long = town.open(1, ("parameter.set", {"name": "review_days", "value": 29}))
    town.to_deliberation(short)
    town.to_deliberation(long)
    vote_on(town, short, long)
    town.execute(short)
    assert failed_for(town, long) == "loosens-since"


def test_options_never_loosen() -> None:
    town = regulated()
    worse = {"system": "example", "review_days": 365, "recourse_days": 1}
    options: list[dict[str, Any]] = [
        {"option": "a", "title": "A", "actions": [
            {"action": "system.deadlines", "body": worse}]},
        {"option": "b", "title": "B", "actions": []},
    ]  # fmt: skip
    with pytest.raises(RejectedError) as caught:
        town.open(0, options=options, ballot={"method": "single"})
    assert caught.value.kind == "options-too-strong"
    done(town, OPEN, nonce="open")
    options[0]["actions"] = [{"action": OPEN[0], "body": OPEN[1]}]
    chosen = town.open(1, nonce="o", options=options, ballot={"method": "single"})
    done(town, SEALED, nonce="seal")
    town.to_voting(chosen)
    for number in range(5):
        town.vote(number, chosen, "a")
    town.close(chosen)
    wait_for(town, chosen)
    assert failed_for(town, chosen) == "loosens-since"


# ---- a repeal needs what enacting needed -------------------------------------------------


def ruled() -> tuple[Town, str]:
    """A rule of class standard, and a draft that makes it one of class constitution."""
    town = Town(8, {"draft_s": 365 * 86_400})
    done(town, ("safeguard.enact", RULE), nonce="enact")
    stricter = ("safeguard.amend", {**RULE, "message": "Stronger."})
    return town, town.open(0, stricter, STRICT, nonce="stricter")


def test_a_rule_keeps_the_class_that_its_vote_had() -> None:
    town, stricter = ruled()
    weaker = ("safeguard.amend", {**RULE, "message": "Weaker."})
    draft = town.open(1, weaker, nonce="weaker")
    assert town.proposal(draft).class_ == "standard"
    town.to_ready(stricter)
    town.execute(stricter)
    town.to_ready(draft)
    assert town.proposal(draft).class_ == "constitution"
    town.execute(draft)
    assert town.phase(draft) == "Executed"
    repeal = town.open(2, REPEAL, nonce="repeal")
    assert town.proposal(repeal).class_ == "constitution"
    town.to_voting(repeal)
    vote = town.proposal(repeal).vote
    assert vote is not None
    assert vote.thresholds.passes == (3, 4)


@pytest.mark.parametrize("moved", [False, True])
def test_an_expedited_repeal_has_the_time_of_its_class(*, moved: bool) -> None:
    town, stricter = ruled()
    repeal = town.open(1, REPEAL, nonce="repeal", expedited=True)
    if moved:
        town.to_ready(stricter)
        town.execute(stricter)
    town.to_voting(repeal)
    vote = town.proposal(repeal).vote
    assert vote is not None
    hours = (vote.deadline_ms - vote.snapshot_ms) // HOUR_MS
    assert (vote.thresholds.class_, hours) == (
        ("constitution", 168) if moved else ("standard", 24)
    )


def test_a_repeal_voted_on_before_the_rule_was_made_stricter() -> None:
    town, stricter = ruled()
    repeal = town.open(1, REPEAL, nonce="repeal")
    town.to_deliberation(stricter)
    town.to_deliberation(repeal)
    found = (town.proposal(stricter), town.proposal(repeal))
    town.wait_until(max(one.pending_until_ms for one in found) + 1)
    for number in range(8):
        town.vote(number, stricter)
        town.vote(number, repeal, "yes" if number < 5 else "no")
    town.close(stricter)
    town.close(repeal)
    wait_for(town, stricter, repeal)
    town.execute(stricter)
    assert failed_for(town, repeal) == "needs-more-votes"
    assert RULE["id"] in town.state.safeguards.in_force
    assert replays(town)
