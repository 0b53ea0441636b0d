"""An act's leaf by patterns, held to the plain way: never more, never otherwise."""

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from ledger.canonical import format_base64, jcs
from ledger.entries.act import (
    act_id,
    format_payload,
    read_envelope,
    read_payload,
    sign_act,
)
from ledger.entries.act_pattern import match_act
from ledger.entries.codec import decode_entry, encode_entry, read_leaf, write_leaf
from ledger.entries.entry import ActRecorded, Entry
from ledger.entries.payload import match_payload
from ledger.errors import MalformedError
from ledger.ids import LedgerName
from ledger.keys import SigningKey
from tests.entries.vectors import GENESIS, load

KEY = SigningKey(b"\7" * 32)
BODY = {"choice": ["yes", 3, None, True], "proposal": "A" * 43, "reason": {}}
MOST = 2**53 - 1


def payload_of(body: dict[str, Any] = BODY, seq: int = 7, size: int = 12) -> bytes:
    return format_payload(
        genesis=GENESIS,
        act="ballot.cast",
        actor=KEY.did,
        seq=seq,
        until="2026-11-23T10:00:00Z",
        seen_size=size,
        seen_root=b"\1" * 32,
        body=body,
    )


def leaf_of(payload: bytes, act: str = "ballot.cast") -> bytes:
    """What a liar could write: whatever the payload is, the rest fits it."""
    return jcs(
        {
            "specversion": "1.0",
            "id": act_id(payload),
            "source": f"/commons/actors/{KEY.did}",
            "type": f"org.counterfoil.act.{act}.v1",
            "time": "2026-11-22T10:00:00.123Z",
            "datacontenttype": "application/json",
            "data": {"envelope": sign_act(KEY, payload)},
        }
    )


LEAF = leaf_of(payload_of())
PAYLOAD = payload_of()


def hold(leaf: bytes) -> ActRecorded | None:
    """What the pattern says, which the plain way says too or nothing is said."""
    fast = match_act(leaf)
    slow: Entry | None
    try:
        slow = read_leaf(leaf)
    except MalformedError:
        slow = None
    assert fast is None or fast == slow
    if slow is not None:
        assert encode_entry(slow) == write_leaf(slow) == leaf
        assert decode_entry(leaf) == slow
    return fast


def hold_payload(payload: bytes) -> None:
    """The same of a payload alone, where the pattern may also refuse."""
    try:
        slow = read_payload(payload)
    except MalformedError:
        slow = None
    try:
        fast = match_payload(payload)
    except MalformedError:
        assert slow is None
    else:
        assert fast is None or fast == slow


def test_it_reads_what_an_actor_signed() -> None:
    vector = load("act")["want"]["envelope"]
    signed = ActRecorded(
        ledger=LedgerName("commons"),
        time_ms=1_795_341_600_123,
        act=read_envelope(vector),
    )
    assert hold(encode_entry(signed)) == signed
    assert hold(LEAF) is not None
    assert hold(leaf_of(payload_of(seq=MOST, size=MOST))) is not None


ascii_texts = st.text(st.characters(max_codepoint=127), max_size=9)
bodies = st.dictionaries(
    ascii_texts,
    st.recursive(
        st.none() | st.booleans() | st.integers(-MOST, MOST) | ascii_texts,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(ascii_texts, inner, max_size=3)
        ),
        max_leaves=8,
    ),
    max_size=4,
)


@given(bodies, st.integers(1, MOST), st.integers(1, MOST))
@settings(max_examples=150)
def test_any_body_of_ascii_is_read_by_it(
    body: dict[str, Any], seq: int, size: int
) -> None:
    found = hold(leaf_of(payload_of(body, seq, size)))
    assert found is not None
    assert (found.act.body, found.act.seq, found.act.seen_size) == (body, seq, size)


PIECES = (
    b"", b"0", b'"', b" ", b"-0", b"1.0", b"1e2", b"\\u0041", b"{}", b"}", b",", b"[",
    b'"a":1,', b"null", b"9007199254740992", b"9007199254740991", "ü".encode(),
)  # fmt: skip


