"""Contests, what is said in them, and the grants under which people read."""

from typing import Final

from ledger.governance.cases.states import ALLOWED
from schemas.operation import Operation
from schemas.operations.governance_reads import CURSOR, HASH
from schemas.operations.parts import (
    BINARY,
    BYTES,
    LEDGER,
    LIMIT,
    ok,
    path_parameter,
    query,
)
from schemas.shapes import CODE_PATTERN, UUID4_PATTERN

_HASHED: Final = {"type": "string", "pattern": HASH}
_ID: Final = path_parameter("id", _HASHED, "id of the act that opened it")

CASES: Final = (
    Operation(
        name="contests",
        method="GET",
        path="/{ledger}/v1/contests",
        tag="Read",
        summary="Every contest of a decision",
        description="Whether one is late is a fact of the log, and needs no clock.",
        parameters=(
            LEDGER,
            query(
                "decision",
                {"type": "string", "pattern": UUID4_PATTERN},
                "of one decision",
            ),
            query(
                "system",
                {"type": "string", "pattern": CODE_PATTERN},
                "of one system's decisions",
            ),
            query("status", {"type": "string", "enum": list(ALLOWED)}, "in one state"),
            LIMIT,
            CURSOR,
        ),
        replies={200: ok("a page", "Contests")},
        curl='curl "$BASE/$LEDGER/v1/contests?status=overdue"',
    ),
    Operation(
        name="contest",
        method="GET",
        path="/{ledger}/v1/contests/{id}",
        tag="Read",
        summary="One contest: where it stands, by when, and its entries",
        parameters=(LEDGER, _ID),
        replies={200: ok("the contest", "Contest")},
        problems=("not-found",),
    ),
    Operation(
        name="keep_part",
        method="POST",
        path="/{ledger}/v1/parts",
        tag="Act",
        summary="Send the encrypted bytes that an act of a case names",
        description=(
            "After the act, never before. The ledger cannot read them: they are under "
            "the key of the case, which only the person and the reviewers have."
        ),
        parameters=(LEDGER,),
        bodies={BYTES: BINARY},
        replies={201: ok("kept", "PartName"), 200: ok("kept before", "PartName")},
        problems=(
            "malformed",
            "not-named",
            "erased",
            "body-too-large",
            "unsupported-media-type",
            "unsupported-encoding",
            "invalid-part",
            "over-capacity",
            "not-signing",
        ),
    ),
    Operation(
        name="part",
        method="GET",
        path="/{ledger}/v1/parts/{part}",
        tag="Read",
        summary="The encrypted bytes of a part of a case",
        description=(
            "Needs `Authorization: Case` and the tag derived from the case's key. "
            "Anything else is one and the same 404."
        ),
        parameters=(
            LEDGER,
            path_parameter(
                "part", _HASHED, "SHA-256 of the bytes, as the act names it"
            ),
        ),
        replies={200: ok("nonce and AES-256-GCM ciphertext", BINARY, BYTES)},
        problems=("not-found", "erased", "verification-failed", "not-signing"),
        auth="case",
    ),
    Operation(
        name="grant",
        method="GET",
        path="/{ledger}/v1/grants/{id}",
        tag="Read",
        summary="A grant: to whom, until when, and every read under it",
        parameters=(LEDGER, _ID),
        replies={200: ok("the grant", "Grant")},
        problems=("not-found",),
    ),
    Operation(
        name="grant_key",
        method="GET",
        path="/{ledger}/v1/grants/{id}/key",
        tag="Read",
        summary="The data key of a grant's decision, sealed to who reads",
        description=(
            "Needs `Authorization: Read` and the id of a `grant.read` of the last hour: "
            "the box is to the key that signed it. Anything else is one and the same 404."
        ),
        parameters=(LEDGER, _ID),
        replies={200: ok("the sealed data key, and the sealed part", "GrantKey")},
        problems=(
            "not-found",
            "erased",
            "malformed",
            "verification-failed",
            "not-signing",
        ),
        auth="read",
    ),
)
