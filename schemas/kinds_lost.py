"""Kinds of problem that somebody meets who signs in to find a lost receipt."""

from typing import Final

from schemas.kind import Kind

LOST_KINDS: Final = (
    Kind(
        "no-sign-in",
        404,
        "Nobody can sign in here",
        "Ask whoever decided for the receipt: they can have it issued again.",
    ),
    Kind(
        "invalid-sign-in",
        422,
        "This is not a step of a sign-in",
        "Begin again on the ledger's page for lost receipts.",
    ),
    Kind(
        "sign-in-unknown",
        422,
        "This sign-in did not begin here",
        "Begin again on the ledger's page for lost receipts.",
    ),
    Kind(
        "sign-in-elsewhere",
        403,
        "This sign-in began in another browser",
        "Begin again, and come back in the same window. If you did not begin it "
        "yourself, somebody sent you the address: do not sign in.",
    ),
    Kind(
        "sign-in-expired",
        422,
        "This sign-in took too long",
        "Begin again on the ledger's page for lost receipts.",
    ),
    Kind(
        "sign-in-used",
        409,
        "This sign-in was finished before",
        "Begin again on the ledger's page for lost receipts.",
    ),
    Kind(
        "sign-in-refused",
        422,
        "The provider did not confirm this sign-in",
        "Begin again; tell the operator of this ledger if it stays.",
    ),
    Kind(
        "sign-in-untrusted",
        403,
        "What the provider answered does not hold",
        "Nothing was done. Tell the operator of this ledger.",
    ),
    Kind(
        "no-identifier",
        422,
        "The provider gives no identifier that could be looked for",
        "Sign in with another account, or ask whoever decided.",
    ),
)
