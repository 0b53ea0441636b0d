"""Kinds of problem that the parts of cases meet."""

from typing import Final

from schemas.kind import Kind

PART_KINDS: Final = (
    Kind(
        "not-named",
        404,
        "No act names these bytes",
        "Record the act that names their SHA-256 first, then send exactly those bytes.",
    ),
    Kind(
        "invalid-part",
        422,
        "This is too short to be a part of a case",
        "Send a nonce of 12 bytes and AES-256-GCM's ciphertext, as the act names it.",
    ),
)
