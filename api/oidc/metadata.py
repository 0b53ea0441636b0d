"""What a provider says about itself: OpenID Connect Discovery 1.0, the part we use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.config import OidcConfig, is_safe_address
from ledger.errors import MalformedError

WELL_KNOWN: Final = "/.well-known/openid-configuration"
# Signatures that take the provider's private key. Never `none`, and never an HMAC: its
# key would be the client's secret, or a public key taken for one.
ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
# Core 5.4: which scope asks for a standard claim. Others come with `openid`.
SCOPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("email",), "openid email"),
    **dict.fromkeys(("phone_number",), "openid phone"),
    **dict.fromkeys(
        ("name", "nickname", "preferred_username", "profile", "birthdate"),
        "openid profile",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """One provider, as its own document describes it.

    Attributes:
        userinfo_endpoint: None where it has none.
        algorithms: those of its signatures that we take.
        auth_method: how the client shows who it is when it hands in a code.
        names_itself: whether its redirects carry `iss` (RFC 9207), so must.
    """

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    algorithms: tuple[str, ...]
    auth_method: str
    names_itself: bool


def parse_metadata(document: Mapping[str, Any], config: OidcConfig) -> Metadata:
    """The provider of `config`, from its discovery document.

    Raises:
        MalformedError: it is another's, lacks what we need, or is not safe to use; with
            what is wrong, in words that repeat nothing.
    """
    if document.get("issuer") != config.issuer:
        raise MalformedError("its document names another issuer")
    methods = document.get("code_challenge_methods_supported", ["S256"])
    if not isinstance(methods, list) or "S256" not in methods:
        raise MalformedError("it does not take PKCE with S256")
    offered = document.get("id_token_signing_alg_values_supported", ["RS256"])
    algorithms = tuple(
        one for one in ALGORITHMS if isinstance(offered, list) and one in offered
    )
    if not algorithms:
        raise MalformedError("it signs in no way that is taken here")
    return Metadata(
        authorization_endpoint=_address(document, "authorization_endpoint"),
        token_endpoint=_address(document, "token_endpoint"),
        jwks_uri=_address(document, "jwks_uri"),
        userinfo_endpoint=(
            _address(document, "userinfo_endpoint")
            if "userinfo_endpoint" in document
            else None
        ),
        algorithms=algorithms,
        auth_method=_auth_method(document, config),
        names_itself=document.get("authorization_response_iss_parameter_supported")
        is True,
    )


def _address(document: Mapping[str, Any], name: str) -> str:
    found = document.get(name)
    if not isinstance(found, str) or not is_safe_address(found):
        raise MalformedError(f"its {name} is not an https:// address")
    return found


def _auth_method(document: Mapping[str, Any], config: OidcConfig) -> str:
    if config.client_secret is None:
        return "none"
    offered = document.get(
        "token_endpoint_auth_methods_supported", ["client_secret_basic"]
    )
    for method in ("client_secret_basic", "client_secret_post"):
        if isinstance(offered, list) and method in offered:
            return method
    raise MalformedError("it takes no client secret")
