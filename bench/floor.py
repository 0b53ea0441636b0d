"""The serial floor: what no design can avoid, on one thread.

Raw COPY of the same bytes into equal tables, durable once a batch, plus the bare
cryptography that one decision needs, with nothing around it:

    K → HKDF-SHA256 × 3                       RFC 5869; tag, data key, contest seed
    contest seed → Ed25519 public key         RFC 8032
    16 disclosures → SHA-256, SHA-256(tag)    RFC 9901 digests
    sealed part → AES-256-GCM, K → AES-KW     SP 800-38D, RFC 3394
    handle, fingerprint → HMAC-SHA256         keyed, in the vault only
    leaf → SHA-256, one node a leaf           RFC 6962
"""

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Any

import asyncpg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from nacl.bindings import crypto_sign_seed_keypair

from ledger.storage.port import DecisionRow, VaultRow

Rows = list[tuple[Any, ...]]

BATCH = 500
_INFOS = [b"counterfoil/v1/tag", b"counterfoil/v1/dek", b"counterfoil/v1/contest"]
_ZERO = bytes(32)
_TABLES = {
    "entries": ["log_id", "position", "hash", "leaf"],
    "decisions": ["log_id", *DecisionRow._fields],
    "vault": ["log_id", *VaultRow._fields],
}


@dataclass(frozen=True, slots=True)
class Floor:
    """Microseconds a decision, each part alone."""

    copy_us: float
    crypto_us: float

    @property
    def per_s(self) -> float:
        """Decisions a second, one after the other."""
        return 1_000_000 / (self.copy_us + self.crypto_us)


async def measure(connection: asyncpg.Connection) -> Floor:
    """Copies what the service stored into the equal, empty tables of schema `floor`."""
    rows: dict[str, Rows] = {}
    for table, columns in _TABLES.items():
        names = ", ".join(columns)
        found = await connection.fetch(
            f"SELECT {names} FROM public.{table} WHERE position IN "
            "(SELECT position FROM public.decisions ORDER BY position LIMIT 10000) ORDER BY position"
        )
        rows[table] = [tuple(row) for row in found]
    await connection.execute("TRUNCATE floor.entries, floor.decisions, floor.vault")
    copy_us = await _copy_us(connection, rows)
    return Floor(copy_us=copy_us, crypto_us=_crypto_us(rows))


async def _copy_us(connection: asyncpg.Connection, rows: dict[str, Rows]) -> float:
    count = len(rows["entries"]) // BATCH * BATCH
    begun = time.perf_counter()
    for at in range(0, count, BATCH):
        async with connection.transaction():
            for table, columns in _TABLES.items():
                await connection.copy_records_to_table(
                    table,
                    records=rows[table][at : at + BATCH],
                    columns=columns,
                    schema_name="floor",
                )
    return (time.perf_counter() - begun) / count * 1_000_000


def _crypto_us(rows: dict[str, Rows]) -> float:
    leaves = [row[-1] for row in rows["entries"]]
    sealed = [row[-1] for row in rows["vault"]]
    begun = time.perf_counter()
    for leaf, secret in zip(leaves, sealed, strict=True):
        _one(leaf, secret)
    return (time.perf_counter() - begun) / len(leaves) * 1_000_000


def _one(leaf: bytes, plain: bytes, kek: bytes = _ZERO) -> None:
    """The cryptography of one decision; the values are thrown away."""
    key = secrets.token_bytes(32)
    pseudo = hmac.digest(_ZERO, key, "sha256")
    tag, dek, seed = [hmac.digest(pseudo, info + b"\1", "sha256") for info in _INFOS]
    crypto_sign_seed_keypair(seed)
    hashlib.sha256(tag).digest()
    part = len(plain) // 16
    for slot in range(16):
        hashlib.sha256(plain[slot * part : (slot + 1) * part]).digest()
    AESGCM(dek).encrypt(key[:12], plain, leaf[:1400])
    aes_key_wrap(kek, key)
    hmac.digest(kek, plain[:32], "sha256")
    hmac.digest(kek, plain[:1200], "sha256")
    digest = hashlib.sha256(b"\0" + leaf).digest()
    hashlib.sha256(b"\1" + digest + digest).digest()
