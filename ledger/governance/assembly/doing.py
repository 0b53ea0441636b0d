"""What a proposal does: its actions tried, and applied all or none.

Actions are tried in order, each on the state that those before it made, so that one
proposal may register a system and give it a version. The state is a value: what fails
leaves nothing behind.
"""

from dataclasses import replace
from typing import Any

from ledger.errors import RejectedError
from ledger.governance.actions import ACTIONS
from ledger.governance.assembly import phases
from ledger.governance.assembly.classes import ROUTINE, STANDARD, strictest
from ledger.governance.assembly.proposal import ActionOf, Ending, Failure, Proposal
from ledger.governance.assembly.status import phase_of
from ledger.governance.kinds import ActionKind, Context
from ledger.governance.state import State


def kind_of(action: ActionOf) -> tuple[ActionKind[Any], Any]:
    """An action's row and its typed body.

    Raises:
        RejectedError: `unknown-action`, or `invalid-act`. Nothing was recorded, here
            and below.
    """
    kind = ACTIONS.get(action.action)
    if kind is None:
        raise RejectedError(
            "unknown-action",
            f"there is no such action; there are {', '.join(sorted(ACTIONS))}",
        )
    return kind, kind.read(dict(action.body))


def apply_actions(
    state: State, actions: tuple[ActionOf, ...], context: Context
) -> State:
    """The state after all of them.

    Raises:
        RejectedError: the first refusal of any of them.
    """
    for action in actions:
        kind, value = kind_of(action)
        kind.check(state, value, context)
        state = kind.apply(state, value, context)
    return state


def check_actions(state: State, proposal: Proposal, context: Context) -> None:
    """That its actions could be done now; those of each option by themselves.

    Raises:
        RejectedError: the first refusal.
    """
    content = proposal.content
    apply_actions(state, content.actions, context)
    for option in content.options:
        apply_actions(state, option.actions, context)


def classes_of(
    state: State, actions: tuple[ActionOf, ...], *, routine: bool
) -> list[str]:
    """The class each action needs; routine ones count as standard unless they may be.

    A proposal that does nothing is routine where that may be: a resolution.
    """
    if not actions:
        return [ROUTINE if routine else STANDARD]
    found = []
    for action in actions:
        kind, value = kind_of(action)
        name = kind.class_of(state, value)
        found.append(STANDARD if name == ROUTINE and not routine else name)
    return found


def any_loosens(state: State, actions: tuple[ActionOf, ...]) -> bool:
    """Whether any may loosen the protection of the people decided about."""
    for action in actions:
        kind, value = kind_of(action)
        if kind.loosens(state, value):
            return True
    return False


def may_loosen(state: State, proposal: Proposal) -> bool:
    """Whether it loosens as things stand, or did at its snapshot (or when worded)."""
    return proposal.loosens or any_loosens(state, proposal.content.all_actions())


def _check_voted(state: State, proposal: Proposal) -> None:
    """That it still does what it was voted on for: what it needs and loosens may change.

    Raises:
        RejectedError: `needs-more-votes`, `loosens-since`.
    """
    actions, voted = winning_actions(proposal), proposal.results[-1].thresholds
    needs = strictest(classes_of(state, actions, routine=voted.optimistic))
    if strictest((voted.class_, needs)) != voted.class_:
        raise RejectedError(
            "needs-more-votes",
            f"it was voted on as {voted.class_}, and what it does needs {needs} since",
        )
    may = proposal.loosens and not proposal.content.options
    if not may and any_loosens(state, actions):
        raise RejectedError(
            "loosens-since",
            "the state changed: it would now loosen the protection of the people "
            "decided about, who had no time to delay it",
        )


def winning_actions(proposal: Proposal) -> tuple[ActionOf, ...]:
    """What it does: its actions, or those of the options that won, in their order."""
    winners = proposal.results[-1].count["winners"] if proposal.results else ()
    chosen = {option.option: option.actions for option in proposal.content.options}
    return proposal.content.actions + tuple(
        action for name in winners for action in chosen.get(name, ())
    )


def execute(state: State, proposal: Proposal, context: Context) -> State:
    """The state after an execution: all its actions done, or the failure noted."""
    doing = replace(context, proposal=proposal.revision)
    try:
        _check_voted(state, proposal)
        done = apply_actions(state, winning_actions(proposal), doing)
    except RejectedError as error:
        failure = Failure(context.act_id, context.time_ms, error.kind)
        failed = replace(proposal, failure=failure)
        return replace(state, assembly=state.assembly.put(failed))
    ending = Ending(
        state=phases.EXECUTED, time_ms=context.time_ms, by=context.act_id, reason=""
    )
    ended = replace(proposal, ending=ending)
    done = replace(done, assembly=done.assembly.put(ended))
    return _supersede(state, done, doing)


def _supersede(before: State, after: State, context: Context) -> State:
    """Ends what the execution made impossible.

    A frozen proposal whose actions could be done before it, and cannot now, is
    superseded; one still in deliberation can be amended, and one ready may wait.
    """
    for key in sorted(after.assembly.agenda):
        proposal = after.assembly.proposals[key]
        phase = phase_of(proposal, context.time_ms)
        if not proposal.frozen or phase not in phases.BEFORE_READY:
            continue
        theirs = replace(context, proposal=proposal.revision)
        possible = _possible(after, proposal, theirs)
        if not possible and _possible(before, proposal, theirs):
            ending = Ending(
                state=phases.SUPERSEDED,
                time_ms=context.time_ms,
                by=context.proposal,
                reason="",
            )
            ended = replace(proposal, ending=ending)
            after = replace(after, assembly=after.assembly.put(ended))
    return after


def _possible(state: State, proposal: Proposal, context: Context) -> bool:
    try:
        check_actions(state, proposal, context)
    except RejectedError:
        return False
    return True
