"""Kinds of problem that acts about people meet."""

from typing import Final

from schemas.kind import Kind

PEOPLE_KINDS: Final = (
    Kind(
        "member-exists",
        422,
        "This key is a member's already",
        "Nothing needs to be done; sign acts with it.",
    ),
    Kind(
        "already-applied",
        422,
        "This application is open already",
        "Ask members to vouch for it, or withdraw it first.",
    ),
    Kind(
        "not-invited",
        422,
        "Members invite here",
        "Ask a member to vouch for your did:key, then apply.",
    ),
    Kind(
        "credential-needed",
        422,
        "The credential is not the one that is asked for",
        "Get one from the issuer that the community named, for this did:key and ledger; where it names none, send null.",
    ),
    Kind(
        "too-many-applications",
        422,
        "There are as many open applications as may be",
        "Wait until some are decided or lapse.",
    ),
    Kind(
        "unknown-application",
        422,
        "There is no such open application",
        "The applicant signs `member.apply` first; it lapses in time.",
    ),
    Kind(
        "already-vouched",
        422,
        "This member vouches for the applicant already",
        "Another member has to vouch.",
    ),
    Kind(
        "removed-member",
        422,
        "A vote removed this member",
        "Open a proposal with the action `member.admit`.",
    ),
    Kind(
        "too-many-vouches",
        422,
        "This member vouches for as many applicants as one may",
        "Withdraw a vouch, or wait until an application is decided.",
    ),
    Kind(
        "too-many-admissions",
        422,
        "As many were admitted in this period as may be",
        "Wait; the community's growth is bounded by its own parameters.",
    ),
    Kind(
        "vouches-needed",
        422,
        "Too few members vouch for the applicant",
        "Two members sign for everybody who is admitted: ask them first.",
    ),
    Kind(
        "unknown-member",
        422,
        "There is no such present member",
        "Name a member by their id, as `/v1/members` lists it.",
    ),
    Kind(
        "last-member",
        422,
        "The last member cannot be removed",
        "They can exit themselves.",
    ),
    Kind(
        "key-used",
        422,
        "This key cannot be anybody else's",
        "A key is one person's for ever: make a new one.",
    ),
    Kind(
        "proof-does-not-hold",
        422,
        "The new key's proof does not hold",
        "Sign genesis, member and key, as documented, with the new key itself.",
    ),
    Kind(
        "unknown-key",
        422,
        "The actor has no such key",
        "Name one of the actor's keys that is not revoked.",
    ),
    Kind(
        "last-key",
        422,
        "The last key cannot be revoked",
        "Rotate it, or leave with `member.exit`.",
    ),
    Kind(
        "recovery-runs",
        422,
        "A recovery runs already",
        "Stop it first, or let its delay pass.",
    ),
    Kind(
        "already-approved",
        422,
        "This contact approves this key already",
        "Other contacts have to approve it too.",
    ),
    Kind(
        "no-recovery",
        422,
        "No recovery runs",
        "There is nothing to stop.",
    ),
    Kind(
        "passkey-refused",
        422,
        "This passkey cannot be enrolled",
        "Make it at the community's own site, with ES256 or EdDSA.",
    ),
    Kind(
        "passkey-exists",
        422,
        "This passkey was enrolled before",
        "Use it, or make another.",
    ),
    Kind(
        "too-many-passkeys",
        422,
        "The member has as many passkeys as one may",
        "Over life; use a key.",
    ),
    Kind(
        "unknown-passkey",
        422,
        "The actor has no such passkey",
        "Name one that is enrolled and not revoked.",
    ),
    Kind(
        "not-a-holder",
        422,
        "This member does not hold this role",
        "Read the roles; terms end by themselves.",
    ),
    Kind(
        "term-out-of-bounds",
        422,
        "The term is too long, or over before it begins",
        "Choose an `until` within the community's parameter.",
    ),
    Kind(
        "too-many-holders",
        422,
        "The role has as many holders as it may",
        "Recall one, or wait until a term ends.",
    ),
    Kind(
        "unknown-scope",
        422,
        "There is no such scope",
        "Use `all`, a class of proposals, or `system:` and a system's id.",
    ),
    Kind(
        "unknown-delegation",
        422,
        "No delegation of this scope stands",
        "It may have lapsed already.",
    ),
    Kind(
        "too-many-delegations",
        422,
        "The member delegates as many scopes as one may",
        "Revoke one first.",
    ),
)
