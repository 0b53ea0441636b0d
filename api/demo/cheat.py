"""The audits: a second program that reads the log as any stranger could, and a forged copy.

The second program is `counterfoil audit` itself, in a process of its own.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any, Final

import orjson

import counterfoil
from ledger.audit.source import Source, read_bundle, read_tile
from ledger.errors import FatalError, UnavailableError
from ledger.ids import LeafIndex
from ledger.limits import AUDIT_STATE_BYTES_MAX, CHECKPOINT_BYTES_MAX, TILE_WIDTH
from ledger.merkle.bundle import format_bundle, format_bundle_path
from ledger.merkle.checkpoint import parse_checkpoint
from ledger.merkle.note import parse_note
from ledger.merkle.tile import all_tiles, format_tile_path

ENTRY: Final = LeafIndex(4_211)  # which one is changed
_BEFORE: Final = b'"outcome":"'  # the digest that commits to what was decided
_HELD, _FOUND = 0, 1  # exit codes of `audit`


async def run_audit(place: str, *arguments: str) -> Any:
    """The report of `counterfoil audit PLACE --json`.

    Raises:
        FatalError: it could not audit; carries what it said.
    """
    # By its path: `-m` would look for the module in the current folder first.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(counterfoil.__file__)),
        "audit",
        place,
        "--json",
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, said = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode not in {_HELD, _FOUND}:
        raise FatalError(f"the auditor stopped: {said.decode(errors='replace')}")
    return orjson.loads(output)


async def copy_log(source: Source, folder: Path) -> None:
    """Copies the public log into a folder, file by file, as a mirror would.

    Raises:
        UnavailableError: a file is not served.
    """
    note = await _read(source, "checkpoint", CHECKPOINT_BYTES_MAX)
    size = parse_checkpoint(parse_note(note).text).size
    files = {
        "checkpoint": note,
        "v1/keys": await _read(source, "v1/keys", AUDIT_STATE_BYTES_MAX),
    }
    for tile in all_tiles(size):
        data = await read_tile(source, tile)
        if data is None:
            raise UnavailableError(f"{format_tile_path(tile)} is not served")
        files[format_tile_path(tile)] = data
        if tile.level == 0:
            leaves = await read_bundle(source, tile.index, tile.width)
            name = format_bundle_path(tile.index, tile.width)
            files[name] = format_bundle(leaves)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


async def _read(source: Source, path: str, bytes_max: int) -> bytes:
    data = await source.read(path, bytes_max)
    if data is None:
        raise UnavailableError(f"{path} is not served")
    return data


def change_one_byte(folder: Path, index: LeafIndex = ENTRY) -> None:
    """Changes the outcome's digest in one entry of a copy, by one letter.

    What comes out is still a well-formed entry: only the tree can tell.
    """
    number, place = divmod(index, TILE_WIDTH)
    path = folder / format_bundle_path(number)
    data = bytearray(path.read_bytes())
    start = 0
    for _ in range(place):
        start += 2 + int.from_bytes(data[start : start + 2], "big")
    at = data.index(_BEFORE, start) + len(_BEFORE)
    data[at] = ord("B") if data[at] == ord("A") else ord("A")
    path.write_bytes(data)
