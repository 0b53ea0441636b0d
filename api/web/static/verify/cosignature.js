// Cosignatures of witnesses (C2SP tlog-cosignature): Ed25519 (0x04) and ML-DSA-44 (0x06).
//
//   line's data    = u64 timestamp ‖ signature
//   Ed25519 signs    "cosignature/v1\n" ‖ "time " ‖ timestamp ‖ "\n" ‖ checkpoint text
//   ML-DSA-44 signs  "subtree/v1\n\0" ‖ u8 length ‖ cosigner's name ‖ u64 timestamp ‖
//                    u8 length ‖ origin ‖ u64 start ‖ u64 end ‖ root
//
// Big-endian; seconds since 1970, at most 2**63 - 1. For a checkpoint start is 0 and end its size.

import { concat, u64, utf8 } from "./bytes.js";
import { SIGNATURE_BYTES, verifyEd25519 } from "./ed25519.js";
import { MalformedError, VerificationError } from "./errors.js";
import { loadMldsa44 } from "./lazy.js";
import { COSIGNATURE_ED25519 } from "./note.js";

const MLDSA44_SIGNATURE_BYTES = 2420;
const TIMESTAMP_MAX = 2n ** 63n - 1n;

// [seconds as BigInt, signature] of a cosignature's data. Throws MalformedError.
export function parseTimestamped(data, signatureBytes) {
  if (data.length !== 8 + signatureBytes) throw new MalformedError("a cosignature of another length than its type's");
  const timestamp = new DataView(data.buffer, data.byteOffset, 8).getBigUint64(0);
  if (timestamp > TIMESTAMP_MAX) throw new MalformedError("a cosignature's time beyond 2**63 - 1");
  return [timestamp, data.subarray(8)];
}

// What a cosigner of type 0x04 signs; `text` is the checkpoint's whole body.
export function ed25519Message(timestamp, text) {
  return concat(utf8(`cosignature/v1\ntime ${timestamp}\n`), text);
}

// What a cosigner of type 0x06 signs. `subtree` is {origin, start, end, root}. Throws MalformedError.
export function mldsa44Message(name, timestamp, { origin, start, end, root }) {
  const [cosigner, log] = [utf8(name), utf8(origin)];
  if ([cosigner, log].some((text) => text.length < 1 || text.length > 255)) {
    throw new MalformedError("a cosigner's name or an origin is 1 to 255 bytes");
  }
  if (BigInt(start) && BigInt(timestamp)) throw new MalformedError("a cosigned subtree that begins after 0 carries no time");
  return concat(
    utf8("subtree/v1\n\0"), [cosigner.length], cosigner, u64(timestamp),
    [log.length], log, u64(start), u64(end), root,
  );
}

async function cosignatureHolds(vkey, signature, text, checkpoint) {
  if (vkey.kind === COSIGNATURE_ED25519) {
    const [time, data] = parseTimestamped(signature.data, SIGNATURE_BYTES);
    return [time, await verifyEd25519(vkey.publicKey, ed25519Message(time, text), data)];
  }
  const [time, data] = parseTimestamped(signature.data, MLDSA44_SIGNATURE_BYTES);
  const { origin, size, root } = checkpoint;
  const message = mldsa44Message(vkey.name, time, { origin, start: 0n, end: size, root });
  const verifyMldsa = await loadMldsa44();
  return [time, verifyMldsa(vkey.publicKey, message, data)];
}

// The seconds (BigInt) of a cosignature on a checkpoint. Throws VerificationError where it does not hold.
export async function checkCosignature(vkey, signature, text, checkpoint) {
  let found;
  try {
    found = await cosignatureHolds(vkey, signature, text, checkpoint);
  } catch (error) {
    if (error instanceof MalformedError) throw new VerificationError(error.message);
    throw error;
  }
  if (!found[1]) throw new VerificationError(`the cosignature of ${vkey.name} does not hold`);
  return found[0];
}
