// Receipt files (*.counterfoil.json): what a person keeps of one entry, checked offline.
//
//   {"counterfoil": 1, "origin", "genesis": base64url, "id", "index", "leaf": base64, "proof": tlog-proof text,
//    "secret"?: base64url(K), "sealed"?: base64, "policy"?: tlog-policy text}
//
// Whose signature is believed is the caller's to say. The file's own policy only says that the file agrees with
// itself. The checks are those of `counterfoil verify`, by the same names, in the same order.

import { checkAct } from "./act.js";
import { fromBase64, fromBase64url, toBase64url, utf8 } from "./bytes.js";
import { parseCheckpoint } from "./checkpoint.js";
import { SLOTS } from "./disclosure.js";
import { signingKeyOfSeed } from "./ed25519.js";
import { decodeEntry } from "./entry.js";
import { MalformedError, VerificationError } from "./errors.js";
import { hashLeaf } from "./hash.js";
import { hasNames, isObject, parseJson } from "./json.js";
import { LEAF_BYTES_MAX, RECEIPT_BYTES_MAX, TREE_SIZE_MAX } from "./limits.js";
import { isDigest } from "./names.js";
import { parseNote, parseVkey } from "./note.js";
import { checkPolicy, emptyPolicy, parsePolicy } from "./policy.js";
import { checkInclusion } from "./proof.js";
import { checkDisclosures, openSealed } from "./sealed.js";
import { checkSubjectTag, deriveKeys, parseSecret } from "./secret.js";
import { checkStatementSignature } from "./statement.js";
import { parseTlogProof } from "./tlogproof.js";

const RECEIPT_NAMES = ["counterfoil", "origin", "genesis", "id", "index", "leaf", "proof"];
const RECEIPT_OPTIONAL = ["secret", "sealed", "policy"];

// The receipt in a file's text or bytes: its members, with index as BigInt, leaf, secret and sealed as bytes,
// and null for what is absent. Throws MalformedError.
export function parseReceipt(file) {
  const data = typeof file === "string" ? utf8(file) : file;
  if (data.length > RECEIPT_BYTES_MAX) throw new MalformedError(`a receipt file longer than ${RECEIPT_BYTES_MAX} bytes`);
  const value = parseJson(data);
  if (!isObject(value) || !hasNames(value, RECEIPT_NAMES, RECEIPT_OPTIONAL)) {
    throw new MalformedError(`not a receipt file: its members are ${RECEIPT_NAMES.join(", ")}, and perhaps ${RECEIPT_OPTIONAL.join(", ")}`);
  }
  if (value.counterfoil !== 1) throw new MalformedError("a receipt file of another version than 1");
  const isIndex = typeof value.index === "bigint" || Number.isSafeInteger(value.index);
  if (!isIndex || value.index < 0 || BigInt(value.index) >= TREE_SIZE_MAX) throw new MalformedError("a receipt's index is an integer from 0");
  for (const [name, member] of Object.entries(value)) {
    if (name !== "counterfoil" && name !== "index" && typeof member !== "string") throw new MalformedError(`a receipt's ${name} is a text`);
  }
  if (!isDigest(value.genesis)) throw new MalformedError("a genesis is the base64url of 32 bytes");
  const leaf = fromBase64(value.leaf);
  if (leaf.length > LEAF_BYTES_MAX) throw new MalformedError(`a leaf longer than ${LEAF_BYTES_MAX} bytes`);
  return {
    origin: value.origin,
    genesis: value.genesis,
    id: value.id,
    index: BigInt(value.index),
    leaf,
    proof: value.proof,
    secret: "secret" in value ? parseSecret(value.secret) : null,
    sealed: "sealed" in value ? fromBase64(value.sealed) : null,
    policy: value.policy ?? null,
  };
}

// Whom to believe, as `counterfoil verify` takes its options: [policy, vkeys, own].
async function believed(receipt, policyText, vkeyTexts) {
  const vkeys = await Promise.all(vkeyTexts.map(parseVkey));
  const own = policyText === null && vkeys.length === 0;
  if (own && receipt.policy === null) throw new MalformedError("no key to check it with, and the file has no policy");
  const text = own ? receipt.policy : policyText;
  const policy = text === null ? emptyPolicy() : await parsePolicy(text);
  if (policy.logs.length === 0 && vkeys.length === 0) throw new MalformedError("the policy names no log: add its key");
  // A key that is given is the log's: a policy beside it names witnesses only.
  return [vkeys.length ? { ...policy, logs: [] } : policy, vkeys, own];
}

function checkFileGenesis(receipt, entry, leafHash) {
  let { genesis } = receipt;
  if (entry.kind === "decision") genesis = entry.statement.genesis;
  if (entry.kind === "act") genesis = entry.act.genesis;
  if (entry.kind === "founded") genesis = toBase64url(leafHash);
  if (genesis !== receipt.genesis) throw new VerificationError("the file's genesis is not the leaf's");
}

