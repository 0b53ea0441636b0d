"""Receipt files (`*.counterfoil.json`): what a person keeps of one entry.

    {"counterfoil": 1, "origin", "genesis": base64url, "id", "index",
     "leaf": base64, "proof": tlog-proof text,
     "secret"?: base64url(K), "sealed"?: base64, "policy"?: tlog-policy text}

A receipt is checked offline. Every member must agree with the leaf and the proof; the
secret must open the leaf's `subject_tag` and `contest_key`, and, where the sealed part is
in the file, each of its disclosures must have the digest on the leaf. Whose signature is
believed is the caller's to say: a policy, or verifier keys; the file's own policy only
says that the file agrees with itself.

The file is JSON in any spelling, with these names, each once, and no other.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.canonical import (
    format_base64,
    format_base64url,
    parse_base64,
    parse_base64url,
)
from ledger.entries.act import check_act
from ledger.entries.codec import decode_entry
from ledger.entries.decision import check_disclosures, open_sealed
from ledger.entries.disclosure import SLOTS
from ledger.entries.entry import ActRecorded, DecisionRecorded, Entry, Founded
from ledger.entries.secret import check_subject_tag, derive, parse_secret
from ledger.entries.statement import check_statement_signature
from ledger.entries.strict import parse_json
from ledger.errors import CounterfoilError, MalformedError, VerificationError
from ledger.ids import LeafIndex
from ledger.keys import format_did_key, public_key
from ledger.limits import LEAF_BYTES_MAX, RECEIPT_BYTES_MAX, TREE_SIZE_MAX
from ledger.merkle.checkpoint import parse_checkpoint
from ledger.merkle.hashing import hash_leaf
from ledger.merkle.note import VerifierKey, parse_note
from ledger.merkle.policy import Policy, check_policy, parse_policy
from ledger.merkle.proof import check_inclusion
from ledger.merkle.tlogproof import parse_tlog_proof

VERSION: Final = 1  # never changes
_REQUIRED = frozenset(
    {"counterfoil", "origin", "genesis", "id", "index", "leaf", "proof"}
)
_OPTIONAL = frozenset({"secret", "sealed", "policy"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A receipt, read and not yet verified.

    Attributes:
        origin: the log's, as on its checkpoints.
        genesis: base64url of entry 0's leaf hash.
        id: the entry's.
        index: the entry's place.
        leaf: its bytes.
        proof: tlog-proof text: hashes and a signed checkpoint.
        secret: K, which opens the private part; None where somebody else keeps it.
        sealed: the private part, encrypted.
        policy: tlog-policy text that came with the file.
    """

    origin: str
    genesis: str
    id: str
    index: LeafIndex
    leaf: bytes
    proof: str
    secret: bytes | None = field(default=None, repr=False)
    sealed: bytes | None = field(default=None, repr=False)
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked.

    Attributes:
        name: stable, one word or two joined by a hyphen.
        holds: whether it does.
        sentence: what was checked, or what is wrong.
    """

    name: str
    holds: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Verification:
    """Every check that was made, in order."""

    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Whether every check does."""
        return all(check.holds for check in self.checks)


