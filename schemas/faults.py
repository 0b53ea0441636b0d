"""What is wrong with a request, as places and sentences that repeat none of it.

A `Fault` is a JSON Pointer (RFC 6901) into the request and a sentence. Names of unknown
members are the request's own content, so the pointer ends at the object that holds
them: "/outcome: has a member that is not known".
"""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ledger.errors import RejectedError

FAULTS_MAX = 20  # faults an answer lists; more would not be read
_WRITTEN_MAX = 500  # faults worth writing out; 6,000 in one body cost 30 ms

_SENTENCES = {
    "bool_type": "must be true or false",
    "dict_type": "must be an object",
    "int_type": "must be a whole number, without quotes",
    "list_type": "must be a list",
    "missing": "is required",
    "string_type": "must be a string",
    "string_unicode": "must be valid Unicode",
    "extra_forbidden": "has a member that is not known; leave it out",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "must be at least {}"),
    "less_than_equal": ("le", "must be at most {}"),
    "literal_error": ("expected", "must be {}"),
    "string_too_long": ("max_length", "must have at most {} characters"),
    "string_too_short": ("min_length", "must have at least {} character"),
    "too_long": ("max_length", "must have at most {} items"),
    "string_pattern_mismatch": ("pattern", "must match {}"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: a JSON Pointer and a sentence without its subject."""

    pointer: str
    sentence: str


class InvalidError(RejectedError):
    """JSON that breaks the contract; nothing was recorded.

    Attributes:
        faults: at most 20, in the order found.
    """

    def __init__(self, kind: str, faults: list[Fault]) -> None:
        """The message names the first three faults."""
        self.faults = tuple(faults[:FAULTS_MAX])
        named = "; ".join(
            f"{f.pointer or 'the body'} {f.sentence}" for f in self.faults[:3]
        )
        more = f"; and {len(faults) - 3} more" if len(faults) > 3 else ""
        super().__init__(kind, named + more)


def _sentence(kind: str, context: dict[str, Any]) -> str:
    if kind in _BOUNDS:
        key, sentence = _BOUNDS[kind]
        return sentence.format(context[key])  # our own bound, never what was sent
    return _SENTENCES.get(kind, "is not what the contract says")


def faults_of(error: ValidationError) -> list[Fault]:
    """The faults that pydantic found, without anything that was sent.

    Every step of a place is a member our schema names, or a position in a list; only
    an unknown member's last step is the sender's, and is left out.
    """
    count = error.error_count()
    if count > _WRITTEN_MAX:
        return [Fault("", f"breaks the contract in {count:,} places")]
    found: dict[Fault, None] = {}  # ten unknown members of one object are one fault
    for one in error.errors(include_url=False, include_input=False):
        place = one["loc"][:-1] if one["type"] == "extra_forbidden" else one["loc"]
        pointer = "".join(f"/{step}" for step in place)
        found[Fault(pointer, _sentence(one["type"], one.get("ctx", {})))] = None
    return list(found)
