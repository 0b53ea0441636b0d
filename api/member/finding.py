"""What a member means by a few letters: proposals, comments and members by their ids."""

from collections.abc import Iterable
from typing import Final

from ledger.errors import MalformedError, NotFoundError
from ledger.governance.assembly.proposal import Proposal
from ledger.governance.state import State
from ledger.governance.talk.room import Comment
from ledger.ids import Did
from ledger.keys import is_did_key
from ledger.limits import ID_LETTERS_MIN

_KEY: Final = "did:key:"
_ED25519: Final = "z6Mk"  # how every did:key of an Ed25519 key goes on


def find_proposal(state: State, name: str) -> Proposal:
    """The proposal whose key, or one of whose wordings, begins so.

    Raises:
        NotFoundError: none. Nothing was sent, here and below.
        MalformedError: several.
    """
    assembly = state.assembly
    key = assembly.revisions.get(name, name)
    if key not in assembly.proposals:
        wordings = [key for w, key in assembly.revisions.items() if w.startswith(name)]
        key = _one({*_begins(assembly.proposals, name), *wordings}, name, "proposal")
    return assembly.proposals[key]


def find_comment(state: State, name: str) -> Comment:
    """The comment whose id begins so.

    Raises:
        NotFoundError, MalformedError: none, or several.
    """
    comments = state.talk.comments
    return comments[_one(_begins(comments, name), name, "comment")]


def find_member(state: State, name: str) -> Did:
    """The member, or applicant, whose did:key is, ends or begins so.

    Raises:
        NotFoundError, MalformedError: none, or several.
    """
    people = state.people
    if is_did_key(name):
        did = Did(name)
        return people.owners.get(did, did)
    known = {*people.members, *people.applications}
    letters = name.removeprefix(_KEY).removeprefix(_ED25519)
    found = {
        did
        for did in known
        if did.removeprefix(_KEY + _ED25519).startswith(letters)
        or did.endswith(letters)
    }
    return Did(_one(found, name, "member or applicant"))


def _begins(names: Iterable[str], start: str) -> set[str]:
    return {name for name in names if name.startswith(start)}


def _one(found: Iterable[str], name: str, what: str) -> str:
    if not name:
        raise MalformedError(f"name a {what}: the first letters of its id will do")
    items = sorted(found)
    if len(items) == 1 and len(name) >= ID_LETTERS_MIN:
        return items[0]
    if len(items) > 1:
        raise MalformedError(
            f"{len(items)} of this kind begin so: give more letters of the {what}",
        )
    if items:
        raise MalformedError(f"give at least {ID_LETTERS_MIN} letters of the {what}")
    raise NotFoundError("not-found", f"there is no {what} of this id")
