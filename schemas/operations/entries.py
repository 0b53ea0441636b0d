"""Entries of the log and proofs about them."""

from typing import Final

from schemas.operation import Operation, Parameter
from schemas.operations.parts import (
    INDEX,
    LEDGER,
    LIMIT,
    SIZE,
    STRING,
    ok,
    path_parameter,
    query,
)

ENTRIES: Final = (
    Operation(
        name="entries",
        method="GET",
        path="/{ledger}/v1/entries",
        tag="Read",
        summary="Entries of the log, in order",
        parameters=(
            LEDGER,
            query("after", INDEX, "entries past this index"),
            LIMIT,
        ),
        replies={200: ok("a page", "Entries")},
        curl='curl "$BASE/$LEDGER/v1/entries?limit=10"',
    ),
    Operation(
        name="stream",
        method="GET",
        path="/{ledger}/v1/entries/stream",
        tag="Read",
        summary="Entries as they come",
        description="Server-sent events: `id` index, `event` type, `data` leaf.",
        parameters=(
            LEDGER,
            Parameter(
                name="Last-Event-ID",
                place="header",
                schema=INDEX,
                description="resumes after this index",
            ),
        ),
        replies={200: ok("an endless stream", STRING, "text/event-stream")},
        curl='curl -N -H "Last-Event-ID: 0" $BASE/$LEDGER/v1/entries/stream',
    ),
    Operation(
        name="entry",
        method="GET",
        path="/{ledger}/v1/entries/{index}",
        tag="Read",
        summary="One entry of the log",
        parameters=(LEDGER, path_parameter("index", INDEX, "from 0")),
        replies={200: ok("the leaf", "Entry")},
        problems=("not-found",),
        curl="curl $BASE/$LEDGER/v1/entries/0",
    ),
    Operation(
        name="inclusion",
        method="GET",
        path="/{ledger}/v1/proofs/inclusion",
        tag="Prove",
        summary="Proof that an entry is in the log",
        parameters=(
            LEDGER,
            query("index", INDEX, "the entry", required=True),
            query("size", SIZE, "the tree's size; absent: the newest"),
        ),
        replies={200: ok("RFC 6962 audit path", "InclusionProof")},
        problems=("sizes-out-of-order", "not-found"),
        curl='curl "$BASE/$LEDGER/v1/proofs/inclusion?index=0"',
    ),
    Operation(
        name="consistency",
        method="GET",
        path="/{ledger}/v1/proofs/consistency",
        tag="Prove",
        summary="Proof that the log only grew",
        parameters=(
            LEDGER,
            query("from", INDEX, "the older size", required=True),
            query("to", INDEX, "the newer size; absent: the newest"),
        ),
        replies={200: ok("RFC 6962 consistency proof", "ConsistencyProof")},
        problems=("sizes-out-of-order", "not-found"),
        curl='curl "$BASE/$LEDGER/v1/proofs/consistency?from=1"',
    ),
)
