// Whom to believe about a checkpoint (C2SP tlog-policy).
//
//   log <vkey> [<url>] · witness <name> <vkey> [<url>] · group <name> all|any|<k> <member>… · quorum <name>|none
//
// Lines may be empty or begin with #; items are separated by spaces and tabs; a group or quorum names only what
// stands above it. A bare 64-digit hex key is read as in Sigsum's policy files.

import { equalBytes, fromHex, lengthOf, toHex } from "./bytes.js";
import { openCheckpoint } from "./checkpoint.js";
import { MalformedError, VerificationError } from "./errors.js";
import { sha256 } from "./hash.js";
import { POLICY_CHARS_MAX } from "./limits.js";
import { COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, ED25519_NOTE, formatVkey, isSameIdentity, parseVkey, verifierKey } from "./note.js";

const HEX_KEY = /^[0-9a-fA-F]{64}$/;
const NO_QUORUM = "none";

// The policy of nobody: no log, no witness, no quorum.
export function emptyPolicy() {
  return { logs: [], witnesses: [], groups: [], quorum: NO_QUORUM };
}

// What is read of a text so far: the policy, every name it defines, every name that is in a group.
class PolicyReading {
  constructor() {
    this.policy = { ...emptyPolicy(), quorum: null };
    this.names = new Set();
    this.members = new Set();
  }

  define(name) {
    if (name === NO_QUORUM || this.names.has(name)) throw new MalformedError("a name that is defined already");
    this.names.add(name);
  }
}

async function takeLog({ policy }, [key, url = null]) {
  let vkey;
  if (HEX_KEY.test(key)) {
    const name = `sigsum.org/v1/tree/${toHex(await sha256(fromHex(key)))}`;
    vkey = await verifierKey(name, fromHex(key), ED25519_NOTE);
  } else {
    vkey = await parseVkey(key);
  }
  if (vkey.kind !== ED25519_NOTE && vkey.kind !== COSIGNATURE_MLDSA44) throw new MalformedError("a log's key is of type 0x01 or 0x06");
  if (policy.logs.some((log) => equalBytes(log.vkey.publicKey, vkey.publicKey))) {
    throw new MalformedError("a log's key that stands above already");
  }
  policy.logs.push({ vkey, url });
}

async function takeWitness(reading, [name, key, url = null]) {
  const { policy } = reading;
  reading.define(name);
  const vkey = HEX_KEY.test(key) ? await verifierKey(name, fromHex(key), COSIGNATURE_ED25519) : await parseVkey(key);
  if (vkey.kind !== COSIGNATURE_ED25519 && vkey.kind !== COSIGNATURE_MLDSA44) {
    throw new MalformedError("a witness's key is of type 0x04 or 0x06");
  }
  if (policy.witnesses.some((witness) => equalBytes(witness.vkey.publicKey, vkey.publicKey))) {
    throw new MalformedError("a witness's key that stands above already");
  }
  policy.witnesses.push({ name, vkey, url });
}

function takeGroup(reading, [name, text, ...members]) {
  const count = text === "any" ? 1 : text === "all" ? members.length : /^[1-9][0-9]{0,4}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > members.length) throw new MalformedError(`a group of ${members.length} needs 1 to that many`);
  for (const member of members) {
    if (!reading.names.has(member)) throw new MalformedError("a member that is not defined above");
    if (reading.members.has(member)) throw new MalformedError("a member that is in a group already");
    reading.members.add(member);
  }
  reading.define(name);
  reading.policy.groups.push({ name, least: count, members });
}

function takeQuorum({ policy, names }, [name]) {
  if (policy.quorum !== null) throw new MalformedError("a second quorum");
  if (name !== NO_QUORUM && !names.has(name)) throw new MalformedError("a quorum that is not defined above");
  policy.quorum = name;
}

// {logs: [{vkey, url}], witnesses: [{name, vkey, url}], groups: [{name, least, members}], quorum} of a text.
// Throws MalformedError for an unknown line, a name or key used twice or not defined above, no quorum or two.
export async function parsePolicy(text) {
  if (lengthOf(text) > POLICY_CHARS_MAX) throw new MalformedError(`a policy longer than ${POLICY_CHARS_MAX} characters`);
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) throw new MalformedError("a control character in a policy");
  const reading = new PolicyReading();
  for (const line of text.split("\n")) {
    const [keyword, ...items] = line.split(/[ \t]+/).filter((item) => item !== "");
    if (keyword === undefined || keyword.startsWith("#")) continue;
    if (keyword === "log" && (items.length === 1 || items.length === 2)) await takeLog(reading, items);
    else if (keyword === "witness" && (items.length === 2 || items.length === 3)) await takeWitness(reading, items);
    else if (keyword === "group" && items.length >= 3) takeGroup(reading, items);
    else if (keyword === "quorum" && items.length === 1) takeQuorum(reading, items);
    else throw new MalformedError("a line of a policy that is not known");
  }
  if (reading.policy.quorum === null) throw new MalformedError("a policy without a quorum line");
  return reading.policy;
}

// Whether the cosignatures of these witnesses, by the policy's names, suffice.
export function isMet(policy, names) {
  const met = new Set(policy.witnesses.map((witness) => witness.name).filter((name) => names.includes(name)));
  for (const group of policy.groups) {
    if (group.members.filter((member) => met.has(member)).length >= group.least) met.add(group.name);
  }
  return policy.quorum === NO_QUORUM || met.has(policy.quorum);
}

// Opens a signed checkpoint and checks that the policy believes it; `vkeys` are the log's where it names none.
// {checkpoint, verified, witnesses: names}. Throws MalformedError or VerificationError.
export async function checkPolicy(policy, data, vkeys = []) {
  const logs = policy.logs.length ? policy.logs.map((log) => log.vkey) : vkeys;
  const known = [...logs, ...policy.witnesses.map((witness) => witness.vkey)];
  const { checkpoint, verified } = await openCheckpoint(data, known);
  const bySomeLog = verified.some(({ vkey }) => vkey.name === checkpoint.origin && logs.some((log) => isSameIdentity(log, vkey)));
  if (!bySomeLog) throw new VerificationError("the checkpoint is not signed by a log of the policy");
  const signers = new Set(verified.map(({ vkey }) => formatVkey(vkey)));
  const witnesses = policy.witnesses.filter((witness) => signers.has(formatVkey(witness.vkey))).map((witness) => witness.name);
  if (!isMet(policy, witnesses)) {
    throw new VerificationError(`${witnesses.length} known witnesses cosigned the checkpoint: the policy's quorum '${policy.quorum}' is not met`);
  }
  return { checkpoint, verified, witnesses };
}
