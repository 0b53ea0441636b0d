"""Recording decisions, and reading them."""

from typing import Final

from ledger.limits import IDEMPOTENCY_KEY_BYTES_MAX
from schemas.kinds_safeguards import SEALED_KINDS
from schemas.operation import JSON, Operation, Parameter, Reply
from schemas.operations.parts import (
    BINARY,
    BYTES,
    ID,
    LEDGER,
    LIMIT,
    STRING,
    TEXT,
    TIME,
    ok,
    path_parameter,
    query,
)
from schemas.shapes import CODE_PATTERN, UUID4_PATTERN
from schemas.submission import EVENT, EVENT_BATCH, NDJSON, SEALED

DECISIONS: Final = (
    Operation(
        name="record_decisions",
        method="POST",
        path="/{ledger}/v1/decisions",
        tag="Record",
        summary="Record one decision, or a batch",
        description=(
            "The answer comes when the decision is durable and under a signed "
            "checkpoint, and carries the receipt. Send a random `id` or an "
            "Idempotency-Key: a retry then gets the same receipt and records nothing "
            "twice. A batch is answered with one line a decision, in order; one bad "
            "line does not harm the others. A CloudEvent may also come in binary mode: "
            "`ce-*` headers and the decision as the body. In sealed mode the deployer "
            "seals and signs, and the ledger stores what it cannot read: the answer's "
            "receipt then has neither secret nor link. Every answer names the safeguards "
            "that applied; one that refuses answers 422 with `rule`, `message` and "
            "`enacted_by`, and nothing is recorded but the system's count of refusals."
        ),
        parameters=(
            LEDGER,
            Parameter(
                name="Idempotency-Key",
                place="header",
                schema={
                    "type": "string",
                    "pattern": r"^[!-~]+$",
                    "minLength": 1,
                    "maxLength": IDEMPOTENCY_KEY_BYTES_MAX,
                },
                description="names this request for retries; not with a batch",
            ),
        ),
        bodies={
            JSON: "Decision",
            NDJSON: {
                **STRING,
                "description": "one decision (application/json) a line",
            },
            EVENT: "DecisionEvent",
            EVENT_BATCH: {
                "type": "array",
                "items": "DecisionEvent",
                "maxItems": 10_000,
            },
            SEALED: "SealedDecision",
        },
        replies={
            201: ok("recorded; here is the receipt", "Recorded"),
            200: Reply(
                description="recorded before, the same receipt; or a batch's answers",
                media={
                    JSON: "Recorded",
                    NDJSON: {
                        **STRING,
                        "description": "lines: RecordedLine, Problem or UnknownLine",
                    },
                },
            ),
        },
        problems=(
            "malformed",
            "invalid-idempotency-key",
            "idempotency-key-on-batch",
            "no-token",
            "unknown-token",
            "wrong-system-token",
            "id-of-another-system",
            "erased",
            "body-too-large",
            "unsupported-media-type",
            "unsupported-encoding",
            "invalid-decision",
            "invalid-event",
            "id-used-otherwise",
            "id-and-key-differ",
            "unknown-system",
            "inactive-system",
            "unknown-version",
            "profile-changed",
            "unknown-outcome",
            "decided-at-out-of-range",
            "refused-by-rule",
            *(kind.name for kind in SEALED_KINDS),
            "another-ledger",
            "forbidden",
            "verification-failed",
            "rejected",
            "over-capacity",
            "outcome-unknown",
            "not-signing",
        ),
        auth="token",
        curl=(
            'curl -H "Authorization: Bearer $(cat example.token)" \\\n'
            "     --json @decision.json $BASE/$LEDGER/v1/decisions"
        ),
    ),
    Operation(
        name="decisions",
        method="GET",
        path="/{ledger}/v1/decisions",
        tag="Read",
        summary="Decisions, by system and time",
        description="Times are compared with the public, coarse time only.",
        parameters=(
            LEDGER,
            query("system", {"type": "string", "pattern": CODE_PATTERN}, "one system"),
            query("since", TIME, "from this time on"),
            query("until", TIME, "before this time"),
            LIMIT,
            query("cursor", STRING, "`next` of the page before"),
        ),
        replies={200: ok("a page", "Decisions")},
        curl='curl "$BASE/$LEDGER/v1/decisions?limit=10"',
    ),
    Operation(
        name="decision",
        method="GET",
        path="/{ledger}/v1/decisions/{id}",
        tag="Read",
        summary="What is public of one decision",
        parameters=(LEDGER, ID),
        replies={200: ok("the decision and later entries about it", "DecisionView")},
        problems=("not-found",),
    ),
    Operation(
        name="decision_rules",
        method="GET",
        path="/{ledger}/v1/decisions/{id}/rules",
        tag="Prove",
        summary="The safeguards a decision was held against, to run them again",
        description="A rules file for `counterfoil verify RECEIPT --rules FILE`.",
        parameters=(LEDGER, ID),
        replies={200: ok("the rules and the system's attributes", "RulesFile")},
        problems=("not-found",),
    ),
    Operation(
        name="receipt",
        method="GET",
        path="/{ledger}/v1/receipts/{id}",
        tag="Prove",
        summary="A decision's or act's proof against the newest checkpoint",
        parameters=(
            LEDGER,
            path_parameter(
                "id",
                {
                    "anyOf": [
                        {"type": "string", "pattern": UUID4_PATTERN},
                        {"type": "string", "pattern": "^[A-Za-z0-9_-]{43}$"},
                    ]
                },
                "the decision's id, or the act's",
            ),
        ),
        replies={200: ok("c2sp.org/tlog-proof@v1", STRING, TEXT)},
        problems=("not-found",),
    ),
    Operation(
        name="sealed",
        method="GET",
        path="/{ledger}/v1/sealed/{id}",
        tag="Read",
        summary="The encrypted private part of a decision",
        description=(
            "Needs `Authorization: Receipt` and the tag derived from the receipt's "
            "secret. Anything else is one and the same 404."
        ),
        parameters=(LEDGER, ID),
        replies={200: ok("nonce and AES-256-GCM ciphertext", BINARY, BYTES)},
        problems=("not-found", "erased"),
        auth="receipt",
    ),
)
