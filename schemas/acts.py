"""An act as it is sent: one DSSE envelope of at most 60,000 bytes, strictly read.

What an envelope is stands in `ledger.entries.act`; here is only the difference the wire
makes between bytes that are not JSON (400) and JSON that is no act (422).
"""

from typing import Final

from ledger.entries.act import Act, read_envelope
from ledger.errors import MalformedError, RejectedError
from ledger.limits import ACT_BYTES_MAX
from schemas.faults import Fault, InvalidError
from schemas.strict_json import read_json

# The second is DSSE's own name for the same JSON.
MEDIA_TYPES: Final = ("application/json", "application/vnd.dsse.envelope.v1+json")


def parse_act(body: bytes) -> Act:
    """The act in `body`; its signature is not checked here.

    Raises:
        MalformedError: not one JSON document.
        InvalidError: `invalid-act`, JSON that is no envelope of an act.
        RejectedError: `body-too-large`.
            Nothing was recorded in any of these.
    """
    if len(body) > ACT_BYTES_MAX:
        raise RejectedError(
            "body-too-large", f"an act is at most {ACT_BYTES_MAX:,} bytes"
        )
    envelope = read_json(body)
    try:
        return read_envelope(envelope)
    except MalformedError as error:
        sentence = str(error)
    raise InvalidError("invalid-act", [Fault("", f"is not an act: {sentence}")])
