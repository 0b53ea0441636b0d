"""Receipts asked for again by their deployer."""

from typing import Final

from ledger.limits import SUBJECT_REF_BYTES_MAX
from schemas.operation import JSON, Operation
from schemas.operations.parts import LEDGER, ok, path_parameter
from schemas.shapes import UUID4_PATTERN

REISSUES: Final = (
    Operation(
        name="ask_reissue",
        method="POST",
        path="/{ledger}/v1/reissues",
        tag="Record",
        summary="Ask for a person's receipts again",
        description=(
            "For a person who lost the link. The deployer names its own reference of "
            "the person; the ledger finds the decisions of the token's system by it, and "
            "does not keep it. The next sweep writes one entry that names the decisions "
            "of all such requests, sorted, and no person; after a delay that the "
            "community sets the links are given. Whoever still has one of the receipts "
            "sees the entry there, and can stop it. Of decisions that their deployer "
            "sealed the ledger has no secret to give. Every request is a new one."
        ),
        parameters=(LEDGER,),
        bodies={
            JSON: {
                "type": "object",
                "required": ["subject"],
                "additionalProperties": False,
                "properties": {
                    "subject": {
                        "type": "object",
                        "required": ["ref"],
                        "additionalProperties": False,
                        "properties": {
                            "ref": {
                                "type": "string",
                                "minLength": 1,
                                "maxLength": SUBJECT_REF_BYTES_MAX,
                                "description": "1 to 256 bytes, as it was recorded",
                            }
                        },
                    }
                },
            }
        },
        replies={202: ok("kept until the next sweep", "ReissueAsked")},
        problems=(
            "malformed",
            "no-token",
            "unknown-token",
            "body-too-large",
            "unsupported-media-type",
            "unsupported-encoding",
            "invalid-reissue",
            "too-many-reissues",
            "not-signing",
        ),
        auth="token",
        curl=(
            'curl -H "Authorization: Bearer $(cat example.token)" \\\n'
            '     --json \'{"subject": {"ref": "customer 4711"}}\' '
            "$BASE/$LEDGER/v1/reissues"
        ),
    ),
    Operation(
        name="reissue",
        method="GET",
        path="/{ledger}/v1/reissues/{id}",
        tag="Record",
        summary="Where a request for receipts stands, and the links",
        description=(
            "Only for a token of the system that asked. The links carry the secret of "
            "each decision: hand them to the person, and keep none. A request is "
            "forgotten 30 days after its links could be given."
        ),
        parameters=(
            LEDGER,
            path_parameter(
                "id", {"type": "string", "pattern": UUID4_PATTERN}, "the request's id"
            ),
        ),
        replies={200: ok("where it stands", "Reissue")},
        problems=("no-token", "unknown-token", "not-found"),
        auth="token",
        curl=(
            'curl -H "Authorization: Bearer $(cat example.token)" \\\n'
            "     $BASE/$LEDGER/v1/reissues/$ID"
        ),
    ),
)
