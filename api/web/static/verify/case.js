// A case: what the person, those who help, and the reviewers say, kept from the deployer.
//
// Whoever opens a contest draws a case key C, 32 random bytes. By HKDF-SHA256:
//
//   "counterfoil/v1/case-tag"    tag       asks for parts; contest.open carries base64url(SHA-256(tag))
//   "counterfoil/v1/case-part"   partKey   AES-256-GCM key of the parts (part.js)
//
// Boxes (hpke.js), base64url of 80 bytes, to a member's did:key (`recipientOf`) or a claim's seal_key:
//
//   of C           info = "counterfoil/v1/case\0"  ‖ JCS {"decision","genesis"}
//   of a data key  info = "counterfoil/v1/grant\0" ‖ JCS {"decision","genesis","grant": id or null}
//
// A claim has one seed S, 32 random bytes, which the backup sheet prints:
//
//   Ed25519 seed = HKDF(S, "counterfoil/v1/claim"); X25519 secret = HKDF(S, "counterfoil/v1/claim-seal")
//   proof        = Ed25519 on "counterfoil/v1/claim\0" ‖ JCS {"decision","genesis","key","seal_key"}

import { concat, fromBase64url, toBase64url, utf8 } from "./bytes.js";
import { toMontgomery } from "./curve.js";
import { parseDidKey } from "./didkey.js";
import { signEd25519, signingKeyOfSeed, verifyEd25519 } from "./ed25519.js";
import { MalformedError, VerificationError } from "./errors.js";
import { sha256 } from "./hash.js";
import { hkdf } from "./hkdf.js";
import { agreementKeyOfSecret, hpkeOpen, hpkeSeal } from "./hpke.js";
import { jcs } from "./jcs.js";

const BOX_BYTES = 80;

// 32 random bytes: a case key C, or a claim's seed S.
export function newSecret() {
  return globalThis.crypto.getRandomValues(new Uint8Array(32));
}

// {tag, tagDigest, partKey} of C; `tagDigest` is what contest.open carries as `tag`.
export async function deriveCase(caseKey) {
  if (caseKey.length !== 32) throw new MalformedError("C is 32 bytes");
  const tag = await hkdf(caseKey, "counterfoil/v1/case-tag");
  const partKey = await hkdf(caseKey, "counterfoil/v1/case-part");
  return { tag, tagDigest: toBase64url(await sha256(tag)), partKey };
}

// {key, seal, sealKey} of S: a signing key, an agreement key, and its public half as base64url.
export async function deriveClaim(seed) {
  if (seed.length !== 32) throw new MalformedError("S is 32 bytes");
  const key = await signingKeyOfSeed(await hkdf(seed, "counterfoil/v1/claim"));
  const seal = await agreementKeyOfSecret(await hkdf(seed, "counterfoil/v1/claim-seal"));
  return { key, seal, sealKey: toBase64url(seal.publicKey) };
}

// The X25519 public key that boxes to a member's did:key are sealed to. Throws MalformedError.
export function recipientOf(did) {
  return toMontgomery(parseDidKey(did));
}

function boxInfo(prefix, named) {
  return concat(utf8(prefix), jcs(named));
}

function caseInfo({ decision, genesis }) {
  return boxInfo("counterfoil/v1/case\0", { decision, genesis });
}

function grantInfo({ decision, genesis, grant }) {
  return boxInfo("counterfoil/v1/grant\0", { decision, genesis, grant });
}

async function openBox(box, key, info) {
  let data;
  try {
    data = fromBase64url(box, BOX_BYTES);
  } catch (error) {
    throw new VerificationError("not a box of a key");
  }
  return hpkeOpen(data, key, info);
}

// C in a box to an X25519 public key. `about` is {decision, genesis}; `ephemeral` is for known answers only.
export async function sealCase(caseKey, recipient, about, ephemeral = null) {
  return toBase64url(await hpkeSeal(caseKey, recipient, caseInfo(about), undefined, ephemeral));
}

// C from a box to this agreement key. Throws VerificationError.
export async function openCase(box, key, about) {
  return openBox(box, key, caseInfo(about));
}

// A data key in a box to a grantee. `about` is {decision, genesis, grant}; grant is null in `grant.give`.
export async function sealDataKey(dek, recipient, about, ephemeral = null) {
  return toBase64url(await hpkeSeal(dek, recipient, grantInfo(about), undefined, ephemeral));
}

// A data key from a box to this agreement key. Throws VerificationError.
export async function openDataKey(box, key, about) {
  return openBox(box, key, grantInfo(about));
}

// What the new key of a claim signs. `about` is {decision, genesis, key, seal_key}.
export function claimMessage({ decision, genesis, key, seal_key }) {
  return concat(utf8("counterfoil/v1/claim\0"), jcs({ decision, genesis, key, seal_key }));
}

// The 64 bytes of `proof` in receipt.claim, by the new signing key. `about` is {decision, genesis}.
export async function proveClaim(key, sealKey, { decision, genesis }) {
  return signEd25519(key, claimMessage({ decision, genesis, key: key.did, seal_key: sealKey }));
}

// That `proof` is the claimed key's own. `about` is {decision, genesis, key, seal_key}.
export async function checkClaim(proof, about) {
  if (!(await verifyEd25519(parseDidKey(about.key), claimMessage(about), proof))) {
    throw new VerificationError("the claimed key did not sign this claim");
  }
}
