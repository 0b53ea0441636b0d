"""An act's leaf, read and written by its shape: the hot path of a replay.

The canonical bytes of an act that its actor's own key signed have one shape, and so have
those of its payload (`ledger.entries.payload`). So a pattern is at once the JSON parser,
the canonical form and most of the schema. What it does not match it says nothing about:
`ledger.entries.codec` then reads the leaf the plain way, which names the fault, and which
alone knows passkeys. Tests hold the two equal on every leaf that is read or written here.
"""

import re
from functools import lru_cache
from typing import Final

from ledger.canonical import parse_base64
from ledger.entries.act import PAYLOAD_TYPE, act_id, act_of
from ledger.entries.entry import ActRecorded
from ledger.entries.moment import format_log_time, parse_log_time
from ledger.entries.payload import match_payload
from ledger.errors import MalformedError
from ledger.ids import LedgerName, parse_ledger_name
from ledger.limits import LEAF_BYTES_MAX

# A dot of fixed count is only cut out here, and has a check of its own below. A
# signature's 64 bytes leave four bits of the last letter's, which are 0.
_LEAF: Final = re.compile(
    r'\{"data":\{"envelope":\{"payload":"([^"]+)",'
    rf'"payloadType":"{re.escape(PAYLOAD_TYPE)}",'
    r'"signatures":\[\{"keyid":"(?P<actor>.{56})","sig":"([A-Za-z0-9+/]{85}[AQgw]==)"\}\]\}\},'
    r'"datacontenttype":"application/json","id":"(.{43})",'
    r'"source":"/([a-z0-9-]+)/actors/(?P=actor)","specversion":"1\.0",'
    r'"time":"(.{24})","type":"org\.counterfoil\.act\.([a-z0-9_.-]+)\.v1"\}',
    re.ASCII | re.DOTALL,
)


@lru_cache(maxsize=1_024)
def _ledger(text: str) -> LedgerName:
    return parse_ledger_name(text)


def match_act(leaf: bytes) -> ActRecorded | None:
    """The act in `leaf`, or None for "read it the plain way"; never a refusal."""
    if not leaf.isascii() or len(leaf) > LEAF_BYTES_MAX:
        return None
    found = _LEAF.fullmatch(leaf.decode("ascii"))
    try:
        return None if found is None else _read_leaf(*found.groups())
    except MalformedError:
        return None


def _read_leaf(
    payload: str, actor: str, sig: str, id_: str, ledger: str, time: str, act: str
) -> ActRecorded | None:
    signed = parse_base64(payload)
    said = match_payload(signed)
    if said is None or (said.act, said.actor) != (act, actor) or id_ != act_id(signed):
        return None
    envelope = {
        "payload": payload,
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": actor, "sig": sig}],
    }
    made = act_of(said, id_, payload=signed, envelope=envelope)
    return ActRecorded(ledger=_ledger(ledger), time_ms=parse_log_time(time), act=made)


def write_act(entry: ActRecorded) -> bytes | None:
    """The leaf that `match_act` reads, by concatenation; None of a passkey's act.

    What stands in an envelope that was read is ASCII, and nothing that JSON escapes.
    """
    act, envelope = entry.act, entry.act.envelope
    if act.assertion is not None:
        return None
    signature = envelope["signatures"][0]
    leaf = (
        f'{{"data":{{"envelope":{{"payload":"{envelope["payload"]}",'
        f'"payloadType":"{PAYLOAD_TYPE}","signatures":[{{"keyid":"{signature["keyid"]}",'
        f'"sig":"{signature["sig"]}"}}]}}}},"datacontenttype":"application/json",'
        f'"id":"{act.id}","source":"/{entry.ledger}/actors/{act.actor}",'
        f'"specversion":"1.0","time":"{format_log_time(entry.time_ms)}",'
        f'"type":"org.counterfoil.act.{act.act}.v1"}}'
    )
    return leaf.encode("ascii")
