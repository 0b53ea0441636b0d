"""What a grant opens: a decision's data key, sealed to who recorded a read of it.

(1) `grant.give`, `review.take` or `helper.name` made the grant
(2) `grant.read` recorded that its grantee looks now
(3) for `GRANT_READ_S` after that read, and while the grant lasts, the ledger seals the
    data key to the very key that signed the read, and hands out the sealed part

The ledger takes K out of the vault only here and for retries. Where the deployer sealed
the decision it has no K: the grant carries what the person sealed, or nothing, and then
the data key is in the statement of the case. Every wrong question has one answer.
"""

import secrets
from dataclasses import dataclass

from ledger.entries.case import seal_dek
from ledger.entries.codec import decode_entry
from ledger.entries.entry import ActRecorded, DecisionRecorded
from ledger.entries.hpke import EPHEMERAL_BYTES
from ledger.entries.secret import derive
from ledger.errors import ErasedError, NotFoundError
from ledger.governance.cases.kept import Grant
from ledger.governance.cases.queries import is_erased
from ledger.governance.state import State
from ledger.ids import Did
from ledger.keys import agreement_key
from ledger.limits import GRANT_READ_S
from ledger.log.identity import Ledger
from ledger.log.projection import Projection
from ledger.log.reader import Reader
from ledger.log.vault import Vault
from ledger.storage.port import VaultRow
from ledger.storage.postgres import PostgresStore


@dataclass(frozen=True, slots=True)
class GrantKey:
    """What a recorded read opens.

    Attributes:
        wrapped: base64url of a box of the data key; None: it is in the case's statement.
        sealed: the sealed part of the decision.
    """

    wrapped: str | None
    sealed: bytes


class Grants:
    """Hands out what the grants of one ledger open."""

    def __init__(
        self,
        ledger: Ledger,
        store: PostgresStore,
        vault: Vault,
        projection: Projection,
        reader: Reader,
    ) -> None:
        """`vault` unwraps K."""
        self._ledger = ledger
        self._store = store
        self._vault = vault
        self._projection = projection
        self._reader = reader

    async def key(self, grant_id: str, read_id: str, now_ms: int) -> GrantKey:
        """The data key of a grant's decision, for the key that signed the read.

        Raises:
            NotFoundError: no such grant, no such read of it, too long ago, or the grant
                has ended: one and the same answer.
            ErasedError: the right read, after erasure.
            MalformedError: a key that no box can be sealed to.
        """
        state = (await self._projection.refreshed()).state
        grant = state.cases.grants.get(grant_id)
        time_ms = max(now_ms, state.log_time_ms)
        if grant is None or not may_fetch(grant, read_id, time_ms):
            raise missing_key()
        _check_there(state, grant)
        signer = await self._signer(read_id)
        row, leaf = await self._reader.decision(grant.decision)
        vault = await self._store.vault_row(self._ledger.log_id, row.position)
        if vault is None:
            raise _erased()
        entry = decode_entry(leaf)
        managed = isinstance(entry, DecisionRecorded) and entry.signature is None
        wrapped = grant.wrapped
        if managed:
            wrapped = self._seal(grant, vault, signer)
        return GrantKey(wrapped, vault.sealed)

    async def _signer(self, read_id: str) -> Did:
        """Who signed the read, once a checkpoint covers it: never a key before that."""
        try:
            index = await self._reader.record_index(read_id)
        except NotFoundError:
            raise missing_key() from None
        entry = decode_entry(await self._reader.entry(index))
        if not isinstance(entry, ActRecorded):
            raise missing_key()
        return Did(entry.act.actor)

    def _seal(self, grant: Grant, vault: VaultRow, to: Did) -> str:
        secret = self._vault.unwrap(vault.epoch, vault.wrapped)
        return seal_dek(
            derive(secret).dek,
            agreement_key(to),
            decision=grant.decision,
            genesis=self._ledger.genesis,
            grant=grant.id,
            ephemeral=secrets.token_bytes(EPHEMERAL_BYTES),
        )


def may_fetch(grant: Grant, read_id: str, time_ms: int) -> bool:
    """Whether this read of the grant still opens it at `time_ms`."""
    return grant.is_open(time_ms) and any(
        read.act == read_id and time_ms < read.at_ms + GRANT_READ_S * 1000
        for read in grant.reads
    )


def missing_key() -> NotFoundError:
    """What everything wrong is answered with."""
    return NotFoundError("not-found", "no such grant here, or no read that opens it")


def _check_there(state: State, grant: Grant) -> None:
    if is_erased(state, grant.decision):
        raise _erased()


def _erased() -> ErasedError:
    return ErasedError(
        "erased", "this decision's private part was erased; its leaf stays"
    )
