"""Bodies of the acts about proposals, read and typed.

    proposal.open      {"nonce", "title", "text", "actions" | "options", "ballot",
                        "expedited"}
                       actions: [{"action", "body"}], up to 20; none: a resolution
                       options: [{"option": code, "title", "actions"}], 2 to 32
                       ballot:  {"method"}, at will "seats", and "sealed":
                       {"trustees": [did], "threshold"}
    proposal.amend     {"proposal", "title", "text", "actions" | "options", "ballot",
                        "expedited"}
    proposal.submit    {"proposal"}                     also withdraw, execute
    proposal.endorse   {"proposal", "revision"}
    proposal.cancel    {"proposal", "reason": digest}   also challenge
    proposal.object    {"proposal", "index", "leaf": base64, "proof": [base64]}
    ballot.cast        {"proposal", "choice", "reason": digest or null}, or where
                       ballots are sealed {"proposal", "sealed": see `ballots.sealing`}

Members and names never change. Whether actions are possible is asked of the state, by
`acts`. A digest is base64url(SHA-256(Disclosure)) of a text in the vault.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from ledger.canonical import is_digest
from ledger.governance.assembly.proposal import ActionOf, Content, Option
from ledger.governance.ballots.methods import METHODS
from ledger.governance.ballots.sealing import read_trustees
from ledger.governance.body import (
    Body,
    check_members,
    read_choice,
    read_code,
    read_integer,
    read_text,
    refuse,
)
from ledger.governance.lettering import is_plain
from ledger.governance.showing import Showing, read_showing
from ledger.limits import (
    BALLOT_OPTIONS_MAX,
    NONCE_CHARS_MAX,
    PROPOSAL_ACTIONS_MAX,
    PROPOSAL_TEXT_CHARS_MAX,
)


@dataclass(frozen=True, slots=True)
class Opened:
    """What `proposal.open` says."""

    nonce: str
    content: Content


@dataclass(frozen=True, slots=True)
class Named:
    """What says no more than which proposal, and perhaps a digest of why.

    Attributes:
        proposal: its key or revision.
        detail: a revision or a digest; "" where the act has none.
    """

    proposal: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Amended:
    """What `proposal.amend` says."""

    proposal: str
    content: Content


@dataclass(frozen=True, slots=True)
class Objection:
    """What `proposal.object` says: which decision's contest key objects."""

    proposal: str
    shown: Showing


class Cast(NamedTuple):
    """What `ballot.cast` says; the choice is read by the proposal's method."""

    proposal: str
    choice: Any
    reason: str | None
    sealed: Any = None


def read_open(body: Body) -> Opened:
    """A proposal's first wording.

    Raises:
        RejectedError: `invalid-act`: a body of another form. Nothing was recorded, here
            and below.
    """
    content = _content(body, "nonce")
    return Opened(read_text(body, "nonce", NONCE_CHARS_MAX), content)


def read_amend(body: Body) -> Amended:
    """Another wording of an open proposal."""
    content = _content(body, "proposal")
    return Amended(read_digest(body, "proposal"), content)


def read_named(body: Body) -> Named:
    """Which proposal."""
    check_members(body, ("proposal",))
    return Named(read_digest(body, "proposal"))


def read_endorse(body: Body) -> Named:
    """Which proposal, and which wording of it."""
    check_members(body, ("proposal", "revision"))
    return Named(read_digest(body, "proposal"), read_digest(body, "revision"))


def read_reasoned(body: Body) -> Named:
    """Which proposal, and the digest of why."""
    check_members(body, ("proposal", "reason"))
    return Named(read_digest(body, "proposal"), read_digest(body, "reason"))


def read_cast(body: Body) -> Cast:
    """A ballot, open or sealed."""
    if "sealed" in body:
        check_members(body, ("proposal", "sealed"))
        return Cast(read_digest(body, "proposal"), None, None, body["sealed"])
    check_members(body, ("proposal", "choice", "reason"))
    reason = None if body["reason"] is None else read_digest(body, "reason")
    return Cast(read_digest(body, "proposal"), body["choice"], reason)


def read_objection(body: Body) -> Objection:
    """An objection, with the leaf whose contest key objects."""
    check_members(body, ("proposal", "index", "leaf", "proof"))
    return Objection(read_digest(body, "proposal"), read_showing(body))


def read_digest(body: Body, name: str) -> str:
    """32 bytes in base64url: a digest, or what is named by one."""
    text = body[name]
    if type(text) is not str or not is_digest(text):
        raise refuse(f"{name} is base64url of 32 bytes")
    return text


def _content(body: Body, name: str) -> Content:
    what = "options" if "options" in body else "actions"
    check_members(body, (name, "title", "text", what, "ballot", "expedited"))
    text, expedited = body["text"], body["expedited"]
    if type(text) is not str or len(text) > PROPOSAL_TEXT_CHARS_MAX:
        raise refuse(f"text is up to {PROPOSAL_TEXT_CHARS_MAX:,} characters")
    if not is_plain(text):
        raise refuse("text is lines of characters that show")
    if type(expedited) is not bool:
        raise refuse("expedited is true or false")
    options = _options(body["options"]) if what == "options" else ()
    return Content(
        title=read_text(body, "title"),
        text=text,
        actions=_actions(body["actions"]) if what == "actions" else (),
        options=options,
        ballot=_ballot(body["ballot"], len(options)),
        expedited=expedited,
    )


def _actions(items: object) -> tuple[ActionOf, ...]:
    if type(items) is not list or len(items) > PROPOSAL_ACTIONS_MAX:
        raise refuse(f"actions are a list of up to {PROPOSAL_ACTIONS_MAX}")
    for item in items:
        if (
            type(item) is not dict
            or item.keys() != {"action", "body"}
            or type(item["action"]) is not str
            or type(item["body"]) is not dict
        ):
            raise refuse("each of actions has action, a name, and body, an object")
    return tuple(ActionOf(item["action"], item["body"]) for item in items)


def _options(items: object) -> tuple[Option, ...]:
    if type(items) is not list or not 2 <= len(items) <= BALLOT_OPTIONS_MAX:
        raise refuse(f"options are a list of 2 to {BALLOT_OPTIONS_MAX}")
    options = []
    for item in items:
        if type(item) is not dict:
            raise refuse("each of options has option, title and actions")
        check_members(item, ("option", "title", "actions"))
        options.append(
            Option(
                read_code(item, "option"),
                read_text(item, "title"),
                _actions(item["actions"]),
            )
        )
    if len({one.option for one in options}) != len(options):
        raise refuse("each of options has a code of its own")
    if sum(len(one.actions) for one in options) > PROPOSAL_ACTIONS_MAX:
        raise refuse(f"options have up to {PROPOSAL_ACTIONS_MAX} actions together")
    return tuple(options)


def _ballot(value: object, options: int) -> dict[str, Any]:
    if type(value) is not dict:
        raise refuse("ballot is an object that names its method")
    check_members(value, ("method",), ("seats", "sealed"))
    fit = [name for name, row in METHODS.items() if row.chooses == bool(options)]
    method = read_choice(value, "method", fit)
    most = options if METHODS[method].seated else 1
    seats = read_integer({"seats": 1, **value}, "seats", 1, max(most, 1))
    ballot = {"method": method, "seats": seats}
    if "sealed" in value:
        trustees, threshold = read_trustees(value["sealed"])
        ballot["sealed"] = {"trustees": list(trustees), "threshold": threshold}
    return ballot
