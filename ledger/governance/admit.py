"""Whether a decision may be recorded now, and what of it is public.

Admission happens before the lock, against a state that may be a little old; the writer
asks `check_still` again where the state has moved. Here the time is cut, and each value
becomes the JSON text that its disclosure will hold: compact, UTF-8, integers exact.
"""

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson

from ledger.entries.decision import Submission
from ledger.entries.disclosure import SLOTS
from ledger.entries.moment import HOUR_MS, format_hour, format_second, parse_utc
from ledger.entries.sealing import SealedRequest
from ledger.errors import ConflictError, FatalError, ForbiddenError, RejectedError
from ledger.governance.parameters import decided_at_age_ms
from ledger.governance.safeguards.ruleset import Verdict
from ledger.governance.state import State
from ledger.governance.systems.system import ACTIVE, System
from ledger.ids import DecisionId, SystemId
from ledger.limits import DECIDED_AT_AHEAD_MS

_FIELDS: Final = frozenset(SLOTS) - {"results"}  # `results` is the ledger's own slot


class Admitted(NamedTuple):
    """A decision that may be recorded, and what the rules in force say of it.

    Attributes:
        submission: to be sealed; holds the sealed slot `results` where it is not null.
        verdict: does not refuse it.
    """

    submission: Submission
    verdict: Verdict


def admit(
    state: State,
    fields: Mapping[str, Any],
    *,
    decided_at_ms: int,
    now_ms: int,
    new_id: DecisionId,
) -> Admitted:
    """The submission to seal, held against the rules in force.

    Args:
        state: as far as this process has replayed it.
        fields: CONTRACT's JSON, validated; absent fields missing, not null.
        decided_at_ms: `decided_at`, milliseconds since 1970.
        now_ms: the clock; a decision's age is not part of the replayed state.
        new_id: a fresh random UUIDv4, used when `fields` has no id.

    Raises:
        RejectedError: `unknown-system`, `inactive-system`, `unknown-version`,
            `unknown-outcome`, `decided-at-out-of-range`. Nothing was recorded.
        RuleRefusedError: a rule refuses it; the system's count of refusals is the
            writer's to raise.
    """
    system = _active(state, fields["system"])
    version = fields.get("system_version")
    if version is None:
        version = system.versions[-1] if system.versions else None
    _check_age(state, decided_at_ms, now_ms)
    is_open = system.profile == "open"
    values = {
        name: _to_json(value) for name, value in fields.items() if name in _FIELDS
    }
    submission = Submission(
        id=fields.get("id") or new_id,
        system=system.id,
        version=version,
        profile=system.profile,
        automation=fields["automation"],
        time=(
            format_second(decided_at_ms)
            if is_open
            else format_hour(decided_at_ms // HOUR_MS)
        ),
        outcome=fields["outcome"] if is_open else None,
        values=values,
    )
    _check_registered(system, submission)
    verdict = judge(state, submission, fields)
    verdict.check()
    if verdict.sealed is not None:
        values["results"] = verdict.sealed
    return Admitted(submission, verdict)


def admit_sealed(state: State, request: SealedRequest, *, now_ms: int) -> Admitted:
    """A decision that its deployer sealed, held against what is public of it.

    Raises:
        RejectedError: as `admit`; also `another-ledger`, `profile-changed`.
        ForbiddenError: `forbidden`: signed by a key that is not the system's.
        ConflictError: `other-rules`: the client ran another rule set than is in force.
        RuleRefusedError: as `admit`.
    """
    statement, submission = request.statement, request.submission
    if state.community is None or statement.genesis != state.community.genesis:
        raise RejectedError("another-ledger", "sealed for another ledger")
    system = _active(state, statement.system)
    if request.keyid not in system.keys:
        raise ForbiddenError("forbidden", "signed by a key that is not the system's")
    check_still(state, submission)
    if submission.version is None and system.versions:
        raise RejectedError("unknown-version", "the system has versions: name one")
    start_ms = parse_utc(statement.time)
    length_ms = 0 if system.profile == "open" else HOUR_MS - 1
    if start_ms > now_ms + DECIDED_AT_AHEAD_MS:
        raise RejectedError(
            "decided-at-out-of-range", "the statement's time lies more than 5 min ahead"
        )
    _check_age(state, min(start_ms + length_ms, now_ms), now_ms)
    rules = state.safeguards.rule_set
    if request.rules != rules.hash:
        raise ConflictError("other-rules", "another rule set is in force")
    verdict = rules.judge_public(
        system,
        automation=submission.automation,
        version=submission.version,
        outcome=submission.outcome,
        in_sealed_mode=True,
    )
    verdict.check()
    return Admitted(submission, verdict)


def judge(state: State, submission: Submission, fields: Mapping[str, Any]) -> Verdict:
    """What the rules in force say of an admitted decision; it may refuse it."""
    return state.safeguards.rule_set.judge(
        state.systems[submission.system],
        automation=submission.automation,
        version=submission.version,
        fields=fields,
    )


def check_still(state: State, submission: Submission) -> None:
    """That what was admitted under an earlier state may be recorded under this one.

    Raises:
        RejectedError: as `admit`, or `profile-changed`. Nothing was recorded.
    """
    system = _active(state, submission.system)
    if system.profile != submission.profile:
        raise RejectedError(
            "profile-changed",
            f"the system's profile is now {system.profile}: send the decision again",
        )
    _check_registered(system, submission)


def _active(state: State, system_id: str) -> System:
    system = state.systems.get(SystemId(system_id))
    if system is None:
        raise RejectedError("unknown-system", "no system of this id is registered")
    if system.status != ACTIVE:
        raise RejectedError(
            "inactive-system", f"the system is {system.status}: expected {ACTIVE}"
        )
    return system


def _check_registered(system: System, submission: Submission) -> None:
    if submission.version is not None and submission.version not in system.versions:
        raise RejectedError(
            "unknown-version",
            f"not one of the system's {len(system.versions)} registered versions",
        )
    outcome = submission.outcome
    if outcome is not None and outcome["code"] not in system.outcomes:
        raise RejectedError(
            "unknown-outcome",
            f"not one of the system's {len(system.outcomes)} registered outcomes",
        )


def _check_age(state: State, decided_at_ms: int, now_ms: int) -> None:
    if state.community is None:
        raise FatalError("no decision can be admitted before entry 0")
    oldest_ms = now_ms - decided_at_age_ms(state.community.parameters)
    if decided_at_ms > now_ms + DECIDED_AT_AHEAD_MS:
        raise RejectedError(
            "decided-at-out-of-range", "decided_at lies more than 5 minutes ahead"
        )
    if decided_at_ms < max(oldest_ms, 0):
        raise RejectedError(
            "decided-at-out-of-range",
            f"decided_at lies more than {(now_ms - oldest_ms) // 86_400_000} days back",
        )


def _to_json(value: object) -> bytes:
    try:
        # Copied, because orjson shrinks a buffer of 1,024 bytes in place: kept by the
        # thousand, those remainders make every later allocation search (9 × the time).
        return b"%b" % orjson.dumps(value)
    except TypeError:  # an integer beyond 64 bits, which orjson does not write
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8")
