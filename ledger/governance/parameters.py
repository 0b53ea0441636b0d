"""The community's own numbers: one table, each row with default and constitutional bounds.

Founding sets them, and the action `parameter.set` changes them; an unknown name is
refused, so that a mistyped one is not silently without effect. `least` and `most` bound
every value for ever. `floor` bounds a *change*: a community founded to run in seconds, as
a demo is, may; one founded with longer periods can never vote itself into periods too
short to act in. So no reachable set of numbers makes passing a proposal impossible:
quorums stay at or below half of the eligible, and every period leaves time to act.

Names and units never change once published.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.entries.webauthn import is_host
from ledger.errors import MalformedError
from ledger.keys import is_did_key
from ledger.limits import (
    COMMENTS_DAY_MAX,
    DECIDED_AT_AGE_DAYS,
    DECIDED_AT_AGE_DAYS_MAX,
)

_HOUR_S: Final = 3_600
_DAY_S: Final = 24 * _HOUR_S
_DAY_MS: Final = 1_000 * _DAY_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One number of the community.

    Attributes:
        default: where neither founding nor a proposal said otherwise.
        least, most: constitutional bounds of every value.
        floor: a change may not go below it, nor below `least`; a value that already
            lies below it may stay or rise. None: as `least`.
        class_: the class of proposal that changes it.
        protects: which way protection of the people decided about falls when the number
            does ("falls"), when it rises ("rises"), or neither ("").
        what: for people.
    """

    default: int
    least: int
    most: int
    what: str
    floor: int | None = None
    class_: str = "constitution"
    protects: str = ""


def _period(
    default_s: int, most_s: int, floor_s: int, what: str, *, least_s: int = 1
) -> Parameter:
    return Parameter(
        default=default_s, least=least_s, most=most_s, floor=floor_s, what=what
    )


def _share(
    default: int, least: int, most: int, what: str, *, class_: str = "constitution"
) -> Parameter:
    return Parameter(default=default, least=least, most=most, what=what, class_=class_)


