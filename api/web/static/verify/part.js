// A case's parts: statement, attachment, message, reasons; one Disclosure each, encrypted.
//
//   blob = nonce(12) ‖ AES-256-GCM(part key, Disclosure, AAD = "counterfoil/v1/part\0" ‖ ASCII of its digest)
//   part = base64url(SHA-256(blob)); an act names {"digest", "part"}
//
//   statement   {"ground", "text", "fields"?: [{"field", "text"}], "dek"?: base64url of 32 bytes}
//   attachment  {"name", "type", "data": base64}
//   message     {"text"}
//   reasons     {"text", "secret": base64url(K) or null, "id": UUID or null}: both or none

import { concat, fromBase64, fromBase64url, fromUtf8, lengthOf, toBase64url, utf8 } from "./bytes.js";
import { digestOf, formatDisclosure, newSalt, readDisclosure } from "./disclosure.js";
import { MalformedError, VerificationError } from "./errors.js";
import { sha256 } from "./hash.js";
import { aesKey, aesOpen, aesSeal } from "./hpke.js";
import { hasNames, isObject } from "./json.js";
import { ATTACHMENT_NAME_CHARS_MAX, CASE_FIELD_CHARS_MAX, LIST_ITEMS_MAX, PART_BYTES_MAX, TEXT_CHARS_MAX } from "./limits.js";
import { isUuid4 } from "./names.js";

export const GROUNDS = ["decision", "not-me", "inputs", "reasons", "other"]; // never change

const PART_NONCE_BYTES = 12;
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,62}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}$/;

function mustHave(value, names, optional = []) {
  if (!isObject(value) || !hasNames(value, names, optional)) {
    throw new MalformedError(`its members are ${[...names, ...optional].join(", ")}`);
  }
}

function mustBeText(value, charsMax = TEXT_CHARS_MAX) {
  if (typeof value !== "string" || value === "" || lengthOf(value) > charsMax || value.includes("\0")) {
    throw new MalformedError(`a text is 1 to ${charsMax} characters, none U+0000`);
  }
}

function checkStatementPart(value) {
  mustHave(value, ["ground", "text"], ["fields", "dek"]);
  if (!GROUNDS.includes(value.ground)) throw new MalformedError(`a ground is one of ${GROUNDS.join(", ")}`);
  mustBeText(value.text);
  const fields = "fields" in value ? value.fields : [];
  if (!Array.isArray(fields) || fields.length > LIST_ITEMS_MAX) throw new MalformedError("fields are a list of at most 100");
  for (const item of fields) {
    mustHave(item, ["field", "text"]);
    mustBeText(item.field, CASE_FIELD_CHARS_MAX);
    mustBeText(item.text);
  }
  if ("dek" in value) fromBase64url(value.dek, 32);
}

function checkAttachmentPart(value) {
  mustHave(value, ["name", "type", "data"]);
  mustBeText(value.name, ATTACHMENT_NAME_CHARS_MAX);
  if (typeof value.type !== "string" || !MEDIA_TYPE.test(value.type)) throw new MalformedError("a type is a media type in lower case");
  fromBase64(value.data);
}

function checkMessagePart(value) {
  mustHave(value, ["text"]);
  mustBeText(value.text);
}

function checkReasonsPart(value) {
  mustHave(value, ["text", "secret", "id"]);
  mustBeText(value.text);
  if (value.secret === null && value.id === null) return;
  fromBase64url(value.secret, 32);
  if (!isUuid4(value.id)) throw new MalformedError("an id is a random UUID in lower case");
}

const PART_CHECKS = { statement: checkStatementPart, attachment: checkAttachmentPart, message: checkMessagePart, reasons: checkReasonsPart };
export const PART_SLOTS = Object.keys(PART_CHECKS);

// {slot, salt, value, text} of an opened part's Disclosure. Throws MalformedError.
export function parsePart(disclosure) {
  const opened = readDisclosure(disclosure, PART_SLOTS, PART_BYTES_MAX - PART_NONCE_BYTES - 16);
  PART_CHECKS[opened.slot](opened.value);
  return opened;
}

// {disclosure, digest} of a part to be sealed. Throws MalformedError for a value of another form.
export async function formatPart(slot, value, salt = newSalt()) {
  const disclosure = formatDisclosure(slot, value, salt);
  parsePart(disclosure);
  return { disclosure, digest: await digestOf(disclosure) };
}

function partAad(digest) {
  return utf8(`counterfoil/v1/part\0${digest}`);
}

// {blob, named}: the bytes for POST /parts, and what the act says of them, {"digest", "part"}.
export async function sealPart({ disclosure, digest }, partKey, nonce = null) {
  const fresh = nonce ?? globalThis.crypto.getRandomValues(new Uint8Array(PART_NONCE_BYTES));
  const data = await aesSeal(await aesKey(partKey), fresh, utf8(disclosure), partAad(digest));
  const blob = concat(fresh, data);
  return { blob, named: { digest, part: await partName(blob) } };
}

// What the act names as `part`: base64url(SHA-256(blob)).
export async function partName(blob) {
  return toBase64url(await sha256(blob));
}

// What a blob holds, if it is the one that the act names. Throws VerificationError, or MalformedError.
export async function openPart(blob, partKey, named) {
  if ((await partName(blob)) !== named.part) throw new VerificationError("these are not the bytes that the act names");
  const sentence = "this case's key does not open the part";
  const [nonce, data] = [blob.subarray(0, PART_NONCE_BYTES), blob.subarray(PART_NONCE_BYTES)];
  const plain = await aesOpen(await aesKey(partKey), nonce, data, partAad(named.digest), sentence);
  if (plain.some((byte) => byte > 127)) throw new VerificationError(sentence);
  const part = parsePart(fromUtf8(plain));
  if ((await digestOf(part.text)) !== named.digest) throw new VerificationError("the part is not what the act's digest is of");
  return part;
}
