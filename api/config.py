"""Configuration: environment variables `COUNTERFOIL_*`, read once, here.

A file named by `COUNTERFOIL_CONFIG` holds lines `COUNTERFOIL_KEY=value` (as systemd and
compose read them); the environment wins over the file, the command line over both.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from ledger.errors import MalformedError

PREFIX: Final = "COUNTERFOIL_"

# Every key, with what it is when it is not set. deploy/counterfoil.env.example explains
# each; a test holds the two equal.
DEFAULTS: Final[Mapping[str, str]] = {
    "DATABASE_URL": "",  # empty: an embedded PostgreSQL under DATA_DIR
    "DATA_DIR": "counterfoil-data",
    "KEYS_DIR": "",  # empty: DATA_DIR/keys
    "TILES_DIR": "",  # empty: tiles are served, and not published as files
    "LISTEN": "127.0.0.1:8080",
    "WORKERS": "1",
    "BASE_URL": "",  # empty: http:// and the address listened on
    "SWEEP_S": "86400",  # seconds between sweeps: erasures, re-issues, key epochs
    "BACKUP_RETENTION_DAYS": "7",  # days a backup is kept, and the keys it needs
    "LOG_LEVEL": "info",
    "LOG_FORMAT": "json",
    "OIDC_ISSUER": "",  # empty: nobody can sign in to find a lost receipt
    "OIDC_CLIENT_ID": "",
    "OIDC_CLIENT_SECRET": "",  # empty: a public client
    "OIDC_CLAIM": "sub",
    "OIDC_SYSTEMS": "",  # empty: every system's deployer knows people by that claim
}
LEVELS: Final = ("debug", "info", "warning", "error", "critical")
SWEEP_S_MAX: Final = 86_400  # seconds; survivors are wrapped again within a day
BACKUP_RETENTION_DAYS_MAX: Final = 30  # days; erased means gone within a month
WORKERS_MAX: Final = 64  # processes; more than the cores only adds lock waits
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcConfig:
    """The OpenID Connect provider that proves an identifier; see docs/adr/0018.

    Attributes:
        issuer: exactly as the provider names itself; its discovery document lies below.
        claim: whose value the deployers give as `subject.ref`.
        systems: (ledger, system) of those whose deployers do; empty: all do.
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    claim: str
    systems: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One process's configuration; frozen, passed down from `main`."""

    database_url: str | None
    data_dir: Path
    keys_dir: Path
    tiles_dir: Path | None
    host: str
    port: int
    workers: int
    base_url: str | None
    sweep_s: int
    backup_retention_days: int
    log_level: str
    log_format: str
    oidc: OidcConfig | None = None

    @classmethod
    def read(cls, overrides: Mapping[str, str] | None = None) -> Self:
        """The configuration of the environment, with `overrides` of the command line.

        Raises:
            MalformedError: names the key that does not hold, and what it may be.
        """
        values = dict(DEFAULTS)
        environment = {
            name.removeprefix(PREFIX): value
            for name, value in os.environ.items()
            if name.startswith(PREFIX)
        }
        if path := environment.pop("CONFIG", ""):
            values.update(_read_file(Path(path)))
        known = {name: environment[name] for name in DEFAULTS if name in environment}
        return cls._parse({**values, **known, **(overrides or {})})

    @classmethod
    def _parse(cls, values: Mapping[str, str]) -> Self:
        host, port = _parse_listen(values["LISTEN"])
        data_dir = Path(values["DATA_DIR"])
        for key, allowed in (("LOG_LEVEL", LEVELS), ("LOG_FORMAT", ("json", "text"))):
            if values[key] not in allowed:
                raise _wrong(key, f"one of {', '.join(allowed)}")
        base_url = values["BASE_URL"].rstrip("/") or None
        if base_url is not None and not base_url.startswith(("http://", "https://")):
            raise _wrong("BASE_URL", "an http:// or https:// address")
        tiles = values["TILES_DIR"]
        return cls(
            database_url=values["DATABASE_URL"] or None,
            data_dir=data_dir,
            keys_dir=Path(values["KEYS_DIR"] or data_dir / "keys"),
            tiles_dir=Path(tiles) if tiles else None,
            host=host,
            port=port,
            workers=_parse_number(values, "WORKERS", 1, WORKERS_MAX),
            base_url=base_url,
            sweep_s=_parse_number(values, "SWEEP_S", 1, SWEEP_S_MAX),
            backup_retention_days=_parse_number(
                values, "BACKUP_RETENTION_DAYS", 0, BACKUP_RETENTION_DAYS_MAX
            ),
            log_level=values["LOG_LEVEL"],
            log_format=values["LOG_FORMAT"],
            oidc=_parse_oidc(values),
        )


def _parse_number(values: Mapping[str, str], key: str, least: int, most: int) -> int:
    text = values[key]
    if not (text.isdecimal() and text.isascii() and least <= int(text) <= most):
        raise _wrong(key, f"a number from {least} to {most}")
    return int(text)


def _parse_listen(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65_535:
        raise _wrong("LISTEN", "HOST:PORT, as 127.0.0.1:8080 or [::1]:8080")
    return host.removeprefix("[").removesuffix("]") or "0.0.0.0", int(port)  # noqa: S104 -- asked for


def is_safe_address(url: str) -> bool:
    """Whether what is said there stays private: https, or this very machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.username is not None or parts.fragment or not url.isascii():
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)


def _parse_oidc(values: Mapping[str, str]) -> OidcConfig | None:
    issuer, client_id = values["OIDC_ISSUER"], values["OIDC_CLIENT_ID"]
    if not issuer:
        return None
    if not is_safe_address(issuer) or urlsplit(issuer).query:
        raise _wrong("OIDC_ISSUER", "an https:// address, or http:// on this machine")
    if not client_id:
        raise _wrong("OIDC_CLIENT_ID", "the name the provider gave this service")
    if re.fullmatch(r"[\x21-\x7e]{1,64}", values["OIDC_CLAIM"]) is None:
        raise _wrong("OIDC_CLAIM", "the name of a claim, as sub")
    named = [one.partition("/") for one in values["OIDC_SYSTEMS"].split()]
    if not all(ledger and system for ledger, _, system in named):
        raise _wrong("OIDC_SYSTEMS", "ledger/system, one or more, with spaces between")
    return OidcConfig(
        issuer=issuer,
        client_id=client_id,
        client_secret=values["OIDC_CLIENT_SECRET"] or None,
        claim=values["OIDC_CLAIM"],
        systems=frozenset((ledger, system) for ledger, _, system in named),
    )


def _read_file(path: Path) -> dict[str, str]:
    found = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise MalformedError(f"cannot read the configuration file {path}") from error
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        key = name.strip().removeprefix(PREFIX)
        if not equals or key not in DEFAULTS:
            raise MalformedError(f"{path}, line {number}: no such key")
        found[key] = value.strip().strip('"')
    return found


def _wrong(key: str, expected: str) -> MalformedError:
    return MalformedError(f"{PREFIX}{key} must be {expected}")