def format_receipt(receipt: Receipt) -> str:
    """The file's text: one member a line."""
    value: dict[str, Any] = {
        "counterfoil": VERSION,
        "origin": receipt.origin,
        "genesis": receipt.genesis,
        "id": receipt.id,
        "index": receipt.index,
        "leaf": format_base64(receipt.leaf),
        "proof": receipt.proof,
    }
    if receipt.secret is not None:
        value["secret"] = format_base64url(receipt.secret)
    if receipt.sealed is not None:
        value["sealed"] = format_base64(receipt.sealed)
    if receipt.policy is not None:
        value["policy"] = receipt.policy
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def parse_receipt(data: bytes) -> Receipt:
    """The receipt in a file's bytes.

    Raises:
        MalformedError: not JSON, another version, a member missing, unknown, or of
            another form.
    """
    if len(data) > RECEIPT_BYTES_MAX:
        raise MalformedError(f"a receipt file longer than {RECEIPT_BYTES_MAX:,} bytes")
    value = parse_json(data)
    if (
        type(value) is not dict
        or not _REQUIRED <= value.keys() <= _REQUIRED | _OPTIONAL
    ):
        raise MalformedError(
            "not a receipt file: its members are counterfoil, origin, genesis, id, "
            "index, leaf, proof, and perhaps secret, sealed, policy"
        )
    if type(value["counterfoil"]) is not int or value["counterfoil"] != VERSION:
        raise MalformedError(f"a receipt file of another version than {VERSION}")
    index = value["index"]
    if type(index) is not int or not 0 <= index < TREE_SIZE_MAX:
        raise MalformedError("a receipt's index is an integer from 0")
    for name in value.keys() - {"counterfoil", "index"}:
        if type(value[name]) is not str:
            raise MalformedError(f"a receipt's {name} is a text")
    parse_base64url(value["genesis"], length=32)
    leaf = parse_base64(value["leaf"])
    if len(leaf) > LEAF_BYTES_MAX:
        raise MalformedError(f"a leaf longer than {LEAF_BYTES_MAX:,} bytes")
    return Receipt(
        origin=value["origin"],
        genesis=value["genesis"],
        id=value["id"],
        index=LeafIndex(index),
        leaf=leaf,
        proof=value["proof"],
        secret=parse_secret(value["secret"]) if "secret" in value else None,
        sealed=parse_base64(value["sealed"]) if "sealed" in value else None,
        policy=value.get("policy"),
    )


def verify_receipt(
    receipt: Receipt,
    policy: Policy | None = None,
    vkeys: Sequence[VerifierKey] = (),
) -> Verification:
    """Check all that the receipt says; one fault does not hide the next.

    Args:
        receipt: as read.
        policy: whom to believe; None: the log that holds one of `vkeys`, unwitnessed.
        vkeys: the log's keys, where the policy names no log.
    """
    checks = _Checks(receipt, policy or Policy(), vkeys)
    entry = checks.check_entry()
    checks.check_log()
    if entry is not None:
        checks.check_content(entry)
    return Verification(tuple(checks.made))


