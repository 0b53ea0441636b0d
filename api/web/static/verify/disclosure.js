// Disclosures: the sealed fields, in the format of RFC 9901 section 4.2.1.
//
//   Disclosure = base64url(UTF-8 of the JSON text [salt, slot, value])
//   digest     = base64url(SHA-256(ASCII of the Disclosure))
//
// The JSON text is the sealer's own: it is hashed as it stands and never encoded again. A decision has all the
// slots, always, in this order; an absent field discloses null.

import { fromBase64url, lengthOf, toBase64url, utf8 } from "./bytes.js";
import { MalformedError } from "./errors.js";
import { sha256 } from "./hash.js";
import { parseJson } from "./json.js";
import { SALT_CHARS_MAX, SALT_CHARS_MIN, SEALED_BYTES_MAX } from "./limits.js";

export const SLOTS = ["decided_at", "outcome", "score", "threshold", "subject", "reasons", "counterfactuals", "inputs", "protected", "human", "recourse", "footprint", "legal_basis", "parents", "extension", "results"]; // never changes

// The digest of a Disclosure, as it stands on the leaf.
export async function digestOf(disclosure) {
  return toBase64url(await sha256(utf8(disclosure)));
}

// A fresh salt of 144 bits.
export function newSalt() {
  return toBase64url(globalThis.crypto.getRandomValues(new Uint8Array(18)));
}

// One Disclosure of a value; `salt` is 22 letters or more, fresh and random.
export function formatDisclosure(slot, value, salt) {
  return toBase64url(utf8(JSON.stringify([salt, slot, value])));
}

// {salt, slot, value, text} of a Disclosure of one of `slots`; any JSON spelling is accepted.
export function readDisclosure(text, slots, charsMax) {
  if (text.length > charsMax) throw new MalformedError(`a disclosure longer than ${charsMax} letters`);
  const parts = parseJson(fromBase64url(text));
  if (!Array.isArray(parts) || parts.length !== 3) throw new MalformedError("a disclosure is the JSON list [salt, slot, value]");
  const [salt, slot, value] = parts;
  if (!slots.includes(slot)) throw new MalformedError("a disclosure of a slot that does not exist");
  if (typeof salt !== "string" || lengthOf(salt) < SALT_CHARS_MIN || lengthOf(salt) > SALT_CHARS_MAX) {
    throw new MalformedError(`a salt has ${SALT_CHARS_MIN} to ${SALT_CHARS_MAX} letters`);
  }
  return { salt, slot, value, text };
}

// {salt, slot, value, text} of an opened slot of a decision. Throws MalformedError.
export function parseDisclosure(text) {
  return readDisclosure(text, SLOTS, SEALED_BYTES_MAX);
}

// The sixteen disclosures of a decrypted sealed part. Throws MalformedError unless all slots stand in order.
export function parsePlaintext(data) {
  const items = parseJson(data);
  if (!Array.isArray(items) || !items.every((item) => typeof item === "string")) {
    throw new MalformedError("a sealed part is a JSON list of texts");
  }
  const disclosures = items.map(parseDisclosure);
  if (disclosures.length !== SLOTS.length || disclosures.some((one, at) => one.slot !== SLOTS[at])) {
    throw new MalformedError("a sealed part holds every slot once, in order");
  }
  return disclosures;
}
