"""The operator writes what nobody cast, or leaves out what somebody did: it shows."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.audit.opening import Trust
from ledger.entries.act import Act, format_payload, read_envelope, sign_act
from ledger.entries.entry import ActRecorded
from ledger.entries.moment import format_log_time
from ledger.entries.receipt import Receipt, verify_receipt
from ledger.errors import RejectedError
from ledger.governance.ballots.recount import Recount, Recounted
from ledger.ids import Did, LeafIndex
from ledger.keys import SigningKey
from ledger.merkle.tlogproof import format_tlog_proof
from tests.audit.world import KEY, Log, kinds, look, publish_and_look, told
from tests.governance.assembly.town import HOUR_MS, LEDGER, SAFEGUARD, did, key
from tests.governance.attacks.hall import Hall

CHANGE = ("parameter.set", SAFEGUARD)
OPERATOR = SigningKey(b"\x66" * 32)


def voting() -> tuple[Hall, str]:
    hall = Hall()
    proposal = hall.open(0, CHANGE)
    hall.to_voting(proposal)
    return hall, proposal


def recounted(log: Log, proposal: str) -> Recounted:
    counting = Recount(proposal)
    for index, leaf in enumerate(log.leaves):
        counting.take(LeafIndex(index), leaf)
    (vote,) = counting.votes
    return vote


def write(hall: Hall, act: Act) -> None:
    """Into the log, whatever the rules say: the state takes what it can."""
    hall.time_ms += 1
    hall.append(ActRecorded(ledger=LEDGER, time_ms=hall.time_ms, act=act))


def in_the_name_of(hall: Hall, member: Did, body: dict[str, Any]) -> Act:
    payload = format_payload(
        genesis=hall.genesis,
        act="ballot.cast",
        actor=member,
        seq=hall.state.sequences.get(member, 0) + 1,
        until=format_log_time(hall.time_ms + HOUR_MS),
        seen_size=len(hall.entries),
        seen_root=bytes(hall.tree().root),
        body=body,
    )
    envelope = sign_act(OPERATOR, payload)
    envelope["signatures"][0]["keyid"] = member
    return read_envelope(envelope)


async def test_an_honest_vote_has_no_findings(tmp_path: Path) -> None:
    hall, proposal = voting()
    for voter in range(3):
        hall.vote(voter, proposal)
    hall.close(proposal)
    assert told(await publish_and_look(hall.log(), tmp_path)) == []


async def test_ballots_stuffed_by_the_operator(tmp_path: Path) -> None:
    """In members' names, of people who do not exist, and a true one once more."""
    hall, proposal = voting()
    hall.vote(0, proposal, "no")
    body = {"proposal": hall.id(proposal), "choice": "yes", "reason": None}
    true_one = hall.sign(key(1), "ballot.cast", body)
    write(hall, true_one)
    first = len(hall.entries)
    write(hall, in_the_name_of(hall, did(2), body))
    write(hall, hall.sign(key(77), "ballot.cast", body))
    stuffed = [first, first + 1, first + 3]
    hall.vote(1, proposal, "no")  # another mind; the operator prefers the first
    write(hall, true_one)
    hall.close(proposal)
    log = hall.log()
    report = await publish_and_look(log, tmp_path)
    assert {finding.index for finding in report.findings} == set(stuffed)
    assert set(kinds(report)) >= {"signature", "rule", "seq"}
    vote = recounted(log, proposal)
    assert set(vote.cast) == {did(0), did(1)}
    assert vote.result.totals["no"] == 2
    assert "totals" in vote.differences(), "the state that believed it is contradicted"


async def test_a_ballot_dropped_by_the_operator(tmp_path: Path) -> None:
    """What the voter keeps shows two histories, and that the ballot is in one of them."""
    hall, proposal = voting()
    hall.vote(1, proposal)
    mine = hall.vote(2, proposal, "no")
    index = LeafIndex(len(hall.entries) - 1)
    honest = hall.log()
    receipt = Receipt(
        origin=KEY.name,
        genesis=hall.genesis,
        id=mine,
        index=index,
        leaf=honest.leaves[index],
        proof=format_tlog_proof(
            index, hall.tree().inclusion(index), honest.checkpoint()
        ),
        secret=None,
        sealed=None,
        policy=None,
    )
    # The operator takes it out and goes on as if it had never been there.
    hall.state, hall.entries = replayed(honest.leaves[:index]), hall.entries[:index]
    hall.vote(3, proposal)
    hall.close(proposal)
    lie = hall.log()
    lie.publish(tmp_path)
    assert (await look(tmp_path)).held, "in itself the shortened log is sound"

    assert verify_receipt(receipt, vkeys=[KEY.vkey]).holds
    assert mine not in recounted(lie, proposal).cast.values()
    kept = Trust(vkeys=(KEY.vkey,), earlier=honest.checkpoint())
    report = await look(tmp_path, kept)
    assert kinds(report) == ["history"]
    assert "signed two histories" in told(report)[0]
    # Nor can a voter invent one: no proof leads from the leaf to the lying root.
    proof = receipt.proof.partition("\n\n")[0]
    forged = replace(receipt, proof=f"{proof}\n\n{lie.checkpoint().decode()}")
    assert not verify_receipt(forged, vkeys=[KEY.vkey]).holds


def replayed(leaves: list[bytes]) -> Any:
    counting = Recount("")
    for index, leaf in enumerate(leaves):
        counting.take(LeafIndex(index), leaf)
    return counting.state


async def test_an_act_held_back_and_released_later(tmp_path: Path) -> None:
    """It is refused; written all the same, the auditor names it and it does nothing."""
    hall, proposal = voting()
    body = {"proposal": hall.id(proposal), "choice": "yes", "reason": None}
    held = hall.sign(key(1), "ballot.cast", body)
    hall.vote(2, proposal, "no")
    hall.wait(2 * HOUR_MS)
    with pytest.raises(RejectedError) as caught:
        hall.record(held)
    assert caught.value.kind == "act-out-of-time"
    at = len(hall.entries)
    write(hall, held)
    report = await publish_and_look(hall.log(), tmp_path)
    assert [finding.index for finding in report.findings] == [at]
    assert "log time has reached the act's until" in told(report)[0]
    vote = hall.proposal(proposal).vote
    assert vote is not None
    assert set(vote.ballots) == {did(2)}
