"""What a provider must say before an identifier counts as proved; one lie each."""

import asyncio
import hmac
import json
import secrets
import sys
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from joserfc.jwk import RSAKey

from api.config import OidcConfig
from api.oidc.opening import open_provider
from api.oidc.port import Return
from api.oidc.provider import Provider
from ledger.canonical import format_base64url
from ledger.clock import SystemClock
from ledger.errors import RejectedError, UnavailableError
from ledger.limits import OIDC_ANSWER_BYTES_MAX, SUBJECT_REF_BYTES_MAX
from ledger.log.signins import SignIn
from tests.oidc.lying import CLIENT_ID, Lying, an_rsa_key

HERE = "http://127.0.0.1:1/commons/lost/return"


class Log:
    """Keeps what the operator is told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def warning(self, event: str, **more: str) -> None:
        self.said.append(f"{event} {' '.join(more.values())}")


@pytest_asyncio.fixture
async def lying() -> AsyncIterator[Lying]:
    async with Lying() as provider:
        yield provider


def sign_in() -> SignIn:
    return SignIn(
        verifier=format_base64url(secrets.token_bytes(32)),
        nonce=format_base64url(secrets.token_bytes(32)),
        binder=b"",
        expires_ms=0,
    )


def opened(lying: Lying, *, claim: str = "sub", secret: str | None = None) -> Provider:
    config = OidcConfig(
        issuer=lying.issuer, client_id=CLIENT_ID, client_secret=secret, claim=claim
    )
    return Provider(config, SystemClock(), Log())


async def proved(
    lying: Lying, provider: Provider | None = None, *, issuer: str | None = None
) -> str:
    """The identifier after an honest redirect; the token may still lie."""
    begun = sign_in()
    lying.nonce = begun.nonce
    back = Return(code="code", issuer=issuer, redirect_uri=HERE)
    return await (provider or opened(lying)).identifier(begun, back)


async def refusal(lying: Lying, provider: Provider | None = None, **more: Any) -> str:
    with pytest.raises(RejectedError) as raised:
        await proved(lying, provider, **more)
    return raised.value.kind


# ---- the truth ---------------------------------------------------------------------------


async def test_the_claim_of_a_true_token_is_the_identifier(lying: Lying) -> None:
    assert await proved(lying) == "carmen"
    (form,) = lying.taken
    assert form["grant_type"] == "authorization_code"
    assert form["redirect_uri"] == HERE
    assert form["client_id"] == CLIENT_ID
    assert len(form["code_verifier"]) == 43
    assert "client_secret" not in form


async def test_a_client_with_a_secret_shows_it_as_the_provider_asks(
    lying: Lying,
) -> None:
    lying.says["token_endpoint_auth_methods_supported"] = ["client_secret_post"]

    assert await proved(lying, opened(lying, secret="hush")) == "carmen"
    assert lying.taken[0]["client_secret"] == "hush"


async def test_a_claim_that_the_token_lacks_comes_from_userinfo(lying: Lying) -> None:
    lying.userinfo = {"sub": "carmen", "customer": "C-7"}

    assert await proved(lying, opened(lying, claim="customer")) == "C-7"


async def test_several_audiences_are_taken_when_the_token_was_made_for_us(
    lying: Lying,
) -> None:
    lying.claims = {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID}

    assert await proved(lying) == "carmen"


async def test_turned_keys_are_fetched_again(
    lying: Lying, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.oidc.provider._RETRY_S", 0)
    provider = opened(lying)
    assert await proved(lying, provider) == "carmen"
    lying.key = an_rsa_key("2")
    lying.published = [lying.key]

    assert await proved(lying, provider) == "carmen"


async def test_an_address_asks_for_what_the_claim_needs_and_no_more(
    lying: Lying,
) -> None:
    begun = sign_in()
    for claim, scope in (("sub", "openid"), ("email", "openid+email")):
        address = await opened(lying, claim=claim).address(begun, "the-state", HERE)
        assert address.startswith(f"{lying.issuer}/auth?")
        assert f"scope={scope}&" in address
        assert "code_challenge_method=S256" in address
        assert f"nonce={begun.nonce}" in address
        assert begun.verifier not in address


# ---- one lie each ------------------------------------------------------------------------

LIES: dict[str, Callable[[Lying], Any]] = {
    "another's nonce": lambda one: one.claims.update(nonce="x" * 43),
    "no nonce": lambda one: one.claims.update(nonce=None),
    "for another client": lambda one: one.claims.update(aud="another"),
    "for another client too": lambda one: one.claims.update(
        aud=[CLIENT_ID, "another"], azp="another"
    ),
    "for several, made for nobody": lambda one: one.claims.update(
        aud=[CLIENT_ID, "another"]
    ),
    "for nobody": lambda one: one.claims.update(aud=None),
    "another issuer": lambda one: one.claims.update(iss="https://other.example"),
    "no issuer": lambda one: one.claims.update(iss=None),
    "expired": lambda one: one.claims.update(exp=int(time.time()) - 600),
    "without an end": lambda one: one.claims.update(exp=None),
    "from the future": lambda one: one.claims.update(iat=int(time.time()) + 600),
    "no subject": lambda one: one.claims.update(sub=None),
    "a subject of another kind": lambda one: one.claims.update(sub=["carmen"]),
    "of another access token": lambda one: one.claims.update(at_hash="x" * 22),
    "no token": lambda one: one.token.update(id_token=None),
    "a token that is none": lambda one: one.token.update(id_token="a.b.c"),
    "a number for a token": lambda one: one.token.update(id_token=7),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_that_lies_proves_nothing(lying: Lying, lie: str) -> None:
    LIES[lie](lying)
    log = Log()
    provider = opened(lying)
    provider._log = log

    assert await refusal(lying, provider) == "sign-in-untrusted"
    assert [line.partition(" ")[0] for line in log.said] == ["sign_in_untrusted"]
    assert "carmen" not in "".join(log.said)


async def test_another_key_signs_for_nobody(lying: Lying) -> None:
    other = an_rsa_key("2").as_dict(private=True)
    lying.key = RSAKey.import_key({**other, "kid": "1"})

    assert await refusal(lying) == "sign-in-untrusted"


@pytest.mark.parametrize("secret", ["none", "public key", "client secret"])
async def test_only_the_providers_private_key_signs(lying: Lying, secret: str) -> None:
    """RFC 8725: neither no signature, nor an HMAC under what others know."""
    begun, now = sign_in(), int(time.time())
    claims = {"iss": lying.issuer, "sub": "carmen", "aud": CLIENT_ID, "iat": now}
    claims |= {"exp": now + 300, "nonce": begun.nonce}
    algorithm = "none" if secret == "none" else "HS256"
    head, body = (
        format_base64url(json.dumps(part).encode())
        for part in ({"alg": algorithm, "kid": "1"}, claims)
    )
    key = {"public key": lying.key.as_pem(private=False), "client secret": b"hush"}
    mark = b""
    if secret in key:
        mark = hmac.digest(key[secret], f"{head}.{body}".encode(), "sha256")
    lying.token["id_token"] = f"{head}.{body}.{format_base64url(mark)}"
    back = Return(code="code", issuer=None, redirect_uri=HERE)

    with pytest.raises(RejectedError) as raised:
        await opened(lying, secret="hush").identifier(begun, back)
    assert raised.value.kind == "sign-in-untrusted"


async def test_userinfo_about_somebody_else_proves_nothing(lying: Lying) -> None:
    lying.userinfo = {"sub": "mallory", "customer": "C-7"}

    assert await refusal(lying, opened(lying, claim="customer")) == "sign-in-untrusted"


@pytest.mark.parametrize("names_itself", [True, False])
async def test_a_redirect_of_another_issuer_is_not_followed_up(
    lying: Lying, *, names_itself: bool
) -> None:
    """RFC 9207: the code would be for somebody else's token endpoint."""
    lying.says["authorization_response_iss_parameter_supported"] = names_itself

    assert await refusal(lying, issuer="https://other.example") == "sign-in-untrusted"
    assert lying.taken == []
    if names_itself:
        assert await refusal(lying) == "sign-in-untrusted"
        assert await proved(lying, issuer=lying.issuer) == "carmen"


