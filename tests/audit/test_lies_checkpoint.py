"""Lies about the checkpoint and what the log says of itself."""

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.audit.opening import Trust
from ledger.errors import MalformedError, UnavailableError
from ledger.merkle.cosignature import cosign
from ledger.merkle.note import (
    Note,
    Signature,
    format_note,
    format_vkey,
    parse_note,
    sign,
    signer_key,
)
from ledger.merkle.policy import parse_policy
from tests.audit.world import (
    KEY,
    TRUST,
    Log,
    kinds,
    look,
    told,
    true_log,
    write,
)


async def test_a_forged_checkpoint(tmp_path: Path) -> None:
    log = true_log()
    log.publish(tmp_path)
    forger = signer_key(KEY.name, bytes(31) + b"\x07")
    write(tmp_path, "checkpoint", Log(log.leaves, forger).checkpoint())
    report = await look(tmp_path)
    assert kinds(report) == ["checkpoint"]
    assert report.root is None
    assert not report.complete
    text = parse_note(log.checkpoint()).text
    line = Signature(name=KEY.name, key_id=KEY.key_id, data=bytes(64))
    write(tmp_path, "checkpoint", format_note(Note(text, (line,))))
    assert kinds(await look(tmp_path)) == ["checkpoint"]
    write(tmp_path, "checkpoint", b"x" * 70_000)
    assert kinds(await look(tmp_path)) == ["checkpoint"]


async def test_a_forger_with_keys_of_its_own_is_found_by_the_vkey_only(
    tmp_path: Path,
) -> None:
    """Why the audit warns when it takes the keys from the log."""
    forger = signer_key(KEY.name, bytes(31) + b"\x07")
    log = Log([], forger)
    log.found(vkeys=(format_vkey(forger.vkey),))
    log.publish(tmp_path)
    unwarned = await look(tmp_path, Trust())
    assert unwarned.held
    assert "taken from the log itself" in unwarned.notes[0]
    assert kinds(await look(tmp_path)) == ["checkpoint"]


async def test_a_stale_checkpoint(tmp_path: Path) -> None:
    log = true_log()
    Log(log.leaves[:400]).publish(tmp_path)
    report = await look(tmp_path, Trust(vkeys=(KEY.vkey,), earlier=log.checkpoint()))
    assert kinds(report) == ["stale"]
    assert "signs 400 entries, and one of 603 was signed before" in told(report)[0]


@pytest.mark.parametrize("size", [0, 1, 256, 300, 512, 603])
async def test_history_that_continues(tmp_path: Path, size: int) -> None:
    log = true_log()
    log.publish(tmp_path)
    earlier = log.checkpoint(size)
    assert (await look(tmp_path, Trust(vkeys=(KEY.vkey,), earlier=earlier))).held


@pytest.mark.parametrize("size", [2, 256, 300, 603])
async def test_a_forked_history(tmp_path: Path, size: int) -> None:
    """Both logs are sound in themselves; only the earlier checkpoint tells them apart."""
    seen = true_log()
    log = Log([seen.leaves[0]])
    log.register("other", 1)
    log.register("example", 2)
    for seq in range(1, 602):
        log.decide(seq, number=10_000 + seq)
    log.publish(tmp_path)
    assert (await look(tmp_path)).held
    trust = Trust(vkeys=(KEY.vkey,), earlier=seen.checkpoint(size))
    report = await look(tmp_path, trust)
    assert kinds(report) == ["history"]
    assert "signed two histories" in told(report)[0]


async def test_an_earlier_checkpoint_that_is_none_of_this_log(tmp_path: Path) -> None:
    log = true_log(1)
    log.publish(tmp_path)
    other = signer_key("elsewhere/commons", bytes(32))
    foreign = Log(log.leaves, other).checkpoint()
    for earlier in (b"", b"nonsense", foreign):
        with pytest.raises(MalformedError):
            await look(tmp_path, Trust(vkeys=(KEY.vkey,), earlier=earlier))
    with pytest.raises(MalformedError, match="is of elsewhere"):
        await look(tmp_path, Trust(vkeys=(KEY.vkey, other.vkey), earlier=foreign))
    # Where the keys are the log's own, a key that changed is the log's fault.
    report = await look(tmp_path, Trust(earlier=foreign))
    assert kinds(report) == ["history"]


async def test_a_policy(tmp_path: Path) -> None:
    log = true_log(1)
    log.publish(tmp_path)
    witness = signer_key("witness.example/w", bytes(31) + b"\x05", 0x04)
    text = f"witness w {format_vkey(witness.vkey)}\nquorum w\n"
    trust = Trust(vkeys=(KEY.vkey,), policy=parse_policy(text))
    assert kinds(await look(tmp_path, trust)) == ["checkpoint"]
    body = parse_note(log.checkpoint()).text
    lines = (sign(body, KEY), cosign(witness, body, 1_795_000_000))
    write(tmp_path, "checkpoint", format_note(Note(body, lines)))
    assert (await look(tmp_path, trust)).held
    named = parse_policy(f"log {format_vkey(KEY.vkey)}\n{text}")
    assert (await look(tmp_path, Trust(policy=named))).held
    assert (await look(tmp_path, Trust(policy=named, earlier=log.checkpoint()))).held
    other = signer_key(KEY.name, bytes(31) + b"\x09")
    wrong = Trust(vkeys=(other.vkey,), policy=named)
    assert kinds(await look(tmp_path, wrong)) == ["checkpoint"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"root": "0" * 64}, "differs in its root"),
        ({"sections": {}}, "differs in community, members, receipts, systems"),
        ({"size": 604}, "the rest is signed by nobody"),
        ({"size": "x"}, "has no size and root"),
        ({"size": 1}, "differs in community, receipts, systems"),
    ],
)
async def test_a_wrong_state(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    log = true_log()
    log.publish(tmp_path)
    write(tmp_path, "v1/state", json.dumps({**log.state(), **changes}).encode())
    report = await look(tmp_path)
    assert kinds(report) == ["state"]
    assert sentence in told(report)[0]


async def test_a_state_of_an_earlier_size_is_compared_there(tmp_path: Path) -> None:
    log = true_log()
    log.register("late", seq=2, time_ms=1_795_000_200_000)
    log.publish(tmp_path)
    write(tmp_path, "v1/state", json.dumps(log.state(500)).encode())
    report = await look(tmp_path)
    assert report.held
    assert report.counts["states"] == 1


async def test_no_state_is_said(tmp_path: Path) -> None:
    true_log(1).publish(tmp_path, state=False)
    report = await look(tmp_path)
    assert report.held
    assert report.notes == ["no state is published here, so none was compared"]


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{", b'{"vkeys":["a"]}', b"x" * 2_000_000]
)
async def test_keys_and_states_that_are_none(tmp_path: Path, data: bytes) -> None:
    true_log(1).publish(tmp_path)
    write(tmp_path, "v1/keys", data)
    write(tmp_path, "v1/state", data or b"[]")
    report = await look(tmp_path)
    assert set(kinds(report)) == {"keys", "state"}
    with pytest.raises(MalformedError, match="--vkey"):
        await look(tmp_path, Trust())


async def test_another_genesis_in_the_keys(tmp_path: Path) -> None:
    log = true_log(1)
    log.publish(tmp_path)
    keys = {"vkeys": [format_vkey(KEY.vkey)], "genesis": "A" * 43}
    write(tmp_path, "v1/keys", json.dumps(keys).encode())
    assert kinds(await look(tmp_path)) == ["keys"]


async def test_no_log_is_not_a_finding(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        await look(tmp_path, TRUST)
