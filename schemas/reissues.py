"""A request for receipts again: `{"subject": {"ref": …}}`, strictly read."""

from typing import Final

from ledger.errors import RejectedError
from ledger.limits import REISSUE_BODY_BYTES_MAX, SUBJECT_REF_BYTES_MAX
from schemas.faults import Fault, InvalidError
from schemas.strict_json import read_json

MEDIA_TYPE: Final = "application/json"


def parse_reissue(body: bytes) -> str:
    """The deployer's own reference of the person.

    Raises:
        MalformedError: not one JSON document.
        InvalidError: `invalid-reissue`: JSON of another form.
        RejectedError: `body-too-large`. Nothing was kept in any of these.
    """
    if len(body) > REISSUE_BODY_BYTES_MAX:
        raise RejectedError(
            "body-too-large", f"it is at most {REISSUE_BODY_BYTES_MAX:,} bytes"
        )
    sent = read_json(body)
    if type(sent) is not dict or sent.keys() != {"subject"}:
        raise _invalid("", "has the member subject, and no other")
    subject = sent["subject"]
    if type(subject) is not dict or subject.keys() != {"ref"}:
        raise _invalid("/subject", "has the member ref, and no other")
    ref = subject["ref"]
    if type(ref) is not str or not 1 <= len(ref.encode()) <= SUBJECT_REF_BYTES_MAX:
        raise _invalid(
            "/subject/ref", f"must be a text of 1 to {SUBJECT_REF_BYTES_MAX} bytes"
        )
    return ref


def _invalid(pointer: str, sentence: str) -> InvalidError:
    return InvalidError("invalid-reissue", [Fault(pointer, sentence)])
