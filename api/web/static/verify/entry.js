// Leaves: the bytes of an entry, read strictly. A published type never changes; an unknown one is refused.
//
//   leaf = JCS {"specversion":"1.0", "id", "source", "type", "time", "datacontenttype":"application/json", "data"}
//
//   kind       type                                    source                      data
//   founded    org.counterfoil.ledger.founded.v1       /<ledger>                   origin, vkeys, founders, parameters, …
//   decision   org.counterfoil.decision.recorded.v1    /<ledger>/systems/<system>  statement, signature?, seq, rules, results, refused
//   act        org.counterfoil.act.<act>.v1            /<ledger>/actors/<did>      envelope
//   time       org.counterfoil.time.passed.v1          /<ledger>                   checkpoint, refused
//   erasure    org.counterfoil.erasure.executed.v1     /<ledger>                   decisions
//   reissue    org.counterfoil.receipt.reissued.v1     /<ledger>                   decisions

import { readEnvelope } from "./act.js";
import { fromBase64url, lengthOf } from "./bytes.js";
import { isDidKey } from "./didkey.js";
import { SIGNATURE_BYTES } from "./ed25519.js";
import { MalformedError } from "./errors.js";
import { jcs, parseJcs } from "./jcs.js";
import { hasNames, isInteger, isObject } from "./json.js";
import { NAMED_DECISIONS_MAX } from "./limits.js";
import { isCode, isDigest, isLedgerName, isSecond, isUuid4, parseLogTime, parseUtc } from "./names.js";
import { readStatement } from "./statement.js";

const EVENT_NAMES = ["specversion", "id", "source", "type", "time", "datacontenttype", "data"];
const DECISION_NAMES = ["statement", "seq", "rules", "results", "refused"];
const FOUNDED_NAMES = ["origin", "vkeys", "founders", "parameters"];
const RESULT_OUTCOMES = ["pass", "flag", "hold"]; // never change; a refusal has no leaf

function must(holds, sentence) {
  if (!holds) throw new MalformedError(sentence);
}

function ledgerOf(source, rest) {
  must(typeof source === "string" && source.startsWith("/") && source.endsWith(rest), "a leaf's source is not its type's");
  const name = source.slice(1, Math.max(1, source.length - rest.length));
  must(isLedgerName(name), "a ledger's name is 1 to 40 of a-z, 0-9 and '-'");
  return name;
}

function isInOrder(names) {
  return names.every((name, at) => at === 0 || names[at - 1] < name);
}

// Checks a list of {"id", "outcome"} in order of id, each once. Throws MalformedError.
export function readResults(items) {
  must(Array.isArray(items), "results are a list");
  for (const item of items) {
    const good = isObject(item) && hasNames(item, ["id", "outcome"]) && isCode(item.id) && RESULT_OUTCOMES.includes(item.outcome);
    must(good, "a result is {id, outcome: pass, flag or hold}");
  }
  must(isInOrder(items.map((item) => item.id)), "results stand in order of id, each once");
  return items;
}

function readDeployerSignature(value) {
  const good = isObject(value) && hasNames(value, ["keyid", "sig"]) && isDidKey(value.keyid);
  must(good, "a deployer's signature is {keyid, sig}");
  return { keyid: value.keyid, sig: fromBase64url(value.sig, SIGNATURE_BYTES) };
}

function readDecision(event, data) {
  must(hasNames(data, DECISION_NAMES, ["signature"]), "a decision's data has other members than its type's");
  const statement = readStatement(data.statement);
  must(event.id === statement.id && event.time === statement.time, "a decision's id and time are its statement's");
  must(isDigest(data.rules), "a digest is 43 letters of base64url");
  must(isInteger(data.seq, 1), "a decision's seq is an integer from 1");
  must(isInteger(data.refused, 0), "a decision's refused is an integer from 0");
  return {
    kind: "decision",
    ledger: ledgerOf(event.source, `/systems/${statement.system}`),
    statement,
    statementJcs: jcs(statement),
    seq: data.seq,
    rules: data.rules,
    results: readResults(data.results),
    refused: data.refused,
    signature: "signature" in data ? readDeployerSignature(data.signature) : null,
  };
}

