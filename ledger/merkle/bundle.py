"""Entry bundles (C2SP tlog-tiles): the leaves themselves, 256 a file.

    tile/entries/<N>[.p/<W>]        tile/entries/x001/067, tile/entries/000.p/17
    bundle = (u16 length ‖ leaf)*   big-endian

The i-th leaf of bundle N hashes to the i-th hash of tile/0/N.
"""

from collections.abc import Sequence

from ledger.errors import MalformedError
from ledger.limits import LEAF_BYTES_MAX, TILE_WIDTH
from ledger.merkle.tile import format_number, parse_number

_PREFIX = "tile/entries/"


def format_bundle(leaves: Sequence[bytes]) -> bytes:
    """The bundle's bytes.

    Raises:
        MalformedError: a leaf longer than 65,535 bytes, or not 1 to 256 of them.
    """
    if not 1 <= len(leaves) <= TILE_WIDTH:
        raise MalformedError(f"a bundle of {len(leaves)} leaves")
    if any(len(leaf) > LEAF_BYTES_MAX for leaf in leaves):
        raise MalformedError(f"a leaf longer than {LEAF_BYTES_MAX:,} bytes")
    return b"".join([len(leaf).to_bytes(2, "big") + leaf for leaf in leaves])


def parse_bundle(data: bytes) -> list[bytes]:
    """The leaves whose `format_bundle` is `data`.

    Raises:
        MalformedError: cut short, or not 1 to 256 leaves.
    """
    leaves = []
    at, end = 0, len(data)
    while at + 2 <= end:
        start = at + 2
        at = start + (data[at] << 8 | data[at + 1])
        leaves.append(data[start:at])
    if at != end:
        whole = len(leaves) - (at > end)
        raise MalformedError(f"a bundle cut short after {whole} leaves")
    if not 1 <= len(leaves) <= TILE_WIDTH:
        raise MalformedError(f"a bundle of {len(leaves)} leaves")
    return leaves


def format_bundle_path(index: int, width: int = TILE_WIDTH) -> str:
    """The bundle's path below the log's prefix."""
    return _PREFIX + format_number(index, width)


def parse_bundle_path(path: str) -> tuple[int, int]:
    """The (index, width) whose `format_bundle_path` is `path`.

    Raises:
        MalformedError: another form.
    """
    if not path.startswith(_PREFIX):
        raise MalformedError("not the path of an entry bundle")
    return parse_number(path[len(_PREFIX) :])
