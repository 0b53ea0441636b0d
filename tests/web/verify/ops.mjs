// What the verifier can be asked by tests: each op is a function of unpacked arguments to a plain value. The
// Python side of each that both have is in sides.py, under the same name.

import * as act from "../../../api/web/static/verify/act.js";
import * as bytes from "../../../api/web/static/verify/bytes.js";
import * as caseOf from "../../../api/web/static/verify/case.js";
import * as checkpoint from "../../../api/web/static/verify/checkpoint.js";
import * as curve from "../../../api/web/static/verify/curve.js";
import * as didkey from "../../../api/web/static/verify/didkey.js";
import * as disclosure from "../../../api/web/static/verify/disclosure.js";
import * as ed25519 from "../../../api/web/static/verify/ed25519.js";
import * as entry from "../../../api/web/static/verify/entry.js";
import * as hash from "../../../api/web/static/verify/hash.js";
import * as hpke from "../../../api/web/static/verify/hpke.js";
import * as canonical from "../../../api/web/static/verify/jcs.js";
import * as json from "../../../api/web/static/verify/json.js";
import * as lazy from "../../../api/web/static/verify/lazy.js";
import * as names from "../../../api/web/static/verify/names.js";
import * as note from "../../../api/web/static/verify/note.js";
import * as part from "../../../api/web/static/verify/part.js";
import * as policy from "../../../api/web/static/verify/policy.js";
import * as proof from "../../../api/web/static/verify/proof.js";
import * as receipt from "../../../api/web/static/verify/receipt.js";
import * as rules from "../../../api/web/static/verify/rules.js";
import * as sealed from "../../../api/web/static/verify/sealed.js";
import * as secret from "../../../api/web/static/verify/secret.js";
import * as statement from "../../../api/web/static/verify/statement.js";
import * as tlogproof from "../../../api/web/static/verify/tlogproof.js";

// Whether a check holds: false for what it refuses.
async function holds(check) {
  try {
    await check();
    return true;
  } catch (error) {
    if (error.name === "VerificationError") return false;
    throw error;
  }
}

function keyOf(vkey) {
  return [vkey.name, vkey.kind, vkey.keyId, vkey.publicKey];
}

function policyOf(found) {
  return {
    logs: found.logs.map(({ vkey, url }) => [keyOf(vkey), url]),
    witnesses: found.witnesses.map(({ name, vkey, url }) => [name, keyOf(vkey), url]),
    groups: found.groups.map(({ name, least, members }) => [name, least, members]),
    quorum: found.quorum,
  };
}

function openedOf({ checkpoint: head, verified }) {
  const { origin, size, root, extensions } = head;
  return [{ origin, size, root, extensions }, verified.map(({ vkey, time }) => [note.formatVkey(vkey), time])];
}

function actOf(found) {
  const { id, genesis, act: name, actor, seq, untilMs, seen, body, payload, assertion } = found;
  return { id, genesis, act: name, actor, seq, untilMs, seen: [seen.size, seen.root], body, payload, passkey: assertion !== null };
}

async function entryOf(leaf) {
  const found = await entry.decodeEntry(leaf);
  if (found.kind === "act") return { ...found, act: actOf(found.act) };
  return found;
}

async function vkeysOf(texts) {
  return Promise.all(texts.map(note.parseVkey));
}

function openedPart({ slot, value, text }) {
  return { slot, value, text };
}

async function checksOf(file, options) {
  const found = await receipt.verifyReceipt(file, options);
  return { own: found.own, checks: found.checks.map(({ name, holds: held }) => [name, held]), failed: found.failed };
}