function readFounding(event, data) {
  must(FOUNDED_NAMES.every((name) => name in data), "a founding names origin, vkeys, founders, parameters");
  const { origin, vkeys, founders, parameters } = data;
  must(typeof origin === "string" && lengthOf(origin) >= 1 && lengthOf(origin) <= 255, "an origin is a text of 1 to 255 letters");
  must(isObject(parameters), "parameters are a JSON object");
  must(Array.isArray(vkeys) && vkeys.every((key) => typeof key === "string"), "vkeys are a list of texts");
  must(Array.isArray(founders) && founders.every(isDidKey), "founders are a list of did:keys");
  must(isUuid4(event.id), "a founding's id is a random UUID (version 4)");
  const timeMs = isSecond(event.time) ? parseUtc(event.time) : parseLogTime(event.time);
  return { kind: "founded", ledger: ledgerOf(event.source, ""), timeMs, origin, vkeys, founders, parameters };
}

function readTimePassed(event, data) {
  must(hasNames(data, ["checkpoint", "refused"]), "a passing of time has checkpoint and refused");
  const { checkpoint, refused } = data;
  must(checkpoint === null || typeof checkpoint === "string", "a checkpoint is a text or null");
  const counts = isObject(refused) && Object.entries(refused).every(([system, count]) => isCode(system) && isInteger(count, 1));
  must(counts, "refused is an object of system to count, from 1");
  must(isUuid4(event.id), "a passing of time has a random UUID (version 4)");
  return { kind: "time", ledger: ledgerOf(event.source, ""), timeMs: parseLogTime(event.time), checkpoint, refused };
}

async function readActEntry(event, data) {
  must(hasNames(data, ["envelope"]), "an act's data is its envelope, and nothing unsigned");
  const act = await readEnvelope(data.envelope);
  must(event.id === act.id && event.type === `org.counterfoil.act.${act.act}.v1`, "an act's id and type are its payload's");
  return { kind: "act", ledger: ledgerOf(event.source, `/actors/${act.actor}`), timeMs: parseLogTime(event.time), act };
}

function readNamed(kind, event, { decisions, ...others }) {
  must(Object.keys(others).length === 0, "an erasure or a re-issue has decisions, and no more");
  must(isUuid4(event.id), "an erasure's or re-issue's id is a random UUID");
  must(Array.isArray(decisions) && decisions.length >= 1 && decisions.length <= NAMED_DECISIONS_MAX, "decisions are a list of 1 to 1,000");
  must(decisions.every(isUuid4), "decisions are named by their ids");
  must(isInOrder(decisions), "decisions stand in order of id, each once");
  return { kind, ledger: ledgerOf(event.source, ""), timeMs: parseLogTime(event.time), decisions };
}

async function readByType(event, data) {
  switch (event.type) {
    case "org.counterfoil.decision.recorded.v1":
      return readDecision(event, data);
    case "org.counterfoil.ledger.founded.v1":
      return readFounding(event, data);
    case "org.counterfoil.time.passed.v1":
      return readTimePassed(event, data);
    case "org.counterfoil.erasure.executed.v1":
      return readNamed("erasure", event, data);
    case "org.counterfoil.receipt.reissued.v1":
      return readNamed("reissue", event, data);
    default:
      must(event.type.startsWith("org.counterfoil.act."), "a leaf of a type this version does not know");
      return readActEntry(event, data);
  }
}

// The entry whose bytes are exactly `leaf`: {kind, id, type, time, …} with what its kind has. Throws MalformedError.
export async function decodeEntry(leaf) {
  const event = parseJcs(leaf);
  must(isObject(event) && hasNames(event, EVENT_NAMES), "a leaf with other members than an event's seven");
  const isEvent = event.specversion === "1.0" && event.datacontenttype === "application/json";
  must(isEvent, "a leaf is a CloudEvents 1.0 object with JSON data");
  must(isObject(event.data), "a leaf's data is a JSON object");
  for (const name of ["id", "source", "type", "time"]) must(typeof event[name] === "string", `a leaf's ${name} is a text`);
  const { id, type, time } = event;
  return { id, type, time, ...(await readByType(event, event.data)) };
}
