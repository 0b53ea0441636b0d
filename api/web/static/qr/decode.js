// From the modules of a QR code to its text (ISO/IEC 18004): which level and mask, the blocks mended, the segments read.

import { correctBlock } from "./correct.js";
import { blocksOf, formatBits, formatPlaces, Grid, LEVELS, MASKS, versionBits, versionPlaces, VERSION_MAX } from "./layout.js";

const FORMAT_ERRORS_MAX = 3; // bits; what its own correction can mend
const VERSION_ERRORS_MAX = 3;
const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

function differing(one, other) {
  let count = 0;
  for (let bits = one ^ other; bits; bits &= bits - 1) count += 1;
  return count;
}

// The known value nearest to what stands at one of the places; null where none is near.
function nearest(dark, places, known, most) {
  let best = { off: most + 1, value: null };
  for (const place of places) {
    const read = place.reduce((sum, [x, y], at) => sum | ((dark(x, y) ? 1 : 0) << at), 0);
    for (const { bits, value } of known) {
      const off = differing(bits, read);
      if (off < best.off) best = { off, value };
    }
  }
  return best.value;
}

const FORMATS = Object.values(LEVELS).flatMap((level) => MASKS.map((_, mask) => ({ bits: formatBits(level, mask), value: { level, mask } })));
const VERSIONS = Array.from({ length: VERSION_MAX - 6 }, (_, at) => ({ bits: versionBits(at + 7), value: at + 7 }));

// What a code of this size says its version is; null below version 7, or where it cannot be read.
export function versionSaid(size, dark) {
  return size < 45 ? null : nearest(dark, versionPlaces(size), VERSIONS, VERSION_ERRORS_MAX);
}

// The text of a code of `version` whose modules `dark(x, y)` tells; null where they are no such code.
export function decodeModules(version, dark) {
  const grid = new Grid(version);
  const format = nearest(dark, formatPlaces(grid.size), FORMATS, FORMAT_ERRORS_MAX);
  if (format === null) return null;
  const woven = [];
  let at = 0;
  for (const [x, y] of grid.path()) {
    const bit = dark(x, y) !== MASKS[format.mask](x, y);
    woven[at >> 3] = ((woven[at >> 3] ?? 0) << 1) | (bit ? 1 : 0);
    at += 1;
  }
  const data = unwoven(woven, blocksOf(version, format.level));
  return data === null ? null : textOf(data, version);
}

// The blocks apart again and mended, their data in line.
function unwoven(woven, { correction, lengths }) {
  const blocks = lengths.map(() => []);
  let at = 0;
  for (let place = 0; place < lengths.at(-1); place += 1) lengths.forEach((length, one) => { if (place < length) blocks[one].push(woven[at++]); });
  for (let place = 0; place < correction; place += 1) blocks.forEach((block) => block.push(woven[at++]));
  if (!blocks.every((block) => correctBlock(block, correction))) return null;
  return blocks.flatMap((block, one) => block.slice(0, lengths[one]));
}

// ---- segments ------------------------------------------------------------------------------------------------------

class Bits {
  constructor(bytes) {
    Object.assign(this, { bytes, at: 0, left: bytes.length * 8 });
  }

  take(count) {
    let value = 0;
    for (let step = 0; step < count; step += 1) {
      value = value * 2 + ((this.bytes[this.at >> 3] >> (7 - (this.at & 7))) & 1);
      this.at += 1;
    }
    this.left -= count;
    if (this.left < 0) throw new RangeError("a segment longer than its code");
    return value;
  }
}

// Bits of a segment's length, by mode, in versions 1 to 9, 10 to 26, and from 27.
const LENGTHS = { 1: [10, 12, 14], 2: [9, 11, 13], 4: [8, 16, 16] };

function textOf(data, version) {
  const bits = new Bits(data);
  const bytes = [];
  const say = (text) => { for (const letter of text) bytes.push(letter.codePointAt(0)); };
  const group = version < 10 ? 0 : version < 27 ? 1 : 2;
  try {
    while (bits.left >= 4) {
      const mode = bits.take(4);
      if (mode === 0) break;
      if (mode === 7) {
        bits.take(8); // a character set (ECI): we read UTF-8, as everybody draws
        continue;
      }
      if (!(mode in LENGTHS)) return null; // Kanji, parts of several codes: no link is written so
      const length = bits.take(LENGTHS[mode][group]);
      if (mode === 4) for (let at = 0; at < length; at += 1) bytes.push(bits.take(8));
      else if (mode === 2) readLetters(bits, length, say);
      else readDigits(bits, length, say);
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(bytes));
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return null;
    throw error;
  }
}

function readDigits(bits, length, say) {
  for (let left = length; left > 0; left -= 3) {
    const count = Math.min(3, left);
    say(String(bits.take([0, 4, 7, 10][count])).padStart(count, "0"));
  }
}

function readLetters(bits, length, say) {
  for (let left = length; left > 0; left -= 2) {
    const value = bits.take(left > 1 ? 11 : 6);
    say((left > 1 ? LETTERS[Math.floor(value / 45)] ?? "" : "") + (LETTERS[value % 45] ?? ""));
  }
}
