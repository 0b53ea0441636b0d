"""Reading bodies of acts and actions: each reader refuses what it does not expect.

Every member stands in every body, save those a reader calls optional. A refusal names
what was expected and never repeats what was found: it may be private.
"""

from collections.abc import Callable, Collection
from typing import Any, Final

from ledger.errors import RejectedError
from ledger.governance.lettering import is_line
from ledger.ids import SystemId, is_code
from ledger.limits import LIST_ITEMS_MAX, NAME_CHARS_MAX

Body = dict[str, Any]
_REFUSED: Final = "the act's body is refused: "


class OddMembersError(RejectedError):
    """`invalid-act`: members that are missing or too many.

    Attributes:
        more: the names of these, for whoever wrote them; in no message.
    """

    more: tuple[str, ...] = ()


def refuse(expected: str) -> RejectedError:
    """`invalid-act`, saying what was expected."""
    return RejectedError("invalid-act", _REFUSED + expected)


def check_members(
    body: Body, names: Collection[str], optional: Collection[str] = ()
) -> None:
    """That the body has these members, all, and no other than the optional ones.

    Raises:
        RejectedError: `invalid-act`, as every function here.
    """
    found = body.keys()
    if found != set(names) and not set(names) <= found <= {*names, *optional}:
        error = OddMembersError(
            "invalid-act", _REFUSED + _misfit(set(found), set(names), set(optional))
        )
        error.more = tuple(sorted(found - {*names, *optional}))
        raise error


def _misfit(found: set[str], names: set[str], optional: set[str]) -> str:
    """What is missing, how many are too many, and what was expected."""
    more = len(found - names - optional)
    said = [f"it lacks {_listed(names - found)}"] if names - found else []
    if more:
        what = "member that is" if more == 1 else "members that are"
        said.append(f"it has {more:,} {what} not expected")
    told = f"its members are {_listed(names)}" if names else "it has no members"
    also = f", and at will {_listed(optional)}" if optional else ""
    return f"{'; '.join(said)}: {told}{also}"


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names))


def read_text(body: Body, name: str, chars_max: int = NAME_CHARS_MAX) -> str:
    """One line of characters that show (`lettering`)."""
    text = body[name]
    if type(text) is not str or not 1 <= len(text) <= chars_max or not is_line(text):
        raise refuse(f"{name} is 1 to {chars_max:,} printable characters")
    return text


def read_code(body: Body, name: str) -> str:
    """A code, as CONTRACT bounds it."""
    code = body[name]
    if type(code) is not str or not is_code(code):
        raise refuse(f"{name} is a code, 1 to 64 of A-Z a-z 0-9 . _ -")
    return code


def read_system_id(body: Body, name: str = "system") -> SystemId:
    """A code that can also stand in a path: not `.` and not `..`."""
    code = read_code(body, name)
    if code in {".", ".."}:
        raise refuse(f"{name} is a code other than . and ..")
    return SystemId(code)


def read_choice(body: Body, name: str, choices: Collection[str]) -> str:
    """One of some words."""
    word = body[name]
    if type(word) is not str or word not in choices:
        raise refuse(f"{name} is one of {', '.join(choices)}")
    return word


def read_integer(body: Body, name: str, least: int, most: int) -> int:
    """A whole number within bounds."""
    number = body[name]
    if type(number) is not int or not least <= number <= most:
        raise refuse(f"{name} is a whole number from {least:,} to {most:,}")
    return number


def read_list(
    body: Body, name: str, is_item: Callable[[str], bool], most: int = LIST_ITEMS_MAX
) -> tuple[str, ...]:
    """Texts of one form, each once."""
    items = body[name]
    if (
        type(items) is not list
        or len(items) > most
        or not all(type(item) is str and is_item(item) for item in items)
        or len(set(items)) != len(items)
    ):
        raise refuse(f"{name} is a list of up to {most:,}, each once and of its form")
    return tuple(items)
