"""One ledger, open in this process: its writer, its reader, its keys, wired together."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ledger.clock import Clock
from ledger.entries.act import Act
from ledger.entries.codec import decode_entry
from ledger.entries.entry import ActRecorded
from ledger.errors import RejectedError, UnavailableError
from ledger.governance.decide import is_seq_used
from ledger.governance.people.passkeys import check_signature
from ledger.ids import LeafIndex, LedgerName, TreeSize
from ledger.limits import COVERED_LOOK_S, COVERED_WAIT_S
from ledger.log.erased import ErasedFile
from ledger.log.erasing import acts_about, executed
from ledger.log.grants import Grants
from ledger.log.head import HeadGuard
from ledger.log.identity import Ledger
from ledger.log.keyring import Keyring
from ledger.log.parts import Parts
from ledger.log.pending import DecisionRequest, Outcome, Recorded
from ledger.log.projection import Projection
from ledger.log.proven import ProvenReissues
from ledger.log.publisher import Publisher
from ledger.log.reader import Reader
from ledger.log.reissues import Reissues
from ledger.log.released import ReleasedFile
from ledger.log.sequencer import Sequencer
from ledger.log.signins import SignIns
from ledger.log.texts import Texts
from ledger.merkle.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.merkle.note import format_vkey, parse_signer_key
from ledger.storage.port import LogRow
from ledger.storage.postgres import PostgresStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """An open ledger.

    Attributes:
        keys: the JSON of `/v1/keys`.
        publisher: None where no tiles folder is configured.
    """

    ledger: Ledger
    store: PostgresStore
    keyring: Keyring
    guard: HeadGuard
    projection: Projection
    reader: Reader
    sequencer: Sequencer
    texts: Texts
    parts: Parts
    grants: Grants
    sign_ins: SignIns
    proven: ProvenReissues
    erased: ErasedFile
    reissues: Reissues
    keys: bytes
    publisher: Publisher | None
    released: ReleasedFile

    @classmethod
    def wire(
        cls,
        row: LogRow,
        *,
        store: PostgresStore,
        keys_folder: Path,
        tiles_folder: Path | None,
        clock: Clock,
        log: Any,
    ) -> "Book":
        """Read the keys and put the parts together; touches no database.

        Raises:
            FatalError: a key file is missing, unreadable, or readable by others.
        """
        ledger = Ledger(
            log_id=row.log_id,
            name=LedgerName(row.name),
            origin=row.origin,
            genesis=row.genesis,
        )
        keyring = Keyring(keys_folder / row.name)
        signer = parse_signer_key(keyring.signer())
        vkeys = [signer.vkey]

        def opened(note: bytes) -> Checkpoint:
            return open_checkpoint(note, vkeys)[0]

        released = ReleasedFile(keyring.released_path, opened)
        folder = None if tiles_folder is None else tiles_folder / row.name
        guard = HeadGuard(
            ledger=ledger,
            sign=lambda checkpoint: sign_checkpoint(signer, checkpoint),
            open_checkpoint=opened,
            released=released,
            clock=clock,
            read_head=lambda: store.head(ledger.log_id),
            published=[] if folder is None else [folder / "checkpoint"],
        )
        projection = Projection(ledger, store, log.bind(ledger=row.name))
        reader = Reader(ledger, store, guard.newest)
        keys = format_keys(ledger, format_vkey(signer.vkey))
        vault = keyring.vault()
        erased = ErasedFile(keyring.erased_path)
        return cls(
            ledger=ledger,
            store=store,
            keyring=keyring,
            guard=guard,
            projection=projection,
            reader=reader,
            sequencer=Sequencer(
                ledger=ledger,
                vault=vault,
                guard=guard,
                projection=projection,
                erased=erased,
                open_session=lambda: store.session(ledger.log_id),
                clock=clock,
                log=log.bind(ledger=row.name),
            ),
            texts=Texts(ledger, store, vault, reader),
            parts=Parts(ledger.log_id, store.parts, vault, projection),
            grants=Grants(ledger, store, vault, projection, reader),
            sign_ins=SignIns(ledger, store, vault, clock),
            proven=ProvenReissues(ledger, store, vault, projection, clock),
            erased=erased,
            reissues=Reissues(ledger, store, vault, projection, clock),
            keys=keys,
            publisher=(
                None
                if folder is None
                else Publisher(
                    folder=folder,
                    reader=reader,
                    open_checkpoint=opened,
                    keys=keys,
                    log=log.bind(ledger=row.name),
                )
            ),
            released=released,
        )

    async def start(self) -> None:
        """Bring the state up to the head, verify and sign the head, begin to write.

        What was erased, and came back with a restored database, is erased again first.

        Raises:
            FatalError: the ledger refuses to sign; the reader still works.
            UnavailableError: the database does not answer.
        """
        await self.projection.refresh()
        await self.erase_again()
        await self.sequencer.start()
        await self.settle_erasures()
        self.projection.start()
        if self.publisher is not None:
            self.publisher.start()

    async def close(self) -> None:
        """Answer what waits, publish, stop."""
        await self.sequencer.close()
        await self.projection.close()
        if self.publisher is not None:
            await self.publisher.close()
        self.released.close()

    async def record(self, requests: list[DecisionRequest]) -> list[Outcome]:
        """Record decisions; see `Intake.record`."""
        return await self.sequencer.intake.record(requests)

    async def act(self, act: Act) -> Recorded:
        """Record a signed act; the same act again finds what was recorded.

        Raises:
            RejectedError and its kinds: refused; nothing was recorded.
            VerificationError: a passkey that is not enrolled or did not sign; likewise.
            UnavailableError: see `Intake.act`.
        """
        # Only an act whose seq was used can be one that was recorded.
        used = is_seq_used(self.projection.current.state, act)
        known = await self._recorded(act) if used else None
        if known is not None:
            return known
        seen_holds = (
            act.seen_size <= self.reader.size()
            and await self.reader.root(TreeSize(act.seen_size)) == act.seen_root
        )
        outcome = await self.sequencer.intake.act(act, seen_holds=seen_holds)
        if isinstance(outcome, Recorded):
            return outcome
        # The same act may have been recorded while this one waited its turn.
        known = await self._recorded(act)
        if known is not None:
            return known
        raise outcome

    async def _recorded(self, act: Act) -> Recorded | None:
        index = await self.store.find_record(self.ledger.log_id, act.id)
        if index is None or index >= self.reader.size():
            return None
        leaf = await self.reader.entry(index)
        # A passkey's signature is known by its envelope, or checked as a new one is:
        # whoever knows a payload must not pass for the one who signed it.
        if act.assertion is not None and envelope_in(leaf) != act.envelope:
            check_signature(self.projection.current.state, act)
        return Recorded(id=act.id, index=LeafIndex(index), leaf=leaf, created=False)

    # ---- what a restore brings back --------------------------------------------------

    async def erase_again(self, *, whole: bool = False) -> int:
        """Erase again what a restored database brought back; how many rows there were.

        Behind what was released, that is all that the keys know to be erased: the log
        lacks it for now. Else the log is whole and says itself what is; `whole` looks
        for that too.

        Raises:
            FatalError: the file of erased ids is not one.
            UnavailableError: the database or the file cannot be read.
        """
        state, newest = self.projection.current.state, self.guard.newest()
        head = await self.store.head(self.ledger.log_id)
        gone = executed(state) if whole else set()
        if newest is not None and newest[0].size > head.size:
            gone |= self.erased.ids()
        decisions = sorted(gone)
        return await self.store.sweeps.erase_again(
            self.ledger.log_id, decisions, acts_about(state, decisions)
        )

    async def settle_erasures(self) -> None:
        """Make the file of erased ids and the log say the same, as after a crash.

        What is in the file and still due is erased now; the rest is taken back: its
        erasure was withdrawn, or put off, before it was done.

        Raises:
            FatalError: the file of erased ids is not one.
            UnavailableError: the database or the file does not take it.
        """
        while self.erased.ids() != executed((await self.projection.refreshed()).state):
            outcome = await self.sequencer.intake.erase()
            if not isinstance(outcome, Recorded | RejectedError):
                raise outcome

    async def covers(self, size: int) -> None:
        """Wait until a released checkpoint covers `size` entries.

        An entry is in the state once it is committed, and may be shown once it is under
        a signed checkpoint: a flush later, or another writer's if this one died.

        Raises:
            UnavailableError: none does within `COVERED_WAIT_S`.
        """
        waited_s = 0.0
        while self.reader.size() < size:
            if waited_s >= COVERED_WAIT_S:
                raise UnavailableError("the newest entries are not signed yet")
            await asyncio.sleep(COVERED_LOOK_S)
            waited_s += COVERED_LOOK_S

    async def proof_json_of(self, recorded: Recorded) -> bytes:
        """The tlog-proof that answers a covered entry, as a JSON string.

        Of an entry that was recorded just now it is its batch's; else from the tiles.
        """
        if recorded.release is not None:
            return recorded.release.tlog_proof_json(recorded.index)
        return orjson.dumps(await self.reader.tlog_proof(recorded.index))


def envelope_in(leaf: bytes) -> dict[str, Any] | None:
    """The envelope of the act on this leaf; None of an entry that is no act."""
    entry = decode_entry(leaf)
    return entry.act.envelope if isinstance(entry, ActRecorded) else None


def format_keys(ledger: Ledger, vkey: str) -> bytes:
    """The JSON of `/v1/keys`: what an auditor pins."""
    policy = f"log {vkey}\nquorum none\n"
    return orjson.dumps(
        {
            "origin": ledger.origin,
            "genesis": ledger.genesis,
            "vkeys": [vkey],
            "policy": policy,
        }
    )
