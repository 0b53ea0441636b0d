// A key of somebody's own, a reviewer's or a helper's: an identity file, made and read on this device, kept only while the
// page is open.
//
//   {"counterfoil_identity": 1, "did": "did:key:z6Mk…", "seed": base64url of 32 bytes}

import { fromBase64url, toBase64url, utf8 } from "../verify/bytes.js";
import { newSecret } from "../verify/case.js";
import { signingKeyOfSeed } from "../verify/ed25519.js";
import { MalformedError } from "../verify/errors.js";
import { agreementKeyOfSeed } from "../verify/hpke.js";
import { hasNames, isObject, parseJson } from "../verify/json.js";

const IDENTITY_BYTES_MAX = 1_000; // bytes; one line of JSON

// {key, seal}: what signs and what opens boxes; neither can be read out again. Throws MalformedError.
export async function readIdentity(data) {
  if (data.length > IDENTITY_BYTES_MAX) throw new MalformedError("longer than an identity file");
  const value = parseJson(data);
  if (!isObject(value) || !hasNames(value, ["counterfoil_identity", "did", "seed"]) || value.counterfoil_identity !== 1) {
    throw new MalformedError("not an identity file");
  }
  const seed = fromBase64url(value.seed, 32);
  const key = await signingKeyOfSeed(seed);
  if (key.did !== value.did) throw new MalformedError("an identity file whose did is not its seed's");
  return { key, seal: await agreementKeyOfSeed(seed) };
}

// A new identity file, as bytes; what it holds is nowhere else.
export async function makeIdentity() {
  const seed = newSecret();
  const { did } = await signingKeyOfSeed(seed);
  return utf8(`${JSON.stringify({ counterfoil_identity: 1, did, seed: toBase64url(seed) })}\n`);
}
