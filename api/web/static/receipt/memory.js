// What this browser remembers of a ledger: the last checkpoint that held, by the ledger's genesis.
// A server that later shows another history, or an older one, is caught by it. There is nothing personal in it.

import { equalBytes, fromBase64, toBase64 } from "../verify/bytes.js";

const PREFIX = "counterfoil.seen.";

function storage() {
  try {
    return globalThis.localStorage ?? null;
  } catch (error) {
    return null; // a browser that keeps nothing
  }
}

// {size: BigInt, root, atMs} of the last checkpoint seen; null the first time.
export function lastSeen(genesis) {
  try {
    const { size, root, atMs } = JSON.parse(storage()?.getItem(PREFIX + genesis) ?? "null");
    return { size: BigInt(size), root: fromBase64(root), atMs };
  } catch (error) {
    return null; // nothing there, or not ours
  }
}

// Keeps a checkpoint that held; a smaller one never replaces a larger one.
export function remember(genesis, { size, root }) {
  const before = lastSeen(genesis);
  if (before !== null && before.size > size) return;
  if (before !== null && before.size === size && equalBytes(before.root, root)) return;
  try {
    storage()?.setItem(PREFIX + genesis, JSON.stringify({ size: String(size), root: toBase64(root), atMs: Date.now() }));
  } catch (error) {
    // Full, or forbidden: then nothing is remembered, and the next visit is a first one.
  }
}
