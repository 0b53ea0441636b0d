// A case as its opener sees it: who may read it, what was written in it, what its review says.

import { deriveCase, newSecret, openCase, recipientOf, sealCase } from "../verify/case.js";
import { toBase64url } from "../verify/bytes.js";
import { MalformedError, VerificationError } from "../verify/errors.js";
import { formatPart, openPart, sealPart } from "../verify/part.js";
import { shownReceipt } from "./acting.js";
import { examine } from "./checking.js";
import { RefusedError } from "./source.js";
import { outcomeSentence } from "./story.js";

const BOXES_ACT_MAX = 100; // boxes in one act (ledger/limits.py)

function about(record) {
  return { decision: record.id, genesis: record.entry.statement.genesis };
}

// Who reviews now, as the keys of each that act for them today: a key that was turned since opens nothing new.
// Whoever signs for the system or oversees it may not review what it decided, and gets no box.
export async function reviewers({ system }, source) {
  const { items } = await source.json("/v1/roles");
  const own = new Set([...(system?.keys ?? []), ...(system?.overseers ?? [])]);
  return items.filter((one) => one.role === "reviewer" && one.in_force)
    .map(({ member, keys }) => ({ member, keys }))
    .filter(({ member, keys }) => keys.length && ![member, ...keys].some((did) => own.has(did)));
}

// Boxes of C to dids; one whose key no box can be sealed to is left out.
async function boxesFor(record, caseKey, dids) {
  const boxes = [];
  for (const did of dids) {
    try {
      boxes.push({ to: did, box: await sealCase(caseKey, recipientOf(did), about(record)) });
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
    }
  }
  return boxes;
}

// Opens a contest with the keys of this device: the act, then its parts. `value` is the statement's.
export async function openContest(desk, own, { value, attachments, to }) {
  const { record } = desk;
  const caseKey = newSecret();
  const { tagDigest, partKey } = await deriveCase(caseKey);
  const statement = await sealPart(await formatPart("statement", withDataKey(record, value)), partKey);
  const files = [];
  for (const file of attachments) files.push(await sealPart(await formatPart("attachment", file), partKey));
  const mine = { to: own.key.did, box: await sealCase(caseKey, own.seal.publicKey, about(record)) };
  const boxes = [mine, ...(await boxesFor(record, caseKey, to.filter((did) => did !== own.key.did).slice(0, BOXES_ACT_MAX - 1)))];
  const body = {
    receipt: shownReceipt(record),
    seal_key: own.sealKey,
    tag: tagDigest,
    boxes,
    statement: statement.named,
    attachments: files.map((file) => file.named),
  };
  await desk.send(own.key, "contest.open", body);
  for (const { blob } of [statement, ...files]) await desk.keepPart(blob);
}

// Where the deployer sealed the decision the ledger has no key to give: reviewers get it from the person.
// A helper has it once they have read the decision; until then the person must give it.
function withDataKey({ entry, keys }, value) {
  return entry.signature === null || !keys.dek ? value : { ...value, dek: toBase64url(keys.dek) };
}

// A further message in a case that this device opened.
export async function say(desk, own, contest, value) {
  const { partKey } = await deriveCase(await caseKeyOf(desk.record, own, contest));
  const part = await sealPart(await formatPart("statement", value), partKey);
  await desk.send(own.key, "case.say", { contest: contest.id, statement: part.named, attachments: [] });
  await desk.keepPart(part.blob);
}

// Lets reviewers in who were appointed since; how many.
export async function share(desk, own, contest, dids) {
  const caseKey = await caseKeyOf(desk.record, own, contest);
  const boxes = await boxesFor(desk.record, caseKey, dids.slice(0, BOXES_ACT_MAX));
  if (boxes.length) await desk.send(own.key, "case.share", { contest: contest.id, boxes });
  return boxes.length;
}

async function caseKeyOf(record, own, contest) {
  const mine = contest.boxes.find((one) => one.to === own.key.did);
  if (!mine) throw new VerificationError("this device has no key to this case");
  return openCase(mine.box, own.seal, about(record));
}

// Fills in what the ledger says of a contest, and, where this device holds the case's key, what was written.
export async function readContest(record, source, contest) {
  try {
    contest.row = await source.json(`/v1/contests/${contest.id}`);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
  }
  if (!record.own || !contest.reasons) return;
  try {
    const { tag, partKey } = await deriveCase(await caseKeyOf(record, record.own, contest));
    const headers = { Authorization: `Case ${toBase64url(tag)}` };
    const part = await openPart(await source.bytes(`/v1/parts/${contest.reasons.part}`, headers), partKey, contest.reasons);
    contest.opened = { reasons: part.value.text };
    if (part.value.id !== null) contest.opened.fragment = `${part.value.id}.${part.value.secret}`;
  } catch (error) {
    if (!(error instanceof RefusedError || error instanceof VerificationError || error instanceof MalformedError)) throw error;
    contest.unread = true;
  }
}

// The corrected decision, verified as this one was, for the old beside the new.
export async function readCorrected(record, source, words, contest) {
  const { fragment } = contest.opened ?? {};
  if (!fragment || !fragment.startsWith(`${contest.corrected}.`)) return;
  const corrected = await examine(fragment, source);
  if (corrected.state !== "holds") return;
  contest.opened.corrected = {
    fragment,
    before: outcomeSentence(words, record.fields.outcome),
    after: outcomeSentence(words, corrected.fields.outcome),
  };
}

