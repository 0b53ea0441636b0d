"""A log that signs its own lie: the tree holds, and the entries do not."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from ledger.keys import SigningKey
from ledger.merkle.bundle import format_bundle
from ledger.merkle.checkpoint import parse_checkpoint, sign_checkpoint
from ledger.merkle.note import (
    parse_note,
)
from tests.audit.world import (
    FOUNDED_MS,
    FOUNDER,
    KEY,
    Log,
    indexes,
    kinds,
    look,
    publish_and_look,
    publish_tree,
    told,
    true_log,
    write,
)

DEPLOYER, STRANGER = SigningKey(b"\x21" * 32), SigningKey(b"\x22" * 32)


async def test_a_gap_in_seq(tmp_path: Path) -> None:
    log = true_log(5)
    log.decide(7, refused=3)
    log.decide(8, refused=3)
    report = await publish_and_look(log, tmp_path)
    first, *others = told(report)
    assert first == (
        "entry 8 is number 7 of system example where 6 is due: one was dropped or "
        "counted twice"
    )
    assert others == []


async def test_a_seq_counted_twice(tmp_path: Path) -> None:
    log = true_log(5)
    log.decide(5, refused=3)
    assert indexes(await publish_and_look(log, tmp_path), "seq") == [8]


async def test_hidden_refusals(tmp_path: Path) -> None:
    log = true_log(2)
    log.decide(3, refused=2)
    report = await publish_and_look(log, tmp_path)
    assert kinds(report) == ["seq"]
    assert "refusals were hidden" in told(report)[0]


async def test_a_doubled_id(tmp_path: Path) -> None:
    log = true_log(5)
    log.decide(6, refused=3, id=orjson.loads(log.leaves[3])["id"])
    report = await publish_and_look(log, tmp_path)
    assert told(report) == [
        "entries 3 and 8 have one id: no receipt says which of them it means"
    ]
    assert indexes(report, "duplicate") == [8]


async def test_a_doubled_tag_and_contest_key(tmp_path: Path) -> None:
    """Two decisions under one K."""
    log = true_log(5)
    log.decide(6, refused=3)
    log.leaves.pop()
    secret = b"\x11" * 32
    log.decide(6, refused=3, secret=secret)
    log.decide(7, refused=3, secret=secret)
    report = await publish_and_look(log, tmp_path)
    assert {sentence.split(":")[0] for sentence in told(report)} == {
        "entries 8 and 9 have one subject_tag",
        "entries 8 and 9 have one contest_key",
    }


async def test_a_doubled_act(tmp_path: Path) -> None:
    log = true_log(1)
    log.leaves.append(log.leaves[1])
    report = await publish_and_look(log, tmp_path)
    assert indexes(report, "duplicate") == [4]
    assert 4 in indexes(report, "seq")
    assert 4 in indexes(report, "time")


@pytest.mark.parametrize(
    ("why", "old", "new"),
    [
        ("white space", b'{"data":', b'{ "data":'),
        (
            "another order",
            b'"specversion":"1.0","time":',
            b'"time":"1.0","specversion":',
        ),
        ("an escape", b'"automation":"full"', b'"automation":"f\\u0075ll"'),
        ("an unknown member", b'"refused":0', b'"aaa":1,"refused":0'),
        ("a repeated name", b'"refused":0', b'"refused":0,"refused":0'),
        ("an unknown type", b"decision.recorded.v1", b"decision.recorded.v2"),
    ],
)
async def test_a_leaf_of_another_form(
    tmp_path: Path, why: str, old: bytes, new: bytes
) -> None:
    log = true_log(5)
    assert old in log.leaves[4], why
    log.leaves[4] = log.leaves[4].replace(old, new)
    publish_tree(tmp_path, log.leaves)
    write(tmp_path, "checkpoint", log.checkpoint())
    report = await look(tmp_path)
    assert told(report)[0].startswith("entry 4 is not in the ledger's form (")
    assert kinds(report) == ["form"]


async def test_entry_0_must_found_this_log(tmp_path: Path) -> None:
    lies: list[tuple[dict[str, Any], str]] = [
        ({"origin": "elsewhere/commons"}, "another log's"),
        ({"vkeys": ()}, "names other keys"),
    ]
    for number, (changes, kind) in enumerate(lies):
        log = Log()
        log.found(**changes)
        report = await publish_and_look(log, tmp_path / str(number))
        assert kinds(report) == ["founding"]
        assert kind in told(report)[0]


async def test_a_bad_entry_0_is_a_finding_where_keys_are_published(
    tmp_path: Path,
) -> None:
    log = Log([b"not an event", b"nor this"])
    log.publish(tmp_path, state=False)
    report = await look(tmp_path)
    assert kinds(report) == ["founding", "form"]
    assert report.counterfoil
    # Also without the keys, if it looks like one of ours.
    log = Log([b'{"specversion":"1.0"}'])
    other = tmp_path / "other"
    publish_tree(other, log.leaves)
    write(other, "checkpoint", log.checkpoint())
    assert kinds(await look(other)) == ["founding"]


async def test_another_kind_of_log_is_checked_as_a_tree(tmp_path: Path) -> None:
    log = Log([b"one", b"two"])
    publish_tree(tmp_path, log.leaves)
    write(tmp_path, "checkpoint", log.checkpoint())
    report = await look(tmp_path)
    assert report.held
    assert not report.counterfoil
    assert report.notes == [
        "the entries are not Counterfoil's, so only the tree was checked"
    ]
    write(tmp_path, "tile/entries/000.p/2", format_bundle([b"one", b"too"]))
    assert indexes(await look(tmp_path), "entry") == [1]


async def test_a_second_founding(tmp_path: Path) -> None:
    log = true_log(1)
    log.leaves.append(log.leaves[0])
    report = await publish_and_look(log, tmp_path)
    assert indexes(report, "founding") == [4]
    assert indexes(report, "duplicate") == [4]


@pytest.mark.parametrize(
    ("changes", "kind", "sentence"),
    [
        ({"system": "ghost"}, "rule", "of system ghost, which nobody registered"),
        ({"version": "2"}, "rule", "a version that nobody registered"),
        ({"rules": "A" * 43}, "rule", "another rule set than the one in force"),
        ({"genesis": "A" * 43}, "rule", "made for another ledger"),
    ],
)
async def test_a_decision_the_state_does_not_allow(
    tmp_path: Path, changes: dict[str, Any], kind: str, sentence: str
) -> None:
    log = true_log(3)
    seq = 1 if "system" in changes else 4
    log.decide(seq, refused=3, **changes)
    report = await publish_and_look(log, tmp_path)
    assert kinds(report) == [kind]
    assert sentence in told(report)[0]
    assert indexes(report, kind) == [6]


@pytest.mark.parametrize(
    ("changes", "kind", "sentence"),
    [
        ({"seq": 3}, "seq", "was to be refused"),
        ({"genesis": "A" * 43}, "rule", "was to be refused"),
        ({"time_ms": 1}, "time", "before that of an earlier entry"),
        ({"seen_size": 99, "seen_root": bytes(32)}, "rule", "99 entries"),
        ({"seen_root": bytes(32)}, "seen", "saw another tree of 4 entries"),
    ],
)
async def test_an_act_that_was_to_be_refused(
    tmp_path: Path, changes: dict[str, Any], kind: str, sentence: str
) -> None:
    log = true_log(1)
    late = {"time_ms": 1_795_000_200_000}
    given: dict[str, Any] = {"seq": 2, **late, **changes}
    log.register("second", **given)
    report = await publish_and_look(log, tmp_path)
    assert kind in kinds(report)
    assert sentence in " ".join(told(report))
    assert 4 in indexes(report, kind)


async def test_what_a_deployer_did_not_sign(tmp_path: Path) -> None:
    """A signature that does not hold, and one by whoever is not the system's."""
    log = Log()
    log.found()
    log.register(keys=[DEPLOYER.did])
    log.decide(1, signer=DEPLOYER)
    assert told(await publish_and_look(log, tmp_path / "true")) == []
    log.decide(2, signer=STRANGER, keyid=DEPLOYER.did)
    log.decide(3, signer=STRANGER)
    report = await publish_and_look(log, tmp_path / "false")
    assert indexes(report, "signature") == [3, 4]
    forged, strange = told(report)
    assert "a deployer's signature that does not hold" in forged
    assert "signed by a key that is not its system's" in strange