@given(st.data())
@settings(max_examples=400)
def test_a_changed_leaf_or_payload_is_read_the_same_or_not_at_all(
    data: st.DataObject,
) -> None:
    inside = data.draw(st.booleans())
    raw = bytearray(PAYLOAD if inside else LEAF)
    for _ in range(data.draw(st.integers(1, 2))):
        at = data.draw(st.integers(0, len(raw) - 1))
        if data.draw(st.booleans()):
            raw[at] = data.draw(st.integers(0, 255))
        else:
            piece = data.draw(st.sampled_from(PIECES))
            raw[at : at + data.draw(st.integers(0, 4))] = piece
    hold(leaf_of(bytes(raw)) if inside else bytes(raw))
    hold_payload(bytes(raw))


@pytest.mark.parametrize("inside", [False, True], ids=["leaf", "payload"])
def test_every_byte_changed_is_read_the_same_or_not_at_all(*, inside: bool) -> None:
    """All places, not a sample: a dot too many in a pattern hides in one of them."""
    raw = PAYLOAD if inside else LEAF
    for place in range(len(raw)):
        for byte in (0, ord('"'), ord("."), ord("="), raw[place] ^ 1, raw[place] ^ 128):
            other = raw[:place] + bytes([byte]) + raw[place + 1 :]
            hold(leaf_of(other) if inside else other)
            hold_payload(other)


@pytest.mark.parametrize(
    ("levels", "read"), [(30, True), (31, False), (40, False), (300, False)]
)
def test_a_body_counts_its_levels_from_the_payloads(levels: int, *, read: bool) -> None:
    """The payload is the first of 32, a body's own object the second."""
    head, tail = PAYLOAD.split(jcs(BODY))
    deep = b'{"a":' * levels + b"{}" + b"}" * levels
    leaf = leaf_of(head + deep + tail)
    assert (hold(leaf) is not None) is read
    if not read:
        with pytest.raises(MalformedError):
            read_leaf(leaf)


@pytest.mark.parametrize(
    "payload",
    [
        payload_of(seq=7).replace(b'"seq":7', b'"seq":9007199254740992'),
        payload_of().replace(b'"size":12', b'"size":9999999999999999'),
        payload_of().replace(b'"seq":7', b'"seq":0'),
        payload_of().replace(b'"seq":7', b'"seq":true'),
        payload_of().replace(b'"v":1', b'"v":1,"w":1'),
        payload_of().replace(b'"v":1', b'"v":2'),
        payload_of().replace(b"ballot.cast", b"ballot"),
        payload_of().replace(b"ballot.cast", b"ballot.other"),
        payload_of().replace(b"2026-11-23T10", b"2026-11-23T25"),
        payload_of().replace(KEY.did.encode(), b"did:key:z6Mk" + b"z" * 44),
    ],
)
def test_what_no_act_says_is_read_by_neither(payload: bytes) -> None:
    leaf = leaf_of(payload)
    assert match_act(leaf) is None
    with pytest.raises(MalformedError):
        read_leaf(leaf)


def test_what_only_the_plain_way_reads() -> None:
    for body in ({"name": "Zoë"}, {"ok": "\u2028"}):
        leaf = leaf_of(payload_of(body))
        assert match_act(leaf) is None
        assert isinstance(read_leaf(leaf), ActRecorded)
    by_another = LEAF.replace(
        f'"keyid":"{KEY.did}"'.encode(),
        f'"keyid":"{SigningKey(b"8" * 32).did}"'.encode(),
    )
    assert match_act(by_another) is None
    assert isinstance(read_leaf(by_another), ActRecorded)


def test_base64_in_it_has_one_spelling() -> None:
    text = format_base64(PAYLOAD)
    for other in (
        text + "=",
        text[:-1],
        text.rstrip("=") + "A",
        text + "AAAA",
        "=" + text,
    ):
        assert hold(LEAF.replace(text.encode(), other.encode())) is None
