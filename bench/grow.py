"""Grows a running service's log to any size quickly, as a second host would.

Appends through the storage port, under the head's lock, in batches of 20,000. Leaves are
copies of a real one in which everything that must be unique is drawn anew: id, sequence
number, subject tag, contest key and the sixteen digests. An auditor cannot tell them
from recorded ones (what they commit to does not exist; only the vault would show it).
"""

import asyncio
import itertools
import re
import secrets
import uuid
from collections.abc import Iterator
from typing import NamedTuple

import asyncpg

from bench import database
from ledger.canonical import format_base64url
from ledger.ids import Hash, LeafIndex, LogId, TreeSize
from ledger.keys import format_did_key
from ledger.log.tiles import completed_tiles
from ledger.merkle.frontier import Frontier, extend
from ledger.merkle.hashing import hash_leaf
from ledger.storage.port import DecisionRow, Head, Locked, NewEntries, VaultRow
from ledger.storage.session import PostgresSession
from tests.world.service import SYSTEM, Service

CHUNK = 20_000
_UNIQUE = re.compile(
    rb'(?P<seq>"seq":)\d+'
    rb'|(?P<id>"id":")[0-9a-f-]{36}'
    rb'|(?P<key>"contest_key":")did:key:\w+'
    rb'|(?P<digest>"(?!rules)[a-z_]+":")[A-Za-z0-9_-]{43}(?=")'
)


class Mould(NamedTuple):
    """A real leaf, cut at what must be unique, and the rows that go with it."""

    pieces: list[bytes]  # constant text; one more than kinds
    kinds: list[str]
    genesis: bytes
    decision: DecisionRow
    vault: VaultRow

    def leaf(self, decision_id: bytes, seq: int) -> bytes:
        """A leaf of its own."""
        drawn = secrets.token_bytes(32 * len(self.kinds))
        made = [self.pieces[0]]
        for place, kind in enumerate(self.kinds):
            fresh = drawn[32 * place : 32 * place + 32]
            if kind == "seq":
                made.append(b"%d" % seq)
            elif kind == "id":
                made.append(decision_id)
            elif kind == "key":
                made.append(format_did_key(fresh).encode())
            else:
                made.append(format_base64url(fresh).encode())
            made.append(self.pieces[place + 1])
        return b"".join(made)


async def mould(connection: asyncpg.Connection) -> tuple[LogId, Mould]:
    """The mould of the newest decision that the service recorded itself."""
    row = await connection.fetchrow(
        "SELECT e.leaf, d.log_id, l.genesis, d.position, d.id::text, d.time_s, d.system"
        " FROM decisions d JOIN entries e USING (log_id, position)"
        " JOIN logs l USING (log_id) ORDER BY position DESC LIMIT 1"
    )
    assert row is not None, "the service has recorded no decision yet"
    columns = ", ".join(VaultRow._fields)
    vault = await connection.fetchrow(
        f"SELECT {columns} FROM vault WHERE log_id = $1 AND position = $2",
        row["log_id"],
        row["position"],
    )
    assert vault is not None
    genesis = row["genesis"].encode()
    pieces, kinds, at = [], [], 0
    for found in _UNIQUE.finditer(row["leaf"]):
        if found[0].endswith(genesis):
            continue  # a digest's form, and the same on every leaf
        kind = str(found.lastgroup)
        pieces.append(row["leaf"][at : found.end(kind)])
        kinds.append(kind)
        at = found.end()
    pieces.append(row["leaf"][at:])
    assert sorted(kinds) == sorted(["seq", "id", "id", "key", *["digest"] * 17])
    return LogId(row["log_id"]), Mould(
        pieces, kinds, genesis, DecisionRow(*list(row.values())[3:]), VaultRow(*vault)
    )


def batch(form: Mould, locked: Locked, count: int) -> NewEntries:
    """`count` entries on top of a locked head; without its tiles."""
    start = int(locked.head.size)
    new = NewEntries(
        start=LeafIndex(start), version=locked.head.version, head=locked.head
    )
    numbers: Iterator[int] = itertools.count(start)
    for seq in range(locked.seqs[0] + 1, locked.seqs[0] + 1 + count):
        decision_id = str(uuid.uuid4())
        leaf = form.leaf(decision_id.encode(), seq)
        position = next(numbers)
        new.leaves.append(leaf)
        new.hashes.append(Hash(hash_leaf(leaf)))
        new.decisions.append(form.decision._replace(position=position, id=decision_id))
        new.vault.append(
            form.vault._replace(
                position=position,
                handle=secrets.token_bytes(16),
                retry_key=None,
                fingerprint=None,
            )
        )
    new.counters = {SYSTEM: (locked.seqs[0] + count, locked.refused[0])}
    return new


async def grow(service: Service, size: int) -> None:
    """Appends until the log of `service` holds `size` entries, then waits for its checkpoint."""
    dsn = await database.dsn(service)
    connection = await asyncpg.connect(dsn, command_timeout=600)
    log_id, form = await mould(connection)
    session = PostgresSession(connection, log_id)
    while True:
        locked = await session.lock([SYSTEM], [], [])
        count = min(CHUNK, size - locked.head.size)
        if count <= 0:
            await session.rollback()
            break
        new = batch(form, locked, count)
        head = locked.head
        extension = extend(Frontier.decode(head.size, head.nodes), new.hashes)
        new.head = Head(
            version=head.version + 1,
            size=TreeSize(extension.frontier.size),
            nodes=extension.frontier.encode(),
            log_time_ms=head.log_time_ms,
            last_record=head.last_record,
        )
        new.tiles = await completed_tiles(session, extension)
        await session.append(new)
        await session.commit()
    await connection.execute("ANALYZE")
    await connection.execute("CHECKPOINT")
    await connection.close()
    await covered(service, size)


async def covered(service: Service, size: int) -> None:
    """Waits until the service has signed a checkpoint of at least `size` entries."""
    for _ in range(600):
        note = await asyncio.to_thread(service.get, "/commons/checkpoint")
        if note.status == 200 and int(note.body.split(b"\n")[1]) >= size:
            return
        await asyncio.sleep(0.2)
    raise TimeoutError(f"no checkpoint of {size} entries\n{service.tail()}")
