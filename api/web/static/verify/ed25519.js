// Ed25519 (RFC 8032) by WebCrypto, under the policy of ledger/keys.py (docs/adr/0003, "Ed25519").
//
// Refused before WebCrypto is asked: S not below the group's order, a key or R whose y is not below p, a key or
// R of small order. WebCrypto then checks the equation without its cofactor. So one signature has one meaning.
//
// A signing key is {did, publicKey, privateKey}: 32 bytes, and a CryptoKey that may be non-extractable.

import { concat, fromBase64url, fromHex } from "./bytes.js";
import { GROUP_ORDER, fromLittleEndian, isStrictPoint } from "./curve.js";
import { formatDidKey } from "./didkey.js";
import { MalformedError, UnsupportedError } from "./errors.js";
import { subtleCrypto } from "./hash.js";

export const SIGNATURE_BYTES = 64;

const ED25519_PKCS8 = fromHex("302e020100300506032b657004220420"); // RFC 8410 section 7; the seed follows

// Calls WebCrypto; what it does not know is our UnsupportedError, what it refuses is `refused`.
export async function askCrypto(call, refused) {
  const subtle = subtleCrypto();
  try {
    return await call(subtle);
  } catch (error) {
    if (error?.name === "NotSupportedError") throw new UnsupportedError("WebCrypto without a curve that is needed here");
    return refused(error);
  }
}

// Whether `signature` is the key's on `message`.
export async function verifyEd25519(publicKey, message, signature) {
  if (publicKey.length !== 32 || signature.length !== SIGNATURE_BYTES) return false;
  if (fromLittleEndian(signature.subarray(32)) >= GROUP_ORDER) return false;
  if (!isStrictPoint(publicKey) || !isStrictPoint(signature.subarray(0, 32))) return false;
  return askCrypto(async (subtle) => {
    const key = await subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
    return subtle.verify({ name: "Ed25519" }, key, signature, message);
  }, () => false);
}

// The 32-byte public key of a seed, and its CryptoKey, extractable only if asked.
export async function signingKeyOfSeed(seed, extractable = false) {
  if (seed.length !== 32) throw new MalformedError("an Ed25519 seed is 32 bytes");
  const pkcs8 = concat(ED25519_PKCS8, seed);
  const refused = () => {
    throw new UnsupportedError("WebCrypto does not take an Ed25519 seed");
  };
  return askCrypto(async (subtle) => {
    // WebCrypto has no call for the public half; a JWK of the private key names it.
    const open = await subtle.importKey("pkcs8", pkcs8, { name: "Ed25519" }, true, ["sign"]);
    const publicKey = fromBase64url((await subtle.exportKey("jwk", open)).x, 32);
    const privateKey = extractable ? open : await subtle.importKey("pkcs8", pkcs8, { name: "Ed25519" }, false, ["sign"]);
    return signingKeyOf(privateKey, publicKey);
  }, refused);
}

// A signing key from a CryptoKey kept elsewhere (IndexedDB, say), and its public half.
export function signingKeyOf(privateKey, publicKey) {
  return { did: formatDidKey(publicKey), publicKey, privateKey };
}

// A fresh signing key that never leaves this browser.
export async function newSigningKey() {
  return askCrypto(async (subtle) => {
    const pair = await subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
    return signingKeyOf(pair.privateKey, new Uint8Array(await subtle.exportKey("raw", pair.publicKey)));
  }, (error) => {
    throw new UnsupportedError(`WebCrypto makes no Ed25519 key: ${error.message}`);
  });
}

// 64 bytes; the same message always gives the same signature.
export async function signEd25519(key, message) {
  return askCrypto(
    async (subtle) => new Uint8Array(await subtle.sign({ name: "Ed25519" }, key.privateKey, message)),
    (error) => {
      throw new UnsupportedError(`WebCrypto does not sign: ${error.message}`);
    },
  );
}
