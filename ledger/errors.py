"""Every error the ledger raises, in one tree.

    CounterfoilError
    ├── MalformedError          their fault: bytes that do not parse
    ├── VerificationError       their fault: a proof, digest or signature does not hold
    ├── RejectedError           their fault: well formed, but a rule or the state refuses
    │   ├── ForbiddenError      the actor or token has no such right
    │   ├── ConflictError       an id, key or sequence is already used otherwise
    │   ├── NotFoundError       no such ledger, system, entry, decision
    │   ├── ErasedError         it was there, and was erased on purpose
    │   └── RuleRefusedError    a rule that the community enacted refuses the decision
    ├── UnavailableError        nobody's fault: try again later
    │   └── UnknownOutcomeError a commit was sent, its answer was not seen
    └── FatalError              ours: the process must not go on signing
        └── BehindReleasedError the database is older than a head already released

`recorded` on each says whether anything reached the log: False, True, or None when it
is not known. Messages never repeat a value of the request: it may be private.
"""


class CounterfoilError(Exception):
    """Root of the tree.

    Attributes:
        recorded: False, True, or None when the outcome is not known.
    """

    recorded: bool | None = False


class MalformedError(CounterfoilError):
    """Bytes that the matching formatter would never have written."""


class VerificationError(CounterfoilError):
    """A proof, digest, signature or root that does not hold."""


class RejectedError(CounterfoilError):
    """Well formed, and refused by the state or a rule; nothing was recorded.

    Attributes:
        kind: stable, hyphenated name of the refusal; the wire's problem `type`.
    """

    kind: str

    def __init__(self, kind: str, message: str) -> None:
        """`kind` is a stable hyphenated name; `message` says found and expected."""
        super().__init__(message)
        self.kind = kind


class ForbiddenError(RejectedError):
    """The actor or token has no such right."""


class ConflictError(RejectedError):
    """An id, idempotency key, tag or sequence is already used for something else."""


class NotFoundError(RejectedError):
    """No such ledger, system, entry or decision."""


class ErasedError(RejectedError):
    """The private part was there and has been erased; the leaf stays."""


class RuleRefusedError(RejectedError):
    """A safeguard refuses the decision; only the system's count of refusals was raised.

    Attributes:
        rule: the rule's id.
        told: the rule's own message.
        enacted_by: the proposal that enacted it.
    """

    def __init__(self, *, rule: str, told: str, enacted_by: str) -> None:
        """All three are the community's words; nothing of the decision is among them."""
        super().__init__("refused-by-rule", "a safeguard in force refuses the decision")
        self.rule = rule
        self.told = told
        self.enacted_by = enacted_by


class UnavailableError(CounterfoilError):
    """Nobody's fault: the database is away, or the pool is full.

    Attributes:
        retry_after_s: when to try again, in whole seconds.
    """

    def __init__(self, message: str, *, retry_after_s: int = 1) -> None:
        """`retry_after_s` is what the answer's Retry-After will carry."""
        super().__init__(message)
        self.retry_after_s = retry_after_s


class UnknownOutcomeError(UnavailableError):
    """A COMMIT was sent and its answer never seen: recorded is None, not False."""

    recorded: bool | None = None


class FatalError(CounterfoilError):
    """The process must stop signing; a person has to look."""


class BehindReleasedError(FatalError):
    """The database's head is behind, or beside, a head that was already released."""
