"""Retries: the same id or Idempotency-Key finds what was recorded before.

id and key name different decisions               422
id of another system                              409
private part erased                               410
another parsed body                               422
the same parsed body                              the same index, K again for a day,
                                                  and never after a claim
"""

from collections.abc import Sequence

from ledger.canonical import format_base64url
from ledger.entries.codec import decode_entry
from ledger.entries.decision import open_sealed
from ledger.entries.entry import DecisionRecorded
from ledger.errors import (
    ConflictError,
    CounterfoilError,
    ErasedError,
    FatalError,
    RejectedError,
)
from ledger.governance.cases.queries import claimed
from ledger.governance.decide import is_seq_used
from ledger.governance.safeguards.ruleset import status_of
from ledger.governance.state import State
from ledger.ids import LeafIndex
from ledger.limits import SECRET_RETRY_MS
from ledger.log.pending import (
    Outcome,
    Pending,
    PendingAct,
    PendingDecision,
    Recorded,
)
from ledger.log.projection import Projection
from ledger.log.vault import Vault
from ledger.storage.port import Locked, VaultRow, WriteSession


class Retries:
    """Finds and answers the retries of a batch, under the head's lock."""

    def __init__(self, vault: Vault, projection: Projection) -> None:
        """`vault` unwraps K; `projection` knows the rules of the time."""
        self._vault = vault
        self._projection = projection

    @staticmethod
    def apart(batch: Sequence[Pending]) -> tuple[list[Pending], list[Pending]]:
        """(this batch, the next one): a second use of an id or key waits for the first.

        In the next batch it is an ordinary retry of what this one recorded.
        """
        used: set[str | bytes] = set()
        now: list[Pending] = []
        later: list[Pending] = []
        for pending in batch:
            if isinstance(pending, PendingDecision):
                names = {pending.given_id, pending.retry_key} - {None}
                if pending.chose_marks and pending.sealed is not None:
                    names |= {pending.sealed.subject_tag, pending.sealed.contest_key}
            elif isinstance(pending, PendingAct):
                names = {pending.act.id}
            else:
                names = set()
            if names and not used.isdisjoint(names):
                later.append(pending)
            else:
                now.append(pending)
            used.update(name for name in names if name is not None)
        return now, later

    @staticmethod
    def asked(batch: Sequence[Pending]) -> tuple[list[str], list[bytes]]:
        """The ids and retry keys to look up under the lock."""
        decisions = [p for p in batch if isinstance(p, PendingDecision)]
        return (
            [p.given_id for p in decisions if p.given_id is not None],
            [p.retry_key for p in decisions if p.retry_key is not None],
        )

    async def answer(
        self,
        session: WriteSession,
        batch: list[Pending],
        locked: Locked,
        ids: Sequence[str],
        keys: Sequence[bytes],
        now_ms: int,
    ) -> list[Pending]:
        """Answer every retry in `batch`; what is left is new."""
        by_id = dict(zip(ids, locked.known_ids, strict=False))
        by_key = dict(zip(keys, locked.known_keys, strict=False))
        found: list[tuple[PendingDecision, int | None, int | None]] = []
        left: list[Pending] = []
        for pending in batch:
            if not isinstance(pending, PendingDecision):
                left.append(pending)
                continue
            of_id = by_id.get(pending.given_id or "")
            of_key = by_key.get(pending.retry_key or b"")
            if of_id is None and of_key is None:
                left.append(pending)
            else:
                found.append((pending, of_id, of_key))
        if found:
            indexes = {i for _, a, b in found for i in (a, b) if i is not None}
            known = await session.known(sorted(indexes))
            for pending, of_id, of_key in found:
                pending.put(self._outcome(pending, of_id, of_key, known, now_ms))
        return left

    def _outcome(
        self,
        pending: PendingDecision,
        of_id: int | None,
        of_key: int | None,
        known: dict[int, tuple[bytes, VaultRow | None]],
        now_ms: int,
    ) -> Outcome:
        differ = of_id is not None and of_key is not None and of_id != of_key
        index = of_key if of_id is None else of_id
        if differ or index is None:
            return RejectedError(
                "id-and-key-differ",
                "the id and the Idempotency-Key name different decisions",
            )
        leaf, row = known[index]
        entry = decode_entry(leaf)
        if not isinstance(entry, DecisionRecorded):
            return FatalError("the vault names an entry that is no decision")
        if entry.statement.system != pending.system:
            return ConflictError(
                "id-of-another-system",
                "this id belongs to a decision of another system",
            )
        if row is None:
            return ErasedError(
                "erased", "this decision's private part was erased; its leaf stays"
            )
        try:
            return self._again(pending, index, leaf, entry, row, now_ms)
        except CounterfoilError as error:
            return error

    def _again(
        self,
        pending: PendingDecision,
        index: int,
        leaf: bytes,
        entry: DecisionRecorded,
        row: VaultRow,
        now_ms: int,
    ) -> Outcome:
        if row.fingerprint != pending.fingerprint:
            return RejectedError(
                "id-used-otherwise",
                "this id or Idempotency-Key was used for a decision with another body",
            )
        young = now_ms - row.recorded_ms < SECRET_RETRY_MS
        # Once the person claimed it, who else knows the deployer's body learns no K.
        given = young and not claimed(self._projection.current.state, entry.id)
        status, safeguards = self._told(entry, row)
        return Recorded(
            id=entry.id,
            index=LeafIndex(index),
            leaf=leaf,
            secret=(
                self._vault.unwrap(row.epoch, row.wrapped)
                if given and entry.signature is None
                else None
            ),
            created=False,
            status=status,
            safeguards=safeguards,
        )

    def _told(self, entry: DecisionRecorded, row: VaultRow) -> tuple[str, bytes]:
        """What the first answer said of the rules: from the leaf and the sealed slot."""
        state = self._projection.current.state
        rules = state.safeguards.set_of(entry.rules)
        if rules is None or not rules.rules:
            return status_of(()), b"[]"
        statement = entry.statement
        if entry.signature is not None:
            verdict = rules.judge_public(
                state.systems[statement.system],
                automation=statement.automation,
                version=statement.version,
                outcome=statement.outcome,
                in_sealed_mode=True,
            )
            return verdict.status, verdict.answer
        secret = self._vault.unwrap(row.epoch, row.wrapped)
        slot = open_sealed(secret, entry.statement_jcs, row.sealed)[-1].value
        sealed = [] if slot is None else slot["results"]
        results = sorted(
            [*entry.results, *((one["id"], one["outcome"]) for one in sealed)]
        )
        return status_of(results), rules.answer(results)


