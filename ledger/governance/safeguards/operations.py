"""What the operators and functions of an expression do with values; see `compiled`."""

import operator
from collections.abc import Callable
from typing import Any, Final

from ledger.limits import RULE_INTEGER_MAX, RULE_TEXT_STEP

STEPS: Final = "#"  # the budget's place in a record: no field has such a name
INTEGER_MIN: Final = -RULE_INTEGER_MAX - 1
PLAIN: Final = frozenset({str, int, bool, type(None)})

Record = dict[str, Any]
Run = Callable[[Record], Any]


class NoAnswerError(ArithmeticError):
    """The expression has no answer for this decision; which part, nobody needs."""


# What reading a member of something else raises on its own: cheaper than asking first.
FAILURES: Final = (NoAnswerError, KeyError, TypeError, ValueError)


def truth(value: object) -> bool:
    """The value, if it is a truth value."""
    if value is True:
        return True
    if value is False:
        return False
    raise NoAnswerError


def settle(runs: list[Run], *, settles: bool) -> Run:
    """`||` is settled by a true operand, `&&` by a false one, whatever fails beside it."""

    def settle(record: Record) -> bool:
        fails = False
        for run in runs:
            try:
                value: object = run(record)
            except FAILURES:
                fails = True
                continue
            if value is settles:
                return settles
            if value is not (not settles):
                fails = True
        if fails:
            raise NoAnswerError
        return not settles

    return settle


def equal(one: object, other: object) -> bool:
    """Equality of plain values; of lists, objects and fractions there is none."""
    if type(one) not in PLAIN or type(other) not in PLAIN:
        raise NoAnswerError
    return type(one) is type(other) and one == other


def ordered(compare: Callable[[Any, Any], bool], left: Run, right: Run) -> Run:
    """`<`, `<=`, `>`, `>=`, of two whole numbers or two texts."""

    def order(record: Record) -> bool:
        one, other = left(record), right(record)
        if type(one) is not type(other) or type(one) not in {int, str}:
            raise NoAnswerError
        if type(one) is str:
            spend(record, len(one) // RULE_TEXT_STEP)
        return compare(one, other)

    return order


def within(left: Run, right: Run) -> Run:
    """`in`: an item of a list, or a name of an object."""

    def within(record: Record) -> bool:
        value, place = left(record), right(record)
        if type(place) is dict:
            return type(value) is str and value in place
        if type(place) is not list:
            raise NoAnswerError
        spend(record, len(place))
        return any(equal(value, item) for item in place)

    return within


def whole(value: object) -> int:
    """The value, if it is a whole number of 64 bits."""
    if type(value) is not int:
        raise NoAnswerError
    return bounded(value)


def bounded(value: int) -> int:
    """The value, if it fits 64 bits."""
    if not INTEGER_MIN <= value <= RULE_INTEGER_MAX:
        raise NoAnswerError
    return value


def quotient(one: int, other: int) -> int:
    """Division that cuts towards zero."""
    if other == 0:
        raise NoAnswerError
    found = abs(one) // abs(other)
    return found if (one < 0) is (other < 0) else -found


def remainder(one: int, other: int) -> int:
    """What `quotient` leaves; its sign is that of the dividend."""
    return one - other * quotient(one, other)


ORDER: Final = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
ARITHMETIC: Final[dict[str, Callable[[int, int], int]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": quotient,
    "%": remainder,
}


def spend(record: Record, steps: int) -> None:
    """Take steps from the budget."""
    record[STEPS] -= steps
    if record[STEPS] < 0:
        raise NoAnswerError


SEARCHES: Final[dict[str, Callable[[str, str], bool]]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": str.__contains__,
}


def size_of(of: Run) -> Run:
    """`size` of a text, list or object."""

    def size(record: Record) -> int:
        value = of(record)
        if type(value) not in {str, list, dict}:
            raise NoAnswerError
        return len(value)

    return size


def any_of(
    items: list[Any], record: Record, name: str, body: Run, *, settles: bool
) -> bool:
    """`exists` is settled by one true item, `all` by one false; as `||` and `&&`."""
    fails = False
    for item in items:
        record[name] = item
        try:
            value: object = body(record)
        except FAILURES:
            fails = True
            continue
        if value is settles:
            return settles
        if value is not (not settles):
            fails = True
    if fails:
        raise NoAnswerError
    return not settles


def filtered(items: list[Any], answers: list[Any]) -> list[Any]:
    """The items whose answer is true."""
    pairs = zip(items, answers, strict=True)
    return [item for item, answer in pairs if truth(answer)]


GATHERS: Final[dict[str, Callable[[list[Any], list[Any]], Any] | None]] = {
    "all": None,
    "exists": None,
    "exists_one": lambda _, answers: sum(map(truth, answers)) == 1,
    "filter": filtered,
    "map": lambda _, answers: answers,
}
