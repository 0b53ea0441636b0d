"""Pictures as files, by the standard library alone."""

import struct
import zlib
from collections.abc import Sequence

QUIET = 4


def _chunk(kind: bytes, body: bytes) -> bytes:
    return (
        struct.pack(">I", len(body))
        + kind
        + body
        + struct.pack(">I", zlib.crc32(kind + body))
    )


def png(rows: Sequence[bytes], *, channels: int = 1) -> bytes:
    """A PNG of these lines: gray values, or with three channels red, green and blue."""
    width, color = len(rows[0]) // channels, {1: 0, 3: 2}[channels]
    header = struct.pack(">IIBBBBB", width, len(rows), 8, color, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 1)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", pixels)
        + _chunk(b"IEND", b"")
    )


def code_png(modules: Sequence[str], module: int = 4) -> bytes:
    """A QR code of rows of 0 and 1, with its quiet zone."""
    blank = "0" * (len(modules) + 2 * QUIET)
    framed = [blank] * QUIET
    framed += ["0" * QUIET + row + "0" * QUIET for row in modules]
    framed += [blank] * QUIET
    lines = [
        b"".join((b"\0" if one == "1" else b"\xff") * module for one in row)
        for row in framed
        for _ in range(module)
    ]
    return png(lines)
