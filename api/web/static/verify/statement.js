// The statement: what the sealer of a decision fixes, and a sealing client signs.
//
//   statement = JCS {"v":1, "id", "genesis", "system", "version", "profile", "automation", "time", "subject_tag",
//                    "contest_key", "sealed": {slot: digest}, "outcome"?}
//   signed    = "counterfoil/v1/statement" ‖ 0x00 ‖ statement
//
// `outcome` stands here with profile "open" only; `version` is null while the system has none.

import { concat, utf8 } from "./bytes.js";
import { isDidKey, parseDidKey } from "./didkey.js";
import { SLOTS } from "./disclosure.js";
import { verifyEd25519 } from "./ed25519.js";
import { MalformedError, VerificationError } from "./errors.js";
import { parseJcs } from "./jcs.js";
import { hasNames, isObject } from "./json.js";
import { isCode, isDigest, isHour, isSecond, isUuid4, isVersion } from "./names.js";

const STATEMENT_NAMES = ["v", "id", "genesis", "system", "version", "profile", "automation", "time", "subject_tag", "contest_key", "sealed"];
const AUTOMATIONS = ["full", "partial", "advisory"]; // never change

function isOutcome(value) {
  return isObject(value) && hasNames(value, ["code", "favourable"]) && isCode(value.code) && typeof value.favourable === "boolean";
}

// The statement that a decoded JSON value is, itself. Throws MalformedError.
export function readStatement(value) {
  if (!isObject(value)) throw new MalformedError("a statement is a JSON object");
  const open = value.profile === "open";
  if (!hasNames(value, open ? [...STATEMENT_NAMES, "outcome"] : STATEMENT_NAMES)) {
    throw new MalformedError("a statement with other members than its profile's");
  }
  if (value.v !== 1) throw new MalformedError("a statement of another version than 1");
  const plain = isCode(value.system)
    && (value.version === null || isVersion(value.version))
    && (open || value.profile === "sealed")
    && AUTOMATIONS.includes(value.automation)
    && (open ? isSecond(value.time) : isHour(value.time));
  if (!plain) throw new MalformedError("a statement's system, version, profile, automation or time is none");
  if (!isUuid4(value.id)) throw new MalformedError("a decision's id is a random UUID (version 4)");
  if (open && !isOutcome(value.outcome)) throw new MalformedError('an outcome is {"code", "favourable"}');
  if (!isObject(value.sealed) || !hasNames(value.sealed, SLOTS)) throw new MalformedError("a statement seals every slot, and no other");
  if (![...Object.values(value.sealed), value.subject_tag, value.genesis].every(isDigest)) {
    throw new MalformedError("a digest is 43 letters of base64url");
  }
  if (!isDidKey(value.contest_key)) throw new MalformedError("a contest_key is a did:key of an Ed25519 key");
  return value;
}

// The statement whose JCS bytes are `data`. Throws MalformedError.
export function parseStatement(data) {
  return readStatement(parseJcs(data));
}

// That the holder of the did:key `keyid` signed the statement's JCS bytes. Throws VerificationError.
export async function checkStatementSignature(keyid, statementJcs, signature) {
  const signed = concat(utf8("counterfoil/v1/statement\0"), statementJcs);
  if (!(await verifyEd25519(parseDidKey(keyid), signed, signature))) {
    throw new VerificationError("the deployer's signature on the statement");
  }
}
