r"""A case: what the person, those who help, and the reviewers say, kept from the deployer.

The deployer made K, or was given it, so nothing here is under K. Whoever opens a contest draws
a case key C of 32 random bytes; by HKDF-SHA256 (empty salt, 32 bytes out):

    info                            key         what it does
    "counterfoil/v1/case-tag"       tag         asks for the case's parts; the act that
                                                opens it carries base64url(SHA-256(tag))
    "counterfoil/v1/case-part"      part_key    AES-256-GCM key of the parts (`part`)

C goes to each reader in a box (`hpke`), to the X25519 form of a member's Ed25519 key
(`ledger.keys.agreement_key`) or to the `seal_key` of a claim; a decision's data key goes
to a grantee in the same way:

    info of a box of C            "counterfoil/v1/case\0"  ‖ JCS {"decision","genesis"}
    info of a box of a data key   "counterfoil/v1/grant\0" ‖ JCS {"decision","genesis",
                                                                   "grant": id or null}

`grant` is the grant's id where the ledger seals on a read, and null where the person does
in `grant.give`: the id is a hash of that very act.

A claim of a receipt is made from one seed S of 32 random bytes, all that has to be kept:

    Ed25519 seed  = HKDF(S, "counterfoil/v1/claim")
    X25519 secret = HKDF(S, "counterfoil/v1/claim-seal")
    proof         = Ed25519 by the new key on
                    "counterfoil/v1/claim\0" ‖ JCS {"decision","genesis","key","seal_key"}

These bytes never change.
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ledger.canonical import format_base64url, jcs, parse_base64url
from ledger.entries.hpke import public_of, seal, unseal
from ledger.errors import MalformedError, VerificationError
from ledger.keys import SigningKey, verify

CASE_KEY_BYTES: Final = 32
CLAIM_SEED_BYTES: Final = 32
BOX_BYTES: Final = 80  # enc, a key of 32 bytes, and the tag

_TAG: Final = b"counterfoil/v1/case-tag"
_PART: Final = b"counterfoil/v1/case-part"
_BOX: Final = b"counterfoil/v1/case\0"
_GRANT: Final = b"counterfoil/v1/grant\0"
_CLAIM: Final = b"counterfoil/v1/claim"
_CLAIM_SEAL: Final = b"counterfoil/v1/claim-seal"
_PROOF: Final = b"counterfoil/v1/claim\0"


@dataclass(frozen=True, slots=True)
class CaseKeys:
    """What C opens; as secret as C itself.

    Attributes:
        tag: 32 bytes; shown to the ledger to ask for a part.
        part_key: 32 bytes; the AES-256-GCM key of the parts.
    """

    tag: bytes
    part_key: bytes

    @property
    def tag_digest(self) -> str:
        """What `contest.open` carries as `tag`: base64url(SHA-256(tag))."""
        return format_base64url(sha256(self.tag).digest())


@dataclass(frozen=True, slots=True)
class ClaimKeys:
    """What a claim's seed makes.

    Attributes:
        key: signs acts about the decision.
        seal_secret: 32 bytes; opens boxes to the claim.
    """

    key: SigningKey
    seal_secret: bytes

    @property
    def seal_key(self) -> str:
        """What `receipt.claim` carries as `seal_key`: base64url of 32 bytes."""
        return format_base64url(public_of(self.seal_secret))


def derive_case(case_key: bytes) -> CaseKeys:
    """The keys of C, 32 bytes; anything else is our own mistake (assert)."""
    assert len(case_key) == CASE_KEY_BYTES, "C is 32 bytes"  # noqa: S101 -- rule 34
    return CaseKeys(_hkdf(case_key, _TAG), _hkdf(case_key, _PART))


def derive_claim(seed: bytes) -> ClaimKeys:
    """The keys of a claim's seed, 32 bytes; anything else is our own mistake (assert)."""
    assert len(seed) == CLAIM_SEED_BYTES, "S is 32 bytes"  # noqa: S101 -- rule 34
    return ClaimKeys(SigningKey(_hkdf(seed, _CLAIM)), _hkdf(seed, _CLAIM_SEAL))


