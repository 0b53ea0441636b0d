// Inclusion and consistency proofs (RFC 6962 section 2.1), checked.
//
// Both are *subtree proofs*, that the leaves [start, end) are those of a tree of `size` leaves:
//
//   inclusion of leaf i      = subtree [i, i + 1), whose root is the leaf's hash
//   consistency with size m  = subtree [0, m), whose root is the old root
//
// A subtree begins on its grid: at a multiple of the least power of two not below its width. Indexes and sizes
// are BigInt, or numbers that are exact. All functions throw VerificationError where a proof does not hold.

import { equalBytes } from "./bytes.js";
import { VerificationError } from "./errors.js";
import { EMPTY_ROOT, HASH_BYTES, hashChildren } from "./hash.js";
import { TREE_SIZE_MAX } from "./limits.js";

const [RIGHT, LEFT, SPLIT] = [0, 1, 2];

function bitLength(number) {
  return number === 0n ? 0n : BigInt(number.toString(2).length);
}

function checkRange(start, end, size) {
  if (!(0n <= start && start < end && end <= size && size <= TREE_SIZE_MAX)) {
    throw new VerificationError(`[${start}, ${end}) of a tree of ${size} leaves: expected 0 <= start < end <= size`);
  }
  if (start & ((1n << bitLength(end - start - 1n)) - 1n)) {
    throw new VerificationError(`[${start}, ${end}) is not a subtree: it begins off its grid`);
  }
}

// The walk from the root down to the subtree, bottom up: on which side each sibling of the proof stands. After
// a SPLIT the walk ends in a node that the proof must carry first, since no root names it.
function walkSides(start, end, size) {
  const sides = [];
  let [first, after] = [0n, size];
  let left = start;
  while (left !== first || end !== after) {
    const middle = first + (1n << (bitLength(after - first - 1n) - 1n));
    if (end <= middle) {
      sides.push(RIGHT);
      after = middle;
    } else {
      sides.push(middle <= left ? LEFT : SPLIT);
      if (middle > left) left = middle;
      first = middle;
    }
  }
  return sides.reverse();
}

// That the leaves [start, end) of the tree of `size` leaves under `root` hash to `subtreeRoot`.
export async function checkSubtree(start, end, size, subtreeRoot, proof, root) {
  const [from, to, all] = [BigInt(start), BigInt(end), BigInt(size)];
  if (0n <= from && from === to && to <= all && proof.length === 0 && equalBytes(subtreeRoot, EMPTY_ROOT)) return;
  checkRange(from, to, all);
  const sides = walkSides(from, to, all);
  const split = sides.includes(SPLIT);
  const expected = sides.length + (split ? 1 : 0);
  if (proof.length !== expected) {
    throw new VerificationError(`a proof of ${proof.length} hashes where ${expected} are expected`);
  }
  if (proof.some((hash) => hash.length !== HASH_BYTES)) throw new VerificationError("a hash in a proof that is not 32 bytes");
  let [oldRoot, newRoot] = split ? [proof[0], proof[0]] : [subtreeRoot, subtreeRoot];
  const siblings = split ? proof.slice(1) : proof;
  for (const [at, side] of sides.entries()) {
    newRoot = side === RIGHT ? await hashChildren(newRoot, siblings[at]) : await hashChildren(siblings[at], newRoot);
    if (side === SPLIT) oldRoot = await hashChildren(siblings[at], oldRoot);
  }
  if (!equalBytes(oldRoot, subtreeRoot)) throw new VerificationError("the proof does not lead to the old root");
  if (!equalBytes(newRoot, root)) throw new VerificationError("the proof does not lead to the root");
}

// That leaf `index` of the tree of `size` leaves under `root` has `leafHash`.
export async function checkInclusion(index, size, leafHash, proof, root) {
  if (leafHash.length !== HASH_BYTES) throw new VerificationError("a leaf hash that is not 32 bytes");
  await checkSubtree(index, BigInt(index) + 1n, size, leafHash, proof, root);
}

// That leaf `index` of the whole tree is in the subtree [start, end).
export async function checkSubtreeInclusion(index, start, end, leafHash, proof, subtreeRoot) {
  const [at, from, to] = [BigInt(index), BigInt(start), BigInt(end)];
  checkRange(from, to, to);
  if (at < from || at >= to) throw new VerificationError(`leaf ${at} is outside [${from}, ${to})`);
  await checkInclusion(at - from, to - from, leafHash, proof, subtreeRoot);
}

// That the tree of `newSize` leaves begins with the tree of `oldSize` leaves. From the empty tree nothing is to
// prove: its root must be the empty root, and the proof empty.
export async function checkConsistency(oldSize, newSize, oldRoot, proof, newRoot) {
  const [from, to] = [BigInt(oldSize), BigInt(newSize)];
  if (from !== 0n) {
    await checkSubtree(0n, from, to, oldRoot, proof, newRoot);
    return;
  }
  const holds = equalBytes(oldRoot, EMPTY_ROOT) && (to !== 0n || equalBytes(newRoot, EMPTY_ROOT)) && proof.length === 0;
  if (!holds || newRoot.length !== HASH_BYTES || to < 0n || to > TREE_SIZE_MAX) {
    throw new VerificationError("not the empty tree, or a proof from it");
  }
}
