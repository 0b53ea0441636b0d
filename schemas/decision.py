"""A decision as it is sent: bytes in, plain validated JSON out. The hot path.

The steps of `parse_decision`, cheapest refusal first:

1. its size, then one strict JSON document (`schemas.strict_json`): 413, 400;
2. a null member of the schema is an absent one, at every level of the schema. Inside
   `inputs` and `extension` null is a value. An unknown member stays, and is refused;
3. the types and bounds of every member (`schemas.shapes`): 422;
4. what types cannot say: a real date, bytes of `subject.ref`, a reason that says
   something, reasons for an unfavourable outcome: 422.

What only the ledger knows (is the system registered, is it too old) is not asked here.
"""

from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter, ValidationError

from ledger.errors import CounterfoilError, MalformedError, RejectedError
from ledger.limits import (
    BATCH_BYTES_MAX,
    BATCH_DECISIONS_MAX,
    DECISION_BYTES_MAX,
    SUBJECT_REF_BYTES_MAX,
)
from schemas.faults import Fault, InvalidError, faults_of
from schemas.shapes import (
    Counterfactual,
    Decision,
    Footprint,
    Human,
    Outcome,
    Protected,
    Reason,
    Recourse,
    Subject,
)
from schemas.strict_json import read_json
from schemas.times import real_time_ms

DECISION: Final = TypeAdapter(Decision)
_validate = DECISION.validator.validate_python

_MEMBERS = frozenset(Decision.__annotations__)
_OBJECTS = {
    "outcome": frozenset(Outcome.__annotations__),
    "subject": frozenset(Subject.__annotations__),
    "protected": frozenset(Protected.__annotations__),
    "human": frozenset(Human.__annotations__),
    "recourse": frozenset(Recourse.__annotations__),
    "footprint": frozenset(Footprint.__annotations__),
}
_LISTS = {
    "reasons": frozenset(Reason.__annotations__),
    "counterfactuals": frozenset(Counterfactual.__annotations__),
}


class ParsedDecision(NamedTuple):
    """A decision that keeps every rule one can check without the ledger.

    Attributes:
        fields: the members as sent, without null ones; the caller owns it.
        decided_at_ms: `decided_at`, milliseconds since 1970, floored.
    """

    fields: dict[str, Any]
    decided_at_ms: int


def _without_nulls(value: object, known: frozenset[str]) -> object:
    if type(value) is not dict:
        return value
    return {
        name: item
        for name, item in value.items()
        if item is not None or name not in known
    }


def _drop_nulls(value: object) -> object:
    """The decision without the null members of its schema, at every level (step 2)."""
    kept = _without_nulls(value, _MEMBERS)
    if type(kept) is not dict:
        return kept
    for name, known in _OBJECTS.items():
        if name in kept:
            kept[name] = _without_nulls(kept[name], known)
    for name, known in _LISTS.items():
        items = kept.get(name)
        if type(items) is list:
            kept[name] = [_without_nulls(item, known) for item in items]
    return kept


def _extra_faults(fields: dict[str, Any]) -> list[Fault]:
    """The rules that types cannot say (step 4), except the real date."""
    found = []
    ref = fields["subject"]["ref"]
    if not ref.isascii() and len(ref.encode()) > SUBJECT_REF_BYTES_MAX:
        found.append(
            Fault(
                "/subject/ref", f"must be 1 to {SUBJECT_REF_BYTES_MAX} bytes of UTF-8"
            )
        )
    reasons = fields.get("reasons", ())
    if not reasons and not fields["outcome"]["favourable"]:
        found.append(
            Fault("/reasons", "at least one is required: the outcome is not favourable")
        )
    for index, reason in enumerate(reasons):
        if "code" not in reason and "text" not in reason:
            found.append(
                Fault(f"/reasons/{index}", "a reason needs a `code` or a `text`")
            )
    return found


def validate_decision(value: object, *, has_nulls: bool = True) -> ParsedDecision:
    """Steps 2 to 4, for a value that was read strictly.

    Args:
        value: what `read_json` gave.
        has_nulls: False where the caller knows that no null is in it.

    Raises:
        InvalidError: the value breaks the contract. Nothing was recorded.
    """
    faults: list[Fault]
    try:
        fields = _validate(_drop_nulls(value) if has_nulls else value)
    except ValidationError as error:
        faults = faults_of(error)
    else:
        faults = _extra_faults(fields)
        time_ms = real_time_ms(fields["decided_at"])
        if time_ms is None:
            faults.append(Fault("/decided_at", "must be a day that exists"))
        elif not faults:
            return ParsedDecision(fields, time_ms)
    # Outside the handler: pydantic's error quotes the request, so it is not a context.
    raise InvalidError("invalid-decision", faults)


def parse_decision(body: bytes) -> ParsedDecision:
    """The one decision that `body` is.

    Raises:
        MalformedError: not one JSON document.
        InvalidError: JSON that breaks the contract.
        RejectedError: `body-too-large`, above 64 KiB.
            Nothing was recorded in any of these.
    """
    if len(body) > DECISION_BYTES_MAX:
        raise RejectedError(
            "body-too-large", f"a decision is at most {DECISION_BYTES_MAX:,} bytes"
        )
    return validate_decision(read_json(body), has_nulls=b"null" in body)


def try_parse_decision(body: bytes) -> ParsedDecision | CounterfoilError:
    """`parse_decision` for one line of many: the error is the line's own answer."""
    try:
        return parse_decision(body)
    except (MalformedError, RejectedError) as error:
        return error


def split_ndjson(body: bytes) -> list[bytes]:
    r"""The lines of a batch, in order, unread.

    Lines end in `\n` (a `\r` before it is JSON's white space); the last need not. An
    empty line stands for nothing that was sent, so it is kept, and its own parse
    refuses it: the answers stay in step with the lines.

    Raises:
        MalformedError: no line at all.
        RejectedError: `body-too-large`, above 16 MiB or 10,000 lines. Nothing recorded.
    """
    if len(body) > BATCH_BYTES_MAX:
        raise RejectedError(
            "body-too-large", f"a batch is at most {BATCH_BYTES_MAX:,} bytes"
        )
    if not body:
        raise MalformedError("an empty batch; send one decision a line")
    if body.count(b"\n") - body.endswith(b"\n") >= BATCH_DECISIONS_MAX:
        raise RejectedError(
            "body-too-large", f"a batch is at most {BATCH_DECISIONS_MAX:,} decisions"
        )
    lines = body.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return lines
