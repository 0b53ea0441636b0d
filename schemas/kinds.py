"""Every kind of problem an answer can name: one table, and nowhere else a status.

A problem's `type` is `/docs#problem-<kind>`: its place in the documentation this very
service serves. A kind, once published, keeps its meaning and its status for ever.
`docs/adr/0006-wire.md` says why the reference is relative to the host.
"""

from typing import Final

from schemas.kind import Kind
from schemas.kinds_acts import ACT_KINDS
from schemas.kinds_lost import LOST_KINDS
from schemas.kinds_parts import PART_KINDS
from schemas.kinds_safeguards import SAFEGUARD_KINDS, SEALED_KINDS

KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind(
            "malformed",
            400,
            "This is not one JSON document",
            "Send one RFC 8259 document in UTF-8 with every name once.",
        ),
        Kind(
            "invalid-parameter",
            400,
            "A parameter of the address is not usable",
            "Compare the parameter with the operation's description.",
        ),
        Kind(
            "sizes-out-of-order",
            400,
            "These sizes are not in order",
            "Ask for `from` ≤ `to` ≤ the newest size, and for an index below the size.",
        ),
        Kind(
            "invalid-idempotency-key",
            400,
            "The Idempotency-Key is not usable",
            "Send one key of 1 to 255 bytes of printable ASCII.",
        ),
        Kind(
            "idempotency-key-on-batch",
            400,
            "A batch takes no Idempotency-Key",
            "Give each decision an `id` of its own instead; a retry then finds it.",
        ),
        Kind(
            "bad-request",
            400,
            "This is not a request HTTP allows",
            "Check the request line, the headers and the encoding of the body.",
        ),
        Kind(
            "no-token",
            401,
            "A token is needed",
            "Send `Authorization: Bearer` and the system's token.",
        ),
        Kind(
            "unknown-token",
            401,
            "This token is not known",
            "It may be mistyped or revoked. Ask the operator for a new one.",
        ),
        Kind(
            "wrong-system-token",
            403,
            "This token belongs to another system",
            "A token records for one system only; use the one issued for `system`.",
        ),
        Kind(
            "forbidden",
            403,
            "This actor has no such right",
            "See the community's rules for who may do this.",
        ),
        Kind(
            "verification-failed",
            403,
            "A signature or proof does not hold",
            "Sign exactly the bytes that are sent, with the key that is named.",
        ),
        Kind(
            "not-found",
            404,
            "There is nothing here",
            "Check the address. What is not public answers the same.",
        ),
        Kind(
            "unknown-ledger",
            404,
            "There is no such ledger",
            "Check the first part of the path.",
        ),
        Kind(
            "method-not-allowed",
            405,
            "This address does not take that method",
            "Use one of the methods in the `Allow` header.",
        ),
        Kind(
            "request-timeout",
            408,
            "The request took too long to arrive",
            "Send it again, faster or in smaller parts.",
        ),
        Kind(
            "conflict",
            409,
            "This is already used for something else",
            "Read the present state and try again.",
        ),
        Kind(
            "id-of-another-system",
            409,
            "This id belongs to a decision of another system",
            "Make a new random UUID (version 4).",
        ),
        Kind(
            "seq-used",
            409,
            "This sequence number is not the next one",
            "Sign the act again with the `seq` that is expected.",
        ),
        Kind(
            "ledger-exists",
            409,
            "This ledger exists already",
            "Choose another name and origin.",
        ),
        Kind(
            "erased",
            410,
            "This was erased",
            "The private part is gone for good; the public entry and its proof stay.",
        ),
        Kind(
            "body-too-large",
            413,
            "The body is too large",
            "A decision is at most 64 KiB, a batch 16 MiB and 10,000 decisions, "
            "after decompression too.",
        ),
        Kind(
            "unsupported-media-type",
            415,
            "This media type is not taken here",
            "See the operation's request bodies, and send UTF-8.",
        ),
        Kind(
            "unsupported-encoding",
            415,
            "This content encoding is not taken",
            "Send the body plain, or with gzip or deflate.",
        ),
        Kind(
            "invalid-decision",
            422,
            "This decision breaks the contract",
            "Correct what `errors` lists and send it again.",
        ),
        Kind(
            "invalid-event",
            422,
            "This is not the CloudEvent that is expected",
            "Correct what `errors` lists and send it again.",
        ),
        Kind(
            "invalid-act",
            422,
            "This is not a signed act",
            "Send a DSSE envelope over the canonical bytes of an act.",
        ),
        Kind(
            "unsupported-signature",
            422,
            "This kind of signature is not taken",
            "Sign with the Ed25519 key of the actor's did:key.",
        ),
        Kind(
            "another-ledger",
            422,
            "This act was signed for another ledger",
            "Sign it again with this ledger's `genesis`; see `/v1/keys`.",
        ),
        Kind(
            "seen-elsewhere",
            422,
            "What the act has seen is not in this history",
            "Keep the checkpoint you saw: either it is of another ledger, or this "
            "ledger showed two histories, and an audit will prove it.",
        ),
        Kind(
            "seen-ahead",
            422,
            "What the act has seen lies ahead of this ledger",
            "Read the newest checkpoint here and sign the act again.",
        ),
        Kind(
            "id-used-otherwise",
            422,
            "This id or key was used for another decision",
            "Send the first decision unchanged, or make a new id and key.",
        ),
        Kind(
            "id-and-key-differ",
            422,
            "The id and the key name different decisions",
            "Send the pair that was sent first, or a new pair.",
        ),
        Kind(
            "unknown-system",
            422,
            "This system is not registered",
            "Register it through the community first.",
        ),
        Kind(
            "inactive-system",
            422,
            "This system may not record at present",
            "The community suspended or retired it; see its page.",
        ),
        Kind(
            "unknown-version",
            422,
            "This version of the system is not registered",
            "Register the version, or leave `system_version` out for the newest.",
        ),
        Kind(
            "unknown-outcome",
            422,
            "This outcome is not registered",
            "With profile `open` the outcome is public: register its code first.",
        ),
        Kind(
            "decided-at-out-of-range",
            422,
            "The decision is too old, or lies in the future",
            "Check the clock and zone; record decisions when they are made.",
        ),
        Kind(
            "invalid-text",
            422,
            "This is not a text that an act could name",
            "Send the act's id and the Disclosure whose digest the act carries.",
        ),
        *ACT_KINDS,
        *PART_KINDS,
        *SAFEGUARD_KINDS,
        *SEALED_KINDS,
        *LOST_KINDS,
        Kind(
            "unknown-proposal",
            404,
            "There is no such proposal",
            "Name a proposal by its key, or by its present wording's revision.",
        ),
        Kind(
            "wrong-phase",
            422,
            "The proposal's state does not allow this",
            "See the proposal's page for its state and when it changes.",
        ),
        Kind(
            "profile-changed",
            422,
            "The system's profile changed meanwhile",
            "Send the decision again.",
        ),
        Kind(
            "refused-by-rule",
            422,
            "A rule of the community refuses this decision",
            "Read the rule; `enacted_by` names the proposal that made it.",
        ),
        Kind(
            "rejected",
            422,
            "The rules or the present state refuse this",
            "Read what was found and what was expected.",
        ),
        Kind(
            "too-many-requests",
            429,
            "Too many requests",
            "Wait as long as `Retry-After` says.",
        ),
        Kind(
            "invalid-reissue",
            422,
            "This is not a request for receipts",
            'Send {"subject": {"ref": …}} with the reference the decisions were recorded '
            "under.",
        ),
        Kind(
            "too-many-reissues",
            429,
            "The system has asked for too many receipts again",
            "Wait until the ledger has settled those there are: a sweep, the delay, and "
            "30 days.",
        ),
        Kind(
            "internal",
            500,
            "The service made a mistake",
            "Try again with the same id; tell the operator if it stays.",
        ),
        Kind(
            "unavailable",
            503,
            "The service cannot answer just now",
            "Wait as long as `Retry-After` says and send the same request again.",
        ),
        Kind(
            "over-capacity",
            503,
            "Too much is waiting already",
            "Wait as long as `Retry-After` says and send the same request again.",
        ),
        Kind(
            "outcome-unknown",
            503,
            "Whether this was recorded is not known",
            "Send it again with the same `id` or Idempotency-Key: it is then "
            "recorded once, and the answer carries its receipt.",
        ),
        Kind(
            "not-signing",
            503,
            "This ledger has stopped signing",
            "Its operator must look at it first; nothing is recorded until then.",
        ),
    )
}