async def refuse_used_marks(
    session: WriteSession, batch: Sequence[Pending]
) -> list[Pending]:
    """`batch` without sealed decisions whose tag or key another entry has; those are told."""
    chosen = [
        (pending, pending.sealed, format_base64url(pending.sealed.subject_tag))
        for pending in batch
        if isinstance(pending, PendingDecision)
        and pending.chose_marks
        and pending.sealed is not None
    ]
    if not chosen:
        return list(batch)
    tags, keys = await session.marks(
        [tag for _, _, tag in chosen], [sealed.contest_key for _, sealed, _ in chosen]
    )
    used = [p for p, sealed, tag in chosen if tag in tags or sealed.contest_key in keys]
    for pending in used:
        pending.put(
            ConflictError(
                "tag-used", "an entry has this subject_tag or contest_key already"
            )
        )
    return [pending for pending in batch if pending not in used]


def may_repeat(batch: Sequence[Pending], locked: Locked, state: State) -> bool:
    """Whether something in the batch may stand in the log already; `state` is its own."""
    known = (*locked.known_ids, *locked.known_keys)
    acts = any(isinstance(p, PendingAct) and is_seq_used(state, p.act) for p in batch)
    return acts or any(index is not None for index in known)


def needs_lock(pending: Pending, state: State) -> bool:
    """Whether what it needs is to be read under the head's lock.

    Of decisions, the tag and key that a client chose; of acts, those that may be retries;
    of the ledger's own, everything.
    """
    if isinstance(pending, PendingDecision):
        return pending.chose_marks
    return not isinstance(pending, PendingAct) or is_seq_used(state, pending.act)
