"""An act's leaf, read by two regular expressions: the hot path of a replay.

The canonical bytes of an act that its actor's own key signed have one shape, and so have
those of its payload: only the body is any JSON. So two patterns are at once the JSON
parser, the canonical form and most of the schema. What they do not match they say
nothing about: `ledger.entries.codec` then reads the leaf the plain way, which names the
fault, and which alone knows passkeys and bodies beyond ASCII. A test holds the two equal
on every leaf the patterns accept.
"""

import re
from functools import lru_cache
from typing import Any, Final

from ledger.canonical import is_digest, parse_base64, parse_jcs
from ledger.entries.act import PAYLOAD_TYPE, Act, act_id, is_act_name
from ledger.entries.entry import ActRecorded
from ledger.entries.moment import parse_log_time, parse_utc
from ledger.errors import MalformedError
from ledger.ids import Did, LedgerName, parse_ledger_name
from ledger.keys import SIGNATURE_BYTES, is_did_key
from ledger.limits import ACT_PAYLOAD_BYTES_MAX, INTEGER_MAX, LEAF_BYTES_MAX

# A dot of fixed count is only cut out here, and has a check of its own below.
_LEAF: Final = re.compile(
    r'\{"data":\{"envelope":\{"payload":"([^"]+)",'
    rf'"payloadType":"{re.escape(PAYLOAD_TYPE)}",'
    r'"signatures":\[\{"keyid":"(?P<actor>.{56})","sig":"(.{88})"\}\]\}\},'
    r'"datacontenttype":"application/json","id":"(.{43})",'
    r'"source":"/([a-z0-9-]+)/actors/(?P=actor)","specversion":"1\.0",'
    r'"time":"(.{24})","type":"org\.counterfoil\.act\.([a-z0-9_.-]+)\.v1"\}',
    re.ASCII | re.DOTALL,
)
_PAYLOAD: Final = re.compile(
    r'\{"act":"([a-z0-9_.-]+)","actor":"(.{56})","body":(\{.*\}),"genesis":"(.{43})",'
    r'"seen":\{"root":"(.{44})","size":([1-9][0-9]{0,15})\},'
    r'"seq":([1-9][0-9]{0,15}),"until":"([0-9T:.-]+Z)","v":1\}',
    re.ASCII | re.DOTALL,
)


@lru_cache(maxsize=1_024)
def _root(text: str) -> bytes:
    """Many have seen the same tree."""
    root = parse_base64(text)
    if len(root) != 32:
        raise MalformedError("a seen root is the base64 of 32 bytes")
    return root


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
    if (
        id_ != act_id(signed)
        or not is_did_key(actor)
        or len(parse_base64(sig)) != SIGNATURE_BYTES
    ):
        return None
    envelope: dict[str, Any] = {
        "payload": payload,
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": actor, "sig": sig}],
    }
    made = _match_payload(signed, id_, Did(actor), act, envelope)
    if made is None:
        return None
    return ActRecorded(ledger=_ledger(ledger), time_ms=parse_log_time(time), act=made)


def _match_payload(
    payload: bytes, id_: str, actor: Did, act: str, envelope: dict[str, Any]
) -> Act | None:
    if not payload.isascii() or len(payload) > ACT_PAYLOAD_BYTES_MAX:
        return None
    found = _PAYLOAD.fullmatch(payload.decode("ascii"))
    if found is None:
        return None
    named, by, body, genesis, root, size, seq, until = found.groups()
    if named != act or by != actor or not is_act_name(act) or not is_digest(genesis):
        return None
    if int(size) > INTEGER_MAX or int(seq) > INTEGER_MAX:
        return None
    return Act(
        id=id_,
        genesis=genesis,
        act=act,
        actor=actor,
        seq=int(seq),
        until_ms=parse_utc(until),
        seen_size=int(size),
        seen_root=_root(root),
        body=parse_jcs(body.encode("ascii"), within=1),
        payload=payload,
        envelope=envelope,
    )
