"""Kinds of problems about safeguards, and about decisions that a client sealed."""

from typing import Final

from schemas.kind import Kind

SAFEGUARD_KINDS: Final = (
    Kind(
        "invalid-rule",
        422,
        "This is not a rule's expression",
        "See the documentation of safeguards for what an expression may say.",
    ),
    Kind(
        "rule-tests-fail",
        422,
        "The rule does not keep its own tests",
        "Correct the rule or its test cases.",
    ),
    Kind(
        "safeguard-exists",
        422,
        "A safeguard of this id is in force",
        "Amend it, or choose another id.",
    ),
    Kind(
        "unknown-safeguard",
        422,
        "No safeguard of this id is in force",
        "See the safeguards in force.",
    ),
    Kind(
        "too-many-safeguards",
        422,
        "The community has as many safeguards as it may",
        "Repeal or amend one.",
    ),
    Kind(
        "hold-decided",
        409,
        "This hold was decided already",
        "The first word of an overseer stands.",
    ),
)
SEALED_KINDS: Final = (
    Kind(
        "other-rules",
        409,
        "Another rule set is in force",
        "Read the safeguards in force, run them, seal the decision again and send it.",
    ),
    Kind(
        "tag-used",
        409,
        "Another entry has this `subject_tag` or `contest_key`",
        "Seal the decision again under a fresh secret.",
    ),
    Kind(
        "rules-changed",
        409,
        "The rules changed while this was decided",
        "Send it again: nothing was recorded.",
    ),
    Kind(
        "invalid-sealed",
        422,
        "This is not a sealed decision",
        "Compare it with the contract's sealed mode.",
    ),
)
