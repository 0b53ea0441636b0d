// JSON that is not ours to spell, read strictly: one document (RFC 8259), or MalformedError.
//
// Refused, because two readers could take them differently: bytes that are not UTF-8, a byte order mark,
// a name that stands twice in one object (by escapes too), lone surrogates, numbers that are not finite,
// nesting deeper than 32, text after the document.
//
//   object   without a prototype, so that "__proto__" is a name like others
//   integer  a number within ±(2**53 - 1), a BigInt beyond it: exact either way
//   other    a Decimal, which keeps its own spelling: 1.0 is no integer

import { fromUtf8, isWellFormed } from "./bytes.js";
import { MalformedError } from "./errors.js";
import { JSON_DEPTH_MAX, JSON_DIGITS_MAX } from "./limits.js";

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPED = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const WORDS = [["null", null], ["true", true], ["false", false]];

// A number with a fraction or an exponent, as it was spelled.
export class Decimal {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }

  valueOf() {
    return Number(this.text);
  }

  toJSON() {
    return Number(this.text);
  }
}

// Whether a value is a JSON object as `parseJson` makes it, or a plain one.
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Decimal);
}

// Whether an object has exactly these names, and perhaps the optional ones.
export function hasNames(value, names, optional = []) {
  const found = Object.keys(value);
  return names.every((name) => Object.hasOwn(value, name)) && found.every((name) => names.includes(name) || optional.includes(name));
}

// Whether a value is an integer from `least`, exact as a number.
export function isInteger(value, least) {
  return Number.isSafeInteger(value) && value >= least;
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  fail(reason) {
    throw new MalformedError(`not a JSON document: ${reason}`);
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found;
  }

  // Whether the next letter, after white space, is this one; then it is taken.
  takes(letter) {
    this.match(SPACE);
    if (this.text[this.at] !== letter) return false;
    this.at += 1;
    return true;
  }

  value(depth) {
    if (depth > JSON_DEPTH_MAX) this.fail(`nested deeper than ${JSON_DEPTH_MAX} levels`);
    if (this.takes("{")) return this.object(depth);
    if (this.takes("[")) return this.list(depth);
    if (this.takes('"')) return this.string();
    for (const [word, value] of WORDS) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.number();
  }

  object(depth) {
    const found = Object.create(null);
    if (this.takes("}")) return found;
    do {
      if (!this.takes('"')) this.fail("a name is expected");
      const name = this.string();
      if (!this.takes(":")) this.fail("a colon is expected");
      if (name in found) this.fail("a name stands twice in one object");
      found[name] = this.value(depth + 1);
    } while (this.takes(","));
    if (!this.takes("}")) this.fail("an object does not end");
    return found;
  }

  list(depth) {
    const found = [];
    if (this.takes("]")) return found;
    do {
      found.push(this.value(depth + 1));
    } while (this.takes(","));
    if (!this.takes("]")) this.fail("a list does not end");
    return found;
  }

  string() {
    const parts = [];
    for (;;) {
      parts.push(this.match(PLAIN)[0]);
      const letter = this.text[this.at];
      this.at += 1;
      if (letter === '"') break;
      if (letter !== "\\") this.fail("a text does not end, or holds a control character");
      parts.push(this.escape());
    }
    const text = parts.join("");
    if (!isWellFormed(text)) this.fail("half of a surrogate pair");
    return text;
  }

  escape() {
    const letter = this.text[this.at];
    this.at += 1;
    if (letter !== "u") {
      if (letter === undefined || !Object.hasOwn(ESCAPED, letter)) this.fail("an escape that JSON does not have");
      return ESCAPED[letter];
    }
    const digits = this.text.slice(this.at, this.at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.fail("an escape without four digits");
    this.at += 4;
    return String.fromCharCode(parseInt(digits, 16));
  }

  number() {
    const found = this.match(NUMBER);
    if (!found) this.fail("a value is expected");
    const [text, fraction, exponent] = found;
    const number = Number(text);
    if (fraction !== undefined || exponent !== undefined) {
      if (!Number.isFinite(number)) this.fail("a number that is not finite");
      return new Decimal(text);
    }
    if (text.length - (text[0] === "-") > JSON_DIGITS_MAX) this.fail("an integer of too many digits");
    if (!Number.isSafeInteger(number)) return BigInt(text);
    return number === 0 ? 0 : number; // -0 is 0
  }
}

// The value of the one JSON document that `data` is: bytes, or text already decoded.
export function parseJson(data) {
  const text = typeof data === "string" ? data : fromUtf8(data);
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.match(SPACE);
  if (reader.at !== text.length) reader.fail("text after the document");
  return value;
}
