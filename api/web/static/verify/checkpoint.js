// Checkpoints (C2SP tlog-checkpoint@v1.0.0): a signed note whose text is a tree head.
//
//   origin, size and root (base64), a line each; extension lines may follow

import { equalBytes, fromBase64, fromUtf8 } from "./bytes.js";
import { checkCosignature } from "./cosignature.js";
import { verifyEd25519 } from "./ed25519.js";
import { MalformedError, VerificationError } from "./errors.js";
import { EMPTY_ROOT, HASH_BYTES } from "./hash.js";
import { CHECKPOINT_BYTES_MAX, TREE_SIZE_MAX } from "./limits.js";
import { COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, ED25519_NOTE, parseNote, signaturesOf } from "./note.js";

// {origin, size (BigInt), root, extensions} of a note's text. Throws MalformedError.
export function parseCheckpoint(text) {
  const lines = fromUtf8(text).split("\n");
  if (lines.pop() !== "" || lines.length < 3 || lines.includes("")) {
    throw new MalformedError("not a checkpoint: expected origin, size and root lines");
  }
  const [origin, digits, encoded, ...extensions] = lines;
  if (!/^(?:0|[1-9][0-9]{0,18})$/.test(digits) || BigInt(digits) > TREE_SIZE_MAX) {
    throw new MalformedError("a checkpoint's size is a decimal up to 2**63 - 1");
  }
  const root = fromBase64(encoded);
  if (root.length !== HASH_BYTES) throw new MalformedError("a checkpoint's root is 32 bytes");
  return { origin, size: BigInt(digits), root, extensions };
}

async function verifyLine(vkey, signature, text, checkpoint) {
  if (vkey.kind === COSIGNATURE_ED25519 || vkey.kind === COSIGNATURE_MLDSA44) {
    return { vkey, time: await checkCosignature(vkey, signature, text, checkpoint) };
  }
  if (vkey.kind !== ED25519_NOTE || !(await verifyEd25519(vkey.publicKey, text, signature.data))) {
    throw new VerificationError(`the signature of ${vkey.name} does not hold`);
  }
  return { vkey, time: null };
}

// {checkpoint, verified: [{vkey, time}]} of a signed checkpoint's bytes, with the signatures of `vkeys`.
//
// One must be the log's own: of type 0x01 or 0x06, under the name that is the origin. Signatures of other keys
// are ignored; one of a known key that does not hold refuses the whole. `time` is null of a log's signature,
// seconds (BigInt) of a cosignature. Throws MalformedError or VerificationError.
export async function openCheckpoint(data, vkeys) {
  if (data.length > CHECKPOINT_BYTES_MAX) throw new MalformedError(`a checkpoint longer than ${CHECKPOINT_BYTES_MAX} bytes`);
  const note = parseNote(data);
  const checkpoint = parseCheckpoint(note.text);
  const verified = [];
  for (const [vkey, signature] of signaturesOf(note, vkeys)) {
    verified.push(await verifyLine(vkey, signature, note.text, checkpoint));
  }
  if (!verified.some(({ vkey }) => vkey.name === checkpoint.origin && vkey.kind !== COSIGNATURE_ED25519)) {
    throw new VerificationError("the checkpoint is not signed by a known key of the log it names");
  }
  if (checkpoint.size === 0n && !equalBytes(checkpoint.root, EMPTY_ROOT)) {
    throw new VerificationError("a checkpoint of no entries with a root of some");
  }
  return { checkpoint, verified };
}
