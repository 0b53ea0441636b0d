// From a link to a verified record: asks the ledger, believes nothing, checks all.
//
//   (1) derive the keys from K           (4) the rules are those that the leaf names
//   (2) ask for everything at once       (5) the log has only grown since this browser saw it
//   (3) verify leaf, place, signature,   (6) every later entry stands in the same log
//       and each private field
//
// What the signature is held against comes from the record itself: K opens the private part only under the
// statement, which names the genesis, the hash of entry 0, which names the log's keys.
//
// `examine` returns a record, whatever it is worth; `record.state` says what:
//   holds · altered · erased · withheld          the ledger answered, and this is what it is worth
//   damaged · wrong-secret · unknown             the link
//   unreachable · unsupported                    nothing is known

import { checkAct } from "../verify/act.js";
import { equalBytes, fromBase64, fromBase64url, toBase64, toBase64url } from "../verify/bytes.js";
import { decodeEntry } from "../verify/entry.js";
import { MalformedError, UnsupportedError, VerificationError } from "../verify/errors.js";
import { hashLeaf, subtleCrypto } from "../verify/hash.js";
import { checkConsistency, checkInclusion } from "../verify/proof.js";
import { verifyReceipt } from "../verify/receipt.js";
import { checkRules, parseRulesFile } from "../verify/rules.js";
import { checkSubjectTag, deriveKeys, parseFragment } from "../verify/secret.js";
import { parseTlogProof } from "../verify/tlogproof.js";
import { lastSeen, remember } from "./memory.js";
import { RefusedError, UnreachableError } from "./source.js";

const LATER_MAX = 200; // entries whose proofs are fetched; the page says if there are more
const NEXT_LOOKED_AT = 10; // entries after the record in which a log time is sought
const OLDER_TRIES = 4; // another process may be a moment behind; a restored backup stays behind
const OLDER_PAUSE_MS = 400;

// The names under which a failed check of the verifier stands on the page.
const PLACES = {
  leaf: "log", id: "log", genesis: "log", checkpoint: "log", inclusion: "log", policy: "log", signature: "log", founding: "log",
  "subject-tag": "yours", "contest-key": "yours", secret: "yours",
  sealed: "content", rules: "rules", older: "history", consistency: "history", later: "history",
};
export const CHECKS = ["yours", "content", "rules", "log", "history"];

export async function examine(fragment, source) {
  const record = { state: "damaged", base: source.base, troubles: [], later: [] };
  try {
    subtleCrypto();
    const { id, secret } = parseFragment(fragment);
    Object.assign(record, { id, secret, keys: await deriveKeys(secret) }); // (1)
    await fetchAll(record, source); // (2)
    if (record.state !== "asked") return record;
    await checkAll(record, source);
    return record;
  } catch (error) {
    if (error instanceof UnsupportedError) record.state = "unsupported";
    else if (error instanceof UnreachableError) record.state = "unreachable";
    else if (error instanceof MalformedError) record.state = record.keys ? "altered" : "damaged";
    else throw error;
    if (record.state === "altered") record.troubles.push({ name: "leaf", sentence: error.message });
    return record;
  }
}

// ---- (2) ask -------------------------------------------------------------------------------------------------------

// What a promise gives, or the ledger's refusal as a value: several are asked at once.
async function orRefusal(promise) {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof RefusedError) return error;
    throw error;
  }
}

async function fetchAll(record, source) {
  const { id, keys } = record;
  const receipt = { Authorization: `Receipt ${toBase64url(keys.tag)}` };
  const [view, proof, sealed, rules, published, founding] = await Promise.all([
    orRefusal(source.json(`/v1/decisions/${id}`)),
    orRefusal(source.text(`/v1/receipts/${id}`)),
    orRefusal(source.bytes(`/v1/sealed/${id}`, receipt)),
    orRefusal(source.bytes(`/v1/decisions/${id}/rules`)),
    orRefusal(source.json("/v1/keys")),
    orRefusal(source.json("/v1/entries/0")),
  ]);
  if (view instanceof RefusedError || published instanceof RefusedError) {
    record.state = "unknown";
    return;
  }
  const missing = [proof, founding].find((one) => one instanceof RefusedError);
  if (missing) throw new UnreachableError(missing.message);
  record.state = "asked";
  Object.assign(record, { view, proof, rulesFile: rules, published, founding: fromBase64(String(founding.leaf)) });
  record.leaf = fromBase64(String(view.leaf));
  record.entry = await decodeEntry(record.leaf);
  if (record.entry.kind !== "decision") throw new MalformedError("the leaf is no decision");
  if (sealed instanceof RefusedError) record.sealed = sealed.status === 410 ? "erased" : "withheld";
  else record.sealed = sealed;
}

