"""Inclusion and consistency proofs (RFC 6962 section 2.1), asked, built and checked.

All three kinds are one: a *subtree proof* that the leaves [start, end) are those of a
tree of `size` leaves (draft-ietf-plants-merkle-tree-certs, "subtree consistency").

    inclusion of leaf i      = subtree [i, i + 1), whose root is the leaf's hash
    consistency with size m  = subtree [0, m), whose root is the old root

A subtree [start, end) is valid when `start` is a multiple of the least power of two that
is not below `end - start`. A proof is a walk from the root down to the subtree, written
bottom up. At each step, with k the largest power of two below the current size:

    RIGHT  end <= k           the sibling is right of it; only the new root takes it
    LEFT   k <= start         the sibling is left of both
    SPLIT  start < k < end    the left child is whole in old and new: both roots take it

After a SPLIT the walk ends in a node that the proof itself must carry first, since no
root names it. `…_needs` says which complete subtrees (level, index) to read, `build_…`
turns their hashes into the proof, `check_…` verifies; the walk is shared, so the three
cannot disagree. Nothing recurses; a walk has at most 63 steps.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from ledger.errors import MalformedError, VerificationError
from ledger.ids import Hash, LeafIndex, TreeSize
from ledger.limits import TREE_SIZE_MAX
from ledger.merkle.hashing import EMPTY_ROOT, HASH_BYTES, hash_children

_RIGHT, _LEFT, _SPLIT = range(3)


Node: TypeAlias = tuple[int, int]  # (level, index): the index-th of 2**level leaves


class _Walk(NamedTuple):
    """From the subtree up: where the proof begins, and which sibling each step adds."""

    carried: tuple[int, int] | None  # the node the proof must carry first, as a range
    steps: list[tuple[int, int, int]]  # (side, first leaf, leaf after the last)


def _walk(start: int, end: int, size: int) -> _Walk:
    steps = []
    first, after = 0, size  # the range of leaves under the node reached so far
    left, right = start, end  # of the subtree; `left` moves to `first` at a SPLIT
    split = False
    while (left, right) != (first, after):
        middle = first + (1 << (after - first - 1).bit_length() - 1)
        if right <= middle:
            steps.append((_RIGHT, middle, after))
            after = middle
        else:
            side = _LEFT if middle <= left else _SPLIT
            steps.append((side, first, middle))
            if side == _SPLIT:
                split, left = True, middle
            first = middle
    steps.reverse()
    return _Walk((first, after) if split else None, steps)


def _check_range(start: int, end: int, size: int) -> None:
    if not 0 <= start < end <= size <= TREE_SIZE_MAX:
        raise MalformedError(
            f"[{start}, {end}) of a tree of {size} leaves: expected "
            "0 <= start < end <= size"
        )
    if start & ((1 << (end - start - 1).bit_length()) - 1):
        raise MalformedError(
            f"[{start}, {end}) is not a subtree: it begins off its grid"
        )


def _complete(first: int, after: int) -> Iterator[Node]:
    """The complete subtrees that make up a range that begins on its grid."""
    while first < after:
        level = (after - first).bit_length() - 1
        yield level, first >> level
        first += 1 << level


def subtree_nodes(size: TreeSize) -> list[Node]:
    """The complete subtrees that make up a tree of `size` leaves: its frontier's places."""
    return list(_complete(0, size))


# ---- subtrees -------------------------------------------------------------------


def subtree_needs(start: LeafIndex, end: TreeSize, size: TreeSize) -> list[Node]:
    """The complete subtrees whose hashes `build_subtree` wants, in its order.

    Raises:
        MalformedError: not `0 <= start < end <= size`, or not a valid subtree.
    """
    _check_range(start, end, size)
    carried, steps = _walk(start, end, size)
    needs = list(_complete(*carried)) if carried else []
    for _, first, after in steps:
        needs.extend(_complete(first, after))
    return needs


def build_subtree(
    start: LeafIndex, end: TreeSize, size: TreeSize, nodes: Sequence[Hash]
) -> list[Hash]:
    """The proof, from the hashes of exactly the nodes `subtree_needs` names.

    Raises:
        MalformedError: a range as for `subtree_needs`, or another number of hashes.
    """
    _check_range(start, end, size)
    carried, steps = _walk(start, end, size)
    ranges = [carried] if carried else []
    ranges += [(first, after) for _, first, after in steps]
    proof: list[Hash] = []
    taken = 0
    for first, after in ranges:
        count = (after - first).bit_count()
        parts = nodes[taken : taken + count]
        taken += count
        if len(parts) != count:
            break
        whole = parts[-1]
        for part in parts[-2::-1]:
            whole = hash_children(part, whole)
        proof.append(whole)
    if taken != len(nodes):
        raise MalformedError(f"{len(nodes)} hashes given where others are needed")
    return proof


