r"""Who wins a tie: the smallest of hashes that every ballot moves.

    root = RFC 6962 root (SHA-256) whose leaves are the act ids of the counted ballots,
           43 ASCII letters of base64url each, in ascending order of their voters' dids
    tie  = SHA-256("counterfoil/v1/tie\0" ‖ proposal id ‖ root ‖ option)

Proposal id: its ASCII letters. Root: 32 bytes. Option: its code in ASCII; the only part
of free length, and the last. Of options that tie, the one with the smallest `tie` is
placed first; where one of them must go, it is the one with the largest.

Not random: who casts the last ballot may try many spellings of it (another reason's
digest) until the hash falls as wished. It decides ties only, the ballots are public, and
whoever sees it may cast anew. These bytes never change.

Example: without a ballot the root is SHA-256(""), `47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU`.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from ledger.ids import Hash
from ledger.merkle.frontier import Frontier, extend
from ledger.merkle.hashing import hash_leaf

TIE: Final = b"counterfoil/v1/tie\0"


def ballots_root(cast: Mapping[str, str]) -> Hash:
    """The root over act ids; `cast` is voter to act id."""
    hashes = [hash_leaf(cast[voter].encode("ascii")) for voter in sorted(cast)]
    return extend(Frontier.EMPTY, hashes).root


def tie_hash(proposal_id: str, root: bytes, option: str) -> bytes:
    """The 32 bytes by which `option` is compared with those it ties with."""
    return sha256(
        TIE + proposal_id.encode("ascii") + root + option.encode("ascii")
    ).digest()


class Ties:
    """The order of luck among the options of one count; hashed when first asked."""

    __slots__ = ("_key", "_places")

    def __init__(self, proposal_id: str, root: bytes, options: tuple[str, ...]) -> None:
        """`options`: in the proposal's order."""
        self._key = (proposal_id, root, options)
        self._places: list[int] | None = None

    def __getitem__(self, option: int) -> int:
        """How early the option at this place of the proposal comes: 0 wins every tie."""
        if self._places is None:
            proposal_id, root, options = self._key
            hashes = [tie_hash(proposal_id, root, name) for name in options]
            order = sorted(range(len(options)), key=lambda at: hashes[at])
            self._places = [order.index(at) for at in range(len(options))]
        return self._places[option]