async def test_an_act_that_nobody_signed(tmp_path: Path) -> None:
    log = true_log(1)
    late = 1_795_000_200_000
    forged = [{"keyid": FOUNDER.did, "sig": "A" * 86 + "=="}]
    log.register("second", seq=2, time_ms=late, envelope={"signatures": forged})
    report = await publish_and_look(log, tmp_path)
    assert kinds(report) == ["signature"]
    assert f"an act that {FOUNDER.did} did not sign" in told(report)[0]


async def test_two_actors_who_saw_two_histories(tmp_path: Path) -> None:
    log = true_log(1)
    late = 1_795_000_200_000
    log.register("a", seq=2, time_ms=late, seen_size=2)
    log.register("b", seq=3, time_ms=late, seen_size=2, seen_root=bytes(32))
    report = await publish_and_look(log, tmp_path)
    assert kinds(report) == ["seen"]
    assert "than entry 4 did" in told(report)[0]


async def test_checkpoints_that_time_carries(tmp_path: Path) -> None:
    log = true_log(1)
    log.pass_time(2, checkpoint=log.checkpoint().decode())
    (true := tmp_path / "true").mkdir()
    assert told(await publish_and_look(log, true)) == []
    size = len(log.leaves)
    head = parse_checkpoint(parse_note(log.checkpoint(3)).text)
    other = type(head)(origin=head.origin, size=head.size, root=bytes(32))  # type: ignore[arg-type] # any 32 bytes
    for number, (text, kind) in enumerate(
        (
            ("nonsense", "signature"),
            (sign_checkpoint(KEY, other).decode(), "seen"),
            (Log([*log.leaves, b"x", b"y"]).checkpoint().decode(), "signature"),
        )
    ):
        lying = Log(log.leaves[:size])
        lying.pass_time(3, checkpoint=text)
        report = await publish_and_look(lying, tmp_path / str(number))
        assert kinds(report) == [kind]


async def test_a_deadline_that_no_entry_records(tmp_path: Path) -> None:
    """A draft of one second lapses; what comes later says so first, or is a finding."""
    log = Log()
    log.found(parameters={"draft_s": 1})
    body = {
        "nonce": "1",
        "title": "A title",
        "text": "",
        "actions": [],
        "ballot": {"method": "yesno"},
        "expedited": False,
    }
    log.act("proposal.open", body, 1)
    log.pass_time(1, time_ms=FOUNDED_MS + 2_500)
    log.register(seq=2, time_ms=FOUNDED_MS + 2_500)
    assert kinds(await publish_and_look(log, tmp_path / "true")) == []
    del log.leaves[2:]
    log.register(seq=2, time_ms=FOUNDED_MS + 2_500)
    report = await publish_and_look(log, tmp_path / "lie")
    assert kinds(report) == ["time"]
    assert "a deadline was missed" in told(report)[0]
