// Bytes and their texts: UTF-8, hex, base64 and base64url, each in one spelling only.
//
// base64 has padding, base64url has none. A reader refuses what its writer would not write: stray bits,
// white space, the other alphabet, a byte order mark taken for nothing.

import { MalformedError } from "./errors.js";

const STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE = STANDARD.slice(0, 62) + "-_";
const STANDARD_VALUES = new Map([...STANDARD].map((letter, value) => [letter, value]));
const URL_VALUES = new Map([...URL_SAFE].map((letter, value) => [letter, value]));

// The bytes of all parts, one after the other.
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// Whether two byte strings are the same. Not in constant time: nothing secret is compared here.
export function equalBytes(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

// Whether a text is whole characters: no half of a surrogate pair.
export function isWellFormed(text) {
  return !/\p{Surrogate}/u.test(text);
}

// The UTF-8 of a text. Throws MalformedError for a lone surrogate.
export function utf8(text) {
  if (!isWellFormed(text)) throw new MalformedError("a text that is not valid Unicode");
  return new TextEncoder().encode(text);
}

// The text of UTF-8 bytes. Throws MalformedError if they are none.
export function fromUtf8(data) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch (error) {
    throw new MalformedError("bytes that are not UTF-8");
  }
}

// How many characters (code points) a text has.
export function lengthOf(text) {
  let surrogates = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 0xd800 && code < 0xdc00) surrogates += 1;
  }
  return text.length - surrogates;
}

// Lower-case hex.
export function toHex(data) {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The bytes of hex in either case. Throws MalformedError if it is none.
export function fromHex(text) {
  if (text.length % 2 || /[^0-9a-fA-F]/.test(text)) throw new MalformedError("not hex");
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => parseInt(text.slice(2 * at, 2 * at + 2), 16));
}

// A number below 2**64 in eight bytes, big-endian.
export function u64(number) {
  const data = new Uint8Array(8);
  new DataView(data.buffer).setBigUint64(0, BigInt(number));
  return data;
}

function writeLetters(data, letters) {
  const parts = [];
  for (let at = 0; at < data.length; at += 3) {
    const [a, b = 0, c = 0] = data.subarray(at, at + 3);
    const four = letters[a >> 2] + letters[((a & 3) << 4) | (b >> 4)] + letters[((b & 15) << 2) | (c >> 6)] + letters[c & 63];
    parts.push(at + 3 <= data.length ? four : four.slice(0, data.length - at + 1));
  }
  return parts.join("");
}

// Reads letters without padding; refuses the bits that the last letter has too many.
function readLetters(text, values) {
  const data = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (const letter of text) {
    const value = values.get(letter);
    if (value === undefined) throw new MalformedError("a letter that base64 does not have");
    bits = ((bits << 6) | value) & 0xffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      data[at] = (bits >> count) & 255;
      at += 1;
    }
  }
  if (text.length % 4 === 1 || bits & ((1 << count) - 1)) throw new MalformedError("base64 that is not canonical");
  return data;
}

// Standard base64 with padding.
export function toBase64(data) {
  const letters = writeLetters(data, STANDARD);
  return letters + "=".repeat(-letters.length & 3);
}

// The bytes whose `toBase64` is exactly `text`. Throws MalformedError otherwise.
export function fromBase64(text) {
  if (typeof text !== "string" || text.length % 4) throw new MalformedError("not standard base64");
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return readLetters(text.slice(0, text.length - padding), STANDARD_VALUES);
}

// URL-safe base64 without padding.
export function toBase64url(data) {
  return writeLetters(data, URL_SAFE);
}

// The bytes whose `toBase64url` is exactly `text`, `length` of them if given. Throws MalformedError otherwise.
export function fromBase64url(text, length = null) {
  if (typeof text !== "string") throw new MalformedError("not base64url");
  const data = readLetters(text, URL_VALUES);
  if (length !== null && data.length !== length) {
    throw new MalformedError(`${data.length} bytes where ${length} are expected`);
  }
  return data;
}