@pytest.mark.parametrize(
    ("claim", "given"),
    [
        ("customer", None),
        ("customer", ""),
        ("customer", 7),
        ("customer", ["C-7"]),
        ("customer", "x" * (SUBJECT_REF_BYTES_MAX + 1)),
        ("customer", "\ud800"),
        ("email", "carmen@example.org"),
    ],
)
async def test_a_claim_that_is_no_identifier(
    lying: Lying, claim: str, given: Any
) -> None:
    lying.userinfo = {"sub": "carmen", claim: given}

    assert await refusal(lying, opened(lying, claim=claim)) == "no-identifier"


async def test_what_the_token_leaves_open_userinfo_may_settle(lying: Lying) -> None:
    lying.claims = {"email": "carmen@example.org"}
    provider = opened(lying, claim="email")
    lying.userinfo = {"sub": "carmen", "email": "carmen@example.org"}
    assert await refusal(lying, provider) == "no-identifier"

    lying.userinfo["email_verified"] = True
    assert await proved(lying, provider) == "carmen@example.org"


@pytest.mark.parametrize("verified", [False, "true", 1])
async def test_an_address_that_nobody_verified_proves_nothing(
    lying: Lying, verified: object
) -> None:
    lying.claims = {"email": "carmen@example.org", "email_verified": verified}
    assert await refusal(lying, opened(lying, claim="email")) == "no-identifier"

    lying.claims = {"email": "carmen@example.org", "email_verified": True}
    assert await proved(lying, opened(lying, claim="email")) == "carmen@example.org"


