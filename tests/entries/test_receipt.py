"""Receipts: what holds, and each way in which one does not."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from ledger.canonical import format_base64, format_base64url, parse_base64url
from ledger.entries.codec import decode_entry
from ledger.entries.decision import NONCE_BYTES, decrypt, encrypt
from ledger.entries.disclosure import SLOTS
from ledger.entries.entry import DecisionRecorded
from ledger.entries.receipt import (
    Receipt,
    format_receipt,
    parse_receipt,
    verify_receipt,
)
from ledger.entries.secret import derive
from ledger.errors import MalformedError
from ledger.ids import LeafIndex
from ledger.merkle.note import signer_key
from ledger.merkle.policy import Policy, Witness
from tests.entries.receipts import (
    ACTED,
    BARE,
    FOUNDING,
    LEAVES,
    OTHER_VKEY,
    POLICY,
    VKEY,
    WHOLE,
    proof_of,
)
from tests.entries.vectors import WANT

ALL = ["leaf", "id", "genesis", "checkpoint", "inclusion"]


def failing(receipt: Receipt, policy: Policy | None = POLICY) -> set[str]:
    found = verify_receipt(receipt, policy)
    failed = {check.name for check in found.checks if not check.holds}
    assert found.holds is (not failed)
    return failed


@pytest.mark.parametrize("receipt", [FOUNDING, BARE, ACTED, WHOLE])
def test_files_come_back(receipt: Receipt) -> None:
    assert parse_receipt(format_receipt(receipt).encode()) == receipt


def test_what_holds_holds_and_says_what_was_checked() -> None:
    names = {
        id(receipt): [check.name for check in verify_receipt(receipt, POLICY).checks]
        for receipt in (FOUNDING, BARE, ACTED, WHOLE)
    }
    assert names[id(FOUNDING)] == names[id(BARE)] == ALL
    assert names[id(ACTED)] == [*ALL, "signature"]
    assert names[id(WHOLE)] == [*ALL, "policy", "subject-tag", "contest-key", "sealed"]
    for receipt in (FOUNDING, BARE, ACTED, WHOLE):
        assert failing(receipt) == set()
    assert verify_receipt(WHOLE, vkeys=[VKEY]).holds


def other_base64(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def sealed_again(leaf: bytes, secret: bytes, sealed: bytes) -> bytes:
    """Another outcome than was decided, by whoever has the secret: as the operator has."""
    entry = decode_entry(leaf)
    assert isinstance(entry, DecisionRecorded)
    keys, statement = derive(secret), entry.statement_jcs
    disclosures = json.loads(decrypt(keys.dek, statement, sealed))
    place = SLOTS.index("outcome")
    salt, slot, _ = json.loads(parse_base64url(disclosures[place]))
    said = json.dumps([salt, slot, {"code": "invited", "favourable": True}])
    disclosures[place] = format_base64url(said.encode())
    plaintext = json.dumps(disclosures, separators=(",", ":")).encode()
    return encrypt(keys, statement, plaintext, sealed[:NONCE_BYTES])


SHIFTED = LEAVES[1].replace(b'"seq":1', b'"seq":2')
LIES: dict[str, tuple[Receipt, set[str]]] = {
    "another id": (replace(WHOLE, id="x"), {"id"}),
    "another genesis": (replace(WHOLE, genesis="A" * 43), {"genesis"}),
    "another origin": (replace(WHOLE, origin="other.example/x"), {"checkpoint"}),
    "another index": (replace(WHOLE, index=LeafIndex(2)), {"inclusion"}),
    "a changed leaf": (replace(WHOLE, leaf=SHIFTED), {"inclusion"}),
    "a leaf that is none": (replace(WHOLE, leaf=b"{}"), {"leaf", "inclusion"}),
    "another leaf of the log": (
        replace(BARE, leaf=LEAVES[0]),
        {"id", "inclusion"},
    ),
    "a proof of another entry": (
        replace(BARE, proof=proof_of(0, LEAVES)),
        {"inclusion"},
    ),
    "a forked log": (
        replace(BARE, proof=proof_of(1, [b"other", SHIFTED, b"third"])),
        {"inclusion"},
    ),
    "no proof": (replace(BARE, proof="nothing"), {"checkpoint", "inclusion"}),
    "another secret": (
        replace(WHOLE, secret=bytes(32)),
        {"subject-tag", "contest-key", "sealed"},
    ),
    "a changed sealed part": (
        replace(WHOLE, sealed=other_base64(WHOLE.sealed or b"", 20)),
        {"sealed"},
    ),
    "another truth, sealed again": (
        replace(
            WHOLE,
            sealed=sealed_again(WHOLE.leaf, WHOLE.secret or b"", WHOLE.sealed or b""),
        ),
        {"sealed"},
    ),
    "a cut sealed part": (replace(WHOLE, sealed=b"short"), {"sealed"}),
    "a sealed part without its secret": (replace(WHOLE, secret=None), {"secret"}),
    "a secret on an act": (replace(ACTED, secret=bytes(32)), {"secret"}),
    "a policy that is none": (replace(WHOLE, policy="believe me\n"), {"policy"}),
    "a policy of nobody's": (replace(WHOLE, policy="log x\n"), {"policy"}),
    "a founding of another ledger": (
        replace(FOUNDING, genesis="A" * 43),
        {"genesis"},
    ),
    "an act of another ledger": (replace(ACTED, genesis="A" * 43), {"genesis"}),
}


@pytest.mark.parametrize("name", LIES)
def test_each_lie_fails_its_own_checks(name: str) -> None:
    receipt, expected = LIES[name]
    assert failing(receipt) == expected


def test_a_stranger_s_log_is_not_believed() -> None:
    assert failing(BARE, None) == {"checkpoint"}
    assert not verify_receipt(BARE, vkeys=[OTHER_VKEY]).holds


def test_a_missing_witness_is_named() -> None:
    key = signer_key("witness.example", b"\5" * 32, 0x04).vkey
    policy = replace(POLICY, witnesses=(Witness(name="W1", vkey=key),), quorum="W1")
    found = verify_receipt(BARE, policy)
    assert [check.sentence for check in found.checks if not check.holds] == [
        "0 known witnesses cosigned the checkpoint: the policy's quorum 'W1' is not met"
    ]


def test_a_signed_statement_is_checked() -> None:
    sig = f'"sig":"{WANT["statement_signature"]}"'
    value = f'"signature":{{"keyid":"{WANT["deployer"]}",{sig}}},"statement":'
    for text, expected in (
        (value, set()),
        (value.replace('"sig":"rc', '"sig":"rd'), {"signature"}),
    ):
        leaf = LEAVES[1].replace(b'"statement":', text.encode())
        leaves = [LEAVES[0], leaf]
        receipt = replace(WHOLE, leaf=leaf, proof=proof_of(1, leaves))
        assert failing(receipt) == expected


def test_a_disclosure_of_another_value_is_found_under_the_right_key() -> None:
    """The leaf's digests decide, not that the ciphertext opens."""
    leaf = LEAVES[1].replace(b'"score":"9O-5', b'"score":"8O-5')
    leaves = [LEAVES[0], leaf]
    receipt = replace(WHOLE, leaf=leaf, proof=proof_of(1, leaves))
    assert failing(receipt) == {"sealed"}


