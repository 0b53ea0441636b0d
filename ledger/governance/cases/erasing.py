"""Erasure, and receipts asked for again: what is asked here the daily sweep carries out.

An erasure is due once it was asked for and the retention floor has passed since the
decision; an open contest and a legal hold put it off. The ledger's own entries name the
decisions of one sweep in order of id. A re-issue waits, so that whoever holds the receipt
can stop it; while one waits, a further one of the same decision is the same.
"""

from dataclasses import replace

from ledger.entries.entry import ErasureExecuted, ReceiptReissued
from ledger.entries.moment import parse_utc
from ledger.errors import ConflictError, RejectedError
from ledger.governance.cases.bodies import ReceiptOf
from ledger.governance.cases.kept import MAY_ERASE, Erasure, Event, Reissue
from ledger.governance.cases.room import Cases
from ledger.governance.cases.voices import (
    begin,
    check_shown_voice,
    check_there,
    check_voice,
    event,
    known,
    show,
)
from ledger.governance.kinds import Context
from ledger.governance.parameters import period_ms, value_of
from ledger.governance.state import State, parameters_of
from ledger.ids import DecisionId
from ledger.limits import REISSUES_KEPT

DAY_MS = 86_400_000
ASK = "erasure.ask"
WITHDRAW = "erasure.withdraw"
STOP = "reissue.stop"
EXECUTED = "erasure.executed"
REISSUED = "receipt.reissued"


def check_ask(state: State, receipt: ReceiptOf, context: Context) -> None:
    """That the actor speaks for the decision, and no erasure of it waits.

    Raises:
        RejectedError, ForbiddenError, ErasedError: as `check_shown_voice`. Nothing was
            recorded, here and below.
        ConflictError: `erasure-asked`.
    """
    check_shown_voice(state, receipt, context, MAY_ERASE)
    if receipt.id in state.cases.pending:
        raise ConflictError(
            "erasure-asked", "the erasure of this decision was asked for and waits"
        )


def apply_ask(state: State, receipt: ReceiptOf, context: Context) -> State:
    """The erasure waits for its time."""
    cases = begin(state, receipt, context, ASK, None)
    _, time = show(state, receipt, context)
    floor_days = value_of(parameters_of(state), "retention_floor_days")
    erasure = Erasure(
        system=cases.shown[receipt.id].system,
        asked_ms=context.time_ms,
        due_ms=max(context.time_ms, parse_utc(time) + floor_days * DAY_MS),
        by=context.actor,
    )
    return replace(state, cases=cases.put_erasure(receipt.id, erasure))


def check_withdraw(state: State, decision: DecisionId, context: Context) -> None:
    """That the person takes it back in time.

    Raises:
        RejectedError: `not-shown`, `no-erasure`.
        ForbiddenError: as `check_voice`.
        ErasedError: `erased`.
    """
    check_voice(state, decision, known(state, decision), context)
    check_there(state, decision)
    if decision not in state.cases.pending:
        raise RejectedError("no-erasure", "no erasure of this decision waits")


def apply_withdraw(state: State, decision: DecisionId, context: Context) -> State:
    """Nothing is erased."""
    erasure = state.cases.erasures[decision]
    cases = state.cases.put_erasure(
        decision, replace(erasure, withdrawn_ms=context.time_ms)
    )
    return replace(state, cases=cases.told(decision, event(context, WITHDRAW)))


def put_off(cases: Cases, decision: DecisionId, time_ms: int) -> str | None:
    """Why the decision's private part may not be erased at this log time; None: it may."""
    erasure = cases.erasures.get(decision)
    if erasure is None or erasure.withdrawn_ms is not None:
        return "nobody asked for it"
    if erasure.executed_ms is not None:
        return "it was executed before"
    if time_ms < erasure.due_ms:
        return "it is not due"
    held = (f"decision:{decision}", f"system:{erasure.system}")
    if any(name in cases.legal_holds for name in held):
        return "a legal hold stands"
    contests = cases.by_decision.get(decision, ())
    if any(cases.contests[id_].ended is None for id_ in contests):
        return "a contest is open"
    return None


def execute(state: State, entry: ErasureExecuted, index: int) -> State:
    """After a sweep; what was not due stays as it was, and an auditor says so."""
    cases = state.cases
    for decision in entry.decisions:
        if put_off(cases, decision, entry.time_ms) is not None:
            continue
        erasure = replace(cases.erasures[decision], executed_ms=entry.time_ms)
        this = Event(type=EXECUTED, id=entry.id, index=index, at_ms=entry.time_ms)
        cases = cases.put_erasure(decision, erasure).told(decision, this)
    return replace(state, cases=cases)


# ---- receipts asked for again ---------------------------------------------------------


def waiting(cases: Cases, decision: DecisionId, time_ms: int) -> Reissue | None:
    """The re-issue of a decision that can still be stopped at this log time."""
    newest = cases.reissues.get(decision, ())[-1:]
    return newest[0] if newest and newest[0].waits(time_ms) else None


def note(state: State, entry: ReceiptReissued, index: int) -> State:
    """After a sweep that names receipts to be given again."""
    cases, time_ms = state.cases, entry.time_ms
    due_ms = time_ms + period_ms(parameters_of(state), "reissue_delay_s")
    for decision in entry.decisions:
        this = Event(type=REISSUED, id=entry.id, index=index, at_ms=time_ms)
        cases = cases.told(decision, this)
        if waiting(cases, decision, time_ms) is not None:
            continue
        noted = (
            *cases.reissues.get(decision, ()),
            Reissue(noted_ms=time_ms, due_ms=due_ms),
        )
        cases = replace(
            cases, reissues=cases.reissues.set(decision, noted[-REISSUES_KEPT:])
        )
    return replace(state, cases=cases)


def check_stop(state: State, receipt: ReceiptOf, context: Context) -> None:
    """That a holder of the receipt stops a re-issue that waits.

    Raises:
        RejectedError, ForbiddenError, ErasedError: as `check_shown_voice`.
        RejectedError: `no-reissue`.
    """
    check_shown_voice(state, receipt, context)
    if waiting(state.cases, receipt.id, context.time_ms) is None:
        raise RejectedError("no-reissue", "no re-issue of this receipt waits")


def apply_stop(state: State, receipt: ReceiptOf, context: Context) -> State:
    """It is not given again."""
    cases = begin(state, receipt, context, STOP, None)
    *before, newest = cases.reissues[receipt.id]
    stopped = replace(newest, stopped_ms=context.time_ms)
    reissues = cases.reissues.set(receipt.id, (*before, stopped))
    return replace(state, cases=replace(cases, reissues=reissues))