# ---- a provider that is away, or in the way ----------------------------------------------


async def _hangs_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def _too_much(_: web.Request) -> web.StreamResponse:
    return web.Response(body=b" " * (OIDC_ANSWER_BYTES_MAX + 1))


async def _zipped(_: web.Request) -> web.StreamResponse:
    response = web.json_response({"issuer": "x"})
    response.enable_compression(web.ContentCoding.gzip)
    return response


async def _elsewhere(_: web.Request) -> web.StreamResponse:
    raise web.HTTPTemporaryRedirect("https://other.example/token")


async def _broken(_: web.Request) -> web.StreamResponse:
    return web.Response(status=502, text="a gateway's page")


async def _no_object(_: web.Request) -> web.StreamResponse:
    return web.json_response(["x"])


@pytest.mark.parametrize(
    "path", ["/.well-known/openid-configuration", "/jwks", "/token", "/userinfo"]
)
@pytest.mark.parametrize(
    "answer", [_hangs_up, _too_much, _zipped, _elsewhere, _broken, _no_object]
)
async def test_a_provider_that_does_not_answer_as_it_must(
    lying: Lying, path: str, answer: Any
) -> None:
    lying.answers[path] = answer

    with pytest.raises(UnavailableError) as raised:
        await proved(lying, opened(lying, claim="customer"))
    assert raised.value.retry_after_s == 10


@pytest.mark.parametrize(
    "says",
    [
        {"issuer": "https://other.example"},
        {"code_challenge_methods_supported": ["plain"]},
        {"id_token_signing_alg_values_supported": ["none", "HS256"]},
        {"token_endpoint": None},
        {"token_endpoint": "http://other.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": "file:///etc/passwd"},
        {"userinfo_endpoint": 7},
    ],
)
async def test_a_provider_whose_description_is_not_safe_is_not_used(
    lying: Lying, says: dict[str, Any]
) -> None:
    lying.says = says

    with pytest.raises(UnavailableError):
        await opened(lying).address(sign_in(), "s", HERE)


async def test_a_refused_code_is_told_apart_from_an_absent_provider(
    lying: Lying,
) -> None:
    async def refuses(_: web.Request) -> web.StreamResponse:
        told = {"error": "invalid_grant", "error_description": "carmen's code"}
        return web.json_response(told, status=400)

    lying.answers["/token"] = refuses

    assert await refusal(lying) == "sign-in-refused"


async def test_those_who_wait_for_an_absent_provider_do_not_ask_one_by_one(
    lying: Lying,
) -> None:
    asked = 0

    async def away(_: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return web.Response(status=503)

    lying.answers["/.well-known/openid-configuration"] = away
    provider = opened(lying)
    told = []

    async def one() -> None:
        with pytest.raises(UnavailableError) as raised:
            await provider.address(sign_in(), "s", HERE)
        told.append(raised.value)

    async with asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(one())

    assert (asked, len(told)) == (1, 10)


# ---- the optional part -------------------------------------------------------------------


def test_without_its_libraries_nothing_is_offered_and_the_operator_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "api.oidc.provider", None)
    config = OidcConfig(
        issuer="https://id.example", client_id="c", client_secret=None, claim="sub"
    )
    log = Log()

    assert open_provider(config, SystemClock(), log) is None
    assert "pip install 'counterfoil[oidc]'" in log.said[0]


def test_without_a_provider_nothing_is_offered_and_nothing_is_said() -> None:
    log = Log()

    assert open_provider(None, SystemClock(), log) is None
    assert log.said == []
