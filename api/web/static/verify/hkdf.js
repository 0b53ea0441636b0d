// HMAC and HKDF with SHA-256 (RFC 2104, RFC 5869), by WebCrypto.

import { concat, utf8 } from "./bytes.js";
import { subtleCrypto } from "./hash.js";

// HMAC-SHA256; an empty key is as good as 32 zero bytes, and WebCrypto refuses it.
export async function hmacSha256(key, message) {
  const subtle = subtleCrypto();
  const bytes = key.length ? key : new Uint8Array(32);
  const imported = await subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await subtle.sign("HMAC", imported, message));
}

// HKDF with an empty salt and one block: the 32 bytes of `info`, a text, under each secret of ours.
export async function hkdf(secret, info) {
  const prk = await hmacSha256(new Uint8Array(0), secret);
  return hmacSha256(prk, concat(utf8(info), [1]));
}
