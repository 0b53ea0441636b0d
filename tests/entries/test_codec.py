"""Leaves: round trips, refusals, and the short cut held to the plain way."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings, strategies as st

from ledger.canonical import format_base64, format_base64url, jcs
from ledger.entries.act import format_payload, read_envelope, sign_act
from ledger.entries.codec import (
    decode_entry,
    encode_entry,
    read_leaf,
    source_system,
    subject_tag_of,
)
from ledger.entries.decision import (
    NO_RESULTS,
    NO_RULES,
    Entropy,
    Submission,
    leaf_of,
    seal,
)
from ledger.entries.decision_pattern import match_decision
from ledger.entries.entry import (
    ActRecorded,
    DecisionRecorded,
    Entry,
    Founded,
    TimePassed,
)
from ledger.errors import CounterfoilError, MalformedError
from ledger.ids import LedgerName
from ledger.keys import SigningKey
from ledger.merkle.hashing import hash_leaf
from tests.entries.strategies import codes, entropies, submissions
from tests.entries.vectors import GENESIS, WANT, load

COMMONS = LedgerName("commons")
LEAF: bytes = WANT["leaf"].encode()
KEY = SigningKey(b"\7" * 32)


def act_leaf() -> bytes:
    envelope = load("act")["want"]["envelope"]
    return encode_entry(
        ActRecorded(
            ledger=COMMONS, time_ms=1_795_341_600_123, act=read_envelope(envelope)
        )
    )


def time_leaf() -> bytes:
    return encode_entry(
        TimePassed(
            id="0b0f7d0e-3c5a-4f7e-8a59-2f4f0e8b9c11",
            ledger=COMMONS,
            time_ms=1_795_341_600_123,
            checkpoint="text",
            refused={"example": 3},
        )
    )


def signed_leaf(results: bytes = NO_RESULTS) -> bytes:

    value = {
        "keyid": WANT["deployer"],
        "sig": WANT["statement_signature"],
    }
    return LEAF.replace(
        b'"statement":', b'"signature":' + jcs(value) + b',"statement":'
    ).replace(b'"results":[]', b'"results":' + results)


def test_the_vectors_leaves() -> None:
    entry = decode_entry(LEAF)
    assert isinstance(entry, DecisionRecorded)
    assert encode_entry(entry) == LEAF
    assert entry.statement_jcs.decode() == WANT["statement_jcs"]
    assert (entry.ledger, entry.seq, entry.refused) == ("commons", 1, 0)
    assert (entry.results, entry.rules, entry.signature) == ((), NO_RULES, None)
    founding: bytes = WANT["genesis_leaf"].encode()
    founded = decode_entry(founding)
    assert isinstance(founded, Founded)
    assert encode_entry(founded) == founding
    assert format_base64url(hash_leaf(founding)) == WANT["genesis"]

    assert format_base64(hash_leaf(LEAF)) == WANT["leaf_hash"]


def test_the_vectors_act_as_a_leaf() -> None:
    leaf = act_leaf()
    event = json.loads(leaf)
    act = load("act")
    assert event["type"] == "org.counterfoil.act.member.exit.v1"
    assert event["id"] == act["want"]["id"]
    assert event["data"] == {"envelope": act["want"]["envelope"]}
    assert event["time"] == "2026-11-22T10:00:00.123Z"
    actor = json.loads(act["input"]["payload"])["actor"]
    assert event["source"] == f"/commons/actors/{actor}"
    assert leaf == rfc8785.dumps(event)


@pytest.mark.parametrize(
    "leaf",
    [
        LEAF,
        WANT["genesis_leaf"].encode(),
        act_leaf(),
        time_leaf(),
        signed_leaf(),
        signed_leaf(b'[{"id":"a","outcome":"flag"},{"id":"b","outcome":"pass"}]'),
    ],
    ids=["decision", "founding", "act", "time", "signed", "ruled"],
)
def test_one_of_each_comes_back(leaf: bytes) -> None:
    entry = decode_entry(leaf)
    assert encode_entry(entry) == leaf
    assert read_leaf(leaf) == entry


@given(submissions(), entropies(), st.integers(1, 2**53 - 1), st.integers(0, 99))
@settings(max_examples=60)
def test_decisions_come_back_both_ways(
    given_: Submission, entropy: Entropy, seq: int, refused: int
) -> None:
    sealed = seal(GENESIS, given_, entropy)
    leaf = leaf_of(
        "commons", sealed, seq=seq, rules=NO_RULES, results=b"[]", refused=refused
    )
    entry = match_decision(leaf)
    assert entry is not None
    assert entry == read_leaf(leaf)
    assert encode_entry(entry) == leaf
    assert entry.statement_jcs == sealed.statement
    assert (entry.id, entry.time, entry.seq) == (given_.id, given_.time, seq)


@given(st.data())
@settings(max_examples=300)
def test_a_changed_leaf_is_refused_or_read_the_same_both_ways(
    data: st.DataObject,
) -> None:
    leaf = bytearray(data.draw(st.sampled_from((LEAF, signed_leaf()))))
    at = data.draw(st.integers(0, len(leaf) - 1))
    if data.draw(st.booleans()):
        leaf[at] = data.draw(st.integers(0, 255))
    else:
        piece = data.draw(st.sampled_from((b"", b"0", b'"', b" ", b"-0", b"\\u0041")))
        leaf[at : at + data.draw(st.integers(0, 3))] = piece
    fast = match_decision(bytes(leaf))
    slow: Entry | None
    try:
        slow = read_leaf(bytes(leaf))
    except MalformedError:
        slow = None
    assert fast is None or fast == slow
    if slow is not None:
        assert encode_entry(slow) == bytes(leaf)


@pytest.mark.parametrize("leaf", [LEAF, signed_leaf()], ids=["managed", "signed"])
def test_every_byte_changed_is_refused_or_read_the_same_both_ways(leaf: bytes) -> None:
    """All places, not a sample: a dot too many in a pattern hides in one of them."""
    for place in range(len(leaf)):
        for byte in (0, ord('"'), ord("."), leaf[place] ^ 1, leaf[place] ^ 0x80):
            other = leaf[:place] + bytes([byte]) + leaf[place + 1 :]
            fast = match_decision(other)
            if fast is not None:
                assert fast == read_leaf(other)
                assert encode_entry(fast) == other


@given(st.binary(max_size=300) | st.sampled_from((LEAF, act_leaf(), time_leaf())))
@settings(max_examples=100)
def test_nothing_but_malformed_escapes(data: bytes) -> None:
    for cut in (data, data[:-1], data + b" ", data[1:]):
        try:
            entry = decode_entry(cut)
        except MalformedError:
            continue
        assert encode_entry(entry) == cut


def changed(leaf: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    event = json.loads(leaf)
    change(event)
    text = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()  # canonical but for numbers that JCS refuses


def at(*path: str, to: object) -> Callable[[dict[str, Any]], object]:
    """A change of one member."""

    def change(event: dict[str, Any]) -> None:
        inner: Any = event
        for name in path[:-1]:
            inner = inner[name]
        inner[path[-1]] = to

    return change


STATEMENT = ("data", "statement")
HOUR = "2026-11-22T10:30:00Z"
BAD_DECISIONS = {
    "another type": at("type", to="org.counterfoil.decision.recorded.v2"),
    "another version of events": at("specversion", to="1.1"),
    "another content": at("datacontenttype", to="text/plain"),
    "an unknown member": at("extra", to=1),
    "an unknown datum": at("data", "extra", to=1),
    "no data": at("data", to=[]),
    "an unknown statement member": at(*STATEMENT, "extra", to=1),
    "a statement of version true": at(*STATEMENT, "v", to=True),
    "a statement of version 2": at(*STATEMENT, "v", to=2),
    "not a statement": at(*STATEMENT, to="text"),
    "seq zero": at("data", "seq", to=0),
    "seq true": at("data", "seq", to=True),
    "seq too large": at("data", "seq", to=2**53),
    "refused negative": at("data", "refused", to=-1),
    "refused a text": at("data", "refused", to="0"),
    "another id": at("id", to="1b0f7d0e-3c5a-4f7e-8a59-2f4f0e8b9c11"),
    "a version 7 id": at(*STATEMENT, "id", to="0b0f7d0e-3c5a-7f7e-8a59-2f4f0e8b9c11"),
    "another time": at("time", to="2026-11-22T11:00:00Z"),
    "minutes": at(*STATEMENT, "time", to=HOUR),
    "another source": at("source", to="/commons/systems/other"),
    "a reserved ledger": at("source", to="/docs/systems/example"),
    "an actor's source": at("source", to="/commons"),
    "a short digest": at(*STATEMENT, "sealed", "score", to="abc"),
    "stray bits": at(*STATEMENT, "sealed", "score", to="A" * 42 + "B"),
    "a digest with a plus": at(*STATEMENT, "sealed", "score", to="+" + "A" * 42),
    "a digest of umlauts": at(*STATEMENT, "sealed", "score", to="ü" + "A" * 42),
    "a digest that is a number": at(*STATEMENT, "sealed", "score", to=7),
    "a digest that is a list": at(*STATEMENT, "sealed", "score", to=["A"] * 43),
    "a missing slot": lambda e: e["data"]["statement"]["sealed"].pop("score"),
    "an unknown slot": at(*STATEMENT, "sealed", "name", to="A" * 43),
    "an outcome though sealed": at(
        *STATEMENT, "outcome", to={"code": "a", "favourable": True}
    ),
    "open without an outcome": at(*STATEMENT, "profile", to="open"),
    "an unknown profile": at(*STATEMENT, "profile", to="secret"),
    "an unknown automation": at(*STATEMENT, "automation", to="none"),
    "an automation that is a list": at(*STATEMENT, "automation", to=["full"]),
    "a version with a space": at(*STATEMENT, "version", to="a b"),
    "a key of another kind": at(*STATEMENT, "contest_key", to="did:key:zAbc"),
    "a key just out of range": at(
        *STATEMENT, "contest_key", to="did:key:z6Mk" + "z" * 44
    ),
    "short rules": at("data", "rules", to="abc"),
    "results not a list": at("data", "results", to={}),
    "an unknown result": at("data", "results", to=[{"id": "a", "outcome": "refuse"}]),
    "results out of order": at(
        "data",
        "results",
        to=[{"id": "b", "outcome": "pass"}, {"id": "a", "outcome": "pass"}],
    ),
    "a null signature": at("data", "signature", to=None),
    "a short signature": at(
        "data", "signature", to={"keyid": WANT["deployer"], "sig": "AAAA"}
    ),
    "a signature by nobody": at("data", "signature", to={"keyid": "x", "sig": "AAAA"}),
}


@pytest.mark.parametrize("name", BAD_DECISIONS)
def test_a_decision_of_another_form_is_refused(name: str) -> None:
    leaf = changed(LEAF, BAD_DECISIONS[name])
    assert leaf != LEAF
    with pytest.raises(MalformedError):
        decode_entry(leaf)


BAD_OTHERS = {
    "a founder that is no key": (WANT["genesis_leaf"].encode(),
                                 at("data", "founders", to=["me"])),
    "no parameters": (WANT["genesis_leaf"].encode(),
                      lambda e: e["data"].pop("parameters")),
    "a founding's day that is none": (WANT["genesis_leaf"].encode(),
                                      at("time", to="2026-02-30T10:00:00Z")),
    "a founding with an odd id": (WANT["genesis_leaf"].encode(), at("id", to="1")),
    "an empty origin": (WANT["genesis_leaf"].encode(), at("data", "origin", to="")),
    "an act's second datum": (act_leaf(), at("data", "note", to="unsigned")),
    "an act under another type": (act_leaf(),
                                  at("type", to="org.counterfoil.act.member.join.v1")),
    "an act under another id": (act_leaf(), at("id", to="A" * 43)),
    "an act of another actor": (act_leaf(),
                                at("source", to=f"/commons/actors/{KEY.did}")),
    "an act's time in seconds": (act_leaf(), at("time", to="2026-11-22T10:00:00Z")),
    "a count of zero": (time_leaf(), at("data", "refused", "example", to=0)),
    "a checkpoint of numbers": (time_leaf(), at("data", "checkpoint", to=1)),
    "a time without refused": (time_leaf(), lambda e: e["data"].pop("refused")),
    "no data": (time_leaf(), at("data", to=None)),
    "an unknown type": (time_leaf(), at("type", to="org.counterfoil.time.passed.v2")),
    "a type of numbers": (time_leaf(), at("type", to=1)),
    "a time with an odd id": (time_leaf(), at("id", to="1")),
    "refused of a list": (time_leaf(), at("data", "refused", to=[])),
    "parameters of text": (WANT["genesis_leaf"].encode(),
                           at("data", "parameters", to="x")),
    "vkeys of numbers": (WANT["genesis_leaf"].encode(), at("data", "vkeys", to=[1])),
    "a passkey's act": (act_leaf(), at("data", "envelope", "signatures", to=[{
        "keyid": "AAAA", "sig": "AAAA",
        "webauthn": {"authenticatorData": "AA", "clientDataJSON": "AA"}}])),
    "a float": (time_leaf(), at("data", "refused", "example", to=1.5)),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_OTHERS)
def test_another_entry_of_another_form_is_refused(name: str) -> None:
    leaf, change = BAD_OTHERS[name]
    assert decode_entry(leaf) is not None
    with pytest.raises(MalformedError):
        decode_entry(changed(leaf, change))


@pytest.mark.parametrize(
    "leaf",
    [
        LEAF + b"\n",
        b" " + LEAF,
        LEAF.replace(b'"seq":1', b'"seq":1,"seq":1'),
        LEAF.replace(b'"seq":1', b'"seq":1.0'),
        LEAF.replace(b'"seq":1', b'"seq":01'),
        LEAF.replace(b"rejected", b"rejecte\\u0064"),
        LEAF.replace(b'"example"', b'"ex\\u0061mple"'),
        json.dumps(json.loads(LEAF)).encode(),
        b"x" * 65_536,
    ],
)
def test_another_spelling_is_refused(leaf: bytes) -> None:
    if leaf == LEAF:  # the vector's leaf has no such text
        return
    with pytest.raises(MalformedError):
        decode_entry(leaf)


def test_a_leaf_too_long_is_not_written() -> None:
    founded = decode_entry(WANT["genesis_leaf"].encode())
    assert isinstance(founded, Founded)
    with pytest.raises(MalformedError, match="65,535"):
        encode_entry(replace(founded, extra={"more": "x" * 65_535}))
    again = replace(founded, extra={"parent": {"origin": "other"}})
    assert decode_entry(encode_entry(again)) == again


@given(codes, st.dictionaries(codes, st.integers(0, 9) | codes, max_size=3))
@settings(max_examples=30)
def test_any_act_comes_back(word: str, body: dict[str, Any]) -> None:
    payload = format_payload(
        genesis=GENESIS,
        act="system.register",
        actor=KEY.did,
        seq=1,
        until="2026-11-23T10:00:00Z",
        seen_size=1,
        seen_root=bytes(32),
        body={**body, "word": word},
    )
    act = read_envelope(sign_act(KEY, payload))
    entry = ActRecorded(ledger=COMMONS, time_ms=5, act=act)
    assert decode_entry(encode_entry(entry)) == entry


def test_errors_are_of_our_tree() -> None:
    with pytest.raises(CounterfoilError):
        decode_entry(b"\xff")


def test_one_member_of_a_decisions_leaf() -> None:
    tag = json.loads(LEAF)["data"]["statement"]["subject_tag"]
    assert subject_tag_of(LEAF) == tag
    assert source_system(LEAF) == ("example", "0b0f7d0e-3c5a-4f7e-8a59-2f4f0e8b9c11")
    with pytest.raises(MalformedError):
        subject_tag_of(time_leaf())
    with pytest.raises(MalformedError):
        source_system(act_leaf())
