"""A provider that says what a test tells it to, true or not; its signatures are real.

async with Lying() as provider:
    provider.claims["aud"] = "somebody else"     # of the next ID token
"""

import time
from collections.abc import Awaitable, Callable
from functools import cache
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT_ID = "counterfoil"


@cache
def an_rsa_key(name: str) -> Any:
    """A key of this run; making one takes a moment."""
    return RSAKey.generate_key(2048, {"kid": name}, private=True)


class Lying:
    """The provider.

    Attributes:
        says: members of its discovery document that replace the true ones.
        claims: of the next ID token, beside the true ones; None leaves one out.
        token: members of its token answer that replace the true ones.
        userinfo: what its UserInfo answers.
        answers: what it answers at a path instead; a handler of aiohttp.
        nonce: the one it was truly asked with.
        taken: forms that its token endpoint was sent.
    """

    def __init__(self) -> None:
        self.key: Any = an_rsa_key("1")
        self.published: list[Any] = [self.key]
        self.says: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.token: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.answers: dict[
            str, Callable[[web.Request], Awaitable[web.StreamResponse]]
        ] = {}
        self.taken: list[dict[str, str]] = []
        self.issuer = ""
        self.nonce = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.issuer = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.path in self.answers:
            return await self.answers[request.path](request)
        if request.path == "/.well-known/openid-configuration":
            return web.json_response(self._document())
        if request.path == "/jwks":
            keys = KeySet(self.published).as_dict(private=False)
            return web.json_response(keys)
        if request.path == "/userinfo":
            return web.json_response(self.userinfo)
        assert request.path == "/token", request.path
        form = {name: str(one) for name, one in (await request.post()).items()}
        self.taken.append(form)
        token = {"access_token": "opaque", "token_type": "Bearer", "expires_in": 300}
        token |= {"id_token": self.id_token(), **self.token}
        return web.json_response({k: v for k, v in token.items() if v is not None})

    def _document(self) -> dict[str, Any]:
        at = self.issuer
        document = {
            "issuer": at,
            "authorization_endpoint": f"{at}/auth",
            "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/jwks",
            "userinfo_endpoint": f"{at}/userinfo",
            "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
            "code_challenge_methods_supported": ["S256"],
            **self.says,
        }
        return {name: one for name, one in document.items() if one is not None}

    def id_token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "carmen",
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "nonce": self.nonce,
            **self.claims,
        }
        written: str = jwt.encode(
            {"alg": "RS256", "kid": self.key.kid},
            {name: one for name, one in claims.items() if one is not None},
            self.key,
        )
        return written
