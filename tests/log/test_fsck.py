"""fsck finds each kind of damage, and rebuilds what derives from the entries."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from ledger.errors import FatalError, UnavailableError, VerificationError
from ledger.ids import Hash, LeafIndex, TreeSize
from ledger.log.book import Book
from ledger.log.fsck import Fsck, fsck
from ledger.log.fsck_rebuild import rebuild
from ledger.merkle.checkpoint import Checkpoint
from ledger.storage.snapshot import snapshot
from tests.entries.test_receipt import sealed_again
from tests.world.desk import Desk
from tests.world.service import decision

pytestmark = pytest.mark.postgres

DECISIONS = 300
APPEND_ONLY = ("entries", "tiles", "records", "decisions", "logs")


@dataclass
class World:
    """A ledger of a few hundred entries, and its tables' owner at hand."""

    desk: Desk
    book: Book
    dsn: str
    owner_dsn: str

    async def harm(self, statement: str) -> None:
        """What only somebody at the database can do: past the triggers."""
        connection = await asyncpg.connect(self.owner_dsn)
        for table in APPEND_ONLY:
            await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        status = await connection.execute(statement)
        assert not status.endswith(" 0"), "nothing was harmed"
        for table in APPEND_ONLY:
            await connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        await connection.close()

    async def check(self, *, vault: bool = False) -> Fsck:
        newest = self.book.released.newest()
        async with snapshot(self.dsn) as moment:
            return await fsck(
                moment,
                self.desk.row,
                released=None if newest is None else newest[0],
                vault=self.book.keyring.vault() if vault else None,
            )

    async def kinds(self, *, vault: bool = False) -> set[str]:
        return {kind for kind, _ in (await self.check(vault=vault)).findings}

    async def dump(self) -> dict[str, list[tuple[object, ...]]]:
        connection = await asyncpg.connect(self.owner_dsn)
        found = {
            table: [
                tuple(row)
                for row in await connection.fetch(
                    f"SELECT * FROM {table} ORDER BY 1, 2, 3"
                )
            ]
            for table in (
                "decisions",
                "records",
                "counters",
                "tiles",
                "entries",
                "heads",
            )
        }
        await connection.close()
        return found


@pytest.fixture
async def world(
    database: str, owner_database: str, tmp_path: Path
) -> AsyncIterator[World]:
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        await desk.record(book, *(decision() for _ in range(DECISIONS)))
        await desk.act(book, "system.version", {"system": "example", "version": "v2"})
        yield World(desk, book, database, owner_database)


async def test_a_sound_ledger_has_no_findings(world: World) -> None:
    found = await world.check(vault=True)
    assert found.findings == []
    assert (found.size, found.opened, found.unsealed) == (303, DECISIONS, 0)


@pytest.mark.parametrize(
    ("statement", "kinds", "says"),
    [
        (
            "UPDATE entries SET leaf = overlay(leaf placing '{' from 20) WHERE position = 7",
            {"entry"},
            "entry 7 does not hash",
        ),
        (
            "UPDATE entries SET hash = sha256('x') WHERE position = 300",
            {"entry", "head", "released"},
            "entry 300 does not hash",
        ),
        (
            "DELETE FROM entries WHERE position = 9",
            {"entry"},
            "entries 9 to 9 are gone",
        ),
        ("DELETE FROM entries WHERE position = 302", {"head"}, "and the 302 stored"),
        ("UPDATE tiles SET hashes = set_byte(hashes, 5, 1)", {"tile"}, "tile 0/0"),
        ("DELETE FROM tiles", {"tile"}, "over entries 0 to 255, is missing"),
        (
            "INSERT INTO tiles SELECT log_id, 3, 0, root, hashes, nodes FROM tiles",
            {"tile"},
            "level 3 has tiles past the tree",
        ),
        ("DELETE FROM decisions WHERE position = 100", {"row"}, "is missing from"),
        (
            "UPDATE decisions SET system = 'x' WHERE position = 100",
            {"row"},
            "100 is not",
        ),
        (
            "UPDATE decisions SET position = 5000 WHERE position = 9",
            {"row"},
            "past the",
        ),
        ("UPDATE records SET id = 'x' WHERE position = 302", {"row"}, "entry 302"),
        ("UPDATE counters SET seq = seq - 1", {"row"}, "counter of system example"),
        ("INSERT INTO counters VALUES (1, 'ghost', 3, 0)", {"row"}, "counter of ghost"),
        ("UPDATE heads SET last_record = 1", {"head"}, "newest act"),
        ("UPDATE heads SET log_time_ms = 1", {"head"}, "log time"),
        ("UPDATE heads SET nodes = set_byte(nodes, 3, 1)", {"head"}, "the head says"),
        ("UPDATE vault SET position = 1 WHERE position = 9", {"vault"}, "no decision"),
        ("UPDATE logs SET genesis = 'x'", {"entry", "row"}, "genesis"),
    ],
)
async def test_each_harm_is_found(
    world: World, statement: str, kinds: set[str], says: str
) -> None:
    await world.harm(statement)
    world.desk.row = (await world.book.store.logs())[0]
    found = await world.check()
    assert kinds <= {kind for kind, _ in found.findings}
    assert says in "\n".join(sentence for _, sentence in found.findings)


