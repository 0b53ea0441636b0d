"""`counterfoil identity new`: a private file, once, and a public name."""

import argparse
import json
import stat
from pathlib import Path

import pytest

from api.cli import identity
from api.keyfile import format_identity, parse_identity, read_identity
from ledger.errors import FatalError, MalformedError
from ledger.keys import SigningKey

KEY = SigningKey(bytes(range(32)))


def run(path: Path) -> int:
    parser = argparse.ArgumentParser()
    identity.add(parser.add_subparsers())
    return identity.run(parser.parse_args(["identity", "new", str(path)]))


def test_a_new_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "my.key"
    assert run(path) == 0
    did = capsys.readouterr().out.strip()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_identity(path).did == did
    before = path.read_bytes()
    assert run(path) == 2
    assert path.read_bytes() == before
    other = tmp_path / "other.key"
    assert run(other) == 0
    assert read_identity(other).did != did


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "my.key"
    assert run(path) == 0
    path.chmod(0o644)
    with pytest.raises(FatalError):
        read_identity(path)
    with pytest.raises(FatalError):
        read_identity(tmp_path / "none.key")


def test_the_file_comes_back() -> None:
    assert parse_identity(format_identity(KEY)).did == KEY.did


VALUE = json.loads(format_identity(KEY))


@pytest.mark.parametrize(
    "value",
    [
        [],
        VALUE | {"extra": 1},
        VALUE | {"counterfoil_identity": 2},
        VALUE | {"seed": None},
        VALUE | {"seed": "AAAA"},
        VALUE | {"did": SigningKey(bytes(32)).did},
    ],
)
def test_another_form_is_refused(value: object) -> None:
    with pytest.raises(MalformedError):
        parse_identity(json.dumps(value).encode())
