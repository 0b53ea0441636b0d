"""A rule's expression as a tree: a subset of CEL, refused before anything runs it.

    expression  = or [ "?" or ":" expression ]
    or          = and { "||" and }           and = relation { "&&" relation }
    relation    = sum { ("==" | "!=" | "<" | "<=" | ">" | ">=" | "in") sum }
    sum         = product { ("+" | "-") product }
    product     = unary { ("*" | "/" | "%") unary }
    unary       = { "!" } postfix | "-" postfix
    postfix     = primary { "." name [ "(" arguments ")" ] | "[" literal "]" }
    primary     = literal | name | "has(" path ")" | function "(" arguments ")"
                | "[" items "]" | "(" expression ")"

Bounds: 2,048 bytes, 64 levels, one comprehension (`all`, `exists`, `exists_one`,
`filter`, `map`). Left out on purpose: fractions, maps, `matches` and every other
function that takes time by a pattern, times and zones, macros inside macros.

Example: `has(human.involved) && reasons.all(r, r.direction == "against")`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ledger.errors import RejectedError
from ledger.governance.safeguards.tokens import (
    END,
    NAME,
    NUMBER,
    SIGN,
    TEXT,
    Token,
    read_tokens,
    refuse,
)
from ledger.limits import RULE_LEVELS_MAX

FUNCTIONS: Final = ("size", "decimal")
METHODS: Final = {"size": 0, "startsWith": 1, "endsWith": 1, "contains": 1}
MACROS: Final = ("all", "exists", "exists_one", "filter", "map")
_LEVEL_OF: Final = {  # how tightly each binds, from the loosest
    "||": 0, "&&": 1,
    "==": 2, "!=": 2, "<": 2, "<=": 2, ">": 2, ">=": 2, "in": 2,
    "+": 3, "-": 3, "*": 4, "/": 4, "%": 4,
}  # fmt: skip
_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_RESERVED: Final = frozenset(
    [
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ]
)


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, whole number, truth value or null that stands in the expression."""

    value: str | int | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    """A field of the decision, or the variable of the comprehension around it."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Member:
    """`of.name`."""

    of: "Node"
    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Item:
    """`of[key]`, the key a literal."""

    of: "Node"
    key: str | int


@dataclass(frozen=True, slots=True)
class Items:
    """`[a, b]`."""

    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Has:
    """`has(path)`."""

    path: "Name | Member"


@dataclass(frozen=True, slots=True)
class Call:
    """A function or method; a method's target is its first argument."""

    name: str
    arguments: tuple["Node", ...]
    at: int


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator; `&&` and `||` have any number of operands, the others one or two."""

    sign: str
    operands: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`test ? then : otherwise`."""

    test: "Node"
    then: "Node"
    otherwise: "Node"


@dataclass(frozen=True, slots=True)
class Comprehension:
    """`over.kind(variable, body)`."""

    kind: str
    over: "Node"
    variable: str
    body: "Node"
    at: int


Node = (
    Literal
    | Name
    | Member
    | Item
    | Items
    | Has
    | Call
    | Operation
    | Choice
    | Comprehension
)


def parse_expression(text: str) -> Node:
    """The tree of an expression, within every bound.

    Raises:
        RejectedError: `invalid-rule`, naming the place and what is expected.
    """
    tree = _Parser(read_tokens(text)).whole()
    if _levels(tree) > RULE_LEVELS_MAX:
        raise _too_deep()
    if sum(isinstance(node, Comprehension) for node in nodes(tree)) > 1:
        raise RejectedError(
            "invalid-rule",
            "an expression has one all, exists, exists_one, filter or map",
        )
    return tree


def children(node: Node) -> tuple[Node, ...]:  # noqa: C901, PLR0911 -- a table
    """The nodes right below."""
    match node:
        case Literal() | Name():
            return ()
        case Member() | Item():
            return (node.of,)
        case Has():
            return (node.path,)
        case Items():
            return node.items
        case Call():
            return node.arguments
        case Operation():
            return node.operands
        case Choice():
            return (node.test, node.then, node.otherwise)
        case Comprehension():
            return (node.over, node.body)


