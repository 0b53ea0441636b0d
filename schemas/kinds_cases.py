"""Kinds of problem that acts of the people decided about, and of reviewers, meet."""

from typing import Final

from schemas.kind import Kind

CASE_KINDS: Final = (
    Kind(
        "claimed",
        409,
        "This key has claimed this receipt",
        "Nothing needs to be done.",
    ),
    Kind(
        "too-many-claims",
        422,
        "As many keys claimed this receipt in 24 hours as may",
        "Use the receipt's own key, or wait: claims never exclude it.",
    ),
    Kind(
        "not-shown",
        422,
        "Nobody has shown a receipt of this decision",
        "Show its receipt first, with an act that brings one.",
    ),
    Kind(
        "helper-named",
        409,
        "Another key named this helper",
        "Use that key, or end it first with `helper.end`.",
    ),
    Kind(
        "helper-ended",
        403,
        "This helper may no longer act",
        "Ask the person to name you again, by `helper.name`.",
    ),
    Kind(
        "unknown-helper",
        422,
        "No such helper may act now",
        "It may have ended already.",
    ),
    Kind(
        "too-many-helpers",
        422,
        "This key has named as many helpers as it may",
        "End one first.",
    ),
    Kind(
        "until-out-of-bounds",
        422,
        "This `until` is over already, or too far ahead",
        "Choose a time within the bounds that the answer names.",
    ),
    Kind(
        "contest-open",
        409,
        "This key has a contest of this decision open",
        "Add to it with `case.say`, or withdraw it first.",
    ),
    Kind(
        "unknown-contest",
        404,
        "There is no such contest",
        "Name it by the id of the act that opened it.",
    ),
    Kind(
        "wrong-case-state",
        422,
        "The contest is not where this can be done",
        "Read the contest: its `status` says where it stands.",
    ),
    Kind(
        "part-used",
        409,
        "This part stands in a case already",
        "Encrypt it again, with a fresh nonce.",
    ),
    Kind(
        "too-many-messages",
        422,
        "As much was said in this case as may be",
        "Wait for the review, or settle it.",
    ),
    Kind(
        "box-exists",
        409,
        "One of them has a box already",
        "Send boxes only for those who have none.",
    ),
    Kind(
        "too-many-boxes",
        422,
        "The case is shared with as many as may be",
        "Nothing more can be shared.",
    ),
    Kind(
        "taken",
        409,
        "A reviewer has taken this contest",
        "Another may take it once it is released or overdue.",
    ),
    Kind(
        "involved",
        403,
        "The actor has to do with this case",
        "Another reviewer must take it.",
    ),
    Kind(
        "not-read",
        422,
        "No read of the decision by this reviewer is recorded",
        "Sign `grant.read` under the grant of this contest and look, or leave the field out.",
    ),
    Kind(
        "correction-needed",
        422,
        "The conclusion and the corrected decision do not go together",
        "Show a corrected decision with `changed`, and null with any other conclusion.",
    ),
    Kind(
        "wrong-correction",
        422,
        "This decision cannot be the corrected one",
        "Show a decision of the same system that was recorded after the contested one.",
    ),
    Kind(
        "correction-used",
        409,
        "This decision corrects another one",
        "Record a decision for this person, and show that.",
    ),
    Kind(
        "unknown-grant",
        404,
        "There is no such grant",
        "Name it by the id of the act that gave it.",
    ),
    Kind(
        "grant-ended",
        422,
        "The grant has ended",
        "Ask for another one.",
    ),
    Kind(
        "another-decision",
        422,
        "The grant is of another decision",
        "Name the decision that the grant is of.",
    ),
    Kind(
        "wrong-wrapping",
        422,
        "The data key is wrapped where it must not be, or is not where it must",
        "Where the deployer sealed the decision, seal its data key to the grantee; otherwise send null.",
    ),
    Kind(
        "too-many-grants",
        422,
        "This key has given as many grants of this decision as it may",
        "End one first.",
    ),
    Kind(
        "too-many-reads",
        422,
        "As many reads are recorded under this grant as may be",
        "Ask for another grant.",
    ),
    Kind(
        "erasure-asked",
        409,
        "The erasure of this decision was asked for already",
        "It is executed once it is due; see the decision.",
    ),
    Kind(
        "no-erasure",
        422,
        "No erasure of this decision waits",
        "There is nothing to take back.",
    ),
    Kind(
        "no-reissue",
        422,
        "No re-issue of this receipt waits",
        "There is nothing to stop; a receipt that was given again cannot be taken back.",
    ),
    Kind(
        "hold-stands",
        409,
        "A legal hold of this stands already",
        "Nothing needs to be done.",
    ),
    Kind(
        "no-hold",
        422,
        "No legal hold of this stands",
        "Nothing needs to be done.",
    ),
)
