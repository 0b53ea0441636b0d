"""What the service asks of a provider of identities."""

from dataclasses import dataclass
from typing import Protocol

from ledger.log.signins import SignIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """What a browser brought back from the provider.

    Attributes:
        code: the authorization code.
        issuer: the `iss` beside it (RFC 9207); None where there was none.
        redirect_uri: where it came back to, the same as it was sent with.
    """

    code: str
    issuer: str | None
    redirect_uri: str


class Prover(Protocol):
    """Proves identifiers by signing in.

    Attributes:
        host: the provider's own, as a page names it.
        systems: (ledger, system) of those that it knows people for; empty: all.
    """

    host: str
    systems: frozenset[tuple[str, str]]

    async def address(self, sign_in: SignIn, state: str, redirect_uri: str) -> str:
        """Where the browser goes to sign in.

        Raises:
            UnavailableError: the provider does not answer, or not as it must.
        """
        ...

    async def identifier(self, sign_in: SignIn, back: Return) -> str:
        """The proved value of the configured claim: never stored, never logged.

        Raises:
            RejectedError: `sign-in-refused`, the provider did not take the code;
                `sign-in-untrusted`, what it answered does not hold; `no-identifier`.
            UnavailableError: the provider does not answer.
        """
        ...
