"""Acts that bring a proposal forward: open, submit, endorse, amend, withdraw, cancel.

A proposal's wording is checked against the state when it is opened or amended, when
deliberation ends, and when it is executed. How many a member may have open, and how soon
after the last another, are the community's numbers, as is how many a member may endorse
at a time: endorsing everything is worth nothing.
"""

from dataclasses import replace
from typing import Any, Final

from immutables import Map

from ledger.errors import ConflictError, RejectedError
from ledger.governance.assembly import phases
from ledger.governance.assembly.bodies import (
    Amended,
    Named,
    Opened,
    read_amend,
    read_endorse,
    read_named,
    read_open,
    read_reasoned,
)
from ledger.governance.assembly.classes import ROUTINE, STANDARD, strictest
from ledger.governance.assembly.course import deliberate, end, plan, put
from ledger.governance.assembly.doing import (
    any_loosens,
    check_actions,
    classes_of,
    execute,
)
from ledger.governance.assembly.finding import (
    check_phase,
    check_proposer,
    check_wording,
    find,
    find_wording,
)
from ledger.governance.assembly.powers import check_may_cancel, is_steward
from ledger.governance.assembly.proposal import (
    Content,
    Proposal,
    key_of,
    revision_of,
)
from ledger.governance.assembly.unsealing import trustees_of
from ledger.governance.kinds import ActKind, Context
from ledger.governance.parameters import period_ms, value_of
from ledger.governance.people.rights import acting_member, check_member
from ledger.governance.state import State, parameters_of
from ledger.ids import Did
from ledger.limits import PROPOSAL_AMENDMENTS_MAX


def _genesis(state: State) -> str:
    return "" if state.community is None else state.community.genesis


# ---- open ------------------------------------------------------------------------


def _check_open(state: State, opened: Opened, context: Context) -> None:
    member = acting_member(state, context)
    key = key_of(_genesis(state), member, opened.nonce)
    if key in state.assembly.proposals:
        raise ConflictError(
            "proposal-exists", "the actor opened a proposal with this nonce before"
        )
    _check_throttle(state, member, context.time_ms)
    proposal = _opened(state, opened, context)
    _check_content(state, proposal, context)


def _check_throttle(state: State, member: Did, time_ms: int) -> None:
    parameters, assembly = parameters_of(state), state.assembly
    mine = sum(assembly.proposals[key].proposer == member for key in assembly.agenda)
    most = value_of(parameters, "proposals_open_max")
    # Whoever has none open may always open one: no few can fill all the places.
    if mine and len(assembly.agenda) >= most:
        raise RejectedError(
            "too-many-proposals",
            f"{most} proposals are open, as many as may be, and the actor has {mine} of "
            "them",
        )
    most = value_of(parameters, "proposals_member_max")
    if mine >= most:
        raise RejectedError(
            "too-many-proposals",
            f"the actor has {mine} open proposals: one member may have {most}",
        )
    wait_ms = period_ms(parameters, "proposal_interval_s")
    last_ms = assembly.opened_ms.get(member)
    if last_ms is not None and time_ms < last_ms + wait_ms:
        raise RejectedError(
            "too-soon",
            f"the actor's next proposal may come {wait_ms // 1_000:,} seconds after "
            "the last one",
        )


def _check_content(state: State, proposal: Proposal, context: Context) -> None:
    _check_trustees(state, proposal)
    context = replace(context, proposal=proposal.revision)
    check_actions(state, proposal, context)
    actions = tuple(a for option in proposal.content.options for a in option.actions)
    named = strictest(classes_of(state, proposal.content.actions, routine=False))
    if proposal.content.expedited and named != STANDARD:
        raise RejectedError(
            "not-expedited",
            f"a {named} proposal is not expedited: what needs more votes needs the "
            "whole time to vote",
        )
    named = strictest(classes_of(state, actions, routine=False))
    if named != STANDARD or any_loosens(state, actions):
        raise RejectedError(
            "options-too-strong",
            "options may do only what a standard proposal may, and nothing that "
            "loosens the protection of the people decided about: propose it as yes or "
            "no",
        )


def _check_trustees(state: State, proposal: Proposal) -> None:
    for did in trustees_of(proposal):
        member = state.people.members.get(did)
        if member is None or not member.belongs:
            raise RejectedError(
                "unknown-member", "a trustee is a present member, by their id"
            )