def nodes(tree: Node) -> Iterator[Node]:
    """The tree's nodes, each once; by an explicit stack."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(children(node))


def _levels(tree: Node) -> int:
    deepest, stack = 0, [(tree, 1)]
    while stack:
        node, level = stack.pop()
        deepest = max(deepest, level)
        stack.extend((child, level + 1) for child in children(node))
    return deepest


def _too_deep() -> RejectedError:
    return RejectedError(
        "invalid-rule", f"an expression has at most {RULE_LEVELS_MAX} levels"
    )


class _Parser:
    """Reads tokens from the left; `open` counts the levels that recursion is in."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.open = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def whole(self) -> Node:
        tree = self.expression()
        if self.next.kind != END:
            raise refuse(self.next.at, "an operator, or the end, was expected")
        return tree

    def takes(self, *signs: str) -> str:
        """The sign that stands here, taken; empty if it is none of these."""
        token = self.next
        if token.kind == SIGN and token.value in signs:
            self.at += 1
            return str(token.value)
        return ""

    def expect(self, sign: str) -> None:
        if not self.takes(sign):
            raise refuse(self.next.at, f"{sign} was expected")

    def expression(self) -> Node:
        self.open += 1
        if self.open > RULE_LEVELS_MAX:
            raise _too_deep()
        node = self.binary(0)
        if self.takes("?"):
            then = self.binary(0)
            self.expect(":")
            node = Choice(node, then, self.expression())
        self.open -= 1
        return node

    def binary(self, lowest: int) -> Node:
        """Operators of `lowest` and tighter; `a && b && c` is one node of three."""
        node = self.unary()
        while True:
            sign = str(self.next.value) if self.next.kind != TEXT else ""
            level = _LEVEL_OF.get(sign, -1)
            if level < lowest:
                return node
            self.at += 1
            right = self.binary(level + 1)
            if level <= 1 and isinstance(node, Operation) and node.sign == sign:
                node = Operation(sign, (*node.operands, right))
            else:
                node = Operation(sign, (node, right))

    def unary(self) -> Node:
        negations = 0
        while self.takes("!"):
            negations += 1
        if negations > RULE_LEVELS_MAX:
            raise _too_deep()
        if not negations and self.takes("-"):
            return Operation("-", (self.postfix(),))
        node = self.postfix()
        for _ in range(negations):
            node = Operation("!", (node,))
        return node

    def postfix(self) -> Node:
        node = self.primary()
        while True:
            if self.takes("."):
                node = self.member(node)
            elif self.takes("["):
                node = Item(node, self.key())
                self.expect("]")
            else:
                return node

    def key(self) -> str | int:
        token = self.next
        if token.kind not in {TEXT, NUMBER}:
            raise refuse(token.at, "a quoted name or a whole number was expected")
        self.at += 1
        return token.value

    def name(self) -> Token:
        token = self.next
        if token.kind != NAME or token.value in _RESERVED | _CONSTANTS.keys():
            raise refuse(token.at, "a name was expected")
        self.at += 1
        return token

    def member(self, node: Node) -> Node:
        token = self.name()
        name = str(token.value)
        if not self.takes("("):
            return Member(node, name, token.at)
        if name in MACROS:
            variable = str(self.name().value)
            self.expect(",")
            body = self.expression()
            self.expect(")")
            return Comprehension(name, node, variable, body, token.at)
        if name not in METHODS:
            known = ", ".join((*METHODS, *MACROS))
            raise refuse(token.at, f"no such function; there are {known}")
        arguments = self.arguments(")")
        if len(arguments) != METHODS[name]:
            raise refuse(token.at, f"it takes {METHODS[name]} arguments")
        return Call(name, (node, *arguments), token.at)

    def arguments(self, end: str) -> tuple[Node, ...]:
        found: list[Node] = []
        while not self.takes(end):
            if found:
                self.expect(",")
            found.append(self.expression())
        return tuple(found)

    def primary(self) -> Node:
        token = self.next
        if token.kind in {NUMBER, TEXT}:
            self.at += 1
            return Literal(token.value)
        if token.kind == NAME and token.value in _CONSTANTS:
            self.at += 1
            return Literal(_CONSTANTS[str(token.value)])
        if self.takes("("):
            node = self.expression()
            self.expect(")")
            return node
        if self.takes("["):
            return Items(self.arguments("]"))
        name = self.name()
        return self.called(name) if self.takes("(") else Name(str(name.value), name.at)

    def called(self, name: Token) -> Node:
        arguments = self.arguments(")")
        if name.value not in {*FUNCTIONS, "has"}:
            known = ", ".join((*FUNCTIONS, "has"))
            raise refuse(name.at, f"no such function; there are {known}")
        if len(arguments) != 1:
            raise refuse(name.at, "it takes one argument")
        if name.value != "has":
            return Call(str(name.value), arguments, name.at)
        path = arguments[0]
        if not isinstance(path, Name | Member):
            raise refuse(name.at, "has takes a field, as has(human.involved)")
        return Has(path)
