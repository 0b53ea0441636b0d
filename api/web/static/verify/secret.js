// K, the secret of one decision, and what comes from it by HKDF-SHA256 (empty salt, 32 bytes).
//
//   "counterfoil/v1/tag"      tag       asks for the sealed part; base64url(SHA-256(tag)) is on the leaf
//   "counterfoil/v1/dek"      dek       AES-256-GCM key of the sealed part
//   "counterfoil/v1/contest"  contest   Ed25519 seed; its did:key is the leaf's contest_key
//
// A link ends in #<id>.<base64url(K)>.

import { equalBytes, fromBase64url } from "./bytes.js";
import { signingKeyOfSeed } from "./ed25519.js";
import { MalformedError, VerificationError } from "./errors.js";
import { sha256 } from "./hash.js";
import { hkdf } from "./hkdf.js";
import { isUuid4 } from "./names.js";

// K from its base64url. Throws MalformedError if it is not that of 32 bytes.
export function parseSecret(text) {
  return fromBase64url(text, 32);
}

// {id, secret} of a link's fragment, with or without its "#". Throws MalformedError.
export function parseFragment(text) {
  const fragment = text.startsWith("#") ? text.slice(1) : text;
  const [id, letters] = [fragment.slice(0, 36), fragment.slice(37)];
  if (!isUuid4(id) || fragment[36] !== ".") throw new MalformedError("a link's fragment is <id>.<secret>");
  return { id, secret: parseSecret(letters) };
}

// {tag, dek, contestSeed}: as secret as K itself.
export async function deriveKeys(secret) {
  if (secret.length !== 32) throw new MalformedError("K is 32 bytes");
  const infos = ["counterfoil/v1/tag", "counterfoil/v1/dek", "counterfoil/v1/contest"];
  const [tag, dek, contestSeed] = await Promise.all(infos.map((info) => hkdf(secret, info)));
  return { tag, dek, contestSeed };
}

// The signing key that every receipt has: its did is the leaf's contest_key.
export async function contestKey(secret) {
  return signingKeyOfSeed((await deriveKeys(secret)).contestSeed);
}

// That `subjectTag`, 32 bytes from the leaf, is SHA-256(tag).
export async function checkSubjectTag(keys, subjectTag) {
  if (!equalBytes(await sha256(keys.tag), subjectTag)) {
    throw new VerificationError("the secret does not open the leaf's subject_tag");
  }
}
