"""Acts, and the state they made."""

from typing import Final

from schemas.acts import MEDIA_TYPES
from schemas.kinds_acts import ACT_KINDS
from schemas.kinds_safeguards import SAFEGUARD_KINDS
from schemas.operation import Operation
from schemas.operations.parts import HTML, LEDGER, STRING, ok, path_parameter
from schemas.shapes import CODE_PATTERN

GOVERNANCE: Final = (
    Operation(
        name="record_act",
        method="POST",
        path="/{ledger}/v1/acts",
        tag="Act",
        summary="Record a signed act",
        description="A DSSE envelope; it stands in the log as it was sent.",
        parameters=(LEDGER,),
        bodies=dict.fromkeys(MEDIA_TYPES, "Envelope"),
        replies={
            201: ok("recorded", "ActRecorded"),
            200: ok("recorded before", "ActRecorded"),
        },
        problems=(
            "malformed",
            "forbidden",
            "erased",
            "verification-failed",
            "conflict",
            "seq-used",
            "body-too-large",
            "unsupported-media-type",
            "unsupported-encoding",
            "invalid-act",
            "unsupported-signature",
            "another-ledger",
            "unknown-system",
            "seen-ahead",
            "seen-elsewhere",
            *(kind.name for kind in (*ACT_KINDS, *SAFEGUARD_KINDS)),
            "rejected",
            "over-capacity",
            "outcome-unknown",
            "not-signing",
        ),
    ),
    Operation(
        name="state",
        method="GET",
        path="/{ledger}/v1/state",
        tag="Read",
        summary="Hashes of the governance state",
        description="A replay of the log must reach the same root.",
        parameters=(LEDGER,),
        replies={200: ok("size, root and sections", "State")},
        curl="curl $BASE/$LEDGER/v1/state",
    ),
    Operation(
        name="community",
        method="GET",
        path="/{ledger}/v1/community",
        tag="Read",
        summary="The community: founders and parameters",
        parameters=(LEDGER,),
        replies={200: ok("the community", "Community")},
        curl="curl $BASE/$LEDGER/v1/community",
    ),
    Operation(
        name="system",
        method="GET",
        path="/{ledger}/v1/systems/{id}",
        tag="Read",
        summary="One AI system",
        parameters=(
            LEDGER,
            path_parameter(
                "id", {"type": "string", "pattern": CODE_PATTERN}, "its name"
            ),
        ),
        replies={200: ok("the system", "System")},
        problems=("not-found",),
        curl="curl $BASE/$LEDGER/v1/systems/example",
    ),
    Operation(
        name="receipt_page",
        method="GET",
        path="/{ledger}/r",
        tag="Read",
        summary="The page of the person decided about",
        description="The secret is in the link's fragment and never reaches a server.",
        parameters=(LEDGER,),
        replies={200: ok("a page", STRING, HTML)},
    ),
)