VALUE: dict[str, Any] = json.loads(format_receipt(WHOLE))
BAD_FILES: dict[str, object] = {
    "a list": [],
    "an empty object": {},
    "an unknown member": VALUE | {"extra": 1},
    "a missing member": {k: v for k, v in VALUE.items() if k != "proof"},
    "version true": VALUE | {"counterfoil": True},
    "version 2": VALUE | {"counterfoil": 2},
    "an index of text": VALUE | {"index": "1"},
    "a negative index": VALUE | {"index": -1},
    "an index of half": VALUE | {"index": 1.5},
    "an id of null": VALUE | {"id": None},
    "a null secret": VALUE | {"secret": None},
    "a short secret": VALUE | {"secret": "AAAA"},
    "a short genesis": VALUE | {"genesis": "AAAA"},
    "a leaf in base64url": VALUE | {"leaf": "_-_-"},
    "a leaf too long": VALUE | {"leaf": format_base64(bytes(65_536))},
    "a sealed part of words": VALUE | {"sealed": "two words"},
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_of_another_form_is_refused(name: str) -> None:
    with pytest.raises(MalformedError):
        parse_receipt(json.dumps(BAD_FILES[name]).encode())


def test_a_file_too_long_or_with_a_name_twice_is_refused() -> None:
    with pytest.raises(MalformedError, match="longer"):
        parse_receipt(b" " * (2 * 1024 * 1024 + 1))
    text = format_receipt(WHOLE)
    with pytest.raises(MalformedError, match="twice"):
        parse_receipt(text.replace('"id":', '"id": "x",\n "id":').encode())


def test_secrets_are_not_in_a_repr() -> None:
    assert "secret" not in repr(WHOLE)
    assert "sealed=" not in repr(WHOLE)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(max_examples=100)
def test_nothing_but_malformed_escapes(data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_receipt(data)


@given(st.sampled_from(sorted(VALUE)), st.text(max_size=60))
@settings(max_examples=150)
def test_any_text_in_any_member_is_refused_or_does_not_hold(
    name: str, text: str
) -> None:
    if VALUE[name] == text:
        return
    try:
        receipt = parse_receipt(json.dumps(VALUE | {name: text}).encode())
    except MalformedError:
        return
    assert not verify_receipt(receipt, POLICY).holds


@given(st.data())
@settings(max_examples=150)
def test_any_changed_byte_of_leaf_proof_or_sealed_part_is_found(
    data: st.DataObject,
) -> None:
    name = data.draw(st.sampled_from(("leaf", "proof", "sealed")))
    whole: Any = getattr(WHOLE, name)
    raw = bytearray(whole.encode() if name == "proof" else whole)
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= 1 << data.draw(st.integers(0, 6))
    changed: Any = bytes(raw)
    if name == "proof":
        try:
            changed = changed.decode()
        except UnicodeDecodeError:
            return
    assert not verify_receipt(replace(WHOLE, **{name: changed}), POLICY).holds
