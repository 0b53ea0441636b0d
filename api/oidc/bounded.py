"""A connection to the provider that reads no more, and waits no longer, than it must."""

import ssl
from collections.abc import AsyncIterator
from functools import cache
from typing import Any, Final

import httpx2

from ledger.limits import OIDC_ANSWER_BYTES_MAX, OIDC_REQUEST_S

# What every client of the provider is made with. Redirects are not followed: a code is
# handed to no other address. The machine's own certificates decide who is believed, and
# nothing of the environment does: configuration is COUNTERFOIL_* alone.
HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "identity"}


@cache
def _trusted() -> ssl.SSLContext:
    """What the machine trusts; reading its certificates takes a while."""
    return ssl.create_default_context()


class TooMuchError(httpx2.TransportError):  # type: ignore[misc]  # untyped where absent
    """The answer is longer than it may be, or is compressed though nobody asked."""


class _Bounded(httpx2.AsyncByteStream):  # type: ignore[misc]
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = OIDC_ANSWER_BYTES_MAX
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise TooMuchError("the answer is too long")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


class BoundedTransport(httpx2.AsyncHTTPTransport):  # type: ignore[misc]
    """HTTP whose answers are bounded."""

    def __init__(self) -> None:
        """Trusts the certificates that the machine trusts."""
        super().__init__(verify=_trusted(), trust_env=False)

    async def handle_async_request(self, request: Any) -> Any:
        """One request.

        Raises:
            TooMuchError: the answer is compressed, or says that it is too long.
        """
        response = await super().handle_async_request(request)
        if "content-encoding" in response.headers:
            await response.aclose()
            raise TooMuchError("the answer is compressed")
        response.stream = _Bounded(response.stream)
        return response


def settings() -> dict[str, Any]:
    """Arguments of a client that keeps to the bounds; one connection's worth."""
    return {
        "transport": BoundedTransport(),
        "timeout": OIDC_REQUEST_S,
        "follow_redirects": False,
        "trust_env": False,
        "headers": HEADERS,
    }