// ---- (3) to (6) check ----------------------------------------------------------------------------------------------

async function checkAll(record, source) {
  const { entry, keys } = record;
  if (entry.id === record.id && typeof record.sealed === "string") {
    // Only now is "no private part" told from "another link's secret".
    try {
      await checkSubjectTag(keys, fromBase64url(entry.statement.subject_tag, 32));
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      record.state = "wrong-secret";
      return;
    }
  }
  record.vkeys = (await attempt(record, "founding", () => readFounding(record))) ?? [];
  await checkReceipt(record); // (3)
  await attempt(record, "rules", () => checkRuleSet(record)); // (4)
  if (record.checkpoint) {
    await checkHistory(record, source); // (5)
    await attempt(record, "later", () => checkLater(record, source)); // (6)
  }
  if (record.troubles.length) record.state = "altered";
  else record.state = typeof record.sealed === "string" ? record.sealed : "holds";
  if (record.state !== "altered") remember(entry.statement.genesis, record.checkpoint);
}

// Runs a check; what does not hold is noted under its name.
async function attempt(record, name, check) {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof MalformedError || error instanceof VerificationError)) throw error;
    record.troubles.push({ name, sentence: error.message });
    return null;
  }
}

// The log's keys: those of entry 0, if it is the one that the record names.
async function readFounding({ founding, entry, published }) {
  if (toBase64url(await hashLeaf(founding)) !== entry.statement.genesis) throw new VerificationError("entry 0 is not the one that the record names");
  const first = await decodeEntry(founding);
  if (first.kind !== "founded") throw new VerificationError("entry 0 founds nothing");
  if (published.origin !== first.origin) throw new VerificationError("the ledger goes by another name than at its founding");
  return first.vkeys;
}

// What `counterfoil verify` reads: the same file that the person can save.
export function receiptFile(record) {
  const { entry, published, view, leaf, proof, secret, sealed } = record;
  const file = {
    counterfoil: 1,
    origin: published.origin,
    genesis: entry.statement.genesis,
    id: record.id,
    index: view.index,
    leaf: toBase64(leaf),
    proof,
    secret: toBase64url(secret),
  };
  if (typeof sealed !== "string") file.sealed = toBase64(sealed);
  file.policy = published.policy;
  return `${JSON.stringify(file, null, 1)}\n`;
}

// Whom to believe; without a believable entry 0 the file's own policy still lets the other checks be named.
function believed({ vkeys, published }) {
  return vkeys.length ? { vkeys, policy: published.policy } : {};
}

async function checkReceipt(record) {
  const verification = await verifyReceipt(receiptFile(record), believed(record));
  for (const { name, holds, sentence } of verification.checks) if (!holds) record.troubles.push({ name, sentence });
  record.verification = verification;
  record.checkpoint = verification.opened?.checkpoint ?? null;
  record.witnesses = verification.opened?.witnesses ?? [];
  record.fields = Object.fromEntries((verification.disclosures ?? []).map((one) => [one.slot, one.value]));
}

async function checkRuleSet(record) {
  if (record.rulesFile instanceof RefusedError) throw new VerificationError("the ledger does not show the rules that the record names");
  record.rules = parseRulesFile(record.rulesFile);
  await checkRules(record.entry, record.rules, record.verification.disclosures ?? []);
}

