"""Leaves: the bytes of an entry, and the strict way back.

    leaf = JCS {"specversion":"1.0", "id", "source", "type", "time",
                "datacontenttype":"application/json", "data": {…}}     at most 65,535 bytes

    type                                    source                       data
    org.counterfoil.ledger.founded.v1       /<ledger>                    origin, vkeys, founders,
                                                                         parameters, …
    org.counterfoil.decision.recorded.v1    /<ledger>/systems/<system>   statement, signature?, seq,
                                                                         rules, results, refused
    org.counterfoil.act.<act>.v1            /<ledger>/actors/<did>       envelope
    org.counterfoil.time.passed.v1          /<ledger>                    checkpoint, refused
    org.counterfoil.erasure.executed.v1     /<ledger>                    decisions
    org.counterfoil.receipt.reissued.v1     /<ledger>                    decisions

A published type never changes; a new one gets a new number. `decode_entry` accepts
exactly the bytes that `encode_entry` writes: canonical, every member of its form, none
unknown. What needs a key or another entry (signatures, gapless `seq`, unique ids) is
the auditor's. One example of each kind is in docs/FORMAT.md.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final, assert_never

import orjson

from ledger.canonical import (
    format_base64url,
    jcs,
    parse_base64url,
    parse_jcs,
)
from ledger.entries.act_pattern import match_act, write_act
from ledger.entries.decision import DECISION_RECORDED
from ledger.entries.decision_pattern import match_decision
from ledger.entries.entry import (
    ActRecorded,
    DecisionRecorded,
    Entry,
    ErasureExecuted,
    Founded,
    ReceiptReissued,
    TimePassed,
)
from ledger.entries.moment import format_log_time
from ledger.entries.records import (
    ERASURE_EXECUTED,
    RECEIPT_REISSUED,
    ledger_of,
    read_act,
    read_erasure,
    read_founding,
    read_reissue,
    read_time_passed,
)
from ledger.entries.statement import read_statement
from ledger.errors import MalformedError
from ledger.ids import (
    DecisionId,
    SystemId,
    is_code,
)
from ledger.keys import SIGNATURE_BYTES, is_did_key
from ledger.limits import INTEGER_MAX, LEAF_BYTES_MAX

LEDGER_FOUNDED: Final = "org.counterfoil.ledger.founded.v1"  # never changes
TIME_PASSED: Final = "org.counterfoil.time.passed.v1"  # never changes
RESULT_OUTCOMES: Final = ("pass", "flag", "hold")  # never change; a refusal has no leaf

_EVENT = frozenset(
    {"specversion", "id", "source", "type", "time", "datacontenttype", "data"}
)
_DECISION = frozenset({"statement", "seq", "rules", "results", "refused"})
_DECISION_SIGNED = _DECISION | {"signature"}
_READERS: Final[dict[str, Callable[[dict[str, Any], dict[str, Any]], Entry]]] = {
    LEDGER_FOUNDED: read_founding,
    TIME_PASSED: read_time_passed,
    ERASURE_EXECUTED: read_erasure,
    RECEIPT_REISSUED: read_reissue,
}
_TAIL = b'},"datacontenttype":"application/json","id":"'
_STATEMENT = b'"statement":'
_ACT_HEAD = b'{"data":{"envelope":'


def encode_entry(entry: Entry) -> bytes:
    """The leaf's bytes.

    Raises:
        MalformedError: a value that cannot stand on a leaf, or more than 65,535 bytes.
    """
    leaf = write_act(entry) if isinstance(entry, ActRecorded) else None
    leaf = leaf or write_leaf(entry)
    if len(leaf) > LEAF_BYTES_MAX:
        raise MalformedError(f"a leaf longer than {LEAF_BYTES_MAX:,} bytes")
    return leaf


def write_leaf(entry: Entry) -> bytes:
    """`encode_entry` without its short cut and its bound.

    Raises:
        MalformedError: a value that cannot stand on a leaf.
    """
    return jcs(_event_of(entry))


def _event_of(entry: Entry) -> dict[str, Any]:
    match entry:
        case DecisionRecorded():
            return _event_of_decision(entry)
        case ActRecorded():
            return _event(
                f"org.counterfoil.act.{entry.act.act}.v1",
                entry.act.id,
                f"/{entry.ledger}/actors/{entry.act.actor}",
                format_log_time(entry.time_ms),
                {"envelope": entry.act.envelope},
            )
        case TimePassed():
            return _event(
                TIME_PASSED,
                entry.id,
                f"/{entry.ledger}",
                format_log_time(entry.time_ms),
                {"checkpoint": entry.checkpoint, "refused": entry.refused},
            )
        case ErasureExecuted():
            return _event_of_named(ERASURE_EXECUTED, entry)
        case ReceiptReissued():
            return _event_of_named(RECEIPT_REISSUED, entry)
        case Founded():
            return _event_of_founding(entry)
        case _ as unreachable:
            assert_never(unreachable)


def _event(
    type_: str, id_: str, source: str, time: str, data: dict[str, Any]
) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": id_,
        "source": source,
        "type": type_,
        "time": time,
        "datacontenttype": "application/json",
        "data": data,
    }


def _event_of_decision(entry: DecisionRecorded) -> dict[str, Any]:
    data: dict[str, Any] = {
        "statement": parse_jcs(entry.statement_jcs),
        "seq": entry.seq,
        "rules": entry.rules,
        "results": [{"id": id_, "outcome": found} for id_, found in entry.results],
        "refused": entry.refused,
    }
    if entry.signature is not None:
        sig = format_base64url(entry.signature)
        data["signature"] = {"keyid": entry.keyid, "sig": sig}
    source = f"/{entry.ledger}/systems/{entry.statement.system}"
    return _event(DECISION_RECORDED, entry.id, source, entry.time, data)


def _event_of_named(
    type_: str, entry: ErasureExecuted | ReceiptReissued
) -> dict[str, Any]:
    return _event(
        type_,
        entry.id,
        f"/{entry.ledger}",
        format_log_time(entry.time_ms),
        {"decisions": list(entry.decisions)},
    )


def _event_of_founding(entry: Founded) -> dict[str, Any]:
    data = {
        **entry.extra,
        "origin": entry.origin,
        "vkeys": list(entry.vkeys),
        "founders": list(entry.founders),
        "parameters": entry.parameters,
    }
    return _event(LEDGER_FOUNDED, entry.id, f"/{entry.ledger}", entry.time, data)


def decode_entry(leaf: bytes) -> Entry:
    """The entry whose bytes are exactly `leaf`.

    Raises:
        MalformedError: not canonical, of an unknown type, or not of its type's form.
    """
    if len(leaf) > LEAF_BYTES_MAX:
        raise MalformedError(f"a leaf longer than {LEAF_BYTES_MAX:,} bytes")
    match = match_act if leaf.startswith(_ACT_HEAD) else match_decision
    return match(leaf) or read_leaf(leaf)


def read_leaf(leaf: bytes) -> Entry:
    """`decode_entry` without its short cuts: JSON, form, spelling, one after another.

    Raises:
        MalformedError: as `decode_entry`, and it names the fault.
    """
    try:
        event = orjson.loads(leaf)
    except orjson.JSONDecodeError as error:
        raise MalformedError("a leaf that is not JSON") from error
    if type(event) is not dict or event.keys() != _EVENT:
        raise MalformedError("a leaf with other members than an event's seven")
    if event["specversion"] != "1.0" or event["datacontenttype"] != "application/json":
        raise MalformedError("a leaf is a CloudEvents 1.0 object with JSON data")
    if event["type"] == DECISION_RECORDED:
        # A decision's form leaves no room for what `jcs` checks one by one: every
        # member is a code, a digest, a time or a bounded integer.
        entry: Entry = _read_decision(event, leaf)
        canonical = orjson.dumps(event, option=orjson.OPT_SORT_KEYS)
    else:
        entry = _read_other(event)
        canonical = jcs(event)
    if canonical != leaf:
        raise MalformedError("a leaf that is not in canonical form (RFC 8785)")
    return entry


def _read_other(event: dict[str, Any]) -> Entry:
    data = event["data"]
    if type(data) is not dict:
        raise MalformedError("a leaf's data is a JSON object")
    for name in ("id", "source", "type", "time"):
        if type(event[name]) is not str:
            raise MalformedError(f"a leaf's {name} is a text")
    reader = _READERS.get(event["type"])
    if reader is not None:
        return reader(event, data)
    if event["type"].startswith("org.counterfoil.act."):
        return read_act(event, data)
    raise MalformedError("a leaf of a type this version does not know")


# ---- decisions ------------------------------------------------------------------


def _read_decision(event: dict[str, Any], leaf: bytes) -> DecisionRecorded:
    data = event["data"]
    if type(data) is not dict or data.keys() not in (_DECISION, _DECISION_SIGNED):
        raise MalformedError("a decision's data has other members than its type's")
    statement = read_statement(data["statement"], data["rules"])
    if event["id"] != statement.id or event["time"] != statement.time:
        raise MalformedError("a decision's id and time are its statement's")
    seq, refused = data["seq"], data["refused"]
    if type(seq) is not int or not 1 <= seq <= INTEGER_MAX:
        raise MalformedError("a decision's seq is an integer from 1")
    if type(refused) is not int or not 0 <= refused <= INTEGER_MAX:
        raise MalformedError("a decision's refused is an integer from 0")
    keyid, signature = _read_signature(data.get("signature"), "signature" in data)
    ledger = ledger_of(event["source"], f"/systems/{statement.system}")
    start = leaf.find(_STATEMENT) + len(_STATEMENT)
    return DecisionRecorded(
        ledger=ledger,
        statement=statement,
        statement_jcs=leaf[start : leaf.rfind(_TAIL)],
        seq=seq,
        rules=data["rules"],
        results=_read_results(data["results"]) if data["results"] != [] else (),
        refused=refused,
        keyid=keyid,
        signature=signature,
    )


def _read_signature(value: object, present: bool) -> tuple[Any, bytes | None]:  # noqa: FBT001 -- null is not absence
    if not present:
        return None, None
    if (
        type(value) is not dict
        or value.keys() != {"keyid", "sig"}
        or not is_did_key(value["keyid"])
        or type(value["sig"]) is not str
    ):
        raise MalformedError("a deployer's signature is {keyid, sig}")
    return value["keyid"], parse_base64url(value["sig"], length=SIGNATURE_BYTES)


def _read_results(items: object) -> tuple[tuple[str, str], ...]:
    if type(items) is not list:
        raise MalformedError("results are a list")
    results = []
    for item in items:
        if (
            type(item) is not dict
            or item.keys() != {"id", "outcome"}
            or type(item["id"]) is not str
            or not is_code(item["id"])
            or item["outcome"] not in RESULT_OUTCOMES
        ):
            raise MalformedError("a result is {id, outcome: pass, flag or hold}")
        results.append((item["id"], item["outcome"]))
    if any(a[0] >= b[0] for a, b in pairwise(results)):
        raise MalformedError("results stand in order of id, each once")
    return tuple(results)


# ---- for those who look for one member of a decision's leaf ---------------------


def _decision_of(leaf: bytes) -> DecisionRecorded:
    entry = decode_entry(leaf)
    if not isinstance(entry, DecisionRecorded):
        raise MalformedError("a leaf that is not a decision's")
    return entry


def subject_tag_of(leaf: bytes) -> str:
    """The `subject_tag` of a decision's leaf, base64url.

    Raises:
        MalformedError: not the leaf of a decision.
    """
    return _decision_of(leaf).statement.subject_tag


def source_system(leaf: bytes) -> tuple[SystemId, DecisionId]:
    """The system and the id of a decision's leaf.

    Raises:
        MalformedError: not the leaf of a decision.
    """
    entry = _decision_of(leaf)
    return entry.statement.system, entry.id
