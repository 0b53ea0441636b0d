// Boxes: a few bytes sealed to one X25519 key, by HPKE (RFC 9180), base mode, one message a box.
//
//   DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, AES-256-GCM 0x0002; sequence number 0
//   box = enc(32) ‖ ciphertext ‖ tag(16)
//
// An agreement key is {publicKey, privateKey}: 32 bytes, and an X25519 CryptoKey that may be non-extractable.

import { concat, fromBase64url, fromHex, utf8 } from "./bytes.js";
import { askCrypto } from "./ed25519.js";
import { MalformedError, UnsupportedError, VerificationError } from "./errors.js";
import { sha512, subtleCrypto } from "./hash.js";
import { hmacSha256 } from "./hkdf.js";

const X25519_PKCS8 = fromHex("302e020100300506032b656e04220420"); // RFC 8410 section 7; the secret follows
const KEM_ID = fromHex("4b454d0020");
const SUITE_ID = fromHex("48504b45002000010002");
const NOTHING = new Uint8Array(0);

// The agreement key of 32 secret bytes.
export async function agreementKeyOfSecret(secret, extractable = false) {
  if (secret.length !== 32) throw new MalformedError("an X25519 secret is 32 bytes");
  const pkcs8 = concat(X25519_PKCS8, secret);
  return askCrypto(async (subtle) => {
    const open = await subtle.importKey("pkcs8", pkcs8, { name: "X25519" }, true, ["deriveBits"]);
    const publicKey = fromBase64url((await subtle.exportKey("jwk", open)).x, 32);
    const privateKey = extractable ? open : await subtle.importKey("pkcs8", pkcs8, { name: "X25519" }, false, ["deriveBits"]);
    return { publicKey, privateKey };
  }, () => {
    throw new UnsupportedError("WebCrypto does not take an X25519 secret");
  });
}

// The agreement key that belongs to an Ed25519 seed: the first half of SHA-512 of the seed.
export async function agreementKeyOfSeed(seed) {
  return agreementKeyOfSecret((await sha512(seed)).subarray(0, 32));
}

// A fresh agreement key that never leaves this browser, or one whose secret may be read.
export async function newAgreementKey(extractable = false) {
  return askCrypto(async (subtle) => {
    const pair = await subtle.generateKey({ name: "X25519" }, extractable, ["deriveBits"]);
    return { publicKey: new Uint8Array(await subtle.exportKey("raw", pair.publicKey)), privateKey: pair.privateKey };
  }, (error) => {
    throw new UnsupportedError(`WebCrypto makes no X25519 key: ${error.message}`);
  });
}

async function labeledExtract(id, salt, label, ikm) {
  return hmacSha256(salt, concat(utf8("HPKE-v1"), id, utf8(label), ikm));
}

async function labeledExpand(id, prk, label, info, length) {
  const labeled = concat([0, length], utf8("HPKE-v1"), id, utf8(label), info);
  return (await hmacSha256(prk, concat(labeled, [1]))).subarray(0, length);
}

// X25519; MalformedError where the other key agrees with none (RFC 9180 section 7.1.4).
async function agree(privateKey, publicKey) {
  if (publicKey.length !== 32) throw new MalformedError("an X25519 key has 32 bytes");
  const shared = await askCrypto(async (subtle) => {
    const other = await subtle.importKey("raw", publicKey, { name: "X25519" }, false, []);
    return new Uint8Array(await subtle.deriveBits({ name: "X25519", public: other }, privateKey, 256));
  }, () => NOTHING);
  if (shared.every((byte) => byte === 0)) throw new MalformedError("an X25519 key that agrees with none");
  return shared;
}

// [AES key, nonce] of sequence number 0.
async function schedule(shared, kemContext, info) {
  const eae = await labeledExtract(KEM_ID, NOTHING, "eae_prk", shared);
  const kem = await labeledExpand(KEM_ID, eae, "shared_secret", kemContext, 32);
  const pskHash = await labeledExtract(SUITE_ID, NOTHING, "psk_id_hash", NOTHING);
  const infoHash = await labeledExtract(SUITE_ID, NOTHING, "info_hash", info);
  const context = concat([0], pskHash, infoHash);
  const secret = await labeledExtract(SUITE_ID, kem, "secret", NOTHING);
  const raw = await labeledExpand(SUITE_ID, secret, "key", context, 32);
  const nonce = await labeledExpand(SUITE_ID, secret, "base_nonce", context, 12);
  return [await aesKey(raw), nonce];
}

// An AES-256-GCM key of 32 bytes.
export async function aesKey(raw) {
  return subtleCrypto().importKey("raw", raw, { name: "AES-GCM" }, false, ["encrypt", "decrypt"]);
}

// AES-256-GCM: ciphertext ‖ tag.
export async function aesSeal(key, nonce, message, aad) {
  const algorithm = { name: "AES-GCM", iv: nonce, additionalData: aad, tagLength: 128 };
  return new Uint8Array(await subtleCrypto().encrypt(algorithm, key, message));
}

// The message of `aesSeal`. Throws VerificationError with `sentence` where it does not open.
export async function aesOpen(key, nonce, data, aad, sentence) {
  const algorithm = { name: "AES-GCM", iv: nonce, additionalData: aad, tagLength: 128 };
  try {
    return new Uint8Array(await subtleCrypto().decrypt(algorithm, key, data));
  } catch (error) {
    throw new VerificationError(sentence);
  }
}

// The box of `message` to an X25519 public key; `ephemeral`, an agreement key, is for known answers only.
export async function hpkeSeal(message, recipient, info, aad = NOTHING, ephemeral = null) {
  const own = ephemeral ?? (await newAgreementKey());
  const shared = await agree(own.privateKey, recipient);
  const [key, nonce] = await schedule(shared, concat(own.publicKey, recipient), info);
  return concat(own.publicKey, await aesSeal(key, nonce, message, aad));
}

// The message of a box to this agreement key. Throws VerificationError where it is another's, or was changed.
export async function hpkeOpen(box, key, info, aad = NOTHING) {
  const sentence = "this key does not open the box";
  const [enc, data] = [box.subarray(0, 32), box.subarray(32)];
  let shared;
  try {
    shared = await agree(key.privateKey, enc);
  } catch (error) {
    if (error instanceof MalformedError) throw new VerificationError(sentence);
    throw error;
  }
  const [aes, nonce] = await schedule(shared, concat(enc, key.publicKey), info);
  return aesOpen(aes, nonce, data, aad, sentence);
}
