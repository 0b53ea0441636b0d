"""What a proposal can do about people, one row an action."""

from typing import Any, Final

from ledger.governance.assembly.classes import CONSTITUTION, STANDARD
from ledger.governance.kinds import ActionKind
from ledger.governance.people import admission, bodies, departure, roles
from ledger.governance.people.bodies import GUARDIAN, RoleOf
from ledger.governance.state import State


def _class_of_appointing(_state: State, role: RoleOf) -> str:
    return CONSTITUTION if role.role == GUARDIAN else STANDARD


ACTIONS: Final[dict[str, ActionKind[Any]]] = {  # names never change
    "member.admit": ActionKind(
        class_of=lambda _state, _value: CONSTITUTION,
        loosens=lambda _state, _value: False,
        read=bodies.read_applicant,
        check=admission.check_vote_admits,
        apply=admission.apply_vote_admits,
    ),
    "member.remove": ActionKind(
        class_of=lambda _state, _value: CONSTITUTION,
        loosens=lambda _state, _value: False,
        read=bodies.read_member,
        check=departure.check_remove,
        apply=departure.apply_remove,
    ),
    "role.appoint": ActionKind(
        class_of=_class_of_appointing,
        loosens=lambda _state, _value: False,
        read=bodies.read_appointment,
        check=roles.check_appoint,
        apply=roles.apply_appoint,
    ),
    "role.recall": ActionKind(
        class_of=lambda _state, _value: STANDARD,
        loosens=lambda _state, _value: False,
        read=bodies.read_role_of,
        check=roles.check_recall,
        apply=roles.apply_recall,
    ),
}
