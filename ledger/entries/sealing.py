"""Sealed mode: a decision that its deployer sealed and signed, and the ledger cannot read.

    {"statement": {…}, "signature": {"keyid": did:key, "sig": base64url},
     "sealed": base64, "rules": base64url, "handle": base64url or null}

`statement` is CONTRACT's, in any spelling: its JCS bytes are what was signed, and what
binds the sealed part. `rules` is the hash of the rule set that the client ran. `handle`
joins the deployer's decisions about one person; it lies in the vault only, hashed under
the operator's key. Whether the digests fit the sealed part, only who holds K can say.
"""

from dataclasses import dataclass
from typing import Any, Final

from ledger.canonical import jcs, parse_base64, parse_base64url
from ledger.entries.decision import (
    GCM_TAG_BYTES,
    NONCE_BYTES,
    SealedDecision,
    Submission,
)
from ledger.entries.statement import (
    Statement,
    check_digests,
    check_statement_signature,
    read_statement,
)
from ledger.errors import MalformedError, RejectedError
from ledger.keys import SIGNATURE_BYTES, is_did_key
from ledger.limits import HANDLE_CHARS_MAX, SEALED_BYTES_MAX

_MEMBERS: Final = frozenset({"statement", "signature", "sealed", "rules", "handle"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRequest:
    """What a sealing client sent; its signature holds.

    Attributes:
        body: as parsed; for the retry's fingerprint.
        statement: what it fixed.
        keyid: the key that signed it.
        submission: the statement again, as the ledger's own path has it; no values.
        decision: ready for a leaf.
        rules: hash of the rule set that the client ran.
        handle: what joins decisions about one person; None: nothing.
    """

    body: dict[str, Any]
    statement: Statement
    keyid: str
    submission: Submission
    decision: SealedDecision
    rules: str
    handle: str | None

    @property
    def fields(self) -> dict[str, Any]:
        """What every request has: its system and id, and the body they came in."""
        return {
            "system": self.statement.system,
            "id": self.statement.id,
            "body": self.body,
        }


def read_sealed_request(value: object) -> SealedRequest:
    """The request that a decoded body is.

    Raises:
        RejectedError: `invalid-sealed`: another form.
        VerificationError: the signature does not hold. Nothing was recorded in either.
    """
    try:
        return _read(value)
    except MalformedError as error:
        raise RejectedError("invalid-sealed", str(error)) from error


def _read(value: object) -> SealedRequest:
    if type(value) is not dict or value.keys() != _MEMBERS:
        raise MalformedError(
            "a sealed decision has statement, signature, sealed, rules and handle"
        )
    rules, handle = value["rules"], value["handle"]
    check_digests([rules])
    statement = read_statement(value["statement"])
    statement_jcs = jcs(value["statement"])
    keyid, signature = _read_signature(value["signature"])
    check_statement_signature(keyid, statement_jcs, signature)
    return SealedRequest(
        body=value,
        statement=statement,
        keyid=keyid,
        submission=Submission(
            id=statement.id,
            system=statement.system,
            version=statement.version,
            profile=statement.profile,
            automation=statement.automation,
            time=statement.time,
            outcome=statement.outcome,
            values={},
        ),
        decision=SealedDecision(
            id=statement.id,
            system=statement.system,
            time=statement.time,
            statement=statement_jcs,
            subject_tag=parse_base64url(statement.subject_tag),
            contest_key=statement.contest_key,
            sealed=_read_sealed(value["sealed"]),
            secret=None,
            disclosures=(),
            signature=jcs(value["signature"]),
        ),
        rules=rules,
        handle=None if handle is None else _read_handle(handle),
    )


def _read_signature(value: object) -> tuple[str, bytes]:
    if (
        type(value) is not dict
        or value.keys() != {"keyid", "sig"}
        or not is_did_key(value["keyid"])
        or type(value["sig"]) is not str
    ):
        raise MalformedError("a signature is {keyid, sig}, keyid a did:key")
    return value["keyid"], parse_base64url(value["sig"], length=SIGNATURE_BYTES)


def _read_sealed(value: object) -> bytes:
    if type(value) is not str:
        raise MalformedError("sealed is a text")
    sealed = parse_base64(value)
    if not NONCE_BYTES + GCM_TAG_BYTES <= len(sealed) <= SEALED_BYTES_MAX:
        raise MalformedError("a sealed part of an impossible length")
    return sealed


def _read_handle(value: object) -> str:
    if type(value) is not str or not 1 <= len(value) <= HANDLE_CHARS_MAX:
        raise MalformedError(f"a handle is 1 to {HANDLE_CHARS_MAX} letters, or null")
    parse_base64url(value)
    return value
