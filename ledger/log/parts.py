r"""The parts of cases: kept encrypted once more beside the log, read by the case's tag.

    sealed = nonce(12) ‖ AES-256-GCM(key, blob, AAD = "counterfoil/v1/case-part-kept\0" ‖ part)

A blob is the sender's own encryption (`ledger.entries.part`); nobody here can read one.
Its second shell is for erasure: a box of the case's key stands on a leaf for ever, so a
blob in an old backup would stay readable to whoever was given one.
"""

import secrets
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.errors import VerificationError
from ledger.log.vault import Vault
from ledger.storage.parts import PartRow

_DOMAIN: Final = b"counterfoil/v1/case-part-kept\0"  # never changes
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


def seal_row(vault: Vault, blob: bytes, *, position: int, contest: str) -> PartRow:
    """The row of a blob that the act at `position` names."""
    key, nonce = secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(_NONCE_BYTES)
    part = sha256(blob).digest()
    epoch = vault.epoch  # asked first: the next line wraps under it
    return PartRow(
        part=part,
        position=position,
        contest=contest,
        epoch=epoch,
        wrapped=vault.wrap(key),
        sealed=nonce + AESGCM(key).encrypt(nonce, blob, _DOMAIN + part),
    )


def open_row(vault: Vault, row: PartRow) -> bytes | None:
    """The blob that a row holds; None once it was erased.

    Raises:
        VerificationError: the row was altered.
        FatalError: the key that wraps its key is missing.
    """
    if row.epoch is None or row.wrapped is None or row.sealed is None:
        return None
    key = vault.unwrap(row.epoch, row.wrapped)
    nonce, data = row.sealed[:_NONCE_BYTES], row.sealed[_NONCE_BYTES:]
    try:
        blob = AESGCM(key).decrypt(nonce, data, _DOMAIN + row.part)
    except (InvalidTag, ValueError) as error:
        raise VerificationError("a part in the vault was altered") from error
    if sha256(blob).digest() != row.part:
        raise VerificationError("a part in the vault is another than its name says")
    return blob
