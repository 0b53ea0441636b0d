"""What everybody may read about the community, and what members said."""

from typing import Final

from schemas.operation import JSON, Operation
from schemas.operations.parts import (
    LEDGER,
    LIMIT,
    STRING,
    ok,
    path_parameter,
    query,
)
from schemas.shapes import CODE_PATTERN

ATOM: Final = "application/atom+xml"
HASH: Final = "^[A-Za-z0-9_-]{43}$"
CURSOR: Final = query("cursor", STRING, "`next` of the page before")
DID_PATTERN: Final = "^did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}$"
PROPOSAL: Final = path_parameter(
    "id",
    {"type": "string", "pattern": HASH},
    "the proposal's key, or the id of one of its wordings",
)


def _list(name: str, summary: str, model: str, description: str = "") -> Operation:
    return Operation(
        name=name,
        method="GET",
        path=f"/{{ledger}}/v1/{name}",
        tag="Read",
        summary=summary,
        description=description,
        parameters=(LEDGER, LIMIT, CURSOR),
        replies={200: ok("a page", model)},
        curl=f'curl "$BASE/$LEDGER/v1/{name}?limit=10"',
    )


GOVERNANCE_READS: Final = (
    Operation(
        name="section",
        method="GET",
        path="/{ledger}/v1/state/{section}",
        tag="Read",
        summary="One section of the governance state, whole",
        description="SHA-256 of the JCS bytes of `value` is what `/state` says.",
        parameters=(
            LEDGER,
            path_parameter(
                "section",
                {"type": "string", "pattern": CODE_PATTERN},
                "a name in `sections` of `/state`",
            ),
        ),
        replies={200: ok("the section", "Section")},
        problems=("not-found",),
        curl="curl $BASE/$LEDGER/v1/state/community",
    ),
    _list("parameters", "The community's own numbers", "Items"),
    _list("members", "Everybody who belongs or belonged", "Members"),
    Operation(
        name="actor",
        method="GET",
        path="/{ledger}/v1/actors/{did}",
        tag="Read",
        summary="A key's newest seq, and the member it acts for",
        description="The next act of this key carries `seq` + 1.",
        parameters=(
            LEDGER,
            path_parameter(
                "did",
                {"type": "string", "pattern": DID_PATTERN},
                "the did:key that signs",
            ),
        ),
        replies={200: ok("where it stands", "Actor")},
        problems=("not-found",),
    ),
    _list("roles", "Who holds which role", "Items"),
    _list("delegations", "Who votes for whom", "Items"),
    _list("systems", "The AI systems that may record", "Systems"),
    _list("safeguards", "The rules in force", "Items"),
    _list("datasets", "Data sets adopted or refused", "Items"),
    _list("treasury", "What the community owns: nothing yet", "Items"),
    _list(
        "proposals",
        "Every proposal ever opened",
        "Proposals",
        "`state` is that at the log time of the newest entry which carries one.",
    ),
    Operation(
        name="proposal",
        method="GET",
        path="/{ledger}/v1/proposals/{id}",
        tag="Read",
        summary="One proposal: what it would change, where it stands, what comes",
        parameters=(LEDGER, PROPOSAL),
        replies={200: ok("the proposal", "ProposalView")},
        problems=("not-found",),
    ),
    Operation(
        name="comments",
        method="GET",
        path="/{ledger}/v1/proposals/{id}/comments",
        tag="Read",
        summary="What was said, by agreement across groups of opinion",
        description="Flags are counted and move nothing. Texts are plain text.",
        parameters=(LEDGER, PROPOSAL, LIMIT, CURSOR),
        replies={200: ok("a page", "Comments")},
        problems=("not-found",),
    ),
    Operation(
        name="keep_text",
        method="POST",
        path="/{ledger}/v1/texts",
        tag="Act",
        summary="Send the text whose digest an act carries",
        description=(
            "After the act, never before. The text is kept encrypted beside the log, "
            "readable by everybody, and can be erased; the act's digest stays."
        ),
        parameters=(LEDGER,),
        bodies={JSON: "SentText"},
        replies={
            201: ok("kept", "Text"),
            200: ok("kept before", "Text"),
        },
        problems=(
            "malformed",
            "not-found",
            "erased",
            "body-too-large",
            "unsupported-media-type",
            "unsupported-encoding",
            "verification-failed",
            "invalid-text",
            "over-capacity",
            "not-signing",
        ),
    ),
    Operation(
        name="text",
        method="GET",
        path="/{ledger}/v1/texts/{digest}",
        tag="Read",
        summary="A text that somebody said",
        parameters=(
            LEDGER,
            path_parameter(
                "digest", {"type": "string", "pattern": HASH}, "as the act carries it"
            ),
        ),
        replies={200: ok("the text and its Disclosure", "Text")},
        problems=("not-found", "erased", "verification-failed", "not-signing"),
    ),
    Operation(
        name="feed",
        method="GET",
        path="/{ledger}/v1/feed.atom",
        tag="Read",
        summary="Steps of proposals, newest first, as an Atom feed",
        parameters=(LEDGER,),
        replies={200: ok("RFC 4287", STRING, ATOM)},
        curl="curl $BASE/$LEDGER/v1/feed.atom",
    ),
)
