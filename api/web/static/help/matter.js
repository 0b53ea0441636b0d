// A decision as somebody meets it who has no receipt of it: its leaf, proven to stand in the log, and all that happened
// since. What it holds they see only where the person let them read it.

import { fromBase64 } from "../verify/bytes.js";
import { decodeEntry } from "../verify/entry.js";
import { VerificationError } from "../verify/errors.js";
import { parseVkey } from "../verify/note.js";
import { emptyPolicy, parsePolicy } from "../verify/policy.js";
import { checkTlogProof, parseTlogProof } from "../verify/tlogproof.js";
import { checkLater } from "../receipt/checking.js";
import { sortOut } from "../receipt/since.js";
import { openLog } from "../review/log.js";

// A record in the form that the receipt's forms take, with `own` as the key that acts. Throws RefusedError for an id that
// the ledger does not know, VerificationError where it shows anything false.
export async function openMatter(source, id, own) {
  const log = await openLog(source);
  const [view, proof] = await Promise.all([source.json(`/v1/decisions/${id}`), source.text(`/v1/receipts/${id}`)]);
  const leaf = fromBase64(String(view.leaf));
  const entry = await decodeEntry(leaf);
  if (entry.kind !== "decision" || entry.id !== id || entry.statement.genesis !== log.genesis) throw new VerificationError("another entry than the decision asked for");
  const policy = { ...(log.published.policy ? await parsePolicy(log.published.policy) : emptyPolicy()), logs: [] };
  const { checkpoint } = await checkTlogProof(parseTlogProof(proof), leaf, policy, await Promise.all(log.vkeys.map(parseVkey)));
  const system = await source.json(`/v1/systems/${encodeURIComponent(entry.statement.system)}`);
  const record = { ...log, id, base: source.base, view, leaf, entry, proof, checkpoint, system, own, keys: {}, helping: true, fields: null };
  await checkLater(record, source);
  sortOut(record);
  return record;
}

// What the person lets this key do, as the log says it: {scope, until, over, grant}; null where it is named nowhere.
export function mandateOf(record, now = Date.now()) {
  const { did } = record.own.key;
  const helper = record.since.helpers.get(did);
  const isOpen = (one) => one.endedMs === undefined && (one.until === undefined || Date.parse(one.until) > now);
  const grants = [...record.since.grants.values()].filter((one) => one.to === did);
  const grant = grants.find(isOpen) ?? null;
  if (!helper && !grants.length) return null;
  const inForce = helper !== undefined && isOpen(helper);
  const scope = inForce ? helper.scope.filter((one) => one !== "read") : [];
  return { scope: grant ? ["read", ...scope] : scope, until: (inForce ? helper : grant)?.until, grant };
}
