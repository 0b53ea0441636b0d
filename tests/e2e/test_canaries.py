"""Marked private strings, in every field and every kind of request; then the search.

They may stand in the vault's sealed parts, encrypted, and nowhere else: no leaf, no other
table, no file that PostgreSQL wrote, no log line of ours at debug level, no metric, no
answer of failure; not plainly, not as base64 at any alignment, not as hex, and not as a
plain hash, which a guess would find.
"""

import asyncio
import base64
import hashlib
import html
import re
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator

import asyncpg
import pytest

from ledger.storage.embedded import OWNER, EmbeddedPostgres
from tests.e2e.canaries import MARK, Canaries, World, find, spellings
from tests.soak import HttpPublic
from tests.world.oracle import read_leaves
from tests.world.service import LEDGER, ROOT, Service

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]

# ---- the searching can find ----------------------------------------------------------------


@pytest.mark.parametrize("shift", range(3))
def test_the_search_finds_what_is_hidden(shift: int) -> None:
    canaries = Canaries()
    one = canaries.new().encode()
    needles = canaries.needles()

    for hidden in (
        b"<" + one + b">",
        base64.b64encode(b"p" * shift + one + b"tail"),
        base64.urlsafe_b64encode(b"\xff" * shift + one),
        one.hex().upper().encode(),
        hashlib.sha256(one).digest(),
        base64.urlsafe_b64encode(hashlib.sha512(one).digest()),
    ):
        assert find(b"noise" + hidden + b"noise", needles), hidden
    assert not find(b"noise" * 1000, needles)


# ---- the world ------------------------------------------------------------------------------


def dump(service: Service) -> dict[str, bytes]:
    """The rows of every table, each value as its own bytes."""

    async def read() -> dict[str, bytes]:
        dsn = service.database_url or await EmbeddedPostgres.attach(
            service.data / "postgres", OWNER
        )
        connection = await asyncpg.connect(dsn)
        try:
            names = [
                row[0]
                for row in await connection.fetch(
                    "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
                )
            ]
            found = {}
            for name in names:
                rows = await connection.fetch(f'SELECT * FROM "{name}"')
                found[name] = b"\n".join(
                    value if isinstance(value, bytes) else str(value).encode()
                    for row in rows
                    for value in row.values()
                )
            return found
        finally:
            await connection.close()

    return asyncio.run(read())


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with Service(env={"COUNTERFOIL_LOG_LEVEL": "debug"}) as service:
        yield World(service)


@pytest.fixture(scope="module")
def needles(world: World) -> dict[bytes, bytes]:
    return world.canaries.needles()


def test_they_were_really_said(world: World) -> None:
    assert world.accepted >= 74
    assert len(world.refusals) >= 40
    assert len(world.canaries.made) > 1_000


def test_no_leaf(world: World, needles: dict[bytes, bytes]) -> None:
    public = HttpPublic(world.service)
    size = int(asyncio.run(public.checkpoint()).splitlines()[1])
    leaves = asyncio.run(read_leaves(public, size))
    # A leaf holds base64 of its own; so both are searched.
    data = b"\n".join([*leaves, *[base64.b64encode(leaf) for leaf in leaves]])

    assert size >= world.accepted
    assert find(data, needles) == []


def test_no_table(world: World, needles: dict[bytes, bytes]) -> None:
    """The vault too: what it holds is encrypted, or a hash under a key."""
    tables = dump(world.service)

    assert {"entries", "vault", "decisions", "tokens"} <= tables.keys()
    assert len(tables["vault"]) > 1_000 * world.accepted
    known = {hashlib.sha256(world.service.token.encode()).digest()}
    found = {name: set(find(data, needles)) for name, data in tables.items()}
    # A token is 256 random bits: its hash can be stored plainly, and is.
    assert found.pop("tokens") == known
    assert {name: forms for name, forms in found.items() if forms} == {}


def test_no_file_that_postgresql_wrote(world: World) -> None:
    """Its logs, its write-ahead log, every page: by the mark, and each K as it is."""
    keys = [one for one in world.canaries.made if len(one) == 32]
    needles = [*spellings(MARK), *keys, world.service.token.encode()]
    searched = 0
    for path in (world.service.data / "postgres").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            searched += len(data)
            assert [one for one in needles if one in data] == [], path
    assert searched > 10_000_000 or world.service.database_url


def test_no_line_of_our_log(world: World, needles: dict[bytes, bytes]) -> None:
    log = world.service.log_path.read_bytes()

    assert log.count(b"request_answered") > 40
    assert b'"level":"debug"' in log
    assert find(log, needles) == []
    assert find(urllib.parse.unquote_to_bytes(log), needles) == []


def test_no_metric(world: World, needles: dict[bytes, bytes]) -> None:
    text = world.service.get("/metrics").body
    files = b"".join(
        path.read_bytes() for path in (world.service.data / "run").rglob("*.json")
    )

    assert b"counterfoil_requests_total" in text
    assert find(text + files, needles) == []


def test_no_page(world: World, needles: dict[bytes, bytes]) -> None:
    """Every page that a link of ours leads to, from the first one on."""
    left, pages = [f"/{LEDGER}/", f"/{LEDGER}/r"], dict[str, bytes]()
    while left:
        path = left.pop()
        if path in pages:
            continue
        answer = world.service.get(path, headers={"Accept": "text/html"})
        if answer.status != 200 or "text/html" not in answer.headers["Content-Type"]:
            continue
        pages[path] = answer.body
        for link in re.findall(rb'href="([^"#?]+)', answer.body):
            to = urllib.parse.urljoin(path, html.unescape(link.decode()))
            if to.startswith(f"/{LEDGER}/"):
                left.append(to)

    kinds = {path.split("/")[2] for path in pages}
    assert kinds >= {"", "systems", "contests", "members", "entries", "wallet", "check"}
    assert any(path.count("/") == 3 for path in pages if "/contests/" in path)
    for path, body in pages.items():
        found = find(body, needles)
        if "/proposals/" in path:  # what a member said there is said to everybody
            found.remove(world.spoken)
        assert found == [], path


def test_no_answer_of_failure(world: World, needles: dict[bytes, bytes]) -> None:
    for body in world.refusals:
        assert find(body, needles) == [], body


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_exception_brings_its_variables_into_the_log(form: str) -> None:
    program = f"""
from api.logs import configure
def fail(secret): raise ValueError(secret)
log = configure("debug", {form!r})
try: fail("can" + "ary-in-a-variable")
except ValueError: log.exception("broke")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True
    )

    assert b"broke" in done.stderr
    assert b"ValueError" in done.stderr
    assert MARK not in done.stderr
