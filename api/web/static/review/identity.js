// The reviewer's key: an identity file, read on this device and kept only while the page is open.
//
//   {"counterfoil_identity": 1, "did": "did:key:z6Mk…", "seed": base64url of 32 bytes}

import { fromBase64url } from "../verify/bytes.js";
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
