"""What the community does with safeguards: actions of proposals.

    safeguard.enact    the rule
    safeguard.amend    the rule that takes the place of the one with its id
    safeguard.repeal   {"id"}

Names never change. A rule's tests run when it is proposed and again when it is executed.
Amending and repealing may loosen the protection of the people decided about, so that
they can delay it, and need at least what enacting needed: where a rule was enacted beside
an action of a stricter class, that class.
"""

from dataclasses import replace
from typing import Any, Final

from ledger.errors import RejectedError
from ledger.governance.body import Body, check_members, read_system_id
from ledger.governance.kinds import ActionKind, Context
from ledger.governance.safeguards.rule import Rule, check_tests, read_rule
from ledger.governance.state import State
from ledger.ids import SystemId
from ledger.limits import RULES_MAX

SAFEGUARD_ENACT: Final = "safeguard.enact"
SAFEGUARD_AMEND: Final = "safeguard.amend"
SAFEGUARD_REPEAL: Final = "safeguard.repeal"
STANDARD: Final = "standard"
STRICTER: Final = ("treasury", "constitution")


def _read_rule(body: Body) -> Rule:
    rule = read_rule(
        {name: value for name, value in body.items() if name != "enacted_by"}
    )
    if "enacted_by" in body:
        raise RejectedError("invalid-act", "the proposal says what enacted a rule")
    return rule


def _read_id(body: Body) -> str:
    check_members(body, ("id",))
    return read_system_id(body, "id")


def _check_rule(state: State, rule: Rule) -> None:
    for system in rule.scope:
        if SystemId(system) not in state.systems:
            raise RejectedError("unknown-system", "its scope names an unknown system")
    check_tests(rule)


def _check_enact(state: State, rule: Rule, _: Context) -> None:
    if rule.id in state.safeguards.in_force:
        raise RejectedError("safeguard-exists", "a safeguard of this id is in force")
    if len(state.safeguards.in_force) >= RULES_MAX:
        raise RejectedError("too-many-safeguards", f"there are {RULES_MAX} safeguards")
    _check_rule(state, rule)


def _check_known(state: State, id_: str) -> None:
    if id_ not in state.safeguards.in_force:
        raise RejectedError("unknown-safeguard", "no safeguard of this id is in force")


def _check_amend(state: State, rule: Rule, _: Context) -> None:
    _check_known(state, rule.id)
    _check_rule(state, rule)


def _take(state: State, rule: Rule, context: Context) -> State:
    enacted = replace(rule, enacted_by=context.proposal or context.act_id)
    return replace(state, safeguards=state.safeguards.with_rule(enacted))


def _repeal(state: State, id_: str, _: Context) -> State:
    return replace(state, safeguards=state.safeguards.without(id_))


def _enacting_class(state: State, id_: str) -> str:
    """The class of the proposal that enacted the rule; standard at least."""
    rule = state.safeguards.in_force.get(id_)
    if rule is None:
        return STANDARD
    proposals = state.assembly.proposals.values()
    found = next((p.class_ for p in proposals if p.revision == rule.enacted_by), "")
    return found if found in STRICTER else STANDARD


ACTIONS: Final[dict[str, ActionKind[Any]]] = {
    SAFEGUARD_ENACT: ActionKind(
        class_of=lambda _state, _value: STANDARD,
        loosens=lambda _state, _value: False,
        read=_read_rule,
        check=_check_enact,
        apply=_take,
    ),
    SAFEGUARD_AMEND: ActionKind(
        class_of=lambda state, rule: _enacting_class(state, rule.id),
        loosens=lambda _state, _value: True,
        read=_read_rule,
        check=_check_amend,
        apply=_take,
    ),
    SAFEGUARD_REPEAL: ActionKind(
        class_of=_enacting_class,
        loosens=lambda _state, _value: True,
        read=_read_id,
        check=lambda state, id_, _context: _check_known(state, id_),
        apply=_repeal,
    ),
}
