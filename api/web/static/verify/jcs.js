// Canonical JSON: RFC 8785 on the subset that leaves allow.
//
// Names are ASCII and sorted; numbers are integers within ±(2**53 - 1); texts have no lone surrogate; at most
// 32 levels; no white space. On this subset JSON.stringify of a text, and String of a number, are JCS.

import { equalBytes, isWellFormed, utf8 } from "./bytes.js";
import { MalformedError } from "./errors.js";
import { isObject, parseJson } from "./json.js";
import { JSON_DEPTH_MAX, LEAF_BYTES_MAX } from "./limits.js";

function writeCanonical(value, depth) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") {
    if (!isWellFormed(value)) throw new MalformedError("a text that is not valid Unicode");
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new MalformedError("a number that is no integer within 2**53 - 1");
    return String(value === 0 ? 0 : value);
  }
  if (!Array.isArray(value) && !isObject(value)) throw new MalformedError(`a ${typeof value} cannot stand on a leaf`);
  if (depth >= JSON_DEPTH_MAX) throw new MalformedError(`nested deeper than ${JSON_DEPTH_MAX} levels`);
  if (Array.isArray(value)) return `[${value.map((item) => writeCanonical(item, depth + 1)).join(",")}]`;
  const members = Object.keys(value).sort().map((name) => {
    if (/[^\x00-\x7f]/.test(name)) throw new MalformedError("a name on a leaf that is not ASCII");
    return `${JSON.stringify(name)}:${writeCanonical(value[name], depth + 1)}`;
  });
  return `{${members.join(",")}}`;
}

// The canonical bytes of a value. Throws MalformedError for what cannot stand on a leaf.
export function jcs(value) {
  return utf8(writeCanonical(value, 0));
}

// The value whose canonical bytes are exactly `data`. Throws MalformedError otherwise.
export function parseJcs(data, bytesMax = LEAF_BYTES_MAX) {
  if (data.length > bytesMax) throw new MalformedError(`longer than ${bytesMax} bytes`);
  const value = parseJson(data);
  if (!equalBytes(jcs(value), data)) throw new MalformedError("JSON, but not in canonical form (RFC 8785)");
  return value;
}
