"""RFC 6962's own recursive definitions, kept as slow and plain as the RFC writes them."""

from hashlib import sha256

from ledger.ids import Hash


def leaf_hash(data: bytes) -> Hash:
    return Hash(sha256(b"\x00" + data).digest())


def numbered(count: int) -> list[Hash]:
    return [leaf_hash(b"leaf %d" % number) for number in range(count)]


def split(size: int) -> int:
    """The largest power of two below `size`."""
    power = 1
    while power * 2 < size:
        power *= 2
    return power


def mth(leaves: list[Hash]) -> Hash:
    """MTH(D[n]), section 2.1."""
    if not leaves:
        return Hash(sha256(b"").digest())
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return Hash(sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest())


def path(index: int, leaves: list[Hash]) -> list[Hash]:
    """PATH(m, D[n]), section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*path(index, leaves[:k]), mth(leaves[k:])]
    return [*path(index - k, leaves[k:]), mth(leaves[:k])]


def proof(old: int, leaves: list[Hash]) -> list[Hash]:
    """PROOF(m, D[n]), section 2.1.2."""
    return _subproof(old, leaves, whole=True)


def _subproof(old: int, leaves: list[Hash], *, whole: bool) -> list[Hash]:
    if old == len(leaves):
        return [] if whole else [mth(leaves)]
    k = split(len(leaves))
    if old <= k:
        return [*_subproof(old, leaves[:k], whole=whole), mth(leaves[k:])]
    return [*_subproof(old - k, leaves[k:], whole=False), mth(leaves[:k])]


def node(leaves: list[Hash], level: int, index: int) -> Hash:
    """The complete subtree (level, index)."""
    return mth(leaves[index << level : (index + 1) << level])
