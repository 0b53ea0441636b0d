// SHA-256 and SHA-512 by WebCrypto, and the hashes of RFC 6962 section 2.1.
//
//   leaf  = SHA-256(0x00 ‖ data)
//   node  = SHA-256(0x01 ‖ left ‖ right)
//   empty = SHA-256()

import { concat, fromHex } from "./bytes.js";
import { UnsupportedError } from "./errors.js";

export const HASH_BYTES = 32;
export const EMPTY_ROOT = fromHex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

// WebCrypto; browsers give it to pages from https, localhost or a file only.
export function subtleCrypto() {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) throw new UnsupportedError("WebCrypto is missing: not a secure context, or too old a browser");
  return subtle;
}

export async function sha256(data) {
  return new Uint8Array(await subtleCrypto().digest("SHA-256", data));
}

export async function sha512(data) {
  return new Uint8Array(await subtleCrypto().digest("SHA-512", data));
}

// The hash of one entry.
export async function hashLeaf(data) {
  return sha256(concat([0], data));
}

// The hash of an inner node.
export async function hashChildren(left, right) {
  return sha256(concat([1], left, right));
}

// The root over leaf hashes, in order.
export async function treeRoot(leafHashes) {
  if (leafHashes.length === 0) return EMPTY_ROOT;
  if (leafHashes.length === 1) return leafHashes[0];
  const middle = 2 ** Math.ceil(Math.log2(leafHashes.length) - 1);
  const left = await treeRoot(leafHashes.slice(0, middle));
  return hashChildren(left, await treeRoot(leafHashes.slice(middle)));
}