def check_subtree(
    start: LeafIndex,
    end: TreeSize,
    size: TreeSize,
    subtree_root: Hash,
    proof: Sequence[Hash],
    root: Hash,
) -> None:
    """Checks that the leaves [start, end) of the tree under `root` hash to `subtree_root`.

    The empty subtree is in every tree, and its proof is empty. A root's own length is
    not looked at: where it is compared with a digest, no other length can equal it.

    Raises:
        VerificationError: they do not, or no such proof can exist (its range, length or
            the length of a hash in it).
    """
    empty = 0 <= int(start) == int(end) <= size
    if empty and subtree_root == EMPTY_ROOT and not proof:
        return
    try:
        _check_range(start, end, size)
    except MalformedError as error:
        raise VerificationError(str(error)) from error
    carried, steps = _walk(start, end, size)
    expected = len(steps) + (carried is not None)
    if len(proof) != expected:
        raise VerificationError(
            f"a proof of {len(proof)} hashes where {expected} are expected"
        )
    if any(len(item) != HASH_BYTES for item in proof):
        raise VerificationError("a hash in a proof that is not 32 bytes")
    _fold(subtree_root, proof, root, split=carried is not None, steps=steps)


def _fold(
    subtree_root: Hash,
    proof: Sequence[Hash],
    root: Hash,
    *,
    split: bool,
    steps: list[tuple[int, int, int]],
) -> None:
    old = new = proof[0] if split else subtree_root
    for item, (side, _, _) in zip(proof[split:], steps, strict=True):
        if side == _RIGHT:
            new = hash_children(new, item)
        else:
            new = hash_children(item, new)
            if side == _SPLIT:
                old = hash_children(item, old)
    if old != subtree_root:
        raise VerificationError("the proof does not lead to the old root")
    if new != root:
        raise VerificationError("the proof does not lead to the root")


# ---- inclusion --------------------------------------------------------------------


def inclusion_needs(index: LeafIndex, size: TreeSize) -> list[Node]:
    """The nodes to read for the inclusion proof of leaf `index`.

    Raises:
        MalformedError: not `0 <= index < size`.
    """
    return subtree_needs(index, TreeSize(index + 1), size)


def build_inclusion(
    index: LeafIndex, size: TreeSize, nodes: Sequence[Hash]
) -> list[Hash]:
    """PATH(index, D[size]) of RFC 6962 section 2.1.1.

    Raises:
        MalformedError: not `0 <= index < size`, or another number of hashes.
    """
    return build_subtree(index, TreeSize(index + 1), size, nodes)


def check_inclusion(
    index: LeafIndex,
    size: TreeSize,
    leaf_hash: Hash,
    proof: Sequence[Hash],
    root: Hash,
) -> None:
    """Checks that leaf `index` of the tree under `root` has `leaf_hash`.

    Raises:
        VerificationError: it has not.
    """
    if len(leaf_hash) != HASH_BYTES:
        raise VerificationError("a leaf hash that is not 32 bytes")
    check_subtree(index, TreeSize(index + 1), size, leaf_hash, proof, root)


def check_subtree_inclusion(
    index: LeafIndex,
    start: LeafIndex,
    end: TreeSize,
    leaf_hash: Hash,
    proof: Sequence[Hash],
    subtree_root: Hash,
) -> None:
    """Checks that leaf `index` of the whole tree is in the subtree [start, end).

    Raises:
        VerificationError: it is not, or [start, end) is not a valid subtree.
    """
    try:
        _check_range(start, end, end)
    except MalformedError as error:
        raise VerificationError(str(error)) from error
    if not start <= index < end:
        raise VerificationError(f"leaf {index} is outside [{start}, {end})")
    inner, size = LeafIndex(index - start), TreeSize(end - start)
    check_inclusion(inner, size, leaf_hash, proof, subtree_root)


# ---- consistency ------------------------------------------------------------------


def consistency_needs(old: TreeSize, new: TreeSize) -> list[Node]:
    """The nodes to read for a consistency proof; none from the empty tree.

    Raises:
        MalformedError: not `0 <= old <= new`.
    """
    if old == 0 and 0 <= new <= TREE_SIZE_MAX:
        return []
    return subtree_needs(LeafIndex(0), old, new)


def build_consistency(
    old: TreeSize, new: TreeSize, nodes: Sequence[Hash]
) -> list[Hash]:
    """PROOF(old, D[new]) of RFC 6962 section 2.1.2; empty from the empty tree.

    Raises:
        MalformedError: not `0 <= old <= new`, or another number of hashes.
    """
    if old == 0 and 0 <= new <= TREE_SIZE_MAX and not nodes:
        return []
    return build_subtree(LeafIndex(0), old, new, nodes)


def check_consistency(
    old: TreeSize, new: TreeSize, old_root: Hash, proof: Sequence[Hash], new_root: Hash
) -> None:
    """Checks that the tree of `new` leaves begins with the tree of `old` leaves.

    From the empty tree nothing is to prove: its root must be the empty root, the proof
    empty and the new root a hash (the empty root again, where `new` is 0).

    Raises:
        VerificationError: it does not.
    """
    if old == 0:
        expected = EMPTY_ROOT if new == 0 else new_root
        held = (old_root, new_root) == (EMPTY_ROOT, expected) and not proof
        if not held or len(new_root) != HASH_BYTES or not 0 <= new <= TREE_SIZE_MAX:
            raise VerificationError("not the empty tree, or a proof from it")
        return
    check_subtree(LeafIndex(0), old, new, old_root, proof, new_root)
