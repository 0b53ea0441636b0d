// Offline proofs that an entry is in a log (C2SP tlog-proof@v1): a first line, an "extra" line perhaps, the
// index, hashes from the leaf's sibling up, an empty line, the signed checkpoint.

import { fromBase64, utf8 } from "./bytes.js";
import { MalformedError } from "./errors.js";
import { HASH_BYTES, hashLeaf } from "./hash.js";
import { CHECKPOINT_BYTES_MAX, PROOF_HASHES_MAX, TREE_SIZE_MAX } from "./limits.js";
import { checkPolicy } from "./policy.js";
import { checkInclusion } from "./proof.js";

const PROOF_FIRST = "c2sp.org/tlog-proof@v1";

// {index (BigInt), hashes, checkpoint: bytes, extra: bytes or null} of a proof's text; its checkpoint is only
// cut out. Throws MalformedError.
export function parseTlogProof(text) {
  const at = text.indexOf("\n\n");
  const [first, ...lines] = (at < 0 ? text : text.slice(0, at)).split("\n");
  if (first !== PROOF_FIRST || lines.length === 0) throw new MalformedError(`not a proof: expected ${PROOF_FIRST}, then its index`);
  const extra = lines[0].startsWith("extra ") ? fromBase64(lines.shift().slice("extra ".length)) : null;
  const found = /^index (0|[1-9][0-9]{0,18})$/.exec(lines.shift() ?? "");
  if (!found || BigInt(found[1]) >= TREE_SIZE_MAX) throw new MalformedError("a proof without its index");
  if (lines.length > PROOF_HASHES_MAX) throw new MalformedError(`a proof of more than ${PROOF_HASHES_MAX} hashes`);
  const hashes = lines.map(fromBase64);
  if (hashes.some((hash) => hash.length !== HASH_BYTES)) throw new MalformedError("a hash in a proof that is not 32 bytes");
  if (at < 0 || at + 2 === text.length) throw new MalformedError("a proof without its checkpoint");
  const checkpoint = utf8(text.slice(at + 2));
  if (checkpoint.length > CHECKPOINT_BYTES_MAX) throw new MalformedError(`a checkpoint longer than ${CHECKPOINT_BYTES_MAX} bytes`);
  return { index: BigInt(found[1]), hashes, checkpoint, extra };
}

// That `leaf` stands at the proof's index under a checkpoint that the policy believes; what `checkPolicy` gives.
export async function checkTlogProof(proof, leaf, policy, vkeys = []) {
  const opened = await checkPolicy(policy, proof.checkpoint, vkeys);
  const { size, root } = opened.checkpoint;
  await checkInclusion(proof.index, size, await hashLeaf(leaf), proof.hashes, root);
  return opened;
}
