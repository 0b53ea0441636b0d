"""The people decided about delay what would loosen their protection, and no more."""

from typing import Any

import pytest

from ledger.canonical import format_base64
from ledger.entries.codec import decode_entry, encode_entry
from ledger.entries.secret import derive
from ledger.errors import ConflictError, ForbiddenError, RejectedError
from ledger.ids import LeafIndex
from ledger.keys import SigningKey
from ledger.merkle.frontier import Extension, Frontier, extend
from ledger.merkle.hashing import hash_leaf
from tests.entries.vectors import SECRET, WANT
from tests.governance.assembly.town import DAY_MS, Town
from tests.governance.world import REGISTER

HOLDER = SigningKey(derive(SECRET).contest_seed)
LEAF = WANT["leaf"].encode()


def tree(town: Town) -> Extension:
    """The tree of the town's log, which its next act says to have seen."""
    hashes = [hash_leaf(encode_entry(entry)) for entry in town.entries]
    made = extend(Frontier.EMPTY, hashes)
    town.seen_root = made.frontier.root()
    return made


def town_with(decisions: int) -> tuple[Town, str]:
    """Decisions from index 1, then a proposal to register a system, deliberated on."""
    town = Town()
    for _ in range(decisions):
        town.append(decode_entry(LEAF))
    proposal = town.open(0, ("system.register", REGISTER))
    town.to_deliberation(proposal)
    return town, proposal


def object_with(
    town: Town, proposal: str, index: int, signer: SigningKey = HOLDER, **other: Any
) -> None:
    proof = tree(town).inclusion(LeafIndex(index))
    body = {
        "proposal": town.id(proposal),
        "index": index,
        "leaf": format_base64(LEAF),
        "proof": [format_base64(one) for one in proof],
    }
    town.do(signer, "proposal.object", {**body, **other})


def test_more_than_a_tenth_send_it_back_once() -> None:
    town, proposal = town_with(19)
    assert town.proposal(proposal).receipts == 19
    object_with(town, proposal, 1)
    with pytest.raises(ConflictError):
        object_with(town, proposal, 1)
    town.pass_it(proposal)
    lock = town.proposal(proposal)
    wait_ms = lock.timelock_until_ms - lock.challenge_until_ms
    assert wait_ms == 5 * DAY_MS + (100 - 19) * 40 * DAY_MS // (9 * 19)
    object_with(town, proposal, 2)
    assert town.phase(proposal) == "Deliberation"
    with pytest.raises(RejectedError) as caught:
        object_with(town, proposal, 3)
    assert caught.value.kind == "objected-before"
    town.to_ready(proposal)
    lock = town.proposal(proposal)
    assert lock.timelock_until_ms - lock.challenge_until_ms == 3 * DAY_MS
    assert [one.outcome for one in lock.results] == ["Succeeded", "Succeeded"]


def test_many_objections_before_the_vote_send_it_back_at_the_count() -> None:
    town, proposal = town_with(2)
    object_with(town, proposal, 1)
    town.to_voting(proposal)
    for number in range(5):
        town.vote(number, proposal)
    town.close(proposal)
    assert town.phase(proposal) == "Deliberation"


def test_who_may_object() -> None:
    town, proposal = town_with(3)
    with pytest.raises(ForbiddenError, match="contest key"):
        object_with(town, proposal, 1, SigningKey(b"\x63" * 32))
    founding = format_base64(encode_entry(town.entries[0]))
    with pytest.raises(RejectedError) as caught:
        object_with(town, proposal, 1, leaf=founding)
    assert caught.value.kind == "leaf-elsewhere"
    with pytest.raises(RejectedError) as caught:
        object_with(town, proposal, 2, proof=[])
    assert caught.value.kind == "leaf-elsewhere"
    town.append(decode_entry(LEAF))
    with pytest.raises(RejectedError) as caught:
        object_with(town, proposal, len(town.entries) - 1)
    assert caught.value.kind == "outside-window"


def test_old_decisions_are_outside_the_window() -> None:
    town = Town()
    town.append(decode_entry(LEAF))
    town.wait(100 * DAY_MS)
    town.append(decode_entry(LEAF))
    town.wait(100 * DAY_MS)
    town.append(decode_entry(LEAF))
    proposal = town.open(0, ("system.register", REGISTER))
    town.to_deliberation(proposal)
    assert (
        town.proposal(proposal).receipts == 2
    )  # since the last mark before the window
    with pytest.raises(RejectedError) as caught:
        object_with(town, proposal, 1)
    assert caught.value.kind == "outside-window"
    object_with(town, proposal, 5)


def test_what_tightens_cannot_be_objected_to() -> None:
    town = Town()
    town.append(decode_entry(LEAF))
    proposal = town.open(0)
    town.to_deliberation(proposal)
    with pytest.raises(RejectedError) as caught:
        object_with(town, proposal, 1)
    assert caught.value.kind == "nothing-to-object"
