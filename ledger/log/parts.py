r"""The parts of cases: kept encrypted once more beside the log, read by the case's tag.

    sealed = nonce(12) ‖ AES-256-GCM(key, blob, AAD = "counterfoil/v1/case-part-kept\0" ‖ part)

A blob is the sender's own encryption (`ledger.entries.part`); nobody here can read one.
Its second shell is for erasure: a box of the case's key stands on a leaf for ever, so a
blob in an old backup would stay readable to whoever was given one. The order is act first,
part second: what no covered act names is refused, so nobody can store anything here
without having signed for it. Every wrong question has one and the same answer.
"""

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.canonical import format_base64url, parse_base64url
from ledger.entries.part import is_part_size, part_name
from ledger.errors import ErasedError, NotFoundError, RejectedError, VerificationError
from ledger.governance.cases.contest import Contest
from ledger.governance.cases.queries import is_erased, part_contest
from ledger.governance.cases.states import CONCLUDE
from ledger.governance.state import State
from ledger.ids import LogId
from ledger.limits import PART_BYTES_MAX
from ledger.log.projection import Projection
from ledger.log.vault import Vault
from ledger.storage.parts import PartRow, PartStore

_DOMAIN: Final = b"counterfoil/v1/case-part-kept\0"  # never changes
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_NOBODYS: Final = format_base64url(bytes(32))  # no tag has this hash


@dataclass(frozen=True, slots=True)
class NamedPart:
    """A part that an act names.

    Attributes:
        contest: the case it belongs to.
        is_erased: whether the decision that it is about was erased.
        position: of the act that names it.
    """

    contest: Contest
    is_erased: bool
    position: int


def find_named(state: State, part: str) -> NamedPart | None:
    """Where the state says that a part belongs; None: no act names it."""
    id_ = part_contest(state, part)
    if id_ is None:
        return None
    contest = state.cases.contests[id_]
    said = (one.act for one in contest.said if any(p.part == part for p in one.parts))
    act = next(said, None)
    position = next(
        event.index
        for event in state.cases.later[contest.decision]
        if event.about == id_
        and (event.type == CONCLUDE if act is None else event.id == act)
    )
    return NamedPart(contest, is_erased(state, contest.decision), position)


class Parts:
    """What is said in the cases of one ledger."""

    def __init__(
        self, log_id: LogId, store: PartStore, vault: Vault, projection: Projection
    ) -> None:
        """`vault` wraps the parts' keys; `projection` knows which acts name them."""
        self._log_id = log_id
        self._store = store
        self._vault = vault
        self._projection = projection

    async def keep(self, blob: bytes) -> tuple[str, bool]:
        """Keep the part that an act names; its name, and whether it is new here.

        Raises:
            RejectedError: `body-too-large`, or `invalid-part`: too short to be one.
                Nothing was kept, here and below.
            NotFoundError: `not-named`: no covered act names it.
            ErasedError: it was here, or what it is about was, and was erased.
            UnavailableError: the database does not answer; send it again.
        """
        if not is_part_size(len(blob)):
            kind = "body-too-large" if len(blob) > PART_BYTES_MAX else "invalid-part"
            raise RejectedError(kind, f"a part has 29 to {PART_BYTES_MAX:,} bytes")
        part = part_name(blob)
        named = find_named((await self._projection.refreshed()).state, part)
        if named is None:
            raise NotFoundError("not-named", "no act names the SHA-256 of these bytes")
        if named.is_erased:
            raise _erased()
        row = seal_row(
            self._vault, blob, position=named.position, contest=named.contest.id
        )
        if await self._store.add(self._log_id, row):
            return part, True
        kept = await self._store.find(self._log_id, row.part)
        if kept is None or kept.sealed is None:
            raise _erased()
        return part, False

    async def read(self, part: str, tag: bytes) -> bytes:
        """The blob, for who shows the tag that only the case's key gives.

        Raises:
            NotFoundError: no such part, or another tag: one and the same answer.
            ErasedError: the right tag, after erasure.
            VerificationError: the row was altered.
        """
        named = find_named((await self._projection.refreshed()).state, part)
        wanted = _NOBODYS if named is None else named.contest.tag
        # The public tag is its hash: comparing tells nothing, and is constant-time too.
        shown = format_base64url(sha256(tag).digest())
        if not hmac.compare_digest(shown, wanted) or named is None:
            raise missing_part()
        if named.is_erased:
            raise _erased()
        row = await self._store.find(self._log_id, parse_base64url(part, length=32))
        if row is None:
            raise missing_part()
        blob = open_row(self._vault, row)
        if blob is None:
            raise _erased()
        return blob


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


def missing_part() -> NotFoundError:
    """What everything wrong is answered with."""
    return NotFoundError("not-found", "no such part here")


def _erased() -> ErasedError:
    return ErasedError("erased", "this part was erased; what names it stays")
