"""What an operator may configure, and what is refused by the name of its key."""

import pytest

from api.config import Config
from ledger.errors import MalformedError

GOOD = {"OIDC_ISSUER": "https://id.example/realm", "OIDC_CLIENT_ID": "counterfoil"}


def test_nothing_is_configured_until_an_issuer_is() -> None:
    assert Config.read().oidc is None
    assert Config.read({"OIDC_CLIENT_ID": "x", "OIDC_CLAIM": "email"}).oidc is None


def test_a_provider_is_read_and_its_secret_is_not_shown() -> None:
    more = {"OIDC_CLIENT_SECRET": "hush", "OIDC_CLAIM": "customer_number"}
    config = Config.read({**GOOD, **more, "OIDC_SYSTEMS": "commons/a  city/b"})

    assert config.oidc is not None
    assert config.oidc.issuer == GOOD["OIDC_ISSUER"]
    assert config.oidc.client_secret == "hush"
    assert config.oidc.claim == "customer_number"
    assert config.oidc.systems == {("commons", "a"), ("city", "b")}
    assert "hush" not in repr(config)


@pytest.mark.parametrize(
    "issuer", ["http://127.0.0.1:9", "http://[::1]:9", "http://localhost"]
)
def test_plain_http_is_for_this_machine(issuer: str) -> None:
    assert Config.read({**GOOD, "OIDC_ISSUER": issuer}).oidc is not None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("OIDC_ISSUER", "http://id.example"),
        ("OIDC_ISSUER", "id.example"),
        ("OIDC_ISSUER", "https://"),
        ("OIDC_ISSUER", "https://id.example?x=1"),
        ("OIDC_ISSUER", "https://id.example#x"),
        ("OIDC_ISSUER", "https://me:pass@id.example"),
        ("OIDC_ISSUER", "https://[id.example"),
        ("OIDC_ISSUER", "https://exämple"),
        ("OIDC_CLIENT_ID", ""),
        ("OIDC_CLAIM", ""),
        ("OIDC_CLAIM", "two words"),
        ("OIDC_SYSTEMS", "example"),
        ("OIDC_SYSTEMS", "commons/ x"),
        ("OIDC_SYSTEMS", "/example"),
    ],
)
def test_what_cannot_be_is_refused_by_name(key: str, value: str) -> None:
    with pytest.raises(MalformedError) as raised:
        Config.read({**GOOD, key: value})
    assert str(raised.value).startswith(f"COUNTERFOIL_{key} must be ")