def parse_seed(text: str) -> bytes:
    """S from its base64url, as a backup sheet prints it.

    Raises:
        MalformedError: not the base64url of 32 bytes.
    """
    return parse_base64url(text, length=CLAIM_SEED_BYTES)


def _hkdf(secret: bytes, info: bytes) -> bytes:
    prk = hmac.digest(bytes(32), secret, "sha256")
    return hmac.digest(prk, info + b"\x01", "sha256")


# ---- boxes ---------------------------------------------------------------------------


def seal_case(
    case_key: bytes, recipient: bytes, *, decision: str, genesis: str, ephemeral: bytes
) -> str:
    """C in a box to an X25519 key: base64url of 80 bytes.

    Raises:
        MalformedError: a key that no box can be sealed to.
    """
    info = _BOX + jcs({"decision": decision, "genesis": genesis})
    return format_base64url(seal(case_key, recipient, info=info, ephemeral=ephemeral))


def unseal_case(box: str, secret: bytes, *, decision: str, genesis: str) -> bytes:
    """C from a box to the X25519 key of this secret.

    Raises:
        VerificationError: to another key, of another case, changed, or no key inside.
    """
    return _unseal(box, secret, _BOX + jcs({"decision": decision, "genesis": genesis}))


def seal_dek(
    dek: bytes,
    recipient: bytes,
    *,
    decision: str,
    genesis: str,
    grant: str | None,
    ephemeral: bytes,
) -> str:
    """A decision's data key in a box to a grantee's X25519 key: base64url of 80 bytes.

    Args:
        dek: 32 bytes.
        recipient: 32 bytes.
        decision: its id.
        genesis: the ledger's.
        grant: the grant's id; None in the `wrapped` of `grant.give`.
        ephemeral: 32 secret bytes, never used again.

    Raises:
        MalformedError: a key that no box can be sealed to.
    """
    info = _GRANT + jcs({"decision": decision, "genesis": genesis, "grant": grant})
    return format_base64url(seal(dek, recipient, info=info, ephemeral=ephemeral))


def unseal_dek(
    box: str, secret: bytes, *, decision: str, genesis: str, grant: str | None
) -> bytes:
    """A decision's data key from a box to the X25519 key of this secret.

    Raises:
        VerificationError: to another key, of another grant, changed, or no key inside.
    """
    info = _GRANT + jcs({"decision": decision, "genesis": genesis, "grant": grant})
    return _unseal(box, secret, info)


def _unseal(box: str, secret: bytes, info: bytes) -> bytes:
    try:
        data = parse_base64url(box, length=BOX_BYTES)
    except MalformedError as error:
        raise VerificationError("not a box of a key") from error
    return unseal(data, secret, info=info)


# ---- claims --------------------------------------------------------------------------


def claim_message(*, decision: str, genesis: str, key: str, seal_key: str) -> bytes:
    """What the new key of a claim signs."""
    named = {"decision": decision, "genesis": genesis, "key": key, "seal_key": seal_key}
    return _PROOF + jcs(named)


def prove_claim(claim: ClaimKeys, *, decision: str, genesis: str) -> bytes:
    """The 64 bytes of `proof` in `receipt.claim`."""
    return claim.key.sign(
        claim_message(
            decision=decision,
            genesis=genesis,
            key=claim.key.did,
            seal_key=claim.seal_key,
        )
    )


def check_claim(
    public: bytes, proof: bytes, *, decision: str, genesis: str, key: str, seal_key: str
) -> None:
    """That `proof` is the claimed key's own.

    Raises:
        VerificationError: it is another key's, or for another decision or ledger.
    """
    message = claim_message(
        decision=decision, genesis=genesis, key=key, seal_key=seal_key
    )
    if not verify(public, message, proof):
        raise VerificationError("the claimed key did not sign this claim")
