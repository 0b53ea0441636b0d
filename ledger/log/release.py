"""A release: a signed checkpoint of a committed head, and proofs under it."""

from ledger.ids import Hash, LeafIndex
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.frontier import Extension
from ledger.merkle.tlogproof import format_tlog_proof


class Release:
    """What a batch's waiters are answered with; made only after the head is released.

    Attributes:
        checkpoint: origin, size and root.
        note: the signed note, the bytes that `GET /checkpoint` answers.
    """

    __slots__ = ("_extension", "checkpoint", "note")

    def __init__(
        self, checkpoint: Checkpoint, note: bytes, extension: Extension
    ) -> None:
        """`extension` is the batch that made this head."""
        self.checkpoint = checkpoint
        self.note = note
        self._extension = extension

    def inclusion(self, index: LeafIndex) -> list[Hash]:
        """The inclusion proof of an entry of this batch."""
        return self._extension.inclusion(index)

    def tlog_proof(self, index: LeafIndex) -> str:
        """The C2SP tlog-proof text of an entry of this batch."""
        return format_tlog_proof(index, self.inclusion(index), self.note)
