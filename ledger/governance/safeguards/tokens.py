"""The letters of a rule's expression: a small lexer, the first of its bounds.

An expression is at most 2,048 bytes of UTF-8. Its tokens are names, whole numbers, texts
in single or double quotes, and the operators of CEL. Refused here, because two readers
could take them differently or because they could burn time: numbers with a fraction or
an exponent, unsigned and hexadecimal ones, bytes, raw and triple-quoted texts, comments.

A refusal names the place, by its character, and never repeats what stands there.
"""

import re
from typing import Final, NamedTuple

from ledger.errors import RejectedError
from ledger.limits import RULE_BYTES_MAX, RULE_INTEGER_MAX

NAME: Final = "name"
NUMBER: Final = "number"
TEXT: Final = "text"
SIGN: Final = "sign"
END: Final = "end"

_TOKEN: Final = re.compile(
    r"""[ \t\r\n]*(?:
    (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<number>[0-9]+)
  | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
  | (?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]])
  | (?P<end>\Z)
  )""",
    re.VERBOSE | re.ASCII,
)
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_PLAIN: Final = {
    "\\": "\\", "'": "'", '"': '"', "n": "\n", "t": "\t", "r": "\r",
}  # fmt: skip
_SURROGATES: Final = range(0xD800, 0xE000)


class Token(NamedTuple):
    """One token.

    Attributes:
        kind: "name", "number", "text", "sign" or "end".
        value: the name, the sign, the number, or the text without its quotes.
        at: its first character's number, from 1.
    """

    kind: str
    value: str | int
    at: int


def refuse(at: int, told: str) -> RejectedError:
    """`invalid-rule`, naming the place."""
    return RejectedError("invalid-rule", f"at character {at} of the expression: {told}")


def read_tokens(text: str) -> list[Token]:
    """The tokens of an expression; the last is the end.

    Raises:
        RejectedError: `invalid-rule`: too long, or letters that begin no token.
    """
    if len(text) > RULE_BYTES_MAX or len(text.encode("utf-8", "replace")) > (
        RULE_BYTES_MAX
    ):
        raise RejectedError(
            "invalid-rule", f"an expression is at most {RULE_BYTES_MAX:,} bytes"
        )
    tokens: list[Token] = []
    at = 0
    while True:
        found = _TOKEN.match(text, at)
        if found is None:
            raise refuse(at + 1, "no name, whole number, quoted text or operator")
        kind = found.lastgroup or END
        token = Token(kind, _value(kind, found), found.start(kind) + 1)
        _check_apart(tokens, token, at, found)
        tokens.append(token)
        if kind == END:
            return tokens
        at = found.end()


def _value(kind: str, found: re.Match[str]) -> str | int:
    spelled = found[kind]
    if kind == NUMBER:
        # Its letters first: turning thousands of digits into a number costs their square.
        if len(spelled) > 19 or int(spelled) > RULE_INTEGER_MAX:
            raise refuse(found.start(kind) + 1, "a number beyond 64 bits")
        if spelled[0] == "0" and spelled != "0":
            raise refuse(found.start(kind) + 1, "a number with a leading zero")
        return int(spelled)
    return _unescaped(spelled, found.start(kind) + 1) if kind == TEXT else spelled


def _check_apart(
    tokens: list[Token], token: Token, end: int, found: re.Match[str]
) -> None:
    """That what touches is meant to: not `1u`, `0x1`, `r"…"`, `1.5`, `\"\"\"…`."""
    if not tokens or token.kind in {SIGN, END} or found.start(token.kind) != end:
        if tokens and token.value == "." and tokens[-1].kind == NUMBER:
            raise refuse(
                token.at, 'a fraction: write decimal("0.5"), a whole number of 10⁻⁹'
            )
        return
    if tokens[-1].kind in {NAME, NUMBER, TEXT}:
        raise refuse(
            token.at,
            "names, numbers and texts that touch: there are no raw or triple-quoted "
            "texts, bytes, hexadecimal, unsigned or fractional numbers",
        )


def _unescaped(spelled: str, at: int) -> str:
    def one(found: re.Match[str]) -> str:
        if found[1] is not None:
            code = int(found[1], 16)
            if code in _SURROGATES or code == 0:
                raise refuse(at, "half of a surrogate pair, or U+0000, in a text")
            return chr(code)
        plain = _PLAIN.get(found[2])
        if plain is None:
            raise refuse(at, "an escape other than \\\\ \\' \\\" \\n \\t \\r \\uXXXX")
        return plain

    inner = spelled[1:-1]
    if not all(char.isprintable() for char in inner):
        raise refuse(at, "a text with characters that are not printed")
    return _ESCAPE.sub(one, inner)
