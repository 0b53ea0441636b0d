"""One decision, from a validated submission to the bytes of its leaf: the hot path.

    leaf   = JCS of the CloudEvents object
             {"specversion":"1.0", "id", "source":"/<ledger>/systems/<system>",
              "type":"org.counterfoil.decision.recorded.v1", "time", "datacontenttype":
              "application/json", "data":{"statement", "signature"?, "seq", "rules",
              "results", "refused"}}
    sealed = nonce (12 bytes) ‖ AES-256-GCM(dek, plaintext, AAD)
    AAD    = "counterfoil/v1/sealed" ‖ 0x00 ‖ JCS(statement)
    plaintext = JSON list of the Disclosures, in slot order

`seal` needs no lock; `leaf_of` adds what only the holder of the lock knows. Both write
bytes by concatenation; a test holds them equal to the general encoder.
"""

from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from hashlib import sha256
from operator import itemgetter
from typing import Any, Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.canonical import format_base64url
from ledger.entries.disclosure import (
    SLOTS,
    Disclosure,
    digest,
    format_disclosure,
    format_disclosures,
    format_plaintext,
    parse_plaintext,
    salt_texts,
)
from ledger.entries.secret import Keys, derive
from ledger.entries.statement import SEALED_ORDER, Statement, compose_statement
from ledger.errors import MalformedError, VerificationError
from ledger.ids import DecisionId, Did, SystemId
from ledger.keys import format_did_key, public_key
from ledger.limits import SEALED_BYTES_MAX

DECISION_RECORDED: Final = "org.counterfoil.decision.recorded.v1"  # never changes
SEALED_PREFIX: Final = b"counterfoil/v1/sealed\0"  # never changes
NONCE_BYTES: Final = 12
GCM_TAG_BYTES: Final = 16
NO_RESULTS: Final = b"[]"  # JCS of the results while there are no rules
NO_RULES: Final = "T1PNoYwrqgwDVLtfmj7L5e0Sq02OEbqHPC8RFhICuUU"  # rules_hash of []

_URL = bytes.maketrans(b"+/", b"-_")
_in_sealed_order = itemgetter(*(SLOTS.index(slot) for slot in SEALED_ORDER))


class Submission(NamedTuple):
    """A decision that was validated and admitted, and is not sealed yet.

    Attributes:
        id: a random UUIDv4.
        system: the registered system that decided.
        version: the system's, None while none is registered.
        profile: "open" or "sealed", the system's own.
        automation: "full", "partial" or "advisory".
        time: already cut: to the hour, or with profile "open" to the second.
        outcome: {"code", "favourable"} with profile "open", else None.
        values: slot to the JSON text of its value; an absent slot is missing.
    """

    id: DecisionId
    system: SystemId
    version: str | None
    profile: str
    automation: str
    time: str
    outcome: dict[str, Any] | None
    values: Mapping[str, bytes]


class Entropy(NamedTuple):
    """The randomness of one sealing; made by the caller, since the core has none.

    Attributes:
        secret: K, 32 bytes.
        salts: 288 bytes, 18 for each slot.
        nonce: 12 bytes; a dek is used for one statement, so chance cannot repeat it.
    """

    secret: bytes
    salts: bytes
    nonce: bytes


class SealedDecision(NamedTuple):
    """A sealed decision: `statement` goes on the leaf, the rest into the vault.

    Attributes:
        id: the decision's.
        system: the system that decided.
        time: as in the statement.
        statement: its JCS bytes.
        subject_tag: SHA-256(tag), 32 bytes: unique in the ledger.
        contest_key: the public key as did:key: unique in the ledger.
        sealed: nonce ‖ ciphertext ‖ tag of AES-256-GCM.
        secret: K; None when a sealing client kept it.
        disclosures: in slot order; what a change of one slot seals again.
        signature: the deployer's, `{"keyid", "sig"}` in JCS; None in managed mode.
    """

    id: DecisionId
    system: SystemId
    time: str
    statement: bytes
    subject_tag: bytes
    contest_key: Did
    sealed: bytes
    secret: bytes | None
    disclosures: Sequence[bytes]
    signature: bytes | None = None


def seal(genesis: str, submission: Submission, entropy: Entropy) -> SealedDecision:
    """Seal one decision under its own K.

    Args:
        genesis: base64url of the leaf hash of entry 0.
        submission: validated; its texts are codes that JSON does not escape.
        entropy: fresh for this decision.
    """
    disclosures = format_disclosures(salt_texts(entropy.salts), submission.values)
    return bind(genesis, submission, entropy.secret, disclosures, entropy.nonce)


def bind(
    genesis: str,
    submission: Submission,
    secret: bytes,
    disclosures: Sequence[bytes],
    nonce: bytes,
) -> SealedDecision:
    """Commit to given disclosures and encrypt them.

    Sealing again, when a rule's result changes one slot, is this with that slot's new
    disclosure and a fresh nonce: the keys are K's, and stay.
    """
    keys = derive(secret)
    subject_tag = sha256(keys.tag).digest()
    contest_key = format_did_key(public_key(keys.contest_seed))
    # 33 bytes each (a zero between) make 44 letters: 43 of the digest, one to drop.
    raw = [sha256(text).digest() for text in _in_sealed_order(disclosures)]
    raw.append(subject_tag)
    letters = b2a_base64(b"\0".join(raw), newline=False).translate(_URL).decode("ascii")
    digests = [letters[at : at + 43] for at in range(0, len(letters), 44)]
    statement = compose_statement(
        genesis=genesis,
        id_=submission.id,
        system=submission.system,
        version=submission.version,
        profile=submission.profile,
        automation=submission.automation,
        time=submission.time,
        subject_tag=digests.pop(),
        contest_key=contest_key,
        digests=digests,
        outcome=submission.outcome,
    )
    return SealedDecision(
        id=submission.id,
        system=submission.system,
        time=submission.time,
        statement=statement,
        subject_tag=subject_tag,
        contest_key=contest_key,
        sealed=encrypt(keys, statement, format_plaintext(disclosures), nonce),
        secret=secret,
        disclosures=disclosures,
    )