// Where the leaf stands, whether or not the checkpoint is believed.
async function checkPlace(receipt, leafHash) {
  const proof = parseTlogProof(receipt.proof);
  if (proof.index !== receipt.index) throw new VerificationError(`the file's index is ${receipt.index}, its proof's ${proof.index}`);
  const { size, root } = parseCheckpoint(parseNote(proof.checkpoint).text);
  await checkInclusion(proof.index, size, leafHash, proof.hashes, root);
}

class Verification {
  constructor(receipt, own) {
    this.receipt = receipt;
    this.own = own;
    this.checks = [];
    this.entry = null;
    this.opened = null;
    this.disclosures = null;
  }

  get holds() {
    return this.checks.every((check) => check.holds);
  }

  get failed() {
    return this.checks.find((check) => !check.holds)?.name ?? null;
  }

  async make(name, sentence, check) {
    try {
      await check();
      this.checks.push({ name, holds: true, sentence });
    } catch (error) {
      if (!(error instanceof MalformedError || error instanceof VerificationError)) throw error;
      this.checks.push({ name, holds: false, sentence: error.message });
    }
  }

  async checkEntry(leafHash) {
    const { receipt } = this;
    await this.make("leaf", "the leaf is an entry in canonical form", async () => {
      this.entry = await decodeEntry(receipt.leaf);
    });
    if (this.entry === null) return;
    await this.make("id", "the file's id is the leaf's", () => {
      if (this.entry.id !== receipt.id) throw new VerificationError("the file's id is not the leaf's");
    });
    await this.make("genesis", "the file's genesis is the leaf's", () => checkFileGenesis(receipt, this.entry, leafHash));
  }

  async checkLog(leafHash, policy, vkeys) {
    const { receipt } = this;
    const witnessed = policy.quorum === "none" ? "" : ` and witnessed by ${policy.quorum}`;
    await this.make("checkpoint", `the checkpoint is signed by the log's key${witnessed}`, async () => {
      const opened = await checkPolicy(policy, parseTlogProof(receipt.proof).checkpoint, vkeys);
      if (opened.checkpoint.origin !== receipt.origin) throw new VerificationError("the file's origin is not the checkpoint's");
      this.opened = opened;
    });
    await this.make("inclusion", `the leaf is entry ${receipt.index} of the checkpoint's tree`, () => checkPlace(receipt, leafHash));
    if (receipt.policy === null) return;
    await this.make("policy", "the file's own policy accepts it", async () => {
      const own = await parsePolicy(receipt.policy);
      const keys = vkeys.length ? vkeys : policy.logs.map((log) => log.vkey);
      await checkPolicy(own, parseTlogProof(receipt.proof).checkpoint, keys);
    });
  }

  async checkContent() {
    const { entry, receipt } = this;
    if (entry.kind === "act") {
      const sentence = entry.act.assertion === null ? "the act is signed by its actor" : "a passkey was asked for this act; an audit checks its answer";
      await this.make("signature", sentence, () => checkAct(entry.act));
    }
    if (entry.kind === "decision" && entry.signature !== null) {
      const { keyid, sig } = entry.signature;
      await this.make("signature", "the statement is signed by the key it names", () => checkStatementSignature(keyid, entry.statementJcs, sig));
    }
    if (receipt.secret === null && receipt.sealed === null) return;
    if (entry.kind !== "decision" || receipt.secret === null) {
      this.checks.push({ name: "secret", holds: false, sentence: "a secret or sealed part that nothing on this leaf answers to" });
      return;
    }
    await this.checkSecret(entry, await deriveKeys(receipt.secret));
  }

  async checkSecret({ statement, statementJcs }, keys) {
    const { sealed } = this.receipt;
    await this.make("subject-tag", "the secret opens the leaf's subject_tag", () => checkSubjectTag(keys, fromBase64url(statement.subject_tag)));
    await this.make("contest-key", "the secret holds the leaf's contest_key", async () => {
      const { did } = await signingKeyOfSeed(keys.contestSeed);
      if (did !== statement.contest_key) throw new VerificationError("the secret does not hold the leaf's contest_key");
    });
    if (sealed === null) return;
    await this.make("sealed", `all ${SLOTS.length} sealed fields have the digests on the leaf`, async () => {
      const disclosures = await openSealed(keys.dek, statementJcs, sealed);
      await checkDisclosures(statement, disclosures);
      this.disclosures = disclosures;
    });
  }
}

// Every check that a receipt file allows; one fault does not hide the next. Throws MalformedError where the file
// cannot be checked at all. What comes back:
//
//   checks       [{name, holds, sentence}], in order
//   holds        whether all do; `failed` names the first that does not, or is null
//   own          whether only the file's own policy was believed
//   receipt, entry (null if the leaf is none), disclosures (null unless "sealed" holds),
//   opened       {checkpoint, verified, witnesses} (null unless "checkpoint" holds)
export async function verifyReceipt(file, { vkeys = [], policy = null } = {}) {
  const receipt = parseReceipt(file);
  const [believedPolicy, believedKeys, own] = await believed(receipt, policy, vkeys);
  const verification = new Verification(receipt, own);
  const leafHash = await hashLeaf(receipt.leaf);
  await verification.checkEntry(leafHash);
  await verification.checkLog(leafHash, believedPolicy, believedKeys);
  if (verification.entry !== null) await verification.checkContent();
  return verification;
}
