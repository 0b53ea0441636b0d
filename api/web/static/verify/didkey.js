// Names of Ed25519 keys: did:key:z ‖ base58btc(0xed 0x01 ‖ public key), always 56 characters.

import { fromHex, toHex } from "./bytes.js";
import { MalformedError } from "./errors.js";

const DID_START = "did:key:z";
const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const DID_FORM = /^did:key:z[1-9A-HJ-NP-Za-km-z]{47}$/;
const MULTICODEC = 0xed01n; // ed25519-pub as a varint; never changes

function didNumber(text) {
  if (typeof text !== "string" || !DID_FORM.test(text)) return null;
  let number = 0n;
  for (const digit of text.slice(DID_START.length)) number = number * 58n + BigInt(BASE58.indexOf(digit));
  return number >> 256n === MULTICODEC ? number : null;
}

// The did:key of a 32-byte Ed25519 public key.
export function formatDidKey(publicKey) {
  if (publicKey.length !== 32) throw new MalformedError("an Ed25519 public key is 32 bytes");
  let number = BigInt(`0xed01${toHex(publicKey)}`);
  let digits = "";
  while (number > 0n) {
    digits = BASE58[Number(number % 58n)] + digits;
    number /= 58n;
  }
  return DID_START + digits;
}

// Whether a value is what `formatDidKey` would write.
export function isDidKey(value) {
  return didNumber(value) !== null;
}

// The 32-byte Ed25519 public key that a did:key names. Throws MalformedError for any other text.
export function parseDidKey(text) {
  const number = didNumber(text);
  if (number === null) throw new MalformedError("not a did:key of an Ed25519 key");
  return fromHex(number.toString(16).slice(4));
}
