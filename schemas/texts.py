"""A text as it is sent: `{"act": id, "disclosure": …}`, strictly read.

The act that names its digest was recorded before. What a Disclosure is stands in
`ledger.entries.saying`.
"""

from dataclasses import dataclass
from typing import Final

from ledger.canonical import parse_base64url
from ledger.errors import MalformedError, RejectedError
from ledger.limits import SAYING_BYTES_MAX
from schemas.faults import Fault, InvalidError
from schemas.strict_json import read_json

MEDIA_TYPE: Final = "application/json"
_MEMBERS: Final = frozenset({"act", "disclosure"})


@dataclass(frozen=True, slots=True)
class SentText:
    """A text on its way: the id of its act, and its Disclosure, which is not read yet."""

    act: str
    disclosure: str


def parse_text(body: bytes) -> SentText:
    """The text in `body`.

    Raises:
        MalformedError: not one JSON document.
        InvalidError: `invalid-text`: JSON of another form.
        RejectedError: `body-too-large`. Nothing was kept in any of these.
    """
    if len(body) > SAYING_BYTES_MAX:
        raise RejectedError(
            "body-too-large", f"a text is at most {SAYING_BYTES_MAX:,} bytes"
        )
    sent = read_json(body)
    if type(sent) is not dict or sent.keys() != _MEMBERS:
        raise invalid("has the members act and disclosure, and no other")
    if not all(type(value) is str for value in sent.values()):
        raise invalid("has texts as its members")
    try:
        parse_base64url(sent["act"], length=32)
    except MalformedError:
        raise invalid("names its act by 43 letters of base64url") from None
    return SentText(sent["act"], sent["disclosure"])


def invalid(sentence: str) -> InvalidError:
    """`invalid-text`, with what is wrong in words that repeat nothing."""
    return InvalidError("invalid-text", [Fault("", sentence)])
