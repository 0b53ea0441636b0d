"""Receipts in JavaScript: every lie fails the checks it fails in Python; how long it takes."""

import json
from dataclasses import replace

import pytest

from ledger.entries.receipt import Receipt, format_receipt
from ledger.governance.safeguards.recheck import format_rules_file, read_rules_file
from ledger.ids import Hash, LeafIndex, TreeSize
from ledger.merkle.checkpoint import Checkpoint, sign_checkpoint
from ledger.merkle.hashing import hash_children, hash_leaf
from ledger.merkle.tlogproof import format_tlog_proof
from tests.entries.receipts import (
    ACTED,
    BARE,
    FOUNDING,
    ORIGIN,
    OTHER_VKEY,
    POLICY_TEXT,
    SIGNER,
    VKEY_TEXT,
    WHOLE,
)
from tests.entries.test_receipt import ALL, BAD_FILES, LIES
from tests.entries.vectors import WANT
from tests.fuzz.parsers import PARSERS
from tests.web.verify.node import Call, Verifier
from tests.web.verify.sides import divergence

VERIFY_MS_MAX = 200  # for a log of a million entries; the issue's own bound


def checks(verifier: Verifier, receipt: Receipt) -> list[list[object]]:
    file = format_receipt(receipt).encode()
    found = verifier.ask("receipt", file, [], POLICY_TEXT)
    assert found["own"] is False
    made: list[list[object]] = found["checks"]
    return made


def test_the_named_checks_in_their_order(verifier: Verifier) -> None:
    names = {
        receipt.id: [name for name, held in checks(verifier, receipt) if held]
        for receipt in (FOUNDING, ACTED, WHOLE)
    }
    assert names[FOUNDING.id] == ALL
    assert names[ACTED.id] == [*ALL, "signature"]
    assert names[WHOLE.id] == [*ALL, "policy", "subject-tag", "contest-key", "sealed"]


@pytest.mark.parametrize("name", LIES)
def test_each_lie_fails_its_own_checks(verifier: Verifier, name: str) -> None:
    receipt, expected = LIES[name]
    made = checks(verifier, receipt)
    assert {check for check, held in made if not held} == expected


@pytest.mark.parametrize("name", BAD_FILES)
def test_files_of_another_form_are_refused(verifier: Verifier, name: str) -> None:
    file = json.dumps(BAD_FILES[name]).encode()
    (answer,) = verifier.call([("receipt", [file, [VKEY_TEXT], None])])
    assert answer.refusal == "MalformedError"


def test_whom_to_believe(verifier: Verifier) -> None:
    file = format_receipt(WHOLE).encode()
    other = format_receipt(replace(BARE, policy=None)).encode()
    stranger = f"{OTHER_VKEY.name}+{OTHER_VKEY.key_id.hex()}"
    calls: list[Call] = [
        ("receipt", [file, [], None]),
        ("receipt", [file, [VKEY_TEXT], None]),
        ("receipt", [file, [], "quorum none\n"]),
        ("receipt", [file, [VKEY_TEXT], "quorum none\n"]),
        ("receipt", [other, [], None]),
        ("receipt", [other, [stranger], None]),
    ]
    for call in calls:
        (answer,) = verifier.call([call])
        assert divergence(call, answer) is None


def test_the_hash_of_rules(verifier: Verifier) -> None:
    held = read_rules_file(json.loads(PARSERS["rules-file"].sound))
    file = json.dumps(format_rules_file(held.rules, held.system)).encode()
    assert verifier.ask("rules-hash", file) == held.rules.hash
    none = b'{"rules":[],"system":{}}'
    assert verifier.ask("check-rules", WANT["leaf"].encode(), none, []) is True
    (other,) = verifier.call([("check-rules", [WANT["leaf"].encode(), file, []])])
    assert other.refusal == "VerificationError"


def _root(index: int, size: int, leaf_hash: Hash, proof: list[Hash]) -> Hash:
    """RFC 9162 section 2.1.3.2, whose last step gives the root."""
    at, last, root = index, size - 1, leaf_hash
    for sibling in proof:
        if at & 1 or at == last:
            root = hash_children(sibling, root)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            root = hash_children(root, sibling)
        at, last = at >> 1, last >> 1
    assert last == 0
    return root


def test_a_receipt_of_a_log_of_a_million_entries_in_time(verifier: Verifier) -> None:
    """The fastest of a few: what the machine does beside it is not the verifier's."""
    size, index = 1_000_000, 123_456
    proof = [Hash(bytes([number]) * 32) for number in range(20)]
    root = _root(index, size, hash_leaf(WHOLE.leaf), proof)
    head = Checkpoint(origin=ORIGIN, size=TreeSize(size), root=root)
    note = sign_checkpoint(SIGNER, head)
    receipt = replace(
        WHOLE,
        index=LeafIndex(index),
        proof=format_tlog_proof(LeafIndex(index), proof, note),
    )
    file = format_receipt(receipt).encode()
    times = verifier.ask("time-receipt", file, [VKEY_TEXT], 10)
    assert min(times) <= VERIFY_MS_MAX
