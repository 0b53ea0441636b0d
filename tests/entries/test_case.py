"""Case keys, boxes, claims: the known answers, and what belongs to another case."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hpke as other
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from ledger.canonical import format_base64, format_base64url, jcs, parse_base64url
from ledger.entries.case import (
    check_claim,
    derive_case,
    derive_claim,
    parse_seed,
    prove_claim,
    seal_case,
    seal_dek,
    unseal_case,
    unseal_dek,
)
from ledger.errors import MalformedError, VerificationError
from ledger.keys import SigningKey, agreement_key, agreement_secret
from tests.entries.test_hpke import FOLDER

_CASE = json.loads((FOLDER / "case.json").read_text("utf-8"))
GIVEN: dict[str, Any] = _CASE["input"]
WANT: dict[str, Any] = _CASE["want"]
CASE_KEY, SEED, DEK, EPHEMERAL = (
    parse_base64url(GIVEN[name]) for name in ("C", "S", "dek", "ephemeral")
)
REVIEWER = SigningKey(parse_base64url(GIVEN["reviewer_seed"]))
SECRET = agreement_secret(REVIEWER)
RECIPIENT = agreement_key(REVIEWER.did)
CLAIM = derive_claim(SEED)
DECISION, GENESIS, GRANT = GIVEN["decision"], GIVEN["genesis"], GIVEN["grant"]


def test_the_case_key() -> None:
    keys = derive_case(CASE_KEY)
    assert format_base64url(keys.tag) == WANT["tag"]
    assert keys.tag_digest == WANT["tag_digest"]
    assert format_base64url(keys.part_key) == WANT["part_key"]


def test_the_reviewers_key() -> None:
    assert WANT["reviewer"] == REVIEWER.did
    assert format_base64url(RECIPIENT) == WANT["reviewer_x25519"]
    assert format_base64url(SECRET) == WANT["reviewer_x25519_secret"]


def test_a_reviewers_box() -> None:
    about = {"decision": DECISION, "genesis": GENESIS}
    box = seal_case(CASE_KEY, RECIPIENT, ephemeral=EPHEMERAL, **about)
    assert box == WANT["box"]
    assert unseal_case(box, SECRET, **about) == CASE_KEY
    suite = other.Suite(other.KEM.X25519, other.KDF.HKDF_SHA256, other.AEAD.AES_256_GCM)
    info = b"counterfoil/v1/case\0" + jcs(about)
    private = X25519PrivateKey.from_private_bytes(SECRET)
    assert suite.decrypt(parse_base64url(box), private, info=info) == CASE_KEY


def test_a_box_to_a_claim() -> None:
    about = {"decision": DECISION, "genesis": GENESIS}
    seal_key = parse_base64url(CLAIM.seal_key)
    box = seal_case(CASE_KEY, seal_key, ephemeral=EPHEMERAL, **about)
    assert box == WANT["box_to_claim"]
    assert unseal_case(box, CLAIM.seal_secret, **about) == CASE_KEY


@pytest.mark.parametrize(("grant", "want"), [(GRANT, "grant_box"), (None, "wrapped")])
def test_a_grantees_box(grant: str | None, want: str) -> None:
    about = {"decision": DECISION, "genesis": GENESIS, "grant": grant}
    box = seal_dek(DEK, RECIPIENT, ephemeral=EPHEMERAL, **about)
    assert box == WANT[want]
    assert unseal_dek(box, SECRET, **about) == DEK


@pytest.mark.parametrize(
    "change",
    [
        {"box": WANT["grant_box"]},
        {"box": WANT["box_to_claim"]},
        {"box": ""},
        {"box": WANT["box"] + "AA"},
        {"box": WANT["box"][:-2]},
        {"box": WANT["box"][:-1] + "="},
        {"box": "ü" * 107},
        {"secret": CLAIM.seal_secret},
        {"decision": "f" + DECISION[1:]},
        {"genesis": "A" * 43},
    ],
)
def test_a_box_of_another_case_or_reader(change: dict[str, Any]) -> None:
    call = {"box": WANT["box"], "secret": SECRET, "decision": DECISION}
    with pytest.raises(VerificationError):
        unseal_case(**{**call, "genesis": GENESIS, **change})


@pytest.mark.parametrize("grant", [None, "", "h" + GRANT[1:]])
def test_a_box_of_another_grant(grant: str | None) -> None:
    about = {"decision": DECISION, "genesis": GENESIS}
    with pytest.raises(VerificationError):
        unseal_dek(WANT["grant_box"], SECRET, grant=grant, **about)


# ---- claims --------------------------------------------------------------------------


def test_a_claims_keys() -> None:
    assert CLAIM.key.did == WANT["claim_key"]
    assert format_base64url(CLAIM.key.seed) == WANT["claim_key_seed"]
    assert format_base64url(CLAIM.seal_secret) == WANT["seal_secret"]
    assert CLAIM.seal_key == WANT["seal_key"]
    assert parse_seed(GIVEN["S"]) == SEED


def test_a_claims_proof() -> None:
    proof = prove_claim(CLAIM, decision=DECISION, genesis=GENESIS)
    assert format_base64(proof) == WANT["claim_proof"]
    named = {"decision": DECISION, "genesis": GENESIS}
    named |= {"key": CLAIM.key.did, "seal_key": CLAIM.seal_key}
    check_claim(CLAIM.key.public, proof, **named)
    for member in named:
        with pytest.raises(VerificationError):
            check_claim(CLAIM.key.public, proof, **{**named, member: "other"})
    with pytest.raises(VerificationError):
        check_claim(REVIEWER.public, proof, **named)


@pytest.mark.parametrize("text", ["", "A" * 42, "A" * 44, "=" * 43])
def test_a_seed_of_another_form(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_seed(text)
