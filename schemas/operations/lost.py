"""A lost receipt: proving an identifier by signing in elsewhere."""

from typing import Any, Final

from ledger.limits import SIGN_IN_CODE_CHARS_MAX, URL_CHARS_MAX
from ledger.log.signins import STATE_LETTERS
from schemas.operation import JSON, Operation
from schemas.operations.parts import LEDGER, ok

_BINDER: Final = {"type": "string", "pattern": "^[A-Za-z0-9_-]{43}$"}
_PRINTABLE: Final = "^[ -~]+$"
_START: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["binder"],
    "properties": {
        "binder": {**_BINDER, "description": "SHA-256 of what the browser keeps"}
    },
    "additionalProperties": False,
}
_FINISH: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["binder", "state", "code", "iss"],
    "properties": {
        "binder": {**_BINDER, "description": "what the browser kept"},
        "state": {
            "type": "string",
            "pattern": f"^[A-Za-z0-9_-]{{{STATE_LETTERS}}}$",
        },
        "code": {
            "type": "string",
            "maxLength": SIGN_IN_CODE_CHARS_MAX,
            "pattern": _PRINTABLE,
        },
        "iss": {
            "anyOf": [
                {"type": "string", "maxLength": URL_CHARS_MAX, "pattern": _PRINTABLE},
                {"type": "null"},
            ]
        },
    },
    "additionalProperties": False,
}
_BOTH: Final = (
    "malformed",
    "body-too-large",
    "unsupported-media-type",
    "unsupported-encoding",
    "no-sign-in",
    "invalid-sign-in",
    "over-capacity",
)

LOST: Final = (
    Operation(
        name="lost_start",
        method="POST",
        path="/{ledger}/v1/lost/start",
        tag="Read",
        summary="Begin to sign in for a lost receipt",
        description="Where an OpenID Connect provider is configured. The browser keeps "
        "32 random bytes and sends their hash; it then goes to the address.",
        parameters=(LEDGER,),
        bodies={JSON: _START},
        replies={200: ok("where to sign in", "SignInAddress")},
        problems=_BOTH,
    ),
    Operation(
        name="lost_finish",
        method="POST",
        path="/{ledger}/v1/lost/finish",
        tag="Read",
        summary="Finish signing in: ask for one's receipts again, or get their links",
        description="The first time, every receipt under the proved identifier is asked "
        "for again; an entry says so without a name. Once the community's delay has "
        "passed, signing in again gives the links. The identifier is not kept.",
        parameters=(LEDGER,),
        bodies={JSON: _FINISH},
        replies={200: ok("where the receipts stand", "LostReceipts")},
        problems=(
            *_BOTH,
            "sign-in-unknown",
            "sign-in-elsewhere",
            "sign-in-expired",
            "sign-in-used",
            "sign-in-refused",
            "sign-in-untrusted",
            "no-identifier",
            "too-many-reissues",
        ),
    ),
)
