"""Kinds of problem that actions of proposals meet, when proposed and when executed."""

from typing import Final

from schemas.kind import Kind

ACTION_KINDS: Final = (
    Kind(
        "key-mismatch",
        422,
        "The system's keys are others than this expects",
        "Read the system's keys and say again which to add and which to remove.",
    ),
    Kind(
        "too-many-keys",
        422,
        "There are as many keys as there may be",
        "Remove one that is not used any more.",
    ),
    Kind(
        "emergency-rest",
        422,
        "This system cannot be suspended in an emergency yet",
        "Open a proposal to suspend it.",
    ),
    Kind(
        "already-called",
        409,
        "This member has called for the suspension already",
        "Others must call for it too; a call stands for some days.",
    ),
    Kind(
        "diff-does-not-apply",
        422,
        "The amendment does not fit the text in force",
        "Make the diff again from the text that `/v1/community` shows.",
    ),
    Kind(
        "constitution-too-long",
        422,
        "The constitution would be too long",
        "Shorten the amendment, or take something out with it.",
    ),
    Kind(
        "parameter-out-of-bounds",
        422,
        "The parameter cannot have this value",
        "Choose a value within the bounds that the answer names.",
    ),
    Kind(
        "dataset-exists",
        422,
        "A data set of this id is adopted",
        "Choose another id, or drop the one that is adopted first.",
    ),
    Kind(
        "unknown-dataset",
        422,
        "No data set of this id is adopted",
        "Name one that `/v1/datasets` lists as adopted.",
    ),
    Kind(
        "too-many-datasets",
        422,
        "The community has named as many data sets as it may",
        "Adopt it under the id of one that was dropped.",
    ),
    Kind(
        "witness-exists",
        422,
        "This witness is named already",
        "Choose another name, or drop the one that has it first.",
    ),
    Kind(
        "unknown-witness",
        422,
        "No witness of this name is named",
        "Use the name under which the community named it.",
    ),
    Kind(
        "too-many-witnesses",
        422,
        "The community has named as many witnesses as it may",
        "Drop one first.",
    ),
    Kind(
        "mirror-exists",
        422,
        "This mirror is named already",
        "Nothing needs to be done.",
    ),
    Kind(
        "unknown-mirror",
        422,
        "No mirror of this address is named",
        "Use the address under which the community named it.",
    ),
    Kind(
        "too-many-mirrors",
        422,
        "The community has named as many mirrors as it may",
        "Drop one first.",
    ),
    Kind(
        "wrong-log-key",
        422,
        "This key cannot be the log's next one",
        "Make a new Ed25519 key whose name is the log's origin.",
    ),
)