async function checkHistory(record, source) {
  const seen = lastSeen(record.entry.statement.genesis);
  record.seen = seen;
  if (seen === null) return;
  const now = await notOlder(record, source, seen);
  await attempt(record, now ? "consistency" : "older", async () => {
    if (!now) throw new VerificationError(`a log of ${record.checkpoint.size} entries, where this browser saw ${seen.size}`);
    if (now.size === seen.size) {
      if (!equalBytes(now.root, seen.root)) throw new VerificationError("another log of the same size");
      return;
    }
    const answer = await orRefusal(source.json(`/v1/proofs/consistency?from=${seen.size}&to=${now.size}`));
    if (answer instanceof RefusedError || !Array.isArray(answer.hashes)) throw new VerificationError("the ledger proves no consistency");
    await checkConsistency(seen.size, now.size, seen.root, answer.hashes.map(fromBase64), now.root);
  });
}

// The checkpoint, once it is not smaller than the one seen; null if it stays smaller.
async function notOlder(record, source, seen) {
  for (let tries = 0; record.checkpoint.size < seen.size; tries += 1) {
    if (tries === OLDER_TRIES) return null;
    await new Promise((resolve) => { setTimeout(resolve, OLDER_PAUSE_MS); });
    record.proof = await source.text(`/v1/receipts/${record.id}`);
    const again = await verifyReceipt(receiptFile(record), believed(record));
    if (again.opened && again.holds) record.checkpoint = again.opened.checkpoint;
  }
  return record.checkpoint;
}

// ---- (6) what happened since -------------------------------------------------------------------------------------------

// Fills in `record.later`: every later entry, proven under the record's checkpoint. Throws VerificationError.
export async function checkLater(record, source) {
  const all = Array.isArray(record.view.later) ? record.view.later : [];
  // What was added while we asked stands under a newer checkpoint than ours: the next look shows it.
  const told = all.filter((one) => !(Number.isSafeInteger(one.index) && BigInt(one.index) >= record.checkpoint.size));
  record.laterCut = told.length > LATER_MAX;
  record.later = await Promise.all(told.slice(-LATER_MAX).map((one) => provenEntry(record.checkpoint, source, one)));
  for (const { entry } of record.later) {
    if (entry.kind === "act") await checkAct(entry.act);
    else if (!entry.decisions?.includes(record.id)) throw new VerificationError("an entry about other decisions than this one");
  }
}

// An entry of the log under this very checkpoint: {entry, index, about}.
export async function provenEntry({ size, root }, source, { index, act = null, about = null }) {
  if (act !== null && index === undefined) {
    // An act named by its id alone: its proof says where it stands.
    const text = await orRefusal(source.text(`/v1/receipts/${act}`));
    if (text instanceof RefusedError) throw new VerificationError("a later act that the ledger does not show");
    return provenEntry({ size, root }, source, { index: Number(parseTlogProof(text).index), about });
  }
  if (!Number.isSafeInteger(index) || BigInt(index) >= size) throw new VerificationError("a later entry outside the log");
  const [answer, proof] = await Promise.all([
    orRefusal(source.json(`/v1/entries/${index}`)),
    orRefusal(source.json(`/v1/proofs/inclusion?index=${index}&size=${size}`)),
  ]);
  if (answer instanceof RefusedError || proof instanceof RefusedError) throw new VerificationError("a later entry that the ledger does not show");
  const leaf = fromBase64(String(answer.leaf));
  await checkInclusion(index, size, await hashLeaf(leaf), (proof.hashes ?? []).map(fromBase64), root);
  return { entry: await decodeEntry(leaf), index, about, leaf };
}

// Finds the first log time after the record, as `record.recordedBefore`: by then it stood in the log. A few entries
// are looked at; where none of them carries a log time, nothing is said.
export async function recordedBefore(record, source) {
  const times = record.later.map(({ entry }) => entry.timeMs).filter(Number.isFinite);
  const { items } = await source.json(`/v1/entries?after=${record.view.index}&limit=${NEXT_LOOKED_AT}`);
  for (const { index, leaf } of items) {
    if ((await decodeEntry(fromBase64(leaf))).kind === "decision") continue;
    const { entry } = await provenEntry(record.checkpoint, source, { index });
    times.push(entry.timeMs);
    break;
  }
  if (times.length) record.recordedBefore = Math.min(...times);
}

// Which of the five checks hold: {name, holds, told: names of what failed below it}.
export function fiveChecks(record) {
  return CHECKS.map((name) => {
    const told = record.troubles.filter((trouble) => (PLACES[trouble.name] ?? "log") === name);
    return { name, holds: told.length === 0, told };
  });
}
