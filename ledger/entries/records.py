"""Records read back: every entry that is no decision, and their strict forms.

    org.counterfoil.erasure.executed.v1, org.counterfoil.receipt.reissued.v1
        data = {"decisions": [uuid, …]}      sorted, each once, 1 to 1,000 of them

Both name decisions and never a person. Their order is that of the ids, which are random:
so it tells nothing of who asked when. `ledger.entries.codec` writes what is read here.
"""

from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from ledger.entries.act import read_envelope
from ledger.entries.entry import (
    ActRecorded,
    ErasureExecuted,
    Founded,
    ReceiptReissued,
    TimePassed,
)
from ledger.entries.moment import is_second, parse_log_time, parse_utc
from ledger.errors import MalformedError, RejectedError
from ledger.ids import (
    DecisionId,
    LedgerName,
    is_code,
    is_uuid4,
    parse_ledger_name,
)
from ledger.keys import is_did_key
from ledger.limits import NAMED_DECISIONS_MAX

ERASURE_EXECUTED: Final = "org.counterfoil.erasure.executed.v1"  # never changes
RECEIPT_REISSUED: Final = "org.counterfoil.receipt.reissued.v1"  # never changes
_FOUNDED: Final = frozenset({"origin", "vkeys", "founders", "parameters"})


def ledger_of(source: object, rest: str) -> LedgerName:
    """The ledger's name from a source `/<ledger><rest>`.

    Raises:
        MalformedError: another source than the type's.
    """
    if type(source) is not str:
        raise MalformedError("a leaf's source is a text")
    return _ledger_before(source, rest)


@lru_cache(maxsize=4_096)
def _ledger_before(source: str, rest: str) -> LedgerName:
    if source[:1] != "/" or not source.endswith(rest):
        raise MalformedError("a leaf's source is not its type's")
    return parse_ledger_name(source[1 : len(source) - len(rest)])


def read_founding(event: dict[str, Any], data: dict[str, Any]) -> Founded:
    """Entry 0.

    Raises:
        MalformedError: another form.
    """
    if not data.keys() >= _FOUNDED:
        raise MalformedError("a founding names origin, vkeys, founders, parameters")
    origin, parameters = data["origin"], data["parameters"]
    vkeys, founders = data["vkeys"], data["founders"]
    if type(origin) is not str or not 1 <= len(origin) <= 255:
        raise MalformedError("an origin is a text of 1 to 255 letters")
    if type(parameters) is not dict:
        raise MalformedError("parameters are a JSON object")
    if type(vkeys) is not list or not all(type(key) is str for key in vkeys):
        raise MalformedError("vkeys are a list of texts")
    if type(founders) is not list or not all(is_did_key(did) for did in founders):
        raise MalformedError("founders are a list of did:keys")
    if not is_uuid4(event["id"]):
        raise MalformedError("a founding's id is a random UUID (version 4)")
    time = event["time"]
    return Founded(
        id=event["id"],
        ledger=ledger_of(event["source"], ""),
        time_ms=parse_utc(time) if is_second(time) else parse_log_time(time),
        time=time,
        origin=origin,
        vkeys=tuple(vkeys),
        founders=tuple(founders),
        parameters=parameters,
        extra={name: value for name, value in data.items() if name not in _FOUNDED},
    )


def read_time_passed(event: dict[str, Any], data: dict[str, Any]) -> TimePassed:
    """A passing of time.

    Raises:
        MalformedError: another form.
    """
    if data.keys() != {"checkpoint", "refused"}:
        raise MalformedError("a passing of time has checkpoint and refused")
    checkpoint, refused = data["checkpoint"], data["refused"]
    if checkpoint is not None and type(checkpoint) is not str:
        raise MalformedError("a checkpoint is a text or null")
    if type(refused) is not dict or not all(
        is_code(system) and type(count) is int and count >= 1
        for system, count in refused.items()
    ):
        raise MalformedError("refused is an object of system to count, from 1")
    if not is_uuid4(event["id"]):
        raise MalformedError("a passing of time has a random UUID (version 4)")
    return TimePassed(
        id=event["id"],
        ledger=ledger_of(event["source"], ""),
        time_ms=parse_log_time(event["time"]),
        checkpoint=checkpoint,
        refused=refused,
    )


def read_act(event: dict[str, Any], data: dict[str, Any]) -> ActRecorded:
    """An act, in its envelope.

    Raises:
        MalformedError: another form.
    """
    if data.keys() != {"envelope"}:
        raise MalformedError("an act's data is its envelope, and nothing unsigned")
    try:
        act = read_envelope(data["envelope"])
    except RejectedError as error:
        raise MalformedError(
            "an act whose signature this version cannot read"
        ) from error
    if event["id"] != act.id or event["type"] != f"org.counterfoil.act.{act.act}.v1":
        raise MalformedError("an act's id and type are its payload's")
    return ActRecorded(
        ledger=ledger_of(event["source"], f"/actors/{act.actor}"),
        time_ms=parse_log_time(event["time"]),
        act=act,
    )


def read_erasure(event: dict[str, Any], data: dict[str, Any]) -> ErasureExecuted:
    """That decisions were erased.

    Raises:
        MalformedError: another form.
    """
    return ErasureExecuted(**_named(event, data))


def read_reissue(event: dict[str, Any], data: dict[str, Any]) -> ReceiptReissued:
    """That receipts were asked for again.

    Raises:
        MalformedError: another form.
    """
    return ReceiptReissued(**_named(event, data))


def _named(event: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    if data.keys() != {"decisions"}:
        raise MalformedError("an erasure or a re-issue has decisions, and no more")
    if not is_uuid4(event["id"]):
        raise MalformedError("an erasure's or re-issue's id is a random UUID")
    decisions = data["decisions"]
    if type(decisions) is not list or not 1 <= len(decisions) <= NAMED_DECISIONS_MAX:
        raise MalformedError(f"decisions are a list of 1 to {NAMED_DECISIONS_MAX:,}")
    if not all(type(one) is str and is_uuid4(one) for one in decisions):
        raise MalformedError("decisions are named by their ids")
    if any(a >= b for a, b in pairwise(decisions)):
        raise MalformedError("decisions stand in order of id, each once")
    return {
        "id": event["id"],
        "ledger": ledger_of(event["source"], ""),
        "time_ms": parse_log_time(event["time"]),
        "decisions": tuple(map(DecisionId, decisions)),
    }
