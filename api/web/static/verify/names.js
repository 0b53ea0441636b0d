// The words of the ledger: codes, versions, ids, names of ledgers, times. All ASCII, each in one spelling.

import { MalformedError } from "./errors.js";

const RESERVED_NAMES = ["docs", "health", "metrics", "static", "v1"];
const MOMENT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z$/;

function isTextOf(pattern, value) {
  return typeof value === "string" && pattern.test(value);
}

// A code (systems, outcomes, reasons): 1 to 64 of A-Za-z0-9._-.
export function isCode(value) {
  return isTextOf(/^[A-Za-z0-9._-]{1,64}$/, value);
}

// A system's version: 1 to 64 of A-Za-z0-9._+-.
export function isVersion(value) {
  return isTextOf(/^[A-Za-z0-9._+-]{1,64}$/, value);
}

// A random UUID (version 4) in lower case.
export function isUuid4(value) {
  return isTextOf(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, value);
}

// A ledger's name, the first segment of its paths.
export function isLedgerName(value) {
  return isTextOf(/^[a-z][a-z0-9-]{0,39}$/, value) && !RESERVED_NAMES.includes(value);
}

// base64url of 32 bytes: 43 letters, the two stray bits of the last one zero.
export function isDigest(value) {
  return isTextOf(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, value);
}

// Milliseconds of an RFC 3339 time in UTC with a Z; finer digits are cut. Throws MalformedError.
export function parseUtc(text) {
  const found = typeof text === "string" ? MOMENT.exec(text) : null;
  if (!found) throw new MalformedError("a time is RFC 3339 in UTC, as 2026-11-22T10:00:00Z");
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number);
  const moment = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const written = `${found[1]}-${found[2]}-${found[3]}T${found[4]}:${found[5]}:${found[6]}.000Z`;
  // Years below 100 are read as 19xx by Date.UTC: they differ here, and are before 1970 anyway.
  if (Number.isNaN(moment.getTime()) || moment.toISOString() !== written) {
    throw new MalformedError("a date or time that does not exist");
  }
  if (year < 1970) throw new MalformedError("a time before 1970");
  return moment.getTime() + Number((found[7] ?? "0").padEnd(3, "0").slice(0, 3));
}

// Whether a text is a real time of the form YYYY-MM-DDTHH:MM:SSZ.
export function isSecond(text) {
  if (typeof text !== "string" || text.length !== 20) return false;
  try {
    return parseUtc(text) >= 0;
  } catch (error) {
    if (error instanceof MalformedError) return false;
    throw error;
  }
}

// Whether a text is a time cut to the hour: YYYY-MM-DDTHH:00:00Z.
export function isHour(text) {
  return isSecond(text) && text.endsWith(":00:00Z");
}

// Milliseconds of a log time, YYYY-MM-DDTHH:MM:SS.mmmZ. Throws MalformedError.
export function parseLogTime(text) {
  if (typeof text !== "string" || text.length !== 24) {
    throw new MalformedError("a log time is RFC 3339 UTC with three decimals");
  }
  return parseUtc(text);
}
