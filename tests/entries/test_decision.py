"""The hot path against CONTRACT's vector, `jcs`, and the `rfc8785` library."""

import json
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings

from ledger.canonical import format_base64url, jcs, parse_base64url
from ledger.entries.decision import (
    DECISION_RECORDED,
    NO_RESULTS,
    NO_RULES,
    Entropy,
    SealedDecision,
    Submission,
    bind,
    check_disclosures,
    leaf_of,
    open_sealed,
    rules_hash,
    seal,
)
from ledger.entries.disclosure import SLOTS, format_disclosures, format_plaintext
from ledger.entries.secret import check_subject_tag, derive
from ledger.entries.statement import (
    check_statement_signature,
    parse_statement,
    sign_statement,
)
from ledger.errors import VerificationError
from ledger.keys import SigningKey, public_key
from tests.entries.strategies import entropies, submissions
from tests.entries.vectors import GENESIS, INPUT, SECRET, WANT, compact, submission


def vector_sealed() -> SealedDecision:
    salts = [salt.encode() for salt in INPUT["salts"]]
    disclosures = format_disclosures(salts, submission().values)
    nonce = parse_base64url(INPUT["nonce"])
    return bind(GENESIS, submission(), SECRET, disclosures, nonce)


def test_every_byte_of_the_vector() -> None:
    sealed = vector_sealed()
    assert [text.decode() for text in sealed.disclosures] == WANT["disclosures"]
    assert format_plaintext(sealed.disclosures).decode() == WANT["plaintext"]
    assert sealed.statement.decode() == WANT["statement_jcs"]
    assert sealed.contest_key == WANT["contest_key"]
    assert format_base64url(sealed.sealed) == WANT["sealed"]
    leaf = leaf_of(
        "commons", sealed, seq=1, rules=NO_RULES, results=NO_RESULTS, refused=0
    )
    assert leaf.decode() == WANT["leaf"]


def test_the_vectors_signature_is_the_deployers() -> None:
    key = SigningKey(parse_base64url(INPUT["deployer_seed"]))
    statement = WANT["statement_jcs"].encode()
    signature = parse_base64url(WANT["statement_signature"])
    assert key.did == WANT["deployer"]
    assert sign_statement(key, statement) == signature
    check_statement_signature(WANT["deployer"], statement, signature)
    with pytest.raises(VerificationError):
        check_statement_signature(WANT["deployer"], statement + b" ", signature)


def test_the_vectors_sealed_part_opens() -> None:
    statement = WANT["statement_jcs"].encode()
    disclosures = open_sealed(SECRET, statement, parse_base64url(WANT["sealed"]))
    check_disclosures(parse_statement(statement), disclosures)
    assert {d.slot: d.value for d in disclosures if d.value is not None} == INPUT[
        "values"
    ]
    assert [d.text for d in disclosures] == WANT["disclosures"]


def test_no_rules_is_the_hash_of_the_empty_list() -> None:
    assert rules_hash(b"[]") == NO_RULES


def expected_leaf(ledger: str, statement: bytes, **data: Any) -> dict[str, Any]:
    """The leaf as CONTRACT says it, for the general encoders."""
    parsed = json.loads(statement)
    return {
        "specversion": "1.0",
        "id": parsed["id"],
        "source": f"/{ledger}/systems/{parsed['system']}",
        "type": DECISION_RECORDED,
        "time": parsed["time"],
        "datacontenttype": "application/json",
        "data": {"statement": parsed, **data},
    }


@given(submissions(), entropies())
@settings(max_examples=60)
def test_concatenation_is_canonical(given_: Submission, entropy: Entropy) -> None:
    sealed = seal(GENESIS, given_, entropy)
    results = [{"id": "rule-1", "outcome": "flag"}]
    leaf = leaf_of(
        "commons", sealed, seq=7, rules=NO_RULES, results=jcs(results), refused=3
    )
    want = expected_leaf(
        "commons", sealed.statement, seq=7, rules=NO_RULES, results=results, refused=3
    )
    assert leaf == jcs(want) == rfc8785.dumps(want)
    signed = {"keyid": "did:key:z6Mk", "sig": "AAAA"}
    signed_leaf = leaf_of(
        "commons",
        sealed._replace(signature=jcs(signed)),
        seq=7,
        rules=NO_RULES,
        results=NO_RESULTS,
        refused=0,
    )
    want["data"] |= {"signature": signed, "results": [], "refused": 0}
    assert signed_leaf == rfc8785.dumps(want)


