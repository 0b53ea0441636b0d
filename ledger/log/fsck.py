"""Checks a database against itself: everything it holds must follow from its entries.

    (1) entries     gapless from 0; each hash is its leaf's; each leaf is of its form
    (2) tree        tiles and head are what the hashes give; the genesis is entry 0's
    (3) released    the newest released head lies in this history
    (4) rows        decisions, records, counters are what the entries give; seq gapless
    (5) vault       each row is a decision's; each decision has one, or was erased; none
                    of a decision whose erasure an entry tells
    (6) secrets     if asked, each wrapped key unwraps, each sealed part opens under it,
                    and what it holds has the digests on the leaf; needs the keys
    (7) texts       each is named by the act it is kept for; if asked, it opens to that
    (8) parts       of cases, likewise; what they say nobody here can read

Streams one snapshot; memory does not grow with the log, and writers go on. Findings are
sentences with a place, a fact and what to do. Values of the vault are never in one.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.canonical import format_base64url
from ledger.entries.codec import decode_entry
from ledger.entries.entry import DecisionRecorded, Entry, ErasureExecuted
from ledger.errors import MalformedError, VerificationError
from ledger.ids import Hash, LeafIndex, LogId
from ledger.log.fsck_tree import TreeCheck
from ledger.log.fsck_vault import check_part, check_secret, check_text
from ledger.log.recovery_rows import Derived
from ledger.log.vault import Vault
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.hashing import hash_leaf
from ledger.storage.parts import PartRow
from ledger.storage.port import DecisionRow, LogRow
from ledger.storage.snapshot import Snapshot
from ledger.storage.texts import TextRow

FINDINGS_MAX: Final = 1_000  # kept; the rest are counted
REBUILD: Final = "`counterfoil fsck --rebuild` mends it"

Progress = Callable[[int, int], None]  # entries done, in all


@dataclass(slots=True, kw_only=True)
class Fsck:
    """What a check found.

    Attributes:
        ledger: its name.
        size: entries, by the head.
        findings: (kind, sentence), in the order found.
        more: findings beyond those kept.
        unsealed: decisions without a vault row: erased, or recovered from public files.
        opened: sealed parts that were opened and hold.
    """

    ledger: str
    size: int = 0
    findings: list[tuple[str, str]] = field(default_factory=list)
    more: int = 0
    unsealed: int = 0
    opened: int = 0

    def find(self, kind: str, sentence: str) -> None:
        """Keep a finding."""
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append((kind, sentence))
        else:
            self.more += 1


async def fsck(
    moment: Snapshot,
    row: LogRow,
    *,
    released: Checkpoint | None,
    vault: Vault | None = None,
    progress: Progress = lambda _d, _t: None,
) -> Fsck:
    """Check one ledger; see the module.

    Args:
        moment: a snapshot of the database.
        row: the ledger.
        released: the newest released head, if there is any.
        vault: to open every sealed part with; None leaves (6) out.
        progress: told how many entries were checked.

    Raises:
        UnavailableError: the database does not answer.
    """
    return await _Check(moment, row, released, vault, progress).run()


class _Check:
    """One pass; holds the cursors and what derives so far."""

    def __init__(
        self,
        moment: Snapshot,
        row: LogRow,
        released: Checkpoint | None,
        vault: Vault | None,
        progress: Progress,
    ) -> None:
        self._moment = moment
        self._row = row
        self._released = released
        self._vault = vault
        self._progress = progress
        self._found = Fsck(ledger=row.name)
        self._derived = Derived(genesis=row.genesis)

    async def run(self) -> Fsck:
        moment, log_id, found = self._moment, self._row.log_id, self._found
        head = await moment.head(log_id)
        found.size = int(head.size)
        tree = TreeCheck(
            found.find, lambda level: _Rows(moment.tiles(log_id, level)), self._released
        )
        decisions = _Rows(moment.decisions(log_id))
        records = _Rows(moment.records(log_id))
        sealed = _Rows(moment.vault(log_id, sealed=self._vault is not None))
        texts = _Rows(moment.texts(log_id))
        parts = _Rows(moment.parts(log_id))
        at = 0
        async for chunk in moment.entries(log_id):
            hashes = []
            for position, stored, leaf in chunk:
                if position != at:
                    found.find(
                        "entry",
                        f"entries {at:,} to {position - 1:,} are gone from the database: "
                        "restore a backup, then `counterfoil recover`",
                    )
                    return found  # the tree cannot be followed past a hole
                entry = self._check_entry(position, stored, leaf)
                hashes.append(Hash(stored))
                await self._check_rows(position, entry, decisions, records)
                await self._check_vault(position, entry, sealed)
                await self._check_erased(position, entry)
                await self._check_texts(position, entry, texts)
                await self._check_parts(position, entry, parts)
                at += 1
            await tree.add(hashes)
            self._progress(at, found.size)
        for name, rows in (("decisions", decisions), ("records", records)):
            await self._past_the_end(name, rows, at)
        for name, rows in (("vault", sealed), ("texts", texts), ("case_parts", parts)):
            await self._past_the_end(name, rows, at)
        await tree.finish(head, at)
        await self._check_totals(log_id, head.last_record, head.log_time_ms)
        return found

    def _check_entry(self, position: int, stored: bytes, leaf: bytes) -> Entry | None:
        """(1)."""
        if position == 0 and format_base64url(stored) != self._row.genesis:
            self._found.find("entry", "entry 0 is not the genesis of this ledger")
        if hash_leaf(leaf) != stored:
            self._found.find(
                "entry",
                f"entry {position:,} does not hash to the hash beside it: its bytes were "
                "changed, and whoever holds its receipt can prove it",
            )
        try:
            entry = decode_entry(leaf)
        except MalformedError as error:
            self._found.find("entry", f"entry {position:,} is not of its form: {error}")
            return None
        if isinstance(entry, DecisionRecorded):
            try:
                self._derived.check_seq(entry)
            except VerificationError as error:
                self._found.find("seq", f"entry {position:,}: {error}")
        return entry

    async def _check_rows(
        self, position: int, entry: Entry | None, decisions: "_Rows", records: "_Rows"
    ) -> None:
        """(4)."""
        expected = (
            None if entry is None else self._derived.take(LeafIndex(position), entry)
        )
        for name, rows in (("decisions", decisions), ("records", records)):
            held = await rows.at(position)
            wanted = expected is not None and (
                (name == "decisions") is isinstance(expected, DecisionRow)
            )
            if entry is None or (not wanted and not held):
                continue
            if wanted and len(held) == 1 and tuple(held[0]) == expected:
                continue
            state = "is missing from" if not held else "is not what stands in"
            self._found.find(
                "row", f"entry {position:,} {state} the table {name}: {REBUILD}"
            )

    async def _check_vault(
        self, position: int, entry: Entry | None, sealed: "_Rows"
    ) -> None:
        """(5) and (6)."""
        held = await sealed.at(position)
        if not isinstance(entry, DecisionRecorded):
            if held and entry is not None:
                self._found.find(
                    "vault", f"the vault has a row for entry {position:,}, no decision"
                )
            return
        if not held:
            self._found.unsealed += 1
        elif self._vault is not None:
            try:
                check_secret(self._vault, entry, *held[0][1:])
            except VerificationError as error:
                self._found.find("secret", f"entry {position:,}: {error}")
            else:
                self._found.opened += 1

    async def _check_erased(self, position: int, entry: Entry | None) -> None:
        """(5)."""
        if not isinstance(entry, ErasureExecuted):
            return
        held = await self._moment.still_held(self._row.log_id, list(entry.decisions))
        for at in held:
            self._found.find(
                "erased",
                f"the private part of entry {at:,} is here, and entry {position:,} says "
                "that it was erased: `counterfoil sweep` erases it again",
            )

    async def _check_texts(
        self, position: int, entry: Entry | None, texts: "_Rows"
    ) -> None:
        """(7)."""
        for at, digest, *held in await texts.at(position):
            if entry is None:
                continue  # what it names is not known
            try:
                check_text(self._vault, entry, TextRow(digest, at, *held))
            except VerificationError as error:
                self._found.find("text", f"entry {position:,}: {error}")

    async def _check_parts(
        self, position: int, entry: Entry | None, parts: "_Rows"
    ) -> None:
        """(8)."""
        for at, part, *held in await parts.at(position):
            if entry is None:
                continue  # what it names is not known
            try:
                check_part(self._vault, entry, PartRow(part, at, *held))
            except VerificationError as error:
                self._found.find("part", f"entry {position:,}: {error}")

    async def _past_the_end(self, name: str, rows: "_Rows", size: int) -> None:
        if count := await rows.rest():
            self._found.find(
                "row",
                f"the table {name} has {count:,} rows past the last entry, {size - 1:,}: "
                + (
                    REBUILD
                    if name not in {"vault", "texts", "case_parts"}
                    else "nobody's receipt needs them"
                ),
            )

    async def _check_totals(
        self, log_id: LogId, last_record: int, log_time_ms: int
    ) -> None:
        derived, find = self._derived, self._found.find
        if derived.last_record != last_record:
            find("head", f"the head names {last_record:,} as the newest act: not so")
        if derived.log_time_ms > log_time_ms:
            find("head", "the head's log time is behind that of its entries")
        counters = await self._moment.counters(log_id)
        for system, (seq, refused) in derived.counters.items():
            held = counters.pop(system, None)
            if held is None or held[0] != seq or held[1] < refused:
                find(
                    "row",
                    f"the counter of system {system} is not at {seq:,}, where its last "
                    f"entry is: {REBUILD}",
                )
        for system, (seq, _) in counters.items():
            if seq:
                find("row", f"the counter of {system} counts no entry: {REBUILD}")


class _Rows:
    """Rows in order of their first column, taken along with the entries."""

    def __init__(self, chunks: AsyncIterator[list[Any]]) -> None:
        self._chunks = chunks
        self._chunk: list[Any] = []
        self._next = 0

    async def peek(self) -> Any | None:
        """The next row, or None at the end."""
        if self._next == len(self._chunk):
            self._chunk = await anext(self._chunks, [])
            self._next = 0
        return self._chunk[self._next] if self._chunk else None

    async def at(self, position: int) -> list[Any]:
        """The rows at `position`, usually one; those before it belong to nothing."""
        held = []
        while (row := await self.peek()) is not None and row[0] <= position:
            self._next += 1
            held.append(row)
        return held

    async def rest(self) -> int:
        """How many rows are left."""
        count = 0
        while await self.peek() is not None:
            count += len(self._chunk) - self._next
            self._next = len(self._chunk)
        return count
