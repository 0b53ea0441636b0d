"""A release: a signed checkpoint of a committed head, and proofs under it."""

from binascii import b2a_base64

import orjson

from ledger.ids import Hash, LeafIndex
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.frontier import Extension
from ledger.merkle.tlogproof import FIRST_LINE, format_tlog_proof


class Release:
    """What a batch's waiters are answered with; made only after the head is released.

    Attributes:
        checkpoint: origin, size and root.
        note: the signed note, the bytes that `GET /checkpoint` answers.
    """

    __slots__ = ("_extension", "_tails", "checkpoint", "note")

    def __init__(
        self, checkpoint: Checkpoint, note: bytes, extension: Extension
    ) -> None:
        """`extension` is the batch that made this head."""
        self.checkpoint = checkpoint
        self.note = note
        self._extension = extension
        # What the proofs of many entries end with, as it stands in a JSON string.
        self._tails: dict[tuple[Hash, ...], bytes] = {}

    def inclusion(self, index: LeafIndex) -> list[Hash]:
        """The inclusion proof of an entry of this batch."""
        return self._extension.inclusion(index)

    def tlog_proof_json(self, index: LeafIndex) -> bytes:
        """The C2SP tlog-proof of an entry of this batch, as a JSON string.

        Most of it is the same for all of them, and is put into JSON once.
        """
        own, shared = self._extension.inclusion_parts(index)
        tail = self._tails.get(shared)
        if tail is None:
            text = format_tlog_proof(index, shared, self.note)
            tail = orjson.dumps(text).partition(b"\\n")[2].partition(b"\\n")[2]
            self._tails[shared] = tail
        lines = b"".join([b2a_base64(item, newline=False) + b"\\n" for item in own])
        return b'"%b\\nindex %d\\n%b%b' % (FIRST_LINE, index, lines, tail)
