"""An expression as a function: closures over its tree, deterministic and bounded.

CEL's semantics on the subset that `syntax` lets through:

- `==` of two kinds of value is false; of lists or objects it is an error, as is any
  comparison that a fraction takes part in;
- `&&`, `||`, `all` and `exists` decide whatever they can: an error on one side counts
  only where the other sides do not settle the answer;
- whole numbers have 64 bits; beyond is an error, as is division by zero; `/` and `%`
  cut towards zero;
- texts compare by code points, and `size` counts them.

What costs time by the size of the data takes from a budget of steps: items gone over
times the size of the body, lists and texts searched. An expression that spends it has no
answer. An expression without an answer raises one of `FAILURES`; nothing else escapes.
"""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from ledger.errors import RejectedError
from ledger.governance.safeguards.fields import (
    ANY,
    LISTS,
    MEMBERS,
    NAMES,
    OBJECTS,
    SCALARS,
    scaled,
)
from ledger.governance.safeguards.operations import (
    ARITHMETIC,
    GATHERS,
    ORDER,
    PLAIN,
    SEARCHES,
    STEPS,
    NoAnswerError,
    Record,
    Run,
    any_of,
    bounded,
    equal,
    ordered,
    settle,
    size_of,
    spend,
    truth,
    whole,
    within,
)
from ledger.governance.safeguards.syntax import (
    Call,
    Choice,
    Comprehension,
    Has,
    Item,
    Items,
    Literal,
    Member,
    Name,
    Node,
    Operation,
    nodes,
    parse_expression,
)
from ledger.governance.safeguards.tokens import refuse
from ledger.limits import (
    RULE_ITEMS_MAX,
    RULE_STEPS_MAX,
    RULE_TEXT_STEP,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A checked expression.

    Attributes:
        names: the fields it reads.
        run: its value for a record; raises one of `FAILURES`.
    """

    names: frozenset[str]
    run: Run


@lru_cache(maxsize=1_024)
def compile_expression(text: str) -> Expression:
    """The function that an expression is.

    Raises:
        RejectedError: `invalid-rule`: beyond the subset or its bounds, or a name that is
            no field.
    """
    tree = parse_expression(text)
    every = tuple(nodes(tree))
    variables = _variables(every)
    for node in every:
        _check_names(node, variables)
    return Expression(
        names=frozenset(
            node.name
            for node in every
            if isinstance(node, Name) and node.name not in variables
        ),
        run=_compile(tree),
    )


# ---- names, known before anything runs ----------------------------------------------


def _variables(every: tuple[Node, ...]) -> dict[str, Comprehension]:
    found = {node.variable: node for node in every if isinstance(node, Comprehension)}
    for name, node in found.items():
        if name in NAMES:
            raise refuse(node.at, "a variable with the name of a field")
        inside = {id(one) for one in nodes(node.body)}
        for one in every:
            if isinstance(one, Name) and one.name == name and id(one) not in inside:
                raise refuse(one.at, "the variable stands outside its comprehension")
    return found


def _check_names(node: Node, variables: dict[str, Comprehension]) -> None:
    if isinstance(node, Name):
        if node.name not in NAMES and node.name not in variables:
            known = ", ".join(sorted(NAMES))
            raise refuse(node.at, f"no such field; there are {known}")
    elif isinstance(node, Member) and isinstance(node.of, Name):
        known_members = _members(node.of.name, variables)
        if known_members is not None and node.name not in known_members:
            told = ", ".join(known_members) or "none"
            raise refuse(node.at, f"no such member; there are {told}")
    elif (
        isinstance(node, Comprehension)
        and isinstance(node.over, Name)
        and node.over.name in OBJECTS | SCALARS
    ):
        raise refuse(node.at, "only lists can be gone over")


def _members(name: str, variables: dict[str, Comprehension]) -> tuple[str, ...] | None:
    """The members that `name` can have; None: any."""
    if name in variables:
        over = variables[name].over
        in_list = isinstance(over, Name) and over.name in MEMBERS
        return MEMBERS[over.name] if in_list and isinstance(over, Name) else None
    if name in OBJECTS:
        return MEMBERS[name]
    return None if name in ANY else ()


# ---- each kind of node ----------------------------------------------------------------


def _compile(node: Node) -> Run:
    return _COMPILERS[type(node)](node)


def _literal(node: Literal) -> Run:
    value = node.value
    return lambda _: value


def _items(node: Items) -> Run:
    runs = [_compile(item) for item in node.items]
    return lambda record: [run(record) for run in runs]


def _member(node: Member) -> Run:
    name = node.name
    if isinstance(node.of, Name):  # the common case, without a call between
        outer = node.of.name
        return lambda record: record[outer][name]
    of = _compile(node.of)
    return lambda record: of(record)[name]


def _item(node: Item) -> Run:
    of, key = _compile(node.of), node.key

    def item(record: Record) -> Any:
        value = of(record)
        if type(key) is int:
            if type(value) is not list or key >= len(value):
                raise NoAnswerError
            return value[key]
        if type(value) is not dict:
            raise NoAnswerError
        return value[key]

    return item


def _has(node: Has) -> Run:
    path = node.path
    if isinstance(path, Name):
        name = path.name
        empty = name in LISTS | OBJECTS  # absent ones are empty, never null
        if empty:
            return lambda record: bool(record[name])
        return lambda record: record.get(name) is not None
    of, member = _compile(path.of), path.name

    def has(record: Record) -> bool:
        value = of(record)
        if type(value) is not dict:
            raise NoAnswerError
        return value.get(member) is not None

    return has


def _choice(node: Choice) -> Run:
    test, then, otherwise = (
        _compile(one) for one in (node.test, node.then, node.otherwise)
    )
    return lambda record: then(record) if truth(test(record)) else otherwise(record)


# ---- operators --------------------------------------------------------------------------


def _operation(node: Operation) -> Run:
    sign = node.sign
    runs = [_compile(operand) for operand in node.operands]
    if sign in {"&&", "||"}:
        return settle(runs, settles=sign == "||")
    if len(runs) == 1:
        one = runs[0]
        if sign == "!":
            return lambda record: not truth(one(record))
        return lambda record: bounded(-whole(one(record)))
    if sign in {"==", "!="}:
        return _equality(runs[0], node.operands[1], is_equal=sign == "==")
    return _pair(sign, *runs)


def _pair(sign: str, left: Run, right: Run) -> Run:
    if sign == "in":
        return within(left, right)
    if sign in ORDER:
        return ordered(ORDER[sign], left, right)
    compute = ARITHMETIC[sign]
    return lambda record: bounded(compute(whole(left(record)), whole(right(record))))


def _equality(left: Run, node: Node, *, is_equal: bool) -> Run:
    right = _compile(node)
    if isinstance(node, Literal):
        constant, kind = node.value, type(node.value)

        def to_constant(record: Record) -> bool:
            value = left(record)
            if type(value) is kind:
                return (value == constant) is is_equal
            if type(value) not in PLAIN:
                raise NoAnswerError
            return not is_equal

        return to_constant

    def to_other(record: Record) -> bool:
        value, other = left(record), right(record)
        if type(value) is str:
            spend(record, len(value) // RULE_TEXT_STEP)
        return equal(value, other) is is_equal

    return to_other


# ---- functions and comprehensions ------------------------------------------------------


def _call(node: Call) -> Run:
    if node.name == "size":
        return size_of(_compile(node.arguments[0]))
    if node.name == "decimal":
        return _decimal(node)
    search = SEARCHES[node.name]
    text, part = (_compile(argument) for argument in node.arguments)

    def searched(record: Record) -> bool:
        one, other = text(record), part(record)
        if type(one) is not str or type(other) is not str:
            raise NoAnswerError
        spend(record, 1 + len(one) // RULE_TEXT_STEP)
        return search(one, other)

    return searched


def _decimal(node: Call) -> Run:
    argument = node.arguments[0]
    if not isinstance(argument, Literal):
        of = _compile(argument)
        return lambda record: scaled(of(record))
    try:
        constant = scaled(argument.value)
    except ValueError:
        raise refuse(
            node.at, 'decimal takes a quoted decimal, as decimal("0.5")'
        ) from None
    return lambda _: constant


def _comprehension(node: Comprehension) -> Run:
    over, body, name = _compile(node.over), _compile(node.body), node.variable
    size = sum(1 for _ in nodes(node.body))
    gather = GATHERS[node.kind]

    def comprehension(record: Record) -> Any:
        items = over(record)
        if type(items) is not list or len(items) > RULE_ITEMS_MAX:
            raise NoAnswerError
        spend(record, len(items) * size)

        def answers() -> Iterator[Any]:
            for item in items:
                record[name] = item
                yield body(record)

        try:
            if gather is not None:
                return gather(items, list(answers()))
            return any_of(items, record, name, body, settles=node.kind == "exists")
        finally:
            record.pop(name, None)

    return comprehension


_COMPILERS: Final[dict[type, Callable[[Any], Run]]] = {
    Literal: _literal,
    Name: lambda node: operator.itemgetter(node.name),
    Member: _member,
    Item: _item,
    Items: _items,
    Has: _has,
    Call: _call,
    Operation: _operation,
    Choice: _choice,
    Comprehension: _comprehension,
}


def answer(expression: Expression, record: Record) -> bool:
    """Whether the expression is true of the record.

    Raises:
        NoAnswerError, KeyError, TypeError, ValueError: `FAILURES`: it has no answer.
    """
    record[STEPS] = RULE_STEPS_MAX
    return truth(expression.run(record))


def check_is_condition(text: str) -> Expression:
    """`compile_expression`, for an expression that must be a yes or no.

    Raises:
        RejectedError: `invalid-rule`; also where its outermost part never is one.
    """
    tree = parse_expression(text)
    is_value = isinstance(tree, Items) or (
        isinstance(tree, Literal) and type(tree.value) is not bool
    )
    if is_value:
        raise RejectedError(
            "invalid-rule", "the expression is a value: expected a yes or no"
        )
    return compile_expression(text)
