// Acts of the person: written down, signed on this device, sent, and the answer's receipt checked like any other.

import { formatPayload, signAct } from "../verify/act.js";
import { fromBase64, toBase64 } from "../verify/bytes.js";
import { signingKeyOfSeed } from "../verify/ed25519.js";
import { VerificationError } from "../verify/errors.js";
import { emptyPolicy, parsePolicy } from "../verify/policy.js";
import { parseVkey } from "../verify/note.js";
import { checkTlogProof, parseTlogProof } from "../verify/tlogproof.js";
import { ownKeys } from "./keys.js";
import { RefusedError } from "./source.js";

// A phone's clock may be hours off, either way; log time must lie before this, and at most 24 h before it.
const UNTIL_MS = 12 * 3_600_000;
const SEQ_TRIES = 3;
const ACT_TYPE = "application/json";

// The receipt as acts show it: its leaf, and its place in the very tree that the act has seen.
export function shownReceipt(record) {
  const proof = parseTlogProof(record.proof);
  return { id: record.id, index: Number(proof.index), leaf: toBase64(record.leaf), proof: proof.hashes.map(toBase64) };
}

// The key that speaks for this person: the claimed one where this device holds it, else the receipt's own; a helper's is
// their own, always.
export async function voice(record) {
  if (record.helping) return record.own.key;
  const own = await ownKeys(record.id);
  return own && record.claimedKeys?.includes(own.key.did) ? own.key : contestKeyOf(record);
}

export async function contestKeyOf(record) {
  return signingKeyOfSeed(record.keys.contestSeed);
}

export class Desk {
  constructor(record, source) {
    this.record = record;
    this.source = source;
  }

  // Signs and sends one act; its id. Throws RefusedError with the ledger's reason, UnreachableError, or
  // VerificationError where the answer is no proof that it was recorded.
  async send(key, act, body) {
    for (let tries = 1; ; tries += 1) {
      const { seq } = await this.source.json(`/v1/actors/${key.did}`);
      const { checkpoint, entry } = this.record;
      const until = new Date(Date.now() + UNTIL_MS).toISOString();
      const seen = { size: Number(checkpoint.size), root: checkpoint.root };
      const payload = formatPayload({ genesis: entry.statement.genesis, act, actor: key.did, seq: seq + 1, until, seen, body });
      const envelope = JSON.stringify(await signAct(key, payload));
      try {
        const answer = await this.source.post("/v1/acts", envelope, ACT_TYPE);
        await this.check(answer, payload);
        return answer.id;
      } catch (error) {
        // Another tab of ours may have used the number meanwhile.
        const used = error instanceof RefusedError && error.status === 409 && /seq/.test(error.kind);
        if (!used || tries === SEQ_TRIES) throw error;
      }
    }
  }

  async check({ receipt }, payload) {
    const { published, vkeys } = this.record;
    const policy = { ...(published.policy ? await parsePolicy(published.policy) : emptyPolicy()), logs: [] };
    const leaf = fromBase64(receipt.leaf);
    await checkTlogProof(parseTlogProof(receipt.proof), leaf, policy, await Promise.all(vkeys.map(parseVkey)));
    const inside = JSON.parse(new TextDecoder().decode(leaf)).data?.envelope?.payload;
    if (inside !== toBase64(payload)) throw new VerificationError("the ledger recorded another act than the one sent");
  }

  // Uploads a part of a case that an act of ours has named.
  async keepPart(blob) {
    await this.source.post("/v1/parts", blob, "application/octet-stream");
  }
}

