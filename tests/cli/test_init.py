"""`init`: a ledger, its keys, and the words about them."""

import asyncio
import stat
from pathlib import Path

import asyncpg
import pytest

from api.keyfile import read_identity
from tests.cli.command import Operator

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def operator(database: str, tmp_path: Path) -> Operator:
    return Operator(tmp_path / "data", database)


def test_it_founds_signs_and_says_what_to_keep(operator: Operator) -> None:
    told = operator.does("init", "city", "--origin", "example.org/city")
    founder = read_identity(operator.data / "founder.key").did
    assert founder in told.out
    assert "vkey     example.org/city+" in told.out
    assert "in another place than the data" in told.err
    assert "counterfoil systems add city" in told.err
    keys = operator.data / "keys" / "city"
    assert str(keys) in told.err
    modes = {stat.S_IMODE(path.stat().st_mode) for path in keys.rglob("*.key")}
    assert modes == {0o600}
    (ledger,) = operator.does("status", "--json").json()["ledgers"]
    assert (ledger["released"], ledger["refuses"]) == (1, None)
    assert ledger["vkey"] in told.out


def test_founders_and_parameters_of_ones_own(
    operator: Operator, tmp_path: Path
) -> None:
    did = operator.does("identity", "new", str(tmp_path / "alice.key")).out.strip()
    (tmp_path / "p.json").write_text('{"decided_at_age_days": 90}')
    more = ("--founder", did, "--parameters", str(tmp_path / "p.json"), "--json")
    told = operator.does("init", "city", "--origin", "example.org/city", *more).json()
    assert told["founders"] == [did]
    assert not (operator.data / "founder.key").exists()
    refused = operator("systems", "add", "city", "s1")
    assert refused.code == 2
    assert "founder.key" in refused.err
    operator.does(
        "systems", "add", "city", "s1", "--identity", str(tmp_path / "alice.key")
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("City", "--origin", "example.org/city"), "a ledger's name is"),
        (("docs", "--origin", "example.org/city"), "a ledger's name is"),
        (("city", "--origin", "https://example.org/city"), "no https://"),
        (("city", "--origin", "example.org/a b"), "no blank"),
        (("city", "--origin", "o.example", "--founder", "did:key:z6"), "identity new"),
        (("city", "--origin", "o.example", "--parameters", "/no/such"), "cannot read"),
    ],
)
def test_what_is_refused_leaves_nothing(
    operator: Operator, arguments: tuple[str, ...], says: str
) -> None:
    told = operator("init", *arguments)
    assert told.code == 2
    assert says in told.err
    assert not operator.data.exists()


def test_parameters_that_do_not_exist(operator: Operator, tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    for text in ('{"decided_at_age_day": 90}', '{"decided_at_age_days": 0}', "[]"):
        path.write_text(text)
        more = ("--origin", "example.org/city", "--parameters", str(path))
        assert operator("init", "city", *more).code == 2
    assert operator.does("status", "--json").json()["ledgers"] == []


def test_a_second_ledger_of_one_name_origin_or_key(operator: Operator) -> None:
    operator.does("init", "city", "--origin", "example.org/city")
    again = operator("init", "city", "--origin", "example.org/city")
    assert (again.code, "already" in again.err) == (2, True)
    other = operator("init", "town", "--origin", "example.org/city")
    assert (other.code, "exists here already" in other.err) == (2, True)
    assert not (operator.data / "keys" / "town").exists()
    renamed = operator("init", "city", "--origin", "example.org/town")
    assert "holds the keys of origin example.org/city" in renamed.err


def test_keys_that_signed_do_not_found_again(
    operator: Operator, empty_database: str
) -> None:
    operator.does("init", "city", "--origin", "example.org/city")
    elsewhere = Operator(operator.data, empty_database)
    told = elsewhere("init", "city", "--origin", "example.org/city")
    assert told.code == 2
    assert "counterfoil restore" in told.err


def test_a_constitution_of_ones_own(
    operator: Operator, tmp_path: Path, database: str
) -> None:
    path = tmp_path / "constitution.txt"
    more = ("--origin", "example.org/city", "--constitution", str(path))
    for text in (b"a\ttab\n", b"\xff\n", "\u202eevil\n".encode()):
        path.write_bytes(text)
        assert operator("init", "city", *more).code == 2
    path.write_text("One person, one vote.\n", encoding="utf-8")
    operator.does("init", "city", *more)

    async def leaf() -> str:
        connection = await asyncpg.connect(database)
        try:
            found = await connection.fetchval("SELECT leaf FROM entries")
        finally:
            await connection.close()
        return str(bytes(found), "utf-8")

    assert '"constitution":"One person, one vote.\\n"' in asyncio.run(leaf())