@pytest.mark.parametrize(
    ("column", "says"),
    [
        ("sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)", "does not open"),
        ("wrapped = set_byte(wrapped, 3, get_byte(wrapped, 3) # 1)", "was altered"),
        ("epoch = 7", "key encryption key 7 is missing"),
        ("wrapped = (SELECT wrapped FROM vault WHERE position = 11)", "does not open"),
    ],
)
async def test_a_sealed_part_that_does_not_open(
    world: World, column: str, says: str
) -> None:
    await world.harm(f"UPDATE vault SET {column} WHERE position = 10")
    assert await world.kinds() == set(), "only the keys can tell"
    found = await world.check(vault=True)
    assert [kind for kind, _ in found.findings] == ["secret"]
    assert says in found.findings[0][1]
    assert found.findings[0][1].startswith("entry 10:")


async def test_a_sealed_part_that_says_another_thing(world: World) -> None:
    """It opens, under the very K: whoever has the keys sealed another outcome."""
    log_id, leaf = world.desk.row.log_id, await world.book.reader.entry(10)
    row = await world.book.store.vault_row(log_id, LeafIndex(10))
    assert row is not None
    secret = world.book.keyring.vault().unwrap(row.epoch, row.wrapped)
    other = sealed_again(leaf, secret, row.sealed).hex()
    await world.harm(f"UPDATE vault SET sealed = '\\x{other}' WHERE position = 10")
    found = await world.check(vault=True)
    assert [kind for kind, _ in found.findings] == ["secret"]
    assert "the digest of the sealed field 'outcome'" in found.findings[0][1]


async def test_an_erased_decision_is_no_finding(world: World) -> None:
    await world.harm("DELETE FROM vault WHERE position = 10")
    found = await world.check(vault=True)
    assert (found.findings, found.unsealed) == ([], 1)


async def test_a_database_behind_and_beside_the_released_head(world: World) -> None:
    async with snapshot(world.dsn) as moment:
        for size, says in (
            (999, "was released, and here are 303"),
            (300, "are not those"),
        ):
            other = Checkpoint(
                origin=world.desk.row.origin, size=TreeSize(size), root=Hash(bytes(32))
            )
            found = await fsck(moment, world.desk.row, released=other)
            assert [kind for kind, _ in found.findings] == ["released"]
            assert says in found.findings[0][1]


async def test_projections_dropped_are_rebuilt_equal_to_the_row(world: World) -> None:
    before = await world.dump()
    for table in ("decisions", "records", "tiles", "counters"):
        await world.harm(f"DELETE FROM {table}")
    assert {"row", "tile"} <= await world.kinds()
    assert await rebuild(world.owner_dsn, world.desk.row) == 303
    assert await world.dump() == before
    assert (await world.check(vault=True)).findings == []
    # and the triggers are back
    connection = await asyncpg.connect(world.owner_dsn)
    for table in APPEND_ONLY:
        with pytest.raises(asyncpg.PostgresError, match="append-only"):
            await connection.execute(f"DELETE FROM {table}")
    await connection.close()


async def test_refusals_since_the_last_leaf_are_kept(world: World) -> None:
    await world.harm("UPDATE counters SET refused = 5, seq = 1")
    await world.harm("INSERT INTO counters VALUES (1, 'ghost', 3, 0), (1, 'shy', 2, 4)")
    await rebuild(world.owner_dsn, world.desk.row)
    assert (await world.dump())["counters"] == [
        (1, "example", DECISIONS, 5),
        (1, "shy", 0, 4),
    ]
    assert await world.kinds() == set()


async def test_nothing_is_rebuilt_from_damaged_entries(world: World) -> None:
    await world.harm("DELETE FROM decisions WHERE position = 100")
    await world.harm("UPDATE heads SET nodes = set_byte(nodes, 3, 1)")
    before = await world.dump()
    with pytest.raises(VerificationError, match="do not lead to the head"):
        await rebuild(world.owner_dsn, world.desk.row)
    assert await world.dump() == before


async def test_only_the_owner_rebuilds(world: World) -> None:
    if world.dsn == world.owner_dsn:
        pytest.skip("one role owns and serves")
    with pytest.raises((FatalError, UnavailableError), match="owner"):
        await rebuild(world.dsn, world.desk.row)
