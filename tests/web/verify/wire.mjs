// One call and its answer, in JSON's clothes: bytes, large integers and doubles have none there. In Node and in
// browsers alike; node.py packs the same.

import { MalformedError, VerificationError } from "../../../api/web/static/verify/errors.js";
import { Decimal } from "../../../api/web/static/verify/json.js";
import { OPS } from "./ops.mjs";

function unpack(value) {
  if (Array.isArray(value)) return value.map(unpack);
  if (value === null || typeof value !== "object") return value;
  if ("$b" in value) return Uint8Array.from(atob(value.$b), (letter) => letter.charCodeAt(0));
  if ("$n" in value) return BigInt(value.$n);
  return Object.fromEntries(Object.entries(value.$o).map(([name, item]) => [name, unpack(item)]));
}

function bitsOf(number) {
  const data = new DataView(new ArrayBuffer(8));
  data.setFloat64(0, number);
  return data.getBigUint64(0).toString(16).padStart(16, "0");
}

function pack(value) {
  if (value === undefined) throw new TypeError("an op gave undefined");
  if (value instanceof Uint8Array) return { $b: btoa(Array.from(value, (byte) => String.fromCharCode(byte)).join("")) };
  if (value instanceof Decimal) return { $f: bitsOf(Number(value)) };
  if (Array.isArray(value)) return value.map(pack);
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : { $n: String(value) };
  if (value === null || typeof value !== "object") return value;
  const packed = Object.create(null);
  for (const [name, item] of Object.entries(value)) packed[name] = pack(item);
  return { $o: packed };
}

// {"ok": value}, {"refused": class, "sentence"} or {"crash": stack} of [name, args].
export async function answer([name, args]) {
  try {
    if (!Object.hasOwn(OPS, name)) throw new TypeError(`no op ${name}`);
    return { ok: pack(await OPS[name](...args.map(unpack))) };
  } catch (error) {
    if (error instanceof MalformedError || error instanceof VerificationError) return { refused: error.name, sentence: error.message };
    return { crash: String(error?.stack ?? error) };
  }
}