PARAMETERS: Final[dict[str, Parameter]] = {
    "decided_at_age_days": Parameter(
        default=DECIDED_AT_AGE_DAYS,
        least=1,
        most=DECIDED_AT_AGE_DAYS_MAX,
        what="days; how old a decision may be when it is recorded",
        class_="standard",
    ),
    # ---- periods of a proposal, in seconds ----
    "draft_s": _period(30 * _DAY_S, 365 * _DAY_S, _DAY_S, "a draft nobody submits"),
    "endorsing_s": _period(14 * _DAY_S, 90 * _DAY_S, _DAY_S, "to gather endorsements"),
    "deliberation_s": _period(7 * _DAY_S, 90 * _DAY_S, _DAY_S, "to talk and amend"),
    "frozen_s": _period(_DAY_S, 30 * _DAY_S, _HOUR_S, "to read the final text"),
    "pending_s": _period(_DAY_S, 30 * _DAY_S, _HOUR_S, "until the snapshot"),
    "voting_s": _period(7 * _DAY_S, 60 * _DAY_S, _DAY_S, "to vote"),
    "voting_expedited_s": _period(
        _DAY_S, 30 * _DAY_S, 6 * _HOUR_S, "to vote when expedited"
    ),
    "extension_s": _period(
        _DAY_S, 7 * _DAY_S, _HOUR_S, "added when the outcome moves late"
    ),
    "reveal_s": _period(
        _DAY_S, 7 * _DAY_S, _HOUR_S, "for trustees to open sealed ballots"
    ),
    "challenge_s": _period(_DAY_S, 14 * _DAY_S, _HOUR_S, "to challenge what succeeded"),
    "timelock_routine_s": _period(
        _DAY_S, 30 * _DAY_S, _HOUR_S, "before a routine proposal takes effect"
    ),
    "timelock_standard_s": _period(
        3 * _DAY_S, 30 * _DAY_S, _DAY_S, "before a standard one does"
    ),
    "timelock_treasury_s": _period(
        5 * _DAY_S, 60 * _DAY_S, _DAY_S, "before one about money does"
    ),
    "timelock_constitution_s": _period(
        14 * _DAY_S, 90 * _DAY_S, 3 * _DAY_S, "before one about the constitution does"
    ),
    "ready_s": _period(
        14 * _DAY_S, 90 * _DAY_S, 3 * _DAY_S, "to execute it", least_s=10
    ),
    "brake_least_s": _period(
        5 * _DAY_S, 30 * _DAY_S, _DAY_S, "timelock once 1% of receipts object"
    ),
    "brake_most_s": _period(
        45 * _DAY_S, 90 * _DAY_S, 7 * _DAY_S, "timelock as 10% of receipts object"
    ),
    # ---- who may bring what, and what it takes ----
    "endorsement_percent": _share(2, 0, 10, "of the members, to endorse a proposal"),
    "endorsement_least": _share(2, 1, 10, "members at least, to endorse a proposal"),
    "endorsements_open_max": _share(
        10, 1, 100, "proposals one member endorses at a time"
    ),
    "proposals_member_max": _share(3, 1, 20, "open proposals of one member"),
    "proposals_open_max": _share(100, 20, 1_000, "open proposals of the community"),
    "proposal_interval_s": Parameter(
        default=_HOUR_S,
        least=0,
        most=7 * _DAY_S,
        what="seconds between two proposals of one member",
    ),
    "quorum_base_percent": _share(10, 1, 20, "of the eligible, whatever turnout was"),
    "quorum_turnout_percent": _share(
        40, 0, 50, "of usual turnout, added to the base of a standard quorum"
    ),
    "turnout_weight_percent": _share(20, 1, 50, "weight of the newest turnout"),
    "quorum_treasury_percent": _share(20, 5, 50, "of the eligible, about money"),
    "quorum_constitution_percent": _share(
        25, 10, 50, "of the eligible, about the constitution, membership and keys"
    ),
    "objection_percent": _share(
        10, 1, 30, "of the eligible against, and routine becomes standard"
    ),
    "challenge_percent": _share(5, 1, 20, "of the eligible, to have a vote repeated"),
    "challenge_least": _share(3, 1, 10, "members at least, to have a vote repeated"),
    # ---- emergencies ----
    "emergency_percent": _share(5, 1, 20, "of the members, to suspend a system"),
    "emergency_least": _share(3, 2, 10, "members at least, to suspend a system"),
    "emergency_s": _period(
        7 * _DAY_S, 14 * _DAY_S, _DAY_S, "until an emergency suspension lapses"
    ),
    "emergency_pause_s": _period(
        30 * _DAY_S, 90 * _DAY_S, 7 * _DAY_S, "until another of the same system"
    ),
    # ---- people ----
    "admission_vouches": _share(2, 2, 10, "members who vouch for an applicant"),
    "newcomer_wait_s": Parameter(
        default=7 * _DAY_S,
        least=0,
        most=90 * _DAY_S,
        what="seconds from joining to voting",
    ),
    "growth_percent": _share(10, 1, 50, "of the members, admitted in a period"),
    "growth_least": _share(3, 1, 100, "admissions in a period, however few members"),
    "growth_period_s": _period(
        7 * _DAY_S, 30 * _DAY_S, _DAY_S, "the period in which growth is bounded"
    ),
    "founders_s": _period(
        30 * _DAY_S, 90 * _DAY_S, _DAY_S, "founders' special powers at the longest"
    ),
    "founders_members": _share(
        5, 1, 50, "members after the founders, and founders' special powers end"
    ),
    "role_s": _period(365 * _DAY_S, 4 * 365 * _DAY_S, 30 * _DAY_S, "a role's term"),
    "delegation_s": _period(
        365 * _DAY_S, 2 * 365 * _DAY_S, _DAY_S, "a delegation at the longest"
    ),
    "application_s": _period(
        90 * _DAY_S, 365 * _DAY_S, 14 * _DAY_S, "until an application lapses"
    ),
    "recovery_s": _period(
        3 * _DAY_S, 30 * _DAY_S, _DAY_S, "for a member to stop a recovery of keys"
    ),
    "delegation_cap_percent": _share(5, 1, 20, "of the electorate, behind one member"),
    # ---- the people decided about ----
    "review_days": Parameter(
        default=30,
        least=1,
        most=365,
        what="days within which a contest is reviewed, where its system says nothing",
        class_="standard",
        protects="rises",
    ),
    "retention_floor_days": Parameter(
        default=184,
        least=0,
        most=3_650,
        what="days after a decision before its private part may be erased",
        protects="rises",
    ),
    "reissue_delay_s": Parameter(
        default=3 * _DAY_S,
        least=1,
        most=30 * _DAY_S,
        floor=_DAY_S,
        what="seconds in which a holder can stop that a receipt is given again",
        protects="falls",
    ),
    "comments_day_max": Parameter(
        default=20,
        least=1,
        most=COMMENTS_DAY_MAX,
        floor=5,
        what="comments of one member in 24 hours",
        class_="standard",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One thing the community set that is no number; "" is none.

    Attributes:
        default: where neither founding nor a proposal said otherwise.
        is_form: whether a text has its form.
        form: for people, what that is.
        class_: the class of proposal that changes it.
        what: for people.
    """

    default: str
    is_form: Callable[[str], bool]
    form: str
    what: str
    class_: str = "constitution"


ADMISSIONS: Final = ("invite", "vouch", "vote", "credential")  # never change

WORDS: Final[dict[str, Word]] = {
    "admission": Word(
        default="vouch",
        is_form=ADMISSIONS.__contains__,
        form=f"one of {', '.join(ADMISSIONS)}",
        what="how people are admitted",
    ),
    "admission_issuer": Word(
        default="",
        is_form=lambda text: text == "" or is_did_key(text),
        form="empty, or the did:key of an Ed25519 key",
        what="who signs credentials of applicants",
    ),
    "passkey_rp_id": Word(
        default="",
        is_form=lambda text: text == "" or is_host(text),
        form="empty, or a host's name in lower case",
        what="the host that passkeys are made for; empty: that of the log's origin",
    ),
}


def check_parameters(parameters: Mapping[str, Any]) -> None:
    """That a founding may set these.

    Raises:
        MalformedError: an unknown name, or a value outside its bounds. Nothing was
            recorded.
    """
    for name, value in parameters.items():
        if name in WORDS:
            _check_word(name, value)
            continue
        row = PARAMETERS.get(name)
        if row is None:
            raise MalformedError(
                f"no such parameter; there are {', '.join([*PARAMETERS, *WORDS])}"
            )
        if type(value) is not int or not row.least <= value <= row.most:
            raise MalformedError(
                f"{name} is a whole number from {row.least:,} to {row.most:,}"
            )


def _check_word(name: str, value: object) -> None:
    word = WORDS[name]
    if type(value) is not str or not word.is_form(value):
        raise MalformedError(f"{name} is {word.form}")


def least_of(parameters: Mapping[str, Any], name: str) -> int:
    """The least that a change may set `name` to, as the numbers stand now."""
    row = PARAMETERS[name]
    if row.floor is None:
        return row.least
    return max(row.least, min(row.floor, value_of(parameters, name)))


def check_change(parameters: Mapping[str, Any], name: str, value: object) -> None:
    """That a proposal may set `name` to `value` now.

    Raises:
        MalformedError: an unknown name, or a value outside its bounds. Nothing was
            recorded.
    """
    if name not in PARAMETERS:
        check_parameters({name: value})
        return
    least, most = least_of(parameters, name), PARAMETERS[name].most
    if type(value) is not int or not least <= value <= most:
        raise MalformedError(f"{name} is a whole number from {least:,} to {most:,}")


def value_of(parameters: Mapping[str, Any], name: str) -> int:
    """The number in force."""
    value: int = parameters.get(name, PARAMETERS[name].default)
    return value


def word_of(parameters: Mapping[str, Any], name: str) -> str:
    """The word in force."""
    word: str = parameters.get(name, WORDS[name].default)
    return word


def period_ms(parameters: Mapping[str, Any], name: str) -> int:
    """A period, whose name ends in `_s`, in milliseconds."""
    return 1_000 * value_of(parameters, name)


def decided_at_age_ms(parameters: Mapping[str, Any]) -> int:
    """How old a decision may be, in milliseconds."""
    return value_of(parameters, "decided_at_age_days") * _DAY_MS
