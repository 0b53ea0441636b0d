"""Reading JSON that is not ours to spell: strict, but not canonical.

Disclosures and DSSE envelopes come in the sender's own encoding. What two readers might
understand differently is refused: repeated names, numbers that are not finite, lone
surrogates, deep nesting. Integers beyond 64 bits stay exact.
"""

import json
from typing import Any, NoReturn

from ledger.errors import MalformedError
from ledger.limits import JSON_DEPTH_MAX


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedError("a name stands twice in one JSON object")
    return found


def _no_constant(_name: str) -> NoReturn:
    raise MalformedError("a number that is not finite")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise MalformedError("a number that is not finite")
    return number


def _check_depth(value: object, depth: int) -> None:
    if depth > JSON_DEPTH_MAX:
        raise MalformedError(f"nested deeper than {JSON_DEPTH_MAX} levels")
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            _check_depth(item, depth + 1)


def parse_json(data: bytes) -> Any:
    """The one JSON document in `data`.

    Raises:
        MalformedError: not UTF-8 JSON, or a document that readers could take differently.
    """
    try:
        text = data.decode("utf-8")
        value = json.loads(
            text,
            object_pairs_hook=_no_repeats,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
        # Only an escape can make one: UTF-8 has none.
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise MalformedError("not a JSON document") from error
    _check_depth(value, 0)
    return value