export const OPS = {
  base64: bytes.fromBase64,
  base64url: bytes.fromBase64url,
  json: json.parseJson,
  jcs: canonical.parseJcs,
  canonical: canonical.jcs,
  moment: names.parseUtc,
  didkey: didkey.parseDidKey,
  "format-didkey": didkey.formatDidKey,
  x25519: (did) => caseOf.recipientOf(did),
  "strict-point": curve.isStrictPoint,
  ed25519: ed25519.verifyEd25519,
  mldsa44: async (...args) => (await lazy.loadMldsa44())(...args),
  root: async (leaves) => hash.treeRoot(await Promise.all(leaves.map(hash.hashLeaf))),
  inclusion: async (...args) => holds(() => proof.checkInclusion(...args)),
  consistency: async (...args) => holds(() => proof.checkConsistency(...args)),
  subtree: async (...args) => holds(() => proof.checkSubtree(...args)),
  "subtree-inclusion": async (...args) => holds(() => proof.checkSubtreeInclusion(...args)),
  vkey: async (text) => keyOf(await note.parseVkey(text)),
  note: (data) => note.parseNote(data),
  checkpoint: (data) => checkpoint.parseCheckpoint(data),
  "open-checkpoint": async (data, vkeys) => openedOf(await checkpoint.openCheckpoint(data, await vkeysOf(vkeys))),
  policy: async (text) => policyOf(await policy.parsePolicy(text)),
  "check-policy": async (text, data, vkeys) => openedOf(await policy.checkPolicy(await policy.parsePolicy(text), data, await vkeysOf(vkeys))),
  met: async (text, found) => policy.isMet(await policy.parsePolicy(text), found),
  "tlog-proof": (text) => tlogproof.parseTlogProof(text),
  "check-tlog-proof": async (text, leaf, vkey) => {
    const vkeys = await vkeysOf([vkey]);
    return openedOf(await tlogproof.checkTlogProof(tlogproof.parseTlogProof(text), leaf, policy.emptyPolicy(), vkeys));
  },
  leaf: entryOf,
  statement: (data) => statement.parseStatement(data),
  disclosure: (text) => disclosure.parseDisclosure(text),
  plaintext: (data) => disclosure.parsePlaintext(data),
  digest: disclosure.digestOf,
  sealed: async (k, statementJcs, data) => {
    const { dek } = await secret.deriveKeys(k);
    const disclosures = await sealed.openSealed(dek, statementJcs, data);
    await sealed.checkDisclosures(statement.parseStatement(statementJcs), disclosures);
    return disclosures;
  },
  envelope: async (data) => {
    const found = await act.parseEnvelope(data);
    return { ...actOf(found), signed: await holds(() => act.checkAct(found)) };
  },
  "sign-act": async (seed, said) => act.signAct(await ed25519.signingKeyOfSeed(seed), act.formatPayload(said)),
  pae: act.pae,
  fragment: (text) => secret.parseFragment(text),
  keys: async (k) => ({ ...(await secret.deriveKeys(k)), did: (await secret.contestKey(k)).did }),
  "sign-with-receipt": async (k, said) => {
    const key = await secret.contestKey(k);
    return act.signAct(key, act.formatPayload({ ...said, actor: key.did }));
  },
  "sign-with-fresh-key": async (said) => {
    const key = await ed25519.newSigningKey();
    if (key.privateKey.extractable) throw new TypeError("a fresh key can be taken out");
    return act.signAct(key, act.formatPayload({ ...said, actor: key.did }));
  },
  receipt: async (file, vkeys, policyText) => checksOf(file, { vkeys, policy: policyText }),
  // Milliseconds of each of `count` verifications of one receipt.
  "time-receipt": async (file, vkeys, count) => {
    const times = [];
    for (let at = 0; at < count; at += 1) {
      const begun = performance.now();
      const found = await receipt.verifyReceipt(file, { vkeys });
      times.push(performance.now() - begun);
      if (!found.holds) throw new TypeError(`the receipt does not hold: ${found.failed}`);
    }
    return times;
  },
  "rules-hash": async (data) => rules.rulesHash(rules.parseRulesFile(data)),
  "check-rules": async (leaf, data, disclosures) => {
    await rules.checkRules(await entry.decodeEntry(leaf), rules.parseRulesFile(data), disclosures.map(disclosure.parseDisclosure));
    return true;
  },
  "hpke-seal": async (message, recipient, info, aad, ephemeral) => hpke.hpkeSeal(message, recipient, info, aad, ephemeral && (await hpke.agreementKeyOfSecret(ephemeral))),
  "hpke-open": async (box, key, info, aad) => hpke.hpkeOpen(box, await hpke.agreementKeyOfSecret(key), info, aad),
  "agreement-of-seed": async (seed) => (await hpke.agreementKeyOfSeed(seed)).publicKey,
  "case-keys": async (c) => caseOf.deriveCase(c),
  "claim-keys": async (seed) => {
    const { key, sealKey } = await caseOf.deriveClaim(seed);
    return { did: key.did, sealKey };
  },
  "prove-claim": async (seed, about) => {
    const { key, sealKey } = await caseOf.deriveClaim(seed);
    return caseOf.proveClaim(key, sealKey, about);
  },
  "check-claim": async (given, about) => holds(() => caseOf.checkClaim(given, about)),
  "seal-case": async (c, did, about, ephemeral) => caseOf.sealCase(c, caseOf.recipientOf(did), about, ephemeral && (await hpke.agreementKeyOfSecret(ephemeral))),
  "open-case": async (box, key, about) => caseOf.openCase(box, await hpke.agreementKeyOfSecret(key), about),
  "seal-dek": async (dek, did, about, ephemeral) => caseOf.sealDataKey(dek, caseOf.recipientOf(did), about, ephemeral && (await hpke.agreementKeyOfSecret(ephemeral))),
  "open-dek": async (box, key, about) => caseOf.openDataKey(box, await hpke.agreementKeyOfSecret(key), about),
  "claim-opens": async (seed, box, about) => caseOf.openCase(box, (await caseOf.deriveClaim(seed)).seal, about),
  part: (text) => openedPart(part.parsePart(text)),
  "format-part": (slot, value, salt) => part.formatPart(slot, value, salt),
  "seal-part": (made, key, nonce) => part.sealPart(made, key, nonce),
  "open-part": async (blob, key, named) => openedPart(await part.openPart(blob, key, named)),
};
