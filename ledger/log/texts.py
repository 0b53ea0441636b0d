r"""The texts of one ledger: kept encrypted beside the log, each under a key of its own.

    sealed = nonce(12) ‖ AES-256-GCM(key, Disclosure,
                                     AAD = "counterfoil/v1/text\0" ‖ SHA-256(Disclosure))

Everybody may read a text while it is kept. It is encrypted all the same, so that erasing
it also empties every backup and every page of the database that once held it: they are
under a key that turns. The order is act first, text second: what no covered act names is
refused, so nobody can store anything here without having signed for it.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.canonical import parse_base64url
from ledger.entries.codec import decode_entry
from ledger.entries.entry import ActRecorded
from ledger.entries.saying import Saying, names, parse_saying
from ledger.errors import (
    ErasedError,
    MalformedError,
    NotFoundError,
    VerificationError,
)
from ledger.ids import LeafIndex
from ledger.log.identity import Ledger
from ledger.log.reader import Reader
from ledger.log.vault import Vault
from ledger.storage.postgres import PostgresStore
from ledger.storage.texts import TextRow

_DOMAIN: Final = b"counterfoil/v1/text\0"  # never changes
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptText:
    """A text, and the entry of the act that names it."""

    saying: Saying
    index: LeafIndex


class Texts:
    """What members said on one ledger."""

    def __init__(
        self, ledger: Ledger, store: PostgresStore, vault: Vault, reader: Reader
    ) -> None:
        """`vault` wraps the texts' keys."""
        self._log_id = ledger.log_id
        self._texts = store.texts
        self._vault = vault
        self._reader = reader

    async def keep(self, act_id: str, disclosure: str) -> tuple[KeptText, bool]:
        """Keep the text that an act names; whether it is new here.

        Raises:
            MalformedError: no Disclosure of something said. Nothing was kept, here and
                below.
            NotFoundError: no such act is covered, or it does not name this text.
            ErasedError: it was here and was erased.
            UnavailableError: the database does not answer; send it again.
        """
        saying = parse_saying(disclosure)
        index = await self._reader.record_index(act_id)
        entry = decode_entry(await self._reader.entry(index))
        if not isinstance(entry, ActRecorded) or not names(entry.act.body, saying):
            raise NotFoundError("not-found", "no such act names the text's digest")
        kept = KeptText(saying=saying, index=index)
        if await self._texts.add(self._log_id, self._seal(saying, index)):
            return kept, True
        return await self.find(saying.digest), False

    async def find(self, digest: str) -> KeptText:
        """The text of a digest.

        Raises:
            NotFoundError: it was never sent here.
            ErasedError: it was, and was erased.
            VerificationError: its row was altered.
        """
        rows = await self._texts.find(
            self._log_id, [parse_base64url(digest, length=32)]
        )
        if not rows:
            raise NotFoundError("not-found", "no such text here")
        found = self._open(rows[0])
        if found is None:
            raise ErasedError("erased", "this text was erased; its digest stays")
        return found

    async def find_all(self, digests: Iterable[str]) -> dict[str, KeptText]:
        """Those of the digests whose texts are kept."""
        wanted = [parse_base64url(digest, length=32) for digest in digests]
        if not wanted:
            return {}
        rows = await self._texts.find(self._log_id, wanted)
        opened = [self._open(row) for row in rows]
        return {one.saying.digest: one for one in opened if one is not None}

    async def erase(self, digests: Iterable[str]) -> int:
        """Erase texts, for good; how many there were. Their keys go with them."""
        return await self._texts.erase(
            self._log_id, [parse_base64url(digest, length=32) for digest in digests]
        )

    # ---- sealing ---------------------------------------------------------------------

    def _seal(self, saying: Saying, index: LeafIndex) -> TextRow:
        digest = parse_base64url(saying.digest, length=32)
        key, nonce = secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(_NONCE_BYTES)
        data = saying.disclosure.encode("ascii")
        epoch = self._vault.epoch  # asked first: the next line wraps under it
        return TextRow(
            digest=digest,
            position=index,
            epoch=epoch,
            wrapped=self._vault.wrap(key),
            sealed=nonce + AESGCM(key).encrypt(nonce, data, _DOMAIN + digest),
        )

    def _open(self, row: TextRow) -> KeptText | None:
        saying = open_text(self._vault, row)
        if saying is None:
            return None
        return KeptText(saying=saying, index=LeafIndex(row.position))


def open_text(vault: Vault, row: TextRow) -> Saying | None:
    """What a row holds; None once it was erased.

    Raises:
        VerificationError: the row was altered.
        FatalError: the key that wraps its key is missing.
    """
    if row.epoch is None or row.wrapped is None or row.sealed is None:
        return None
    key = vault.unwrap(row.epoch, row.wrapped)
    nonce, data = row.sealed[:_NONCE_BYTES], row.sealed[_NONCE_BYTES:]
    try:
        disclosure = AESGCM(key).decrypt(nonce, data, _DOMAIN + row.digest)
        return parse_saying(disclosure.decode("ascii"))
    except (InvalidTag, ValueError, MalformedError) as error:
        raise VerificationError("a text in the vault was altered") from error