def seal_results(
    genesis: str,
    submission: Submission,
    sealed: SealedDecision,
    results: bytes | None,
    entropy: Entropy,
) -> SealedDecision:
    """The same decision with another slot `results`, under a fresh salt and nonce.

    Args:
        genesis: as for `seal`.
        submission: what was sealed.
        sealed: what `seal` made of it.
        results: the slot's JSON text; None for null.
        entropy: fresh; K stays, so that the links and keys do.
    """
    salt = salt_texts(entropy.salts)[-1].decode("ascii")
    last = format_disclosure(SLOTS[-1], salt, b"null" if results is None else results)
    disclosures = [*sealed.disclosures[:-1], last.encode("ascii")]
    assert sealed.secret is not None, "a client's own"  # noqa: S101 -- rule 34
    return bind(genesis, submission, sealed.secret, disclosures, entropy.nonce)


def encrypt(keys: Keys, statement: bytes, plaintext: bytes, nonce: bytes) -> bytes:
    """The sealed part: nonce ‖ ciphertext ‖ 16 bytes of tag, bound to the statement."""
    return nonce + AESGCM(keys.dek).encrypt(nonce, plaintext, SEALED_PREFIX + statement)


def leaf_of(
    ledger: str,
    sealed: SealedDecision,
    *,
    seq: int,
    rules: str,
    results: bytes,
    refused: int,
) -> bytes:
    """The leaf's bytes, by concatenation.

    Args:
        ledger: its name.
        sealed: from `seal`.
        seq: the system's own count of decisions, gapless from 1.
        rules: base64url(SHA-256(JCS of the rules in force)); `NO_RULES` of none.
        results: JCS of the public rules' results; `NO_RESULTS` of none.
        refused: the system's refusals so far.
    """
    signature = (
        b"" if sealed.signature is None else b'"signature":%b,' % sealed.signature
    )
    head = f'{{"data":{{"refused":{refused},"results":'
    middle = f',"rules":"{rules}","seq":{seq},'
    tail = (
        f'}},"datacontenttype":"application/json","id":"{sealed.id}","source":"/{ledger}'
        f'/systems/{sealed.system}","specversion":"1.0","time":"{sealed.time}",'
        f'"type":"{DECISION_RECORDED}"}}'
    )
    return b"".join(
        (
            head.encode("ascii"),
            results,
            middle.encode("ascii"),
            signature,
            b'"statement":',
            sealed.statement,
            tail.encode("ascii"),
        )
    )


def rules_hash(rules_jcs: bytes) -> str:
    """`rules` of a leaf: base64url(SHA-256(JCS of the rules in force, ordered by id))."""
    return format_base64url(sha256(rules_jcs).digest())


def decrypt(dek: bytes, statement: bytes, sealed: bytes) -> bytes:
    """The plaintext of a sealed part.

    Raises:
        MalformedError: too short or too long to be one.
        VerificationError: another key, another statement, or changed bytes.
    """
    if not NONCE_BYTES + GCM_TAG_BYTES <= len(sealed) <= SEALED_BYTES_MAX:
        raise MalformedError("a sealed part of an impossible length")
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return AESGCM(dek).decrypt(nonce, rest, SEALED_PREFIX + statement)
    except InvalidTag as error:
        raise VerificationError(
            "the secret does not open the sealed part under this statement"
        ) from error


def open_sealed(secret: bytes, statement: bytes, sealed: bytes) -> list[Disclosure]:
    """The disclosures of a sealed part, in slot order; `check_disclosures` comes next.

    Raises:
        VerificationError: the secret does not open it, or what it holds is no list of
            disclosures: it was sealed under this statement, so that is its sealer's lie.
    """
    return open_with_dek(derive(secret).dek, statement, sealed)


def open_with_dek(dek: bytes, statement: bytes, sealed: bytes) -> list[Disclosure]:
    """The same for who has no K, and was given the data key.

    Raises:
        VerificationError: as `open_sealed`.
    """
    try:
        return parse_plaintext(decrypt(dek, statement, sealed))
    except MalformedError as error:
        raise VerificationError(f"the sealed part: {error}") from error


def check_disclosures(statement: Statement, disclosures: Sequence[Disclosure]) -> None:
    """That each disclosure has the digest that stands on the leaf.

    Raises:
        VerificationError: naming the first slot that has another.
    """
    sealed = statement.sealed
    for disclosure in disclosures:
        expected = sealed[disclosure.slot]
        if digest(disclosure.text.encode("ascii")) != expected:
            raise VerificationError(
                f"the digest of the sealed field {disclosure.slot!r} is not the leaf's"
            )