def _opened(state: State, opened: Opened, context: Context) -> Proposal:
    member = acting_member(state, context)
    now_ms, genesis = context.time_ms, _genesis(state)
    proposal = Proposal(
        key=key_of(genesis, member, opened.nonce),
        revision="",
        proposer=member,
        nonce=opened.nonce,
        content=opened.content,
        class_=STANDARD,
        loosens=False,
        amendments=0,
        opened_ms=now_ms,
        draft_until_ms=now_ms + period_ms(parameters_of(state), "draft_s"),
    )
    proposal = _with_window(state, proposal, context)
    return _worded(state, proposal, opened.content, context)


def _with_window(state: State, proposal: Proposal, context: Context) -> Proposal:
    """With the 90 days before this act, whose receipts may object to what it does."""
    index, receipts = state.assembly.receipts(context.time_ms, context.index)
    return replace(
        proposal, opened_index=context.index, receipts_index=index, receipts=receipts
    )


def _worded(
    state: State, proposal: Proposal, content: Content, context: Context
) -> Proposal:
    """The proposal with another wording, and what follows from it."""
    actions = content.all_actions()
    steward = is_steward(state, proposal.proposer, context.time_ms)
    objected = any(one.outcome == phases.OBJECTED for one in proposal.results)
    routine = steward and not objected and not content.options
    classes = classes_of(state, actions, routine=routine)
    return replace(
        proposal,
        content=content,
        revision=revision_of(
            _genesis(state), proposal.proposer, proposal.nonce, content
        ),
        class_=strictest(classes),
        loosens=any_loosens(state, actions),
    )


def _open(state: State, opened: Opened, context: Context) -> State:
    proposal = _opened(state, opened, context)
    state = put(state, proposal)
    times = state.assembly.opened_ms.set(proposal.proposer, context.time_ms)
    return replace(state, assembly=replace(state.assembly, opened_ms=times))


# ---- submit and endorse --------------------------------------------------------------


