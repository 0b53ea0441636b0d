"""Kinds of problem that acts about proposals meet."""

from typing import Final

from schemas.kind import Kind

ASSEMBLY_KINDS: Final = (
    Kind(
        "unknown-action",
        422,
        "There is no such action",
        "See the documentation for the actions a proposal can have.",
    ),
    Kind(
        "another-revision",
        422,
        "The proposal has another wording now",
        "Read its present wording, and sign again naming that revision.",
    ),
    Kind(
        "not-expedited",
        422,
        "A proposal of this class has no short vote",
        "Open it without `expedited`: what needs more votes needs the whole time.",
    ),
    Kind(
        "not-sealed",
        422,
        "The ballots of this vote are not sealed",
        "Nothing needs to be done: they are open to everybody.",
    ),
    Kind(
        "share-misfit",
        422,
        "This share fits no sealed ballot of the vote",
        "Open your boxes again, and publish what they hold for this vote.",
    ),
    Kind(
        "proposal-exists",
        409,
        "This proposal was opened before",
        "Use another nonce for another proposal.",
    ),
    Kind(
        "too-many-proposals",
        422,
        "As many proposals are open as may be",
        "Wait until one is closed, or withdraw one of your own.",
    ),
    Kind(
        "too-soon",
        422,
        "The last proposal was too short a time ago",
        "Wait as long as the answer says.",
    ),
    Kind(
        "options-too-strong",
        422,
        "Options may not do this",
        "Propose it by itself, as a vote of yes or no.",
    ),
    Kind(
        "endorsed",
        409,
        "This member has endorsed this wording",
        "Nothing needs to be done.",
    ),
    Kind(
        "too-many-endorsements",
        422,
        "This member endorses as many proposals as may be",
        "Wait until one of them is deliberated on, or lapses.",
    ),
    Kind(
        "too-many-amendments",
        422,
        "The proposal was amended as often as may be",
        "Withdraw it and open another.",
    ),
    Kind(
        "same-wording",
        409,
        "The proposal has, or had, this very wording",
        "Change something, or leave it as it is.",
    ),
    Kind(
        "challenged",
        409,
        "This member has challenged this vote",
        "Nothing needs to be done.",
    ),
    Kind(
        "challenged-before",
        422,
        "The vote was repeated once already",
        "The second vote stands.",
    ),
    Kind(
        "nothing-to-object",
        422,
        "The proposal loosens no protection",
        "Only what loosens the protection of people decided about can be objected to.",
    ),
    Kind(
        "loosens-since",
        422,
        "The proposal would now loosen protection, and did not when it was voted on",
        "Propose it again, so that the people decided about can delay it.",
    ),
    Kind(
        "needs-more-votes",
        422,
        "What the proposal does needs more votes by now",
        "Propose it again: it will be voted on as what it has become.",
    ),
    Kind(
        "objected",
        409,
        "This receipt has objected",
        "Nothing needs to be done.",
    ),
    Kind(
        "objected-before",
        422,
        "Objections sent the proposal back once already",
        "It will be voted on again; objections do not count twice.",
    ),
    Kind(
        "outside-window",
        422,
        "The decision lies outside the 90 days before the proposal",
        "Only receipts of those days can object.",
    ),
    Kind(
        "leaf-elsewhere",
        422,
        "The leaf does not stand where the act says",
        "Send the receipt's leaf, its index, and a proof for the tree the act has seen.",
    ),
)