class _Checks:
    """The checks made so far on one receipt."""

    def __init__(
        self, receipt: Receipt, policy: Policy, vkeys: Sequence[VerifierKey]
    ) -> None:
        self.receipt = receipt
        self.policy = policy
        self.vkeys = vkeys
        self.made: list[Check] = []

    def _make(self, name: str, sentence: str, check: Callable[[], object]) -> bool:
        try:
            check()
        except CounterfoilError as error:
            self.made.append(Check(name, False, str(error)))  # noqa: FBT003 -- its one meaning
            return False
        self.made.append(Check(name, True, sentence))  # noqa: FBT003 -- its one meaning
        return True

    # ---- the entry ------------------------------------------------------------------

    def check_entry(self) -> Entry | None:
        """That the leaf is an entry, the one the file names, of the file's ledger."""
        read: list[Entry] = []
        self._make(
            "leaf",
            "the leaf is an entry in canonical form",
            lambda: read.append(decode_entry(self.receipt.leaf)),
        )
        if not read:
            return None
        entry = read[0]
        self._make("id", "the file's id is the leaf's", lambda: self._check_id(entry))
        self._make(
            "genesis",
            "the file's genesis is the leaf's",
            lambda: self._check_genesis(entry),
        )
        return entry

    def _check_id(self, entry: Entry) -> None:
        if entry.id != self.receipt.id:
            raise VerificationError("the file's id is not the leaf's")

    def _check_genesis(self, entry: Entry) -> None:
        genesis = self.receipt.genesis
        if isinstance(entry, DecisionRecorded):
            genesis = entry.statement.genesis
        elif isinstance(entry, ActRecorded):
            genesis = entry.act.genesis
        elif isinstance(entry, Founded):
            genesis = format_base64url(hash_leaf(self.receipt.leaf))
        if genesis != self.receipt.genesis:
            raise VerificationError("the file's genesis is not the leaf's")

    # ---- the log --------------------------------------------------------------------

    def check_log(self) -> None:
        """That the leaf stands at the file's index under a believed checkpoint."""
        self._make("checkpoint", self._believed(), self._check_checkpoint)
        self._make(
            "inclusion",
            f"the leaf is entry {self.receipt.index} of the checkpoint's tree",
            self._check_inclusion,
        )
        if self.receipt.policy is not None:
            self._make(
                "policy", "the file's own policy accepts it", self._check_own_policy
            )

    def _believed(self) -> str:
        quorum = self.policy.quorum
        signed = "the checkpoint is signed by the log's key"
        return signed if quorum == "none" else f"{signed} and witnessed by {quorum}"

    def _check_checkpoint(self) -> None:
        proof = parse_tlog_proof(self.receipt.proof)
        checkpoint, _ = check_policy(self.policy, proof.checkpoint, self.vkeys)
        if checkpoint.origin != self.receipt.origin:
            raise VerificationError("the file's origin is not the checkpoint's")

    def _check_inclusion(self) -> None:
        proof = parse_tlog_proof(self.receipt.proof)
        if proof.index != self.receipt.index:
            raise VerificationError(
                f"the file's index is {self.receipt.index}, its proof's {proof.index}"
            )
        # Its text alone: whether it is believed is the check before this one.
        checkpoint = parse_checkpoint(parse_note(proof.checkpoint).text)
        check_inclusion(
            proof.index,
            checkpoint.size,
            hash_leaf(self.receipt.leaf),
            proof.hashes,
            checkpoint.root,
        )

    def _check_own_policy(self) -> None:
        own = parse_policy(self.receipt.policy or "")
        proof = parse_tlog_proof(self.receipt.proof)
        keys = [*self.vkeys] or [log.vkey for log in self.policy.logs]
        check_policy(own, proof.checkpoint, keys)

    # ---- what the leaf says ---------------------------------------------------------

    def check_content(self, entry: Entry) -> None:
        """Signatures on the leaf, and the private part where the file has its key."""
        if isinstance(entry, ActRecorded):
            self._make(
                "signature",
                "the act is signed by its actor"
                if entry.act.assertion is None
                else "a passkey was asked for this act; an audit checks its answer",
                lambda: check_act(entry.act),
            )
        if isinstance(entry, DecisionRecorded) and entry.signature is not None:
            self._make(
                "signature",
                "the statement is signed by the key it names",
                lambda: _check_deployer(entry),
            )
        secret, sealed = self.receipt.secret, self.receipt.sealed
        if secret is None and sealed is None:
            return
        if not isinstance(entry, DecisionRecorded) or secret is None:
            self.made.append(
                Check(
                    "secret",
                    False,  # noqa: FBT003 -- its one meaning
                    "a secret or sealed part that nothing on this leaf answers to",
                )
            )
            return
        self._check_secret(entry, secret)
        if sealed is not None:
            self._make(
                "sealed",
                f"all {len(SLOTS)} sealed fields have the digests on the leaf",
                lambda: _check_sealed(entry, secret, sealed),
            )

    def _check_secret(self, entry: DecisionRecorded, secret: bytes) -> None:
        keys = derive(secret)
        statement = entry.statement
        self._make(
            "subject-tag",
            "the secret opens the leaf's subject_tag",
            lambda: check_subject_tag(keys, parse_base64url(statement.subject_tag)),
        )
        self._make(
            "contest-key",
            "the secret holds the leaf's contest_key",
            lambda: _check_contest_key(keys.contest_seed, statement.contest_key),
        )


def _check_deployer(entry: DecisionRecorded) -> None:
    check_statement_signature(
        entry.keyid or "", entry.statement_jcs, entry.signature or b""
    )


def _check_contest_key(seed: bytes, contest_key: str) -> None:
    if format_did_key(public_key(seed)) != contest_key:
        raise VerificationError("the secret does not hold the leaf's contest_key")


def _check_sealed(entry: DecisionRecorded, secret: bytes, sealed: bytes) -> None:
    disclosures = open_sealed(secret, entry.statement_jcs, sealed)
    check_disclosures(entry.statement, disclosures)
