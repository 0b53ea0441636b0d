// A case as its reviewer reads it: what the person wrote, and, by a recorded read, what the decision holds.

import { fromBase64url, toBase64url } from "../verify/bytes.js";
import { deriveCase, openCase } from "../verify/case.js";
import { MalformedError, VerificationError } from "../verify/errors.js";
import { formatPart, openPart, sealPart } from "../verify/part.js";
import { readUnder } from "../receipt/reading.js";
import { RefusedError } from "../receipt/source.js";
import { provenDecision } from "./log.js";

export class Dossier {
  // `reader` is {key, seal}; `desk` signs and sends (receipt/acting.js).
  constructor(log, source, desk, reader, contest) {
    Object.assign(this, { log, source, desk, reader, contest });
    this.about = { decision: contest.decision, genesis: log.genesis };
    this.fields = null; // the decision's own, once they were read
  }

  // Opens the case's key and all that was said; `said` then holds {by, atMs, parts, unread}.
  // Throws VerificationError where this reader has no box.
  async open() {
    const box = this.contest.boxes[this.reader.key.did];
    if (box === undefined) throw new VerificationError("no box for this key");
    this.keys = await deriveCase(await openCase(box, this.reader.seal, this.about));
    this.entry = await provenDecision(this.log, this.source, { id: this.contest.decision, index: this.contest.index });
    this.said = await Promise.all(this.contest.said.map((one) => this.openSaid(one)));
    return this;
  }

  async openSaid({ by, at_ms: atMs, statement, attachments }) {
    const opened = await Promise.all([statement, ...attachments].map((named) => this.part(named)));
    const parts = opened.filter((part) => part !== null);
    return { by, atMs, parts, unread: opened.length - parts.length };
  }

  // What a part holds; null where it was not sent, or is not what the act names.
  async part(named) {
    try {
      const headers = { Authorization: `Case ${toBase64url(this.keys.tag)}` };
      return await openPart(await this.source.bytes(`/v1/parts/${named.part}`, headers), this.keys.partKey, named);
    } catch (error) {
      if (error instanceof RefusedError || error instanceof VerificationError || error instanceof MalformedError) return null;
      throw error;
    }
  }

  // Reads the decision's private fields under the grant that came with taking the case. The read is recorded
  // first, as an entry that the person sees.
  async read() {
    const { decision, grant } = this.contest;
    const dek = () => this.personsKey();
    const { fields } = await readUnder(this.desk, this.source, this.reader, { entry: this.entry, grant, decision, genesis: this.log.genesis, dek });
    this.fields = fields;
  }

  // Where the deployer sealed the decision, the person's statement brings its key.
  personsKey() {
    const found = this.said.flatMap((one) => one.parts).find((part) => part.value.dek !== undefined);
    if (!found) throw new VerificationError("nobody gave the key of this decision");
    return fromBase64url(found.value.dek, 32);
  }

  // Says something to the person and the other reviewers.
  async say(text) {
    const part = await sealPart(await formatPart("message", { text }), this.keys.partKey);
    await this.desk.send(this.reader.key, "case.say", { contest: this.contest.id, statement: part.named, attachments: [] });
    await this.desk.keepPart(part.blob);
  }

  // Ends the review. `corrected` is null, or {desk, shown, id, secret} of the decision that replaces this one.
  async conclude({ conclusion, text, lookedAt, corrected }) {
    const value = { text, secret: corrected?.secret ?? null, id: corrected?.id ?? null };
    const reasons = await sealPart(await formatPart("reasons", value), this.keys.partKey);
    const body = {
      contest: this.contest.id, conclusion, reasons: reasons.named, looked_at: lookedAt, corrected: corrected?.shown ?? null,
    };
    await (corrected?.desk ?? this.desk).send(this.reader.key, "review.conclude", body);
    await this.desk.keepPart(reasons.blob);
  }
}
