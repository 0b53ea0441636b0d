"""A start at a million entries: the kept state is read, checked, and caught up with.

The worst that an orderly life leaves: a community of 100,000 members, and as many acts
after the snapshot as may pass before the next one. The database holds every entry's row;
decisions are dummies, since no start reads them. Printed beside it: the same start
without a snapshot's tail, and the snapshot's size.
"""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import asyncpg

from bench.table import Better, Claim, median
from ledger.entries.codec import encode_entry
from ledger.entries.entry import ActRecorded
from ledger.entries.moment import format_log_time
from ledger.governance.people.member import BY_FOUNDER, HeldKey, Member, Span
from ledger.governance.people.room import from_sections
from ledger.governance.state import State
from ledger.ids import Did, TreeSize
from ledger.keys import SigningKey, format_did_key
from ledger.limits import SNAPSHOT_RECORDS
from ledger.log.identity import Ledger
from ledger.log.projection import Projection
from ledger.log.snapshots import Snapshots
from ledger.merkle.hashing import hash_leaf
from ledger.storage.embedded import OWNER, EmbeddedPostgres
from ledger.storage.port import Head
from ledger.storage.postgres import PostgresStore
from tests.governance.world import (
    COMMONS,
    FOUNDED,
    GENESIS,
    NOW_MS,
    ROOT,
    START,
    act_of,
)

DAY_MS: Final = 86_400_000
ROUNDS: Final = 5


def key(number: int) -> SigningKey:
    """The key of one member who acts."""
    return SigningKey(number.to_bytes(32, "big"))


def state_of(members: int, acting: Sequence[Did]) -> State:
    """A community of so many members, `acting` among them."""
    quiet = (
        Did(format_did_key(number.to_bytes(32, "little")))
        for number in range(1, members - len(acting))
    )
    span = Span(joined_ms=NOW_MS - 99 * DAY_MS, index=1, by=BY_FOUNDER)
    found: dict[str, Any] = {}
    for did in (*acting, *quiet):
        held = HeldKey(did=did, added_ms=span.joined_ms)
        found[did] = Member(id=did, spans=(span,), keys=(held,)).public()
    people = from_sections({"members": {**START.sections()["members"], **found}})
    return State(
        community=START.community, log_time_ms=START.log_time_ms, people=people
    )


def act_leaf(number: int, to: Did) -> bytes:
    """A recorded delegation."""
    body = {
        "to": to,
        "scope": "all",
        "until": format_log_time(NOW_MS + 90 * DAY_MS),
        "reason": "A" * 43,
    }
    act = act_of("delegation.set", body, key=key(number), genesis=GENESIS)
    return encode_entry(ActRecorded(ledger=COMMONS, time_ms=NOW_MS + number, act=act))


async def fill(store: PostgresStore, dsn: str, size: int, tail: list[bytes]) -> Ledger:
    """A log of `size` entries that ends with `tail`."""
    row = await store.found(
        name=COMMONS,
        origin=FOUNDED.origin,
        genesis=GENESIS,
        leaf=encode_entry(FOUNDED),
        head=Head(
            version=1, size=TreeSize(1), nodes=ROOT, log_time_ms=NOW_MS, last_record=0
        ),
    )
    first = size - len(tail)
    connection = await asyncpg.connect(dsn, command_timeout=600)
    await connection.execute(
        "INSERT INTO entries SELECT $1, g, sha256(int8send(g)), 'decision'::bytea"
        " FROM generate_series(1::bigint, $2::bigint) g",
        row.log_id,
        first - 1,
    )
    for table, rows in (
        (
            "entries",
            [(row.log_id, first + n, hash_leaf(x), x) for n, x in enumerate(tail)],
        ),
        ("records", [(row.log_id, first + n, str(n)) for n in range(len(tail))]),
    ):
        await connection.copy_records_to_table(table, records=rows)
    await connection.execute(
        "UPDATE heads SET size = $2::bigint, last_record = $2::bigint - 1 WHERE log_id = $1",
        row.log_id,
        size,
    )
    await connection.execute("ANALYZE")
    await connection.close()
    return Ledger(
        log_id=row.log_id, name=COMMONS, origin=FOUNDED.origin, genesis=GENESIS
    )


async def timed(ledger: Ledger, store: PostgresStore, size: int) -> float:
    """Seconds from knowing nothing to the state at the head."""
    projection = Projection(ledger, store)
    begun = time.perf_counter()
    await projection.refresh()
    took = time.perf_counter() - begun
    if projection.current.last_record != size - 1:
        raise RuntimeError("the state is not that of the head")
    return took


async def measure(*, quick: bool) -> list[Claim]:
    """The claim about starts."""
    size, members = (100_000, 10_000) if quick else (1_000_000, 100_000)
    acts = SNAPSHOT_RECORDS // (10 if quick else 1)
    acting = [key(number).did for number in range(1, acts + 1)]
    tail = [act_leaf(number, acting[number % acts]) for number in range(1, acts + 1)]
    with tempfile.TemporaryDirectory(prefix="cf-") as folder:
        async with EmbeddedPostgres(Path(folder)) as server:
            owner = server.dsn_for(OWNER)
            store = await PostgresStore.connect(server.dsn, migrate_dsn=owner)
            ledger = await fill(store, owner, size, tail)
            snapshots = Snapshots(ledger, store.snapshots)
            state = state_of(members, acting)
            begun = time.perf_counter()
            if not await snapshots.keep(state, size - acts - 1):
                raise RuntimeError("the state was not kept")
            kept_s = time.perf_counter() - begun
            row = await store.snapshots.newest(ledger.log_id)
            times = [await timed(ledger, store, size) for _ in range(ROUNDS)]
            begun = time.perf_counter()
            if await snapshots.newest() is None:
                raise RuntimeError("the snapshot cannot be used")
            read_s = time.perf_counter() - begun
            await store.close()
    return [
        Claim(
            what=f"start at {size:,} entries, {members:,} members, {acts:,} acts "
            "after the snapshot",
            measured=median(times),
            least=2.0,
            aim=1.0,
            better=Better.LESS,
            unit="s",
            against=f"{read_s:.2f} s of it to read and check the snapshot, "
            f"{len(row.state) / 1e6 if row else 0:.1f} MB; made in {kept_s:.2f} s",
        )
    ]