def endorsers_needed(state: State) -> int:
    """How many members must endorse a wording; never more than there are."""
    parameters, members = parameters_of(state), state.people.belonging
    share = -(-members * value_of(parameters, "endorsement_percent") // 100)
    return min(members, max(share, value_of(parameters, "endorsement_least")))


def _check_submit(state: State, named: Named, context: Context) -> None:
    proposal = find(state, named.proposal)
    check_proposer(state, proposal, context)
    check_phase(proposal, context.time_ms, (phases.DRAFT,), "submitting")


def _submit(state: State, named: Named, context: Context) -> State:
    proposal = find(state, named.proposal)
    submitted = replace(proposal, submitted_ms=context.time_ms)
    return put(state, _ask_endorsers(state, submitted, context.time_ms))


def _ask_endorsers(state: State, proposal: Proposal, now_ms: int) -> Proposal:
    """With its proposer's endorsement, and the time to gather more.

    Whoever endorsed this very wording before it was changed and changed back, still does.
    """
    endorsing_ms = period_ms(parameters_of(state), "endorsing_s")
    asked = replace(
        proposal,
        endorsed=False,
        confirmed=sum(
            one == proposal.revision
            for member, one in proposal.endorsements.items()
            if member != proposal.proposer
        ),
        endorsing_until_ms=now_ms + endorsing_ms,
    )
    return _endorsed_by(state, asked, proposal.proposer, now_ms)


def _endorsed_by(
    state: State, proposal: Proposal, member: Did, now_ms: int
) -> Proposal:
    confirmed = proposal.confirmed + 1
    proposal = replace(
        proposal,
        endorsements=proposal.endorsements.set(member, proposal.revision),
        confirmed=confirmed,
    )
    if proposal.class_ != ROUTINE and confirmed < endorsers_needed(state):
        return proposal
    if not proposal.deliberation_until_ms:
        return deliberate(state, proposal, now_ms)
    # Amended in deliberation: it goes on where it was, and no endorser was passed over.
    return plan(state, proposal, max(proposal.deliberation_until_ms, now_ms))


def _check_endorse(state: State, named: Named, context: Context) -> None:
    member = acting_member(state, context)
    proposal = find(state, named.proposal)
    check_phase(proposal, context.time_ms, (phases.ENDORSING,), "endorsing")
    check_wording(proposal, named.detail)
    if proposal.endorsements.get(member) == proposal.revision:
        raise ConflictError("endorsed", "the actor has endorsed this wording")
    if member in proposal.endorsements:
        return  # confirming what one endorsed before is no new endorsement
    most = value_of(parameters_of(state), "endorsements_open_max")
    if _endorsing(state, member) >= most:
        raise RejectedError(
            "too-many-endorsements",
            f"the actor endorses {most} proposals that are still endorsed, as many "
            "as may be at a time",
        )


def _endorsing(state: State, member: Did) -> int:
    assembly = state.assembly
    open_ones = (assembly.proposals[key] for key in assembly.agenda)
    return sum(not one.endorsed and member in one.endorsements for one in open_ones)


def _endorse(state: State, named: Named, context: Context) -> State:
    proposal = find(state, named.proposal)
    member = acting_member(state, context)
    return put(state, _endorsed_by(state, proposal, member, context.time_ms))


# ---- amend -----------------------------------------------------------------------


def _check_amend(state: State, amended: Amended, context: Context) -> None:
    proposal = find(state, amended.proposal)
    check_proposer(state, proposal, context)
    check_phase(proposal, context.time_ms, phases.OPEN_TO_CHANGE, "amending")
    if proposal.amendments >= PROPOSAL_AMENDMENTS_MAX:
        raise RejectedError(
            "too-many-amendments",
            f"the proposal was amended {proposal.amendments} times, as often as may be",
        )
    worded = _worded(state, proposal, amended.content, context)
    if worded.revision == proposal.revision:
        raise ConflictError("same-wording", "the proposal has this wording")
    _check_content(state, worded, context)


def _amend(state: State, amended: Amended, context: Context) -> State:
    proposal = find(state, amended.proposal)
    worded = _worded(state, proposal, amended.content, context)
    # Objections and challenges named the wording before: they say nothing of this one.
    worded = replace(
        worded,
        amendments=proposal.amendments + 1,
        objections=Map(),
        challenges=Map(),
    )
    if worded.content.all_actions() != proposal.content.all_actions():
        # It does something else: with a brake, a challenge and a window of its own.
        worded = replace(worded, braked=False, challenged=False)
        worded = _with_window(state, worded, context)
    if proposal.submitted_ms is not None:
        worded = _ask_endorsers(state, worded, context.time_ms)
    return put(state, worded)


# ---- withdraw, cancel, execute -----------------------------------------------------------


def _check_withdraw(state: State, named: Named, context: Context) -> None:
    proposal = find(state, named.proposal)
    check_proposer(state, proposal, context)
    check_phase(proposal, context.time_ms, phases.BEFORE_READY, "withdrawing")


def _withdraw(state: State, named: Named, context: Context) -> State:
    proposal = find(state, named.proposal)
    now_ms, by = context.time_ms, context.act_id
    return put(state, end(proposal, phases.WITHDRAWN, now_ms, by=by))


def _check_cancel(state: State, named: Named, context: Context) -> None:
    proposal = find(state, named.proposal)
    check_may_cancel(state, proposal, context)
    check_phase(proposal, context.time_ms, phases.BEFORE_READY, "cancelling")


def _cancel(state: State, named: Named, context: Context) -> State:
    proposal = find(state, named.proposal)
    ended = end(
        proposal,
        phases.CANCELLED,
        context.time_ms,
        by=context.act_id,
        reason=named.detail,
    )
    return put(state, ended)


def _check_execute(state: State, named: Named, context: Context) -> None:
    proposal = find_wording(state, named.proposal)
    check_phase(proposal, context.time_ms, phases.OPEN_TO_EXECUTION, "executing")


def _execute(state: State, named: Named, context: Context) -> State:
    return execute(state, find_wording(state, named.proposal), context)


ACTS: Final[dict[str, ActKind[Any]]] = {
    "proposal.open": ActKind(
        who=check_member, read=read_open, check=_check_open, apply=_open
    ),
    "proposal.submit": ActKind(
        who=check_member, read=read_named, check=_check_submit, apply=_submit
    ),
    "proposal.endorse": ActKind(
        who=check_member, read=read_endorse, check=_check_endorse, apply=_endorse
    ),
    "proposal.amend": ActKind(
        who=check_member, read=read_amend, check=_check_amend, apply=_amend
    ),
    "proposal.withdraw": ActKind(
        who=check_member, read=read_named, check=_check_withdraw, apply=_withdraw
    ),
    "proposal.cancel": ActKind(
        who=check_member, read=read_reasoned, check=_check_cancel, apply=_cancel
    ),
    "proposal.execute": ActKind(
        who=check_member, read=read_named, check=_check_execute, apply=_execute
    ),
}
