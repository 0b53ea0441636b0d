// The rules that a decision was held against, as far as hashes go; running them is `counterfoil verify --rules`.
//
//   rules (on each leaf)  = base64url(SHA-256(JCS [rule, …]))   in order of id
//   results (sealed slot) = null, or {"rules", "results": [{"id","outcome"}, …]} of the rules over sealed fields
//
// A rules file, as GET /v1/decisions/{id}/rules answers it: {"rules": [rule, …], "system": {…}}.

import { toBase64url } from "./bytes.js";
import { readResults } from "./entry.js";
import { MalformedError, VerificationError } from "./errors.js";
import { sha256 } from "./hash.js";
import { jcs } from "./jcs.js";
import { hasNames, isObject, parseJson } from "./json.js";
import { RULES_FILE_BYTES_MAX } from "./limits.js";

// The rules of a rules file's bytes, in order of id. Throws MalformedError.
export function parseRulesFile(data) {
  if (data.length > RULES_FILE_BYTES_MAX) throw new MalformedError(`a rules file longer than ${RULES_FILE_BYTES_MAX} bytes`);
  const value = parseJson(data);
  const good = isObject(value) && hasNames(value, ["rules", "system"]) && Array.isArray(value.rules)
    && value.rules.every((rule) => isObject(rule) && typeof rule.id === "string");
  if (!good) throw new MalformedError("a rules file has the members rules and system");
  return [...value.rules].sort((one, other) => (one.id < other.id ? -1 : one.id > other.id ? 1 : 0));
}

// The hash of a list of rules in order of id.
export async function rulesHash(rules) {
  return toBase64url(await sha256(jcs(rules)));
}

// That these are the rules that the leaf names, and that every recorded result is of one of them. Throws
// VerificationError.
export async function checkRules(entry, rules, disclosures = []) {
  if ((await rulesHash(rules)) !== entry.rules) throw new VerificationError("these are other rules than the leaf names");
  const known = rules.map((rule) => rule.id);
  const recorded = [...entry.results, ...sealedResults(entry, disclosures)];
  if (!recorded.every((result) => known.includes(result.id))) throw new VerificationError("a result of a rule that was not in force");
}

// The results in the sealed slot; its disclosure must have been checked against the leaf's digest before.
// Throws VerificationError where they name another rule set than the leaf, or are none.
export function sealedResults(entry, disclosures) {
  const slot = disclosures.find((disclosure) => disclosure.slot === "results");
  if (slot === undefined || slot.value === null) return [];
  if (!isObject(slot.value) || !hasNames(slot.value, ["rules", "results"]) || slot.value.rules !== entry.rules) {
    throw new VerificationError("the sealed results are of another rule set than the leaf's");
  }
  try {
    return readResults(slot.value.results);
  } catch (error) {
    if (error instanceof MalformedError) throw new VerificationError(`the sealed results: ${error.message}`);
    throw error;
  }
}
