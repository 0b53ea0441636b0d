"""One OpenID Connect provider: the authorization code flow, with PKCE, and what it proves.

    (1) address      where the browser goes: state, nonce, S256 challenge (RFC 7636)
    (2) identifier   the redirect names the same issuer (RFC 9207), where it names one
    (3)              the code is handed in, with the verifier and the exact redirect URI
    (4)              the ID token holds: signed by a key of the provider's, for us alone,
                     now, with our nonce (OpenID Connect Core 3.1.3.7)
    (5)              the claim: from the ID token, or else from UserInfo of the same `sub`

Authlib speaks the protocol and checks the claims, joserfc the signature. Their errors
stop here: they may quote what the provider said, and that is a person's.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from api.config import OidcConfig
from api.oidc.bounded import settings
from api.oidc.metadata import SCOPES, WELL_KNOWN, Metadata, parse_metadata
from api.oidc.port import Return
from ledger.clock import Clock
from ledger.errors import MalformedError, RejectedError, UnavailableError
from ledger.limits import (
    OIDC_KEPT_S,
    OIDC_LEEWAY_S,
    OIDC_REQUEST_S,
    SUBJECT_REF_BYTES_MAX,
)
from ledger.log.signins import SignIn

# Whoever may type an address in is not the one who receives its mail until somebody
# checked: these claims prove nothing unless the provider says that it did.
VERIFIED: Final = {"email": "email_verified", "phone_number": "phone_number_verified"}
ERRORS: Final = frozenset(
    {
        *("invalid_request", "invalid_client", "invalid_grant"),
        *("unauthorized_client", "unsupported_grant_type", "invalid_scope"),
    }
)
AWAY: Final = "the sign-in provider does not answer as it must"
_RETRY_S: Final = 10  # seconds; a provider's hiccup


class Provider:
    """The configured provider; one for the process."""

    def __init__(self, config: OidcConfig, clock: Clock, log: Any) -> None:
        """Asks nothing yet."""
        self.host = urlsplit(config.issuer).netloc
        self.systems = config.systems
        self._config = config
        self._clock = clock
        self._log = log
        self._metadata: Metadata | None = None
        self._keys: Any = None
        self._learned_s = self._failed_s = float("-inf")
        self._learning = asyncio.Lock()

    async def address(self, sign_in: SignIn, state: str, redirect_uri: str) -> str:
        """(1) Where the browser goes to sign in; see `Prover`."""
        metadata = await self._learned()
        async with self._client(metadata, redirect_uri) as client:
            made: str = client.create_authorization_url(
                metadata.authorization_endpoint,
                state=state,
                code_verifier=sign_in.verifier,
                nonce=sign_in.nonce,
                prompt="login",  # whoever finds the browser open is not its owner
            )[0]
        return made

    async def identifier(self, sign_in: SignIn, back: Return) -> str:
        """The proved value of the claim; see `Prover`."""
        metadata = await self._learned()
        # (2) Another provider's code is not for this one's token endpoint.
        if back.issuer != self._config.issuer and (
            back.issuer is not None or metadata.names_itself
        ):
            raise self._untrusted("the redirect names another issuer, or none")
        async with self._client(metadata, back.redirect_uri) as client:
            token = await self._exchanged(client, metadata, sign_in, back)
            claims = await self._proved(metadata, token, sign_in)
            wanted = {self._config.claim, VERIFIED.get(self._config.claim, "sub")}
            if not wanted <= claims.keys() and metadata.userinfo_endpoint:
                claims = await self._more(client, metadata.userinfo_endpoint, claims)
        return self._identifier(claims)

    # ---- what the provider says about itself -----------------------------------------

    async def _learned(self, *, again: bool = False) -> Metadata:
        """Its metadata and keys, asked for once in a while; `again` asks now."""
        async with self._learning:
            now_s = self._clock.monotonic_s()
            fresh_s = _RETRY_S if again else OIDC_KEPT_S
            if self._metadata is None or now_s - self._learned_s >= fresh_s:
                if now_s - self._failed_s < _RETRY_S:  # those who waited wait no more
                    raise UnavailableError(AWAY, retry_after_s=_RETRY_S)
                try:
                    await self._learn()
                except UnavailableError:
                    self._failed_s = self._clock.monotonic_s()
                    raise
        metadata = self._metadata
        assert metadata is not None, "learned, or raised"  # noqa: S101 -- ours
        return metadata

    async def _learn(self) -> None:
        place = self._config.issuer.rstrip("/") + WELL_KNOWN
        async with httpx2.AsyncClient(**settings()) as client:
            document = await self._json(client, place)
            try:
                metadata = parse_metadata(document, self._config)
                keys = KeySet.import_key_set(
                    await self._json(client, metadata.jwks_uri)
                )
            except MalformedError as error:
                raise self._away(str(error)) from None
            except (JoseError, ValueError, KeyError, TypeError, AttributeError):
                raise self._away("its keys are not a key set") from None
        self._metadata, self._keys = metadata, keys
        self._learned_s = self._clock.monotonic_s()

    async def _json(self, client: Any, place: str, **more: Any) -> dict[str, Any]:
        try:
            async with asyncio.timeout(OIDC_REQUEST_S):
                answer = await client.get(place, **more)
            found = answer.json() if answer.status_code == 200 else None
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValueError) as error:
            raise self._away(type(error).__name__) from None
        if not isinstance(found, dict):
            raise self._away("it answers with no JSON object")
        return found

    # ---- one sign-in -----------------------------------------------------------------

    @asynccontextmanager
    async def _client(
        self, metadata: Metadata, redirect_uri: str
    ) -> AsyncIterator[Any]:
        config = self._config
        async with AsyncOAuth2Client(
            client_id=config.client_id,
            client_secret=config.client_secret,
            token_endpoint_auth_method=metadata.auth_method,
            scope=SCOPES.get(config.claim, "openid"),
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            leeway=0,
            **settings(),
        ) as client:
            yield client

    async def _exchanged(
        self, client: Any, metadata: Metadata, sign_in: SignIn, back: Return
    ) -> Mapping[str, Any]:
        # (3) After this the code is spent, whatever comes of it.
        try:
            async with asyncio.timeout(OIDC_REQUEST_S):
                token: Mapping[str, Any] = await client.fetch_token(
                    metadata.token_endpoint,
                    grant_type="authorization_code",
                    code=back.code,
                    code_verifier=sign_in.verifier,
                    redirect_uri=back.redirect_uri,
                )
        except AuthlibBaseError as error:
            # Only the standard's own words are for a log (RFC 6749 section 5.2).
            why = error.error if error.error in ERRORS else "another error"
            self._log.warning("sign_in_refused", why=why)
            raise RejectedError(
                "sign-in-refused", "the provider did not take its code"
            ) from None
        except (httpx2.HTTPError, TimeoutError, ValueError) as error:
            raise self._away(type(error).__name__) from None
        return token

    async def _proved(
        self, metadata: Metadata, token: Mapping[str, Any], sign_in: SignIn
    ) -> Mapping[str, Any]:
        # (4) What follows holds only while all of it does.
        written = token.get("id_token")
        if not isinstance(written, str):
            raise self._untrusted("there is no ID token")
        try:
            try:
                signed = self._signed(metadata, written)
            except InvalidKeyIdError:  # the provider may have turned its keys
                metadata = await self._learned(again=True)
                signed = self._signed(metadata, written)
            claims = CodeIDToken(
                signed.claims,
                signed.header,
                {
                    "iss": {"essential": True, "value": self._config.issuer},
                    "aud": {"essential": True, "value": self._config.client_id},
                },
                {
                    "nonce": sign_in.nonce,
                    "client_id": self._config.client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(self._clock.now_ms() // 1_000, leeway=OIDC_LEEWAY_S)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._untrusted(f"the ID token: {type(error).__name__}") from None
        found: Mapping[str, Any] = claims
        return found

    def _signed(self, metadata: Metadata, written: str) -> Any:
        registry = JWSRegistry(
            algorithms=list(metadata.algorithms), strict_check_header=False
        )
        return jwt.decode(written, self._keys, registry=registry)

    async def _more(
        self, client: Any, place: str, claims: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        # (5) Core 5.3.2: UserInfo counts only for the very `sub` of the ID token.
        try:
            more = await self._json(client, place)
        except AuthlibBaseError:
            raise self._untrusted("there is no access token") from None
        if more.get("sub") != claims["sub"]:
            raise self._untrusted("UserInfo is about somebody else")
        return more

    def _identifier(self, claims: Mapping[str, Any]) -> str:
        name = self._config.claim
        value = claims.get(name)
        if not isinstance(value, str):
            raise RejectedError("no-identifier", "the provider gives no such claim")
        try:
            length = len(value.encode())
        except UnicodeEncodeError:
            length = 0
        if not 1 <= length <= SUBJECT_REF_BYTES_MAX:
            raise RejectedError(
                "no-identifier", "the provider's claim is empty or too long"
            )
        if name in VERIFIED and claims.get(VERIFIED[name]) is not True:
            raise RejectedError("no-identifier", "the provider never verified it")
        return value

    # ---- what goes wrong, for the operator too ---------------------------------------

    def _away(self, why: str) -> UnavailableError:
        self._log.warning("sign_in_provider_away", why=why)
        return UnavailableError(AWAY, retry_after_s=_RETRY_S)

    def _untrusted(self, why: str) -> RejectedError:
        self._log.warning("sign_in_untrusted", why=why)
        return RejectedError("sign-in-untrusted", "the provider's answer does not hold")
