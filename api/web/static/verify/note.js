// Signed notes and their keys (C2SP signed-note@v1.0.0).
//
//   note           = text ending in a newline ‖ "\n" ‖ signature lines
//   signature line = "— " name " " base64(key id ‖ signature) "\n"
//   key id         = SHA-256(name ‖ "\n" ‖ type ‖ public key)[:4]
//   verifier key   = name "+" hex(key id) "+" base64(type ‖ public key)
//
// Types never change: 0x01 Ed25519 over the text, 0x04 and 0x06 cosignatures. Keys of other types parse, so
// that a list that holds some can be read, and verify nothing.

import { concat, equalBytes, fromBase64, fromHex, fromUtf8, isWellFormed, toBase64, toHex, utf8 } from "./bytes.js";
import { MalformedError } from "./errors.js";
import { sha256 } from "./hash.js";
import { NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX } from "./limits.js";

export const ED25519_NOTE = 0x01;
export const COSIGNATURE_ED25519 = 0x04;
export const COSIGNATURE_MLDSA44 = 0x06;

const ECDSA_NOTE = 0x02;
const KEY_ID_BYTES = 4;
const DASH = "— ";
// Unicode's spaces, and every control character: what a key's name cannot have, beside "+".
const NOT_IN_NAMES = /[\u0000-\u0020+\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

// Whether a text may name a key.
export function isKeyName(name) {
  return name !== "" && !NOT_IN_NAMES.test(name) && isWellFormed(name);
}

// The first 4 bytes of SHA-256(name ‖ newline ‖ type ‖ public key).
export async function keyId(name, kind, publicKey) {
  return (await sha256(concat(utf8(`${name}\n`), [kind], publicKey))).subarray(0, KEY_ID_BYTES);
}

// {name, keyId, kind, publicKey} of a public key, with the key id that the specification recommends.
export async function verifierKey(name, publicKey, kind) {
  if (!isKeyName(name)) throw new MalformedError("a key's name is empty, or has a space, '+' or control");
  return { name, keyId: await keyId(name, kind, publicKey), kind, publicKey };
}

// name+hex+base64.
export function formatVkey(vkey) {
  return `${vkey.name}+${toHex(vkey.keyId)}+${toBase64(concat([vkey.kind], vkey.publicKey))}`;
}

// The key whose `formatVkey` is `text`; its key id is checked, except for type 0x02. Throws MalformedError.
export async function parseVkey(text) {
  const found = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/s.exec(text);
  if (!found || !isKeyName(found[1])) throw new MalformedError("not a verifier key: expected name+hex key id+base64");
  const [, name, identity, encoded] = found;
  const data = fromBase64(encoded);
  if (data.length < 2) throw new MalformedError("a verifier key without a key");
  const [kind, publicKey] = [data[0], data.subarray(1)];
  if ((kind === ED25519_NOTE || kind === COSIGNATURE_ED25519) && publicKey.length !== 32) {
    throw new MalformedError("an Ed25519 verifier key that is not 32 bytes");
  }
  if (kind !== ECDSA_NOTE && toHex(await keyId(name, kind, publicKey)) !== identity) {
    throw new MalformedError("a verifier key whose key id is not its key's");
  }
  return { name, keyId: fromHex(identity), kind, publicKey };
}

// {text, signatures: [{name, keyId, data}]} of a note's bytes, none verified yet. Throws MalformedError.
export function parseNote(data) {
  if (data.length > NOTE_BYTES_MAX) throw new MalformedError(`a note longer than ${NOTE_BYTES_MAX} bytes`);
  if (data.some((byte) => byte < 32 && byte !== 10)) throw new MalformedError("a control character in a note");
  const whole = fromUtf8(data);
  const at = whole.lastIndexOf("\n\n");
  if (at < 0 || !whole.endsWith("\n") || at + 2 === whole.length) {
    throw new MalformedError("not a note: expected a text, an empty line, signatures");
  }
  const lines = whole.slice(at + 2, -1).split("\n");
  if (lines.length > NOTE_SIGNATURES_MAX) throw new MalformedError(`more than ${NOTE_SIGNATURES_MAX} signatures on a note`);
  return { text: utf8(whole.slice(0, at + 1)), signatures: lines.map(parseSignatureLine) };
}

function parseSignatureLine(line) {
  const [name, ...rest] = line.startsWith(DASH) ? line.slice(DASH.length).split(" ") : [""];
  if (!isKeyName(name) || rest.length !== 1) throw new MalformedError("a line on a note that is not a signature");
  const data = fromBase64(rest[0]);
  if (data.length <= KEY_ID_BYTES) throw new MalformedError("a signature on a note without a signature");
  return { name, keyId: data.subarray(0, KEY_ID_BYTES), data: data.subarray(KEY_ID_BYTES) };
}

// Whether two keys have the same name and key id.
export function isSameIdentity(one, other) {
  return one.name === other.name && equalBytes(one.keyId, other.keyId);
}

// [vkey, signature] of each line of a known key, in the lines' order; of two keys of one identity the later.
export function signaturesOf(note, vkeys) {
  return note.signatures
    .map((signature) => [vkeys.findLast((vkey) => isSameIdentity(vkey, signature)), signature])
    .filter(([vkey]) => vkey !== undefined);
}
