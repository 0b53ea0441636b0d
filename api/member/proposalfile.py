"""A proposal in a file that people write: TOML, or JSON.

    title = "A rejection says what would have changed it"
    text = '''Why, and what it means for people.'''
    expedited = false                  # at will; the short vote

    [ballot]                           # at will; yes or no
    method = "yesno"

    [[actions]]                        # none: a resolution. Or [[options]], each with
    action = "safeguard.repeal"        # option, title and actions of its own
    body = { id = "explained" }

What it says becomes the body of `proposal.open`, member for member. TOML knows no null:
write JSON where a body needs one.
"""

import json
import tomllib
from pathlib import Path
from typing import Any, Final

from api.member.refusing import in_full
from ledger.canonical import jcs
from ledger.entries.strict import parse_json
from ledger.errors import MalformedError, RejectedError
from ledger.governance.assembly.bodies import read_open
from ledger.governance.assembly.doing import kind_of
from ledger.governance.safeguards.rule import Rule, check_tests, read_rule
from ledger.limits import PROPOSAL_FILE_BYTES_MAX

_WITH_RULES: Final = frozenset({"safeguard.enact", "safeguard.amend"})
_MEMBERS: Final = frozenset(
    {"title", "text", "actions", "options", "ballot", "expedited"}
)


def read_proposal_file(path: Path) -> dict[str, Any]:
    """The members of `proposal.open` but its nonce.

    Raises:
        MalformedError: not such a file; says what was found and what was expected.
    """
    said = read_object(path)
    unknown = sorted(said.keys() - _MEMBERS)
    if unknown or not {"title", "text"} <= said.keys():
        raise MalformedError(
            f"{path}: a proposal has title and text, and at will actions or options, "
            f"ballot, expedited{f'; not {unknown[0]}' if unknown else ''}"
        )
    if "actions" in said and "options" in said:
        raise MalformedError(f"{path}: a proposal has actions or options, not both")
    body = {"ballot": {"method": "yesno"}, "expedited": False, **said}
    if "options" not in body:
        body.setdefault("actions", [])
    try:
        jcs(body)
        content = read_open({"nonce": "0", **body}).content
        for action in content.all_actions():
            kind_of(action)
    except (MalformedError, RejectedError) as error:
        raise MalformedError(f"{path}: {in_full(error)}") from error
    return body


def read_object(path: Path) -> dict[str, Any]:
    """One object, from TOML by its name's end, else from JSON.

    Raises:
        MalformedError: it cannot be read, or holds something else.
    """
    value = _read(path)
    if type(value) is not dict:
        raise MalformedError(f"{path} does not hold one object")
    return value


def _read(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            data = file.read(PROPOSAL_FILE_BYTES_MAX + 1)
    except OSError as error:
        raise MalformedError(f"cannot read {path}: {error.strerror}") from error
    if len(data) > PROPOSAL_FILE_BYTES_MAX:
        raise MalformedError(f"{path} is longer than {PROPOSAL_FILE_BYTES_MAX:,} bytes")
    try:
        if path.suffix != ".toml":
            return parse_json(data)
        value = tomllib.loads(data.decode("utf-8"))
        json.dumps(value)  # a TOML date is no JSON
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, MalformedError) as error:
        raise MalformedError(f"{path} does not parse: {error}") from error
    except (TypeError, ValueError) as error:
        raise MalformedError(
            f"{path} holds a value that JSON has not: {error}"
        ) from error
    return value


def read_rules(path: Path) -> list[Rule]:
    """The safeguards in a file, their test cases kept: bare, listed, or in a proposal.

    Raises:
        MalformedError: it cannot be read, or holds none.
        RejectedError: a rule beyond its bounds, or one that does not keep its tests.
    """
    said = _read(path)
    if type(said) is dict and {"actions", "title"} <= said.keys():
        said = [
            one.get("body")
            for one in said["actions"]
            if type(one) is dict and one.get("action") in _WITH_RULES
        ]
    items = said if type(said) is list else [said]
    if not items or not all(type(item) is dict for item in items):
        raise MalformedError(f"{path} holds no safeguard, and no proposal of any")
    rules = [read_rule(item) for item in items]
    for rule in rules:
        check_tests(rule)
    return rules
