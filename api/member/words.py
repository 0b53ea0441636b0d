"""What an act means, in words, before it is signed: one row an act.

The words are for the one who signs; the payload beside them is what counts. An act that
is not in the table says its own name, so that none is ever left out.
"""

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any, Final

from api.member import words_cases
from api.member.client import plain
from api.wording import deadlines_in_words, in_words
from ledger.governance.assembly.proposal import ActionOf, Content, Proposal
from ledger.governance.state import State
from ledger.governance.systems.system import System
from ledger.ids import SystemId

FOR_GOOD: Final = "It stands in the public log for good, under your key."

_WORDS: Final[Mapping[str, str]] = {
    "member.apply": "Apply to join this community.",
    "application.withdraw": "Withdraw your application.",
    "member.vouch": "Vouch for {applicant}.",
    "vouch.withdraw": "Take back your vouch for {applicant}.",
    "member.admit": "Admit {applicant}, as a founder may.",
    "member.exit": "Leave this community, at once.",
    "key.add": "Let the key {key} act for you too.",
    "key.rotate": "Let the key {key} act for you instead of this one.",
    "key.revoke": "End the key {key}: it acts for you no longer.",
    "recovery.set": "Let {threshold} of {contacts} give you a new key, should you lose yours.",
    "recovery.approve": "Agree that {key} becomes the only key of {member}.",
    "recovery.stop": "Stop the recovery of your keys that is under way.",
    "passkey.enroll": "Let the passkey {credential} sign for you.",
    "passkey.revoke": "End the passkey {credential}: it signs for you no longer.",
    "delegation.set": "Let {to} carry your vote until {until}, where you cast none: {scope}.",
    "delegation.revoke": "End your delegation of: {scope}.",
    "role.resign": "Resign as {role}.",
    "proposal.open": "Open a proposal: {title}",
    "proposal.submit": "Submit {proposal}: members are asked to endorse it.",
    "proposal.endorse": "Endorse {proposal}, in exactly this wording.",
    "proposal.amend": "Change the wording of {proposal}. Its new title: {title}",
    "proposal.withdraw": "Withdraw {proposal}, for good.",
    "proposal.cancel": "Cancel {proposal}, as a guardian.",
    "proposal.challenge": "Challenge the vote on {proposal}.",
    "proposal.object": "Object to {proposal}, as a person decided about.",
    "proposal.execute": "Execute {proposal}: it takes effect at once.",
    "ballot.cast": "Vote {choice} on {proposal}.",
    "ballot.reveal": "Open your shares of the ballots on {proposal}.",
    "comment.add": "Say something about {proposal}, as a {kind}.",
    "comment.agree": "Answer the comment {comment}: {vote}.",
    "comment.flag": "Flag the comment {comment}: {reason}.",
    "system.register": "Register the AI system {system}, run by {operator}.",
    "system.version": "Register version {version} of the AI system {system}.",
    "system.deadlines": "Change the deadlines of the AI system {system}.",
    "system.overseers": "Name who oversees the AI system {system}.",
    "system.keys": "Change the keys that sign for the AI system {system}.",
    "system.suspend_emergency": "Call for {system} to be suspended at once.",
    "hold.confirm": "Decide about the held decision {decision}: {confirm}.",
    **words_cases.WORDS,
}
_WIDTH: Final = 76  # letters of a line
_VOTES: Final = {1: "agree", 0: "pass", -1: "disagree"}