@given(submissions(), entropies())
@settings(max_examples=60)
def test_k_opens_everything(given_: Submission, entropy: Entropy) -> None:
    sealed = seal(GENESIS, given_, entropy)
    statement = parse_statement(sealed.statement)
    keys = derive(entropy.secret)
    check_subject_tag(keys, parse_base64url(statement.subject_tag))
    assert statement.contest_key == SigningKey(keys.contest_seed).did
    assert public_key(keys.contest_seed) == SigningKey(keys.contest_seed).public
    disclosures = open_sealed(entropy.secret, sealed.statement, sealed.sealed)
    check_disclosures(statement, disclosures)
    for disclosure in disclosures:
        text = given_.values.get(disclosure.slot, b"null")
        assert disclosure.value == json.loads(text)
        assert compact(disclosure.value) == text
    assert statement.outcome == given_.outcome
    assert (statement.id, statement.system) == (given_.id, given_.system)
    assert (statement.version, statement.time) == (given_.version, given_.time)


@given(submissions(), entropies())
@settings(max_examples=30)
def test_nothing_of_a_sealed_decision_is_on_its_leaf(
    given_: Submission, entropy: Entropy
) -> None:
    """Marked values, plain, in base64 at each alignment, and plainly hashed."""
    canary = b"Canary-4711-Zurich"
    values = dict.fromkeys(SLOTS, b'{"v":"' + canary + b'"}')
    sealed = seal(
        GENESIS,
        given_._replace(profile="sealed", outcome=None, time="2026-11-22T10:00:00Z",
                values=values),
        entropy,
    )  # fmt: skip
    leaf = leaf_of(
        "commons", sealed, seq=1, rules=NO_RULES, results=NO_RESULTS, refused=0
    )
    assert canary not in leaf
    assert canary not in sealed.sealed
    assert canary.hex().encode() not in leaf
    for shift in range(3):
        inner = format_base64url(b"x" * shift + canary)[4:-4].encode()
        assert inner not in leaf
    for plain in (canary, *values.values()):
        assert format_base64url(sha256(plain).digest()).encode() not in leaf


def test_a_changed_byte_anywhere_does_not_open() -> None:
    sealed = vector_sealed()
    for at in (0, 11, 12, 500, len(sealed.sealed) - 1):
        changed = bytearray(sealed.sealed)
        changed[at] ^= 1
        with pytest.raises(VerificationError):
            open_sealed(SECRET, sealed.statement, bytes(changed))
    with pytest.raises(VerificationError):
        open_sealed(bytes(32), sealed.statement, sealed.sealed)
    with pytest.raises(VerificationError):
        open_sealed(SECRET, sealed.statement + b" ", sealed.sealed)
    with pytest.raises(VerificationError, match="length"):
        open_sealed(SECRET, sealed.statement, b"short")


def test_a_disclosure_of_another_value_is_named() -> None:
    sealed = vector_sealed()
    statement = parse_statement(sealed.statement)
    other = seal(
        GENESIS,
        submission(),
        Entropy(secret=SECRET, salts=bytes(288), nonce=bytes(12)),
    )
    disclosures = open_sealed(SECRET, other.statement, other.sealed)
    with pytest.raises(VerificationError, match="decided_at"):
        check_disclosures(statement, disclosures)


def test_one_slot_can_be_sealed_again_under_the_same_secret() -> None:
    first = vector_sealed()
    changed = list(first.disclosures)
    again = seal(
        GENESIS,
        submission()._replace(values={"results": b'{"rules":"r","results":[]}'}),
        Entropy(secret=SECRET, salts=bytes(range(144)) * 2, nonce=bytes(12)),
    )
    changed[-1] = again.disclosures[-1]
    second = bind(GENESIS, submission(), SECRET, changed, b"\1" * 12)
    before, after = parse_statement(first.statement), parse_statement(second.statement)
    assert second.contest_key == first.contest_key
    differing = {s for s in SLOTS if before.sealed[s] != after.sealed[s]}
    assert differing == {"results"}
    check_disclosures(after, open_sealed(SECRET, second.statement, second.sealed))
