// The ledger as a reviewer meets it: its founding, its keys, its newest checkpoint, and leaves proven under it.

import { fromBase64, toBase64url, utf8 } from "../verify/bytes.js";
import { openCheckpoint } from "../verify/checkpoint.js";
import { decodeEntry } from "../verify/entry.js";
import { VerificationError } from "../verify/errors.js";
import { hashLeaf } from "../verify/hash.js";
import { parseVkey } from "../verify/note.js";
import { remember } from "../receipt/memory.js";
import { provenEntry } from "../receipt/checking.js";

// {genesis, vkeys, published, checkpoint}, in the form that a desk acts under (receipt/acting.js).
// Throws VerificationError where the ledger is not what its founding says.
export async function openLog(source) {
  const [published, founding] = await Promise.all([source.json("/v1/keys"), source.json("/v1/entries/0")]);
  const leaf = fromBase64(String(founding.leaf));
  const genesis = toBase64url(await hashLeaf(leaf));
  const first = await decodeEntry(leaf);
  if (first.kind !== "founded" || genesis !== published.genesis || first.origin !== published.origin) {
    throw new VerificationError("the ledger is not the one that its entry 0 founds");
  }
  const { vkeys } = first;
  return { genesis, vkeys, published, entry: { statement: { genesis } }, checkpoint: await newestCheckpoint(source, vkeys, genesis) };
}

// The newest checkpoint, signed by the log's own key.
export async function newestCheckpoint(source, vkeys, genesis) {
  const known = await Promise.all(vkeys.map(parseVkey));
  const { checkpoint } = await openCheckpoint(utf8(await source.text("/checkpoint")), known);
  remember(genesis, checkpoint);
  return checkpoint;
}

// The decision of this id, proven to stand in the log at `index`.
export async function provenDecision(log, source, { id, index }) {
  const checkpoint = BigInt(index) < log.checkpoint.size ? log.checkpoint : await newestCheckpoint(source, log.vkeys, log.genesis);
  const { entry } = await provenEntry(checkpoint, source, { index });
  if (entry.kind !== "decision" || entry.id !== id) throw new VerificationError("another entry stands where the contested decision should");
  return entry;
}
