"""Claiming a receipt with a key of one's own, and naming helpers.

A claim is signed by the contest key and adds one more key; it excludes nobody, for the
deployer knows that key too and could claim first. What is claimed with one decision's
key claims no other, so that no key joins two decisions.
"""

from dataclasses import replace

from ledger.entries.case import check_claim as check_proof
from ledger.errors import (
    ConflictError,
    ForbiddenError,
    RejectedError,
    VerificationError,
)
from ledger.governance.cases.bodies import ClaimOf, HelperEnd, HelperOf
from ledger.governance.cases.kept import HELP, MAY_READ, Claim, Grant, Helper
from ledger.governance.cases.room import NO_HELPERS
from ledger.governance.cases.voices import (
    begin,
    check_shown_voice,
    check_there,
    event,
    is_own,
    known,
    show,
)
from ledger.governance.kinds import Context
from ledger.governance.people.rights import community_of
from ledger.governance.state import State
from ledger.ids import DecisionId, Did
from ledger.keys import parse_did_key
from ledger.limits import CLAIMS_DAY_MAX, HELPER_AHEAD_MS, HELPERS_KEY_MAX

DAY_MS = 86_400_000


def check_claim(state: State, told: ClaimOf, context: Context) -> None:
    """That the receipt's own key claims it with a key that is nobody's yet.

    Raises:
        ForbiddenError: `forbidden`: the actor is not the contest key. Nothing was
            recorded, here and below.
        ErasedError: `erased`.
        ConflictError: `claimed`.
        RejectedError: `leaf-elsewhere`, `key-used`, `too-many-claims`,
            `proof-does-not-hold`.
    """
    shown, _ = show(state, told.receipt, context)
    if context.actor != shown.contest_key:
        raise ForbiddenError(
            "forbidden", "the actor's key is not the contest key of that decision"
        )
    decision, cases = told.receipt.id, state.cases
    check_there(state, decision)
    claims = cases.claims.get(decision)
    if claims is not None and told.key in claims.keys:
        raise ConflictError("claimed", "this key has claimed this receipt")
    if (
        told.key == shown.contest_key
        or told.key in cases.owners
        or told.key in state.people.owners
        or cases.owners.get(told.seal_key, decision) != decision
    ):
        raise RejectedError(
            "key-used", "the key is in use elsewhere: make one for this receipt alone"
        )
    _check_pace(() if claims is None else claims.newest, context.time_ms)
    try:
        check_proof(
            parse_did_key(told.key),
            told.proof,
            decision=decision,
            genesis=community_of(state).genesis,
            key=told.key,
            seal_key=told.seal_key,
        )
    except VerificationError as error:
        raise RejectedError(
            "proof-does-not-hold", "the new key did not sign this claim"
        ) from error


def _check_pace(newest: tuple[int, ...], time_ms: int) -> None:
    # They stand in order of time: the one twenty back tells.
    if len(newest) >= CLAIMS_DAY_MAX and newest[-CLAIMS_DAY_MAX] > time_ms - DAY_MS:
        raise RejectedError(
            "too-many-claims",
            f"{CLAIMS_DAY_MAX} keys claimed this receipt in 24 hours, as many as may: "
            "the receipt's own key can contest without a claim",
        )


def apply_claim(state: State, told: ClaimOf, context: Context) -> State:
    """One more key speaks for the decision."""
    cases = begin(state, told.receipt, context, "receipt.claim", None)
    claim = Claim(
        seal_key=told.seal_key, claimed_ms=context.time_ms, act=context.act_id
    )
    return replace(state, cases=cases.with_claim(told.receipt.id, told.key, claim))


# ---- helpers ------------------------------------------------------------------------


def check_name(state: State, told: HelperOf, context: Context) -> None:
    """That the person may name this helper, for so long.

    Raises:
        ForbiddenError, ErasedError, RejectedError: as `check_shown_voice`.
        ConflictError: `helper-named`: by another key, and still in force.
        RejectedError: `until-out-of-bounds`, `too-many-helpers`.
    """
    decision, time_ms = told.receipt.id, context.time_ms
    check_shown_voice(state, told.receipt, context)
    check_until(told.until_ms, time_ms, HELPER_AHEAD_MS)
    named = state.cases.helpers.get(decision, NO_HELPERS)
    before = named.get(told.helper)
    if before is not None and before.is_in_force(time_ms):
        if before.by != context.actor:
            raise ConflictError(
                "helper-named", "another key named this helper, who may act now"
            )
        return  # named anew, in the place of the former
    mine = [one for one in named.values() if one.by == context.actor]
    if sum(one.is_in_force(time_ms) for one in mine) >= HELPERS_KEY_MAX:
        raise RejectedError(
            "too-many-helpers",
            f"one key names at most {HELPERS_KEY_MAX} helpers for a decision at a time",
        )


def check_until(until_ms: int, time_ms: int, most_ms: int) -> None:
    """That something ends after now, and not too long after.

    Raises:
        RejectedError: `until-out-of-bounds`.
    """
    if not time_ms < until_ms <= time_ms + most_ms:
        raise RejectedError(
            "until-out-of-bounds",
            f"until lies after now, and at most {most_ms // DAY_MS} days ahead",
        )


def apply_name(state: State, told: HelperOf, context: Context) -> State:
    """They help; who may read has a grant of the same time."""
    decision = told.receipt.id
    state = _end(state, decision, told.helper, context.time_ms)
    cases = begin(state, told.receipt, context, "helper.name", None)
    helper = Helper(
        scope=told.scope,
        until_ms=told.until_ms,
        by=context.actor,
        act=context.act_id,
    )
    cases = cases.put_helper(decision, told.helper, helper)
    if MAY_READ in told.scope:
        cases = cases.put_grant(
            Grant(
                id=context.act_id,
                decision=decision,
                to=told.helper,
                by=context.actor,
                purpose=HELP,
                until_ms=told.until_ms,
            )
        )
    return replace(state, cases=cases)


def check_end(state: State, told: HelperEnd, context: Context) -> None:
    """That the helper is one in force, and the actor may end that.

    Raises:
        RejectedError: `not-shown`, `unknown-helper`.
        ForbiddenError: `forbidden`.
    """
    shown = known(state, told.decision)
    if context.actor != told.helper and not is_own(
        state.cases, told.decision, shown, context.actor
    ):
        raise ForbiddenError(
            "forbidden",
            "the actor is not this helper, and its key is neither the contest key of "
            "that decision nor one that claimed it",
        )
    helper = state.cases.helpers.get(told.decision, NO_HELPERS).get(told.helper)
    if helper is None or not helper.is_in_force(context.time_ms):
        raise RejectedError("unknown-helper", "no such helper may act now")


def apply_end(state: State, told: HelperEnd, context: Context) -> State:
    """They help no more."""
    state = _end(state, told.decision, told.helper, context.time_ms)
    cases = state.cases.told(told.decision, event(context, "helper.end"))
    return replace(state, cases=cases)


def _end(state: State, decision: DecisionId, did: Did, time_ms: int) -> State:
    """Ends a helper in force, and the grant that came with it."""
    cases = state.cases
    helper = cases.helpers.get(decision, NO_HELPERS).get(did)
    if helper is None or not helper.is_in_force(time_ms):
        return state
    cases = cases.put_helper(decision, did, replace(helper, ended_ms=time_ms))
    grant = cases.grants.get(helper.act)
    if grant is not None and grant.is_open(time_ms):
        cases = cases.put_grant(replace(grant, ended_ms=time_ms))
    return replace(state, cases=cases)
