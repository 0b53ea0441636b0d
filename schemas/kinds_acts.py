"""Kinds of problem that acts alone meet: `POST /acts` documents every one of them."""

from typing import Final

from schemas.kind import Kind
from schemas.kinds_actions import ACTION_KINDS
from schemas.kinds_assembly import ASSEMBLY_KINDS
from schemas.kinds_cases import CASE_KINDS
from schemas.kinds_people import PEOPLE_KINDS

ACT_KINDS: Final = (
    Kind(
        "unknown-act",
        422,
        "There is no such act",
        "See the documentation of `POST /acts` for the acts there are.",
    ),
    Kind(
        "act-out-of-time",
        422,
        "The act's time has passed, or lies too far ahead",
        "Sign it again with an `until` within the next 24 hours.",
    ),
    Kind(
        "system-exists",
        422,
        "This system is registered already",
        "Choose another id, or register a version of it.",
    ),
    Kind(
        "too-many-systems",
        422,
        "The community has as many systems as it may",
        "Retire one first.",
    ),
    Kind(
        "version-exists",
        422,
        "This version is registered already",
        "Nothing needs to be done, or choose another version.",
    ),
    Kind(
        "too-many-versions",
        422,
        "The system has as many versions as it may",
        "Register the model as a new system.",
    ),
    Kind(
        "unknown-proposal",
        422,
        "There is no such proposal",
        "Name a proposal by its key, as `/v1/proposals` lists it.",
    ),
    Kind(
        "wrong-phase",
        422,
        "The proposal is not where this can be done",
        "Read the proposal: its `state` says where it stands, `timeline` what comes.",
    ),
    Kind(
        "unknown-comment",
        422,
        "There is no such comment",
        "Name a comment of this proposal by the id of the act that added it.",
    ),
    Kind(
        "too-many-comments",
        422,
        "There is no room for this comment",
        "Wait, reply further up, or agree with what was said already.",
    ),
    Kind(
        "digest-used",
        422,
        "This digest stands for another text",
        "Make the Disclosure again with a fresh random salt.",
    ),
    Kind(
        "nothing-changes",
        422,
        "This would change nothing",
        "Nothing needs to be done.",
    ),
    *ACTION_KINDS,
    *PEOPLE_KINDS,
    *ASSEMBLY_KINDS,
    *CASE_KINDS,
)