class _Values(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "(none)"


def act_in_words(state: State, act: str, body: Mapping[str, Any]) -> list[str]:
    """The act in one sentence, and what follows from it, a line each."""
    proposal = named_proposal(state, body)
    values = _Values({name: _shown(name, value) for name, value in body.items()})
    if proposal is not None:
        values["proposal"] = f"“{proposal.content.title}”"
    words = _WORDS.get(act)
    first = f"Sign the act {act}." if words is None else words.format_map(values)
    return [first, *_details(state, act, body, proposal)]


def named_proposal(state: State, body: Mapping[str, Any]) -> Proposal | None:
    """The proposal that a body names by its key or one of its wordings."""
    name = body.get("proposal")
    assembly = state.assembly
    if type(name) is not str:
        return None
    return assembly.proposals.get(assembly.revisions.get(name, name))


def _details(
    state: State, act: str, body: Mapping[str, Any], proposal: Proposal | None
) -> list[str]:
    if act in {"proposal.open", "proposal.amend"}:
        return _offered(state, body)
    if act in {"proposal.endorse", "proposal.execute", "ballot.cast"} and proposal:
        lines = [f"wording {proposal.revision}", *wording_of(state, proposal.content)]
        return [*lines, FOR_GOOD] if act == "ballot.cast" else lines
    if act == "system.deadlines":
        days = deadlines_in_words(body, _system(state, body))
        return [f"Its days are set: {days}.", FOR_GOOD]
    if act == "member.apply":
        return ["All your votes here stay public for good, under this key.", FOR_GOOD]
    return [FOR_GOOD]


def _system(state: State, body: Mapping[str, Any]) -> System | None:
    name = body.get("system")
    return state.systems.get(SystemId(name)) if type(name) is str else None


def _offered(state: State, body: Mapping[str, Any]) -> list[str]:
    what = [
        *(("", one) for one in body.get("actions", ())),
        *(
            (f"if “{option['title']}” is chosen, ", one)
            for option in body.get("options", ())
            for one in option["actions"]
        ),
    ]
    lines = [
        line
        for when, one in what
        for line in action_in_words(state, ActionOf(one["action"], one["body"]), when)
    ]
    return [*(lines or ["It would change nothing: a resolution."]), FOR_GOOD]


def wording_of(state: State, content: Content) -> list[str]:
    """All that a wording says: its text, what may be chosen, what it would change."""
    options = [{"option": one.option, "title": one.title} for one in content.options]
    return [*quoted(content.text), *options_of(options), *changes_of(state, content)]


def quoted(text: str) -> list[str]:
    """A member's text as lines that show whose they are: none passes for ours."""
    lines = [
        piece
        for line in text.splitlines()
        for piece in textwrap.wrap(plain(line), _WIDTH) or [""]
    ]
    return [f"| {line}".rstrip() for line in lines] or ["(no text)"]


def options_of(options: Iterable[Mapping[str, Any]]) -> list[str]:
    """What may be chosen: the code to vote with, and its title."""
    items = list(options)
    width = max((len(one["option"]) for one in items), default=0)
    return [f"{one['option']:<{width}}  {plain(one['title'])}" for one in items]


def changes_of(state: State, content: Content) -> list[str]:
    """What a wording would change, a line each."""
    lines = [line for one in content.actions for line in action_in_words(state, one)]
    for option in content.options:
        when = f"if “{option.title}” is chosen, "
        lines += [
            line for one in option.actions for line in action_in_words(state, one, when)
        ]
    return lines or ["It would change nothing: a resolution."]


def action_in_words(state: State, action: ActionOf, when: str = "") -> list[str]:
    """One action: a sentence; of a safeguard also what it asks of decisions."""
    before = _system(state, action.body)
    lines = [f"{when}It {in_words(action.action, action.body, before)}."]
    if action.action in {"safeguard.enact", "safeguard.amend"}:
        body = action.body
        names = ("title", "when", "require", "effect")
        lines += [f"    {name:<8} {_plain(body.get(name))}" for name in names]
        tests = body.get("tests")
        if type(tests) is list:
            lines.append(f"    tests    {len(tests)} cases, run before it is in force")
    return lines


def _plain(value: object) -> str:
    return " ".join(str(value).split())


def _shown(name: str, value: object) -> str:
    if name == "vote" and type(value) is int:
        return _VOTES.get(value, str(value))
    if name == "confirm":
        return "it takes effect" if value is True else "it is turned down"
    if type(value) is dict and "id" in value:  # a receipt, by its decision
        return str(value["id"])
    if name == "choice":
        return choice_in_words(value)
    if type(value) is list and all(type(item) is str for item in value):
        return ", ".join(value)
    return "none" if value is None else str(value)


def choice_in_words(choice: object) -> str:
    """A ballot's choice: a word, options, points, or a ranking."""
    if choice is None:
        return "blank"
    if type(choice) is str:
        return choice.upper()
    if type(choice) is dict:
        return ", ".join(f"{name} {number:+d}" for name, number in choice.items())
    if type(choice) is list:
        places = [p if type(p) is str else " = ".join(map(str, p)) for p in choice]
        return " > ".join(places)
    return str(choice)
