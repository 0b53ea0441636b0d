"""Who speaks for a decision at this machine, and the files beside the receipt.

    RECEIPT.counterfoil.json           the receipt; its K makes the contest key
    RECEIPT.counterfoil.json.claim     a key of the person's own, 0600:
        {"counterfoil_claim": 1, "genesis", "decision", "key": did, "seed": base64url(S)}
    RECEIPT.counterfoil.json.receipts  receipts of acts, and case keys (`*.private`)

The deployer may know K, and nobody else knows S: so a claim speaks where there is one.
S is all that a backup needs. A helper speaks with an identity of their own.
"""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from api.keyfile import read_identity
from api.member.acting import Desk
from ledger.canonical import format_base64, format_base64url
from ledger.entries.case import CLAIM_SEED_BYTES, ClaimKeys, derive_claim, parse_seed
from ledger.entries.receipt import Receipt, parse_receipt
from ledger.entries.secret import derive
from ledger.entries.strict import parse_json
from ledger.errors import MalformedError, NotFoundError
from ledger.ids import DecisionId
from ledger.keys import SigningKey, agreement_secret
from ledger.limits import RECEIPT_BYTES_MAX
from ledger.log.keyring import read_private, write_private

VERSION: Final = 1  # never changes
_MEMBERS: Final = {"counterfoil_claim", "genesis", "decision", "key", "seed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A key that speaks for somebody, and where what belongs to it is kept.

    Attributes:
        key: signs.
        path: the receipt, or the identity file.
        claim: where the key is a claim's.
        by_secret: whether the key is the receipt's own: the deployer may have it too.
    """

    key: SigningKey
    path: Path
    claim: ClaimKeys | None = None
    by_secret: bool = False

    @property
    def box_secrets(self) -> tuple[bytes, ...]:
        """X25519 secrets that open boxes to this key."""
        own = agreement_secret(self.key)
        return (own,) if self.claim is None else (self.claim.seal_secret, own)

    def kept(self) -> Iterator[dict[str, Any]]:
        """What only this side knows of its acts, newest first."""
        folder = self.path.with_name(f"{self.path.name}.receipts")
        for file in sorted(folder.glob("*/*.private"), reverse=True):
            value = parse_json(read_private(file))
            if type(value) is dict:
                yield value


def read_receipt(path: Path) -> Receipt:
    """The receipt in a file.

    Raises:
        MalformedError: it cannot be read, or is none.
    """
    try:
        with path.open("rb") as file:
            return parse_receipt(file.read(RECEIPT_BYTES_MAX + 1))
    except OSError as error:
        raise MalformedError(f"cannot read {path}: {error.strerror}") from error


def contest_key(receipt: Receipt, path: Path) -> SigningKey:
    """The key that the receipt's secret makes.

    Raises:
        MalformedError: the file has no secret.
    """
    if receipt.secret is None:
        raise MalformedError(
            f"{path} has no secret: whoever holds it may act, nobody else"
        )
    return SigningKey(derive(receipt.secret).contest_seed)


def claim_path(path: Path) -> Path:
    """Where the claim of a receipt is kept."""
    return path.with_name(f"{path.name}.claim")


def read_claim(path: Path, receipt: Receipt) -> ClaimKeys | None:
    """The claim beside a receipt; None: there is none.

    Raises:
        MalformedError: it is no claim, or that of another receipt.
        FatalError: it can be read by others.
    """
    file = claim_path(path)
    if not file.exists():
        return None
    value = parse_json(read_private(file))
    if (
        type(value) is not dict
        or value.keys() != _MEMBERS
        or value["counterfoil_claim"] != VERSION
        or type(value["seed"]) is not str
    ):
        raise MalformedError(f"{file} is no claim")
    claim = derive_claim(parse_seed(value["seed"]))
    if (value["genesis"], value["decision"], value["key"]) != (
        *(receipt.genesis, receipt.id),
        claim.key.did,
    ):
        raise MalformedError(f"{file} claims another receipt")
    return claim


def claim_seed(voice: Voice, receipt: Receipt) -> bytes:
    """The seed of a claim that is to be made: one kept before it was sent, or a new one."""
    for kept in voice.kept():
        if kept.get("decision") == receipt.id and type(kept.get("claim_seed")) is str:
            return parse_seed(kept["claim_seed"])
    return secrets.token_bytes(CLAIM_SEED_BYTES)


def write_claim(path: Path, receipt: Receipt, seed: bytes) -> None:
    """Keep a claim that was recorded beside its receipt.

    Raises:
        FatalError: the file cannot be written.
    """
    claim = derive_claim(seed)
    value = {
        "counterfoil_claim": VERSION,
        "genesis": receipt.genesis,
        "decision": receipt.id,
        "key": claim.key.did,
        "seed": format_base64url(seed),
    }
    write_private(claim_path(path), json.dumps(value).encode() + b"\n")


def voice_of(path: Path, receipt: Receipt, identity: Path | None = None) -> Voice:
    """Who speaks for the receipt: a helper, the claim beside it, or its own key.

    Raises:
        MalformedError, FatalError: what is there cannot be used.
    """
    if identity is not None:
        return Voice(key=read_identity(identity), path=identity)
    claim = read_claim(path, receipt)
    if claim is not None:
        return Voice(key=claim.key, path=path, claim=claim)
    return Voice(key=contest_key(receipt, path), path=path, by_secret=True)


def identity_voice(path: Path) -> Voice:
    """A member, or anybody else with an identity.

    Raises:
        MalformedError, FatalError: no identity file.
    """
    return Voice(key=read_identity(path), path=path)


def check_recorded(desk: Desk, voice: Voice, receipt: Receipt) -> None:
    """That a claim which is to speak was recorded.

    Raises:
        NotFoundError: it never was.
    """
    if voice.claim is None:
        return
    claims = desk.state.cases.claims.get(DecisionId(receipt.id))
    if claims is None or voice.key.did not in claims.keys:
        raise NotFoundError(
            "not-found",
            f"{claim_path(voice.path)} was never recorded: counterfoil claim "
            f"{voice.path}",
        )


async def shown(desk: Desk, receipt: Receipt) -> dict[str, Any]:
    """R: the receipt as an act shows it, in the tree that the act has seen.

    Raises:
        NotFoundError: `another-ledger`.
        RejectedError, UnavailableError: the service has no such entry.
    """
    if receipt.genesis != desk.met.genesis:
        raise NotFoundError("another-ledger", "the receipt is of another ledger")
    size = desk.met.checkpoint.size
    path = f"v1/proofs/inclusion?index={receipt.index}&size={size}"
    return {
        "id": receipt.id,
        "index": receipt.index,
        "leaf": format_base64(receipt.leaf),
        "proof": (await desk.client.read(path))["hashes"],
    }
