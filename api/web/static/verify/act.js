// Acts: what a person or organisation signed, as DSSE envelopes.
//
//   payload  = JCS {"v":1, "genesis", "act", "actor", "seq", "until", "seen": {"size", "root": base64}, "body": {…}}
//   id       = base64url(SHA-256(payload))
//   PAE      = "DSSEv1" SP len(type) SP type SP len(payload) SP payload            lengths in bytes, decimal
//   envelope = {"payloadType": type, "payload": base64(payload),
//               "signatures": [{"keyid": actor, "sig": base64(Ed25519(PAE))}]}

import { concat, fromBase64, toBase64, toBase64url, utf8 } from "./bytes.js";
import { isDidKey, parseDidKey } from "./didkey.js";
import { SIGNATURE_BYTES, signEd25519, verifyEd25519 } from "./ed25519.js";
import { MalformedError, VerificationError } from "./errors.js";
import { sha256 } from "./hash.js";
import { jcs, parseJcs } from "./jcs.js";
import { hasNames, isInteger, isObject, parseJson } from "./json.js";
import { ACT_BYTES_MAX, ACT_PAYLOAD_BYTES_MAX } from "./limits.js";
import { isDigest, parseUtc } from "./names.js";
import { checkClientData, readAssertion } from "./webauthn.js";

export const PAYLOAD_TYPE = "application/vnd.counterfoil.act+json"; // never changes

const ACT_NAMES = ["v", "genesis", "act", "actor", "seq", "until", "seen", "body"];
const ACT_FORM = /^[a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)+$/;

// DSSE's pre-authentication encoding: what is signed.
export function pae(payload, payloadType = PAYLOAD_TYPE) {
  const kind = utf8(payloadType);
  return concat(utf8(`DSSEv1 ${kind.length} `), kind, utf8(` ${payload.length} `), payload);
}

// base64url(SHA-256(payload)).
export async function actId(payload) {
  return toBase64url(await sha256(payload));
}

// The payload's bytes. `seen` is {size, root: 32 bytes}; `until` an RFC 3339 time in UTC, at most 24 h ahead.
export function formatPayload({ genesis, act, actor, seq, until, seen, body }) {
  const payload = jcs({ v: 1, genesis, act, actor, seq, until, seen: { size: seen.size, root: toBase64(seen.root) }, body });
  readPayload(payload);
  return payload;
}

// The envelope of `payload`, signed by a signing key (ed25519.js), ready for POST /acts.
export async function signAct(key, payload) {
  const sig = toBase64(await signEd25519(key, pae(payload)));
  return { payloadType: PAYLOAD_TYPE, payload: toBase64(payload), signatures: [{ keyid: key.did, sig }] };
}

// An act from the JSON bytes of its envelope, in any spelling. Throws MalformedError.
export async function parseEnvelope(data) {
  if (data.length > ACT_BYTES_MAX) throw new MalformedError(`an envelope longer than ${ACT_BYTES_MAX} bytes`);
  return readEnvelope(parseJson(data));
}

// {id, genesis, act, actor, seq, untilMs, seen, body, payload, envelope, assertion} of a decoded envelope;
// `assertion` is null unless a passkey signed. Throws MalformedError.
export async function readEnvelope(envelope) {
  if (!isObject(envelope) || !hasNames(envelope, ["payloadType", "payload", "signatures"])) {
    throw new MalformedError("an envelope has payloadType, payload and signatures, and no more");
  }
  if (envelope.payloadType !== PAYLOAD_TYPE) throw new MalformedError(`a payloadType other than ${PAYLOAD_TYPE}`);
  const payload = fromBase64(envelope.payload);
  const assertion = readSignatures(envelope.signatures);
  return { id: await actId(payload), ...readPayload(payload), payload, envelope, assertion };
}

function readSignatures(signatures) {
  if (!Array.isArray(signatures) || signatures.length !== 1) throw new MalformedError("an envelope carries exactly one signature");
  const [signature] = signatures;
  if (!isObject(signature)) throw new MalformedError("a signature is a JSON object");
  if ("webauthn" in signature) return readAssertion(signature);
  if (!hasNames(signature, ["keyid", "sig"])) throw new MalformedError("a signature has keyid and sig, and no more");
  if (!isDidKey(signature.keyid)) throw new MalformedError("a keyid is the did:key of an Ed25519 key");
  if (fromBase64(signature.sig).length !== SIGNATURE_BYTES) throw new MalformedError("an Ed25519 signature has 64 bytes");
  return null;
}

function readPayload(payload) {
  const value = parseJcs(payload, ACT_PAYLOAD_BYTES_MAX);
  if (!isObject(value) || !hasNames(value, ACT_NAMES)) throw new MalformedError(`an act has ${ACT_NAMES.join(", ")}`);
  if (value.v !== 1) throw new MalformedError("an act of another version than 1");
  if (!isDigest(value.genesis)) throw new MalformedError("a genesis is the base64url of 32 bytes");
  if (typeof value.act !== "string" || value.act.length > 64 || !ACT_FORM.test(value.act)) {
    throw new MalformedError("an act's name is words joined by dots");
  }
  if (!isDidKey(value.actor)) throw new MalformedError("an actor is the did:key of an Ed25519 key");
  if (!isInteger(value.seq, 1)) throw new MalformedError("a seq is an integer from 1");
  if (!isObject(value.body)) throw new MalformedError("a body is a JSON object");
  const { genesis, act, actor, seq, body } = value;
  return { genesis, act, actor, seq, untilMs: parseUtc(value.until), seen: readSeen(value.seen), body };
}

function readSeen(seen) {
  if (!isObject(seen) || !hasNames(seen, ["size", "root"])) throw new MalformedError("seen has size and root, and no more");
  if (!isInteger(seen.size, 1)) throw new MalformedError("a seen size is an integer from 1");
  const root = fromBase64(seen.root);
  if (root.length !== 32) throw new MalformedError("a seen root is the base64 of 32 bytes");
  return { size: seen.size, root };
}

// That the actor signed the act, as far as the act alone can show. Throws VerificationError.
export async function checkAct(act) {
  const signed = pae(act.payload);
  if (act.assertion !== null) {
    checkClientData(act.assertion.clientData, await sha256(signed));
    return;
  }
  const [signature] = act.envelope.signatures;
  if (signature.keyid !== act.actor) throw new VerificationError("signed by another key than the actor's");
  if (!(await verifyEd25519(parseDidKey(act.actor), signed, fromBase64(signature.sig)))) {
    throw new VerificationError("the actor's signature does not hold");
  }
}
