// QR codes (ISO/IEC 18004), byte mode, drawn in the browser so that a secret never travels to be drawn.
//
//   const { size, dark } = qrCode("https://…")        dark(x, y) → is this module dark?
//
// Error correction M, the smallest version that holds the text (1 to 40), the mask with the lowest penalty.

import { powerOf, times } from "./field.js";
import { blocksOf, Grid, LEVELS, MASKS, VERSION_MAX } from "./layout.js";

// The generator polynomial (x - 1)(x - 2)(x - 4)…, without its leading 1.
function generator(degree) {
  let poly = [1];
  for (let root = 0; root < degree; root += 1) {
    const next = [...poly, 0];
    poly.forEach((term, at) => { next[at + 1] ^= times(term, powerOf(root)); });
    poly = next;
  }
  return poly.slice(1);
}

function remainder(data, divisor) {
  const rest = new Array(divisor.length).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    divisor.forEach((term, at) => { rest[at] ^= times(term, factor); });
  }
  return rest;
}

// ---- from text to bytes ----------------------------------------------------------------------------------------

function dataBytesOf(version) {
  return blocksOf(version, LEVELS.M).data;
}

function encodeData(text) {
  const data = new TextEncoder().encode(text);
  const version = Array.from({ length: VERSION_MAX }, (_, at) => at + 1)
    .find((one) => data.length * 8 + 4 + (one < 10 ? 8 : 16) <= dataBytesOf(one) * 8);
  if (!version) throw new RangeError("a text too long for a QR code");
  const bits = [];
  const put = (value, count) => { for (let at = count - 1; at >= 0; at -= 1) bits.push((value >> at) & 1); };
  put(0b0100, 4); // byte mode
  put(data.length, version < 10 ? 8 : 16);
  data.forEach((byte) => put(byte, 8));
  const room = dataBytesOf(version) * 8;
  put(0, Math.min(4, room - bits.length));
  while (bits.length % 8) bits.push(0);
  const bytes = [];
  for (let at = 0; at < bits.length; at += 8) bytes.push(parseInt(bits.slice(at, at + 8).join(""), 2));
  for (let pad = 0xec; bytes.length < room / 8; pad ^= 0xec ^ 0x11) bytes.push(pad);
  return { version, bytes };
}

// Blocks with their correction, interleaved.
function correct({ version, bytes }) {
  const { correction, lengths } = blocksOf(version, LEVELS.M);
  const divisor = generator(correction);
  let at = 0;
  const blocks = lengths.map((length) => bytes.slice(at, at += length));
  const checks = blocks.map((block) => remainder(block, divisor));
  const woven = [];
  for (let place = 0; place < lengths.at(-1); place += 1) blocks.forEach((block) => { if (place < block.length) woven.push(block[place]); });
  for (let place = 0; place < correction; place += 1) checks.forEach((check) => woven.push(check[place]));
  return woven;
}

// ---- from bytes to modules ---------------------------------------------------------------------------------------

class Drawing extends Grid {
  drawBytes(bytes) {
    let at = 0;
    for (const [x, y] of this.path()) {
      this.dark[y][x] = at < bytes.length * 8 && ((bytes[at >> 3] >> (7 - (at & 7))) & 1) === 1;
      at += 1;
    }
  }

  flip(mask) {
    for (const [x, y] of this.path()) if (MASKS[mask](x, y)) this.dark[y][x] = !this.dark[y][x];
  }

  // What ISO/IEC 18004 section 7.8.3 counts against a mask.
  penalty() {
    const rows = this.dark.map((row) => row.map((dark) => (dark ? "1" : "0")).join(""));
    const columns = rows.map((_, x) => rows.map((row) => row[x]).join(""));
    let sum = 0;
    for (const line of [...rows, ...columns]) {
      for (const run of line.match(/0{5,}|1{5,}/g) ?? []) sum += run.length - 2;
      sum += 40 * (line.match(/(?=00001011101|10111010000)/g) ?? []).length;
    }
    let count = 0;
    for (let y = 0; y < this.size; y += 1) {
      for (let x = 0; x < this.size; x += 1) {
        count += this.dark[y][x] ? 1 : 0;
        const same = x && y && [rows[y][x - 1], rows[y - 1][x], rows[y - 1][x - 1]].every((one) => one === rows[y][x]);
        sum += same ? 3 : 0;
      }
    }
    return sum + 10 * Math.floor(Math.abs((count * 100) / this.size ** 2 - 50) / 5);
  }
}

// {size, dark} of the QR code of a text. Throws RangeError where it is too long (about 2,300 bytes).
export function qrCode(text) {
  const encoded = encodeData(text);
  const grid = new Drawing(encoded.version);
  grid.drawBytes(correct(encoded));
  let best = [Infinity, 0];
  MASKS.forEach((_, mask) => {
    grid.flip(mask);
    grid.drawFormat(mask);
    best = grid.penalty() < best[0] ? [grid.penalty(), mask] : best;
    grid.flip(mask);
  });
  grid.flip(best[1]);
  grid.drawFormat(best[1]);
  return { size: grid.size, dark: (x, y) => grid.dark[y][x] };
}

// The code as an SVG picture, with the quiet zone that readers need; `label` says what it is.
export function qrPicture(text, label) {
  const { size, dark } = qrCode(text);
  const quiet = 4;
  const steps = [];
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) if (dark(x, y)) steps.push(`M${x + quiet} ${y + quiet}h1v1h-1z`);
  }
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  const whole = size + 2 * quiet;
  picture.setAttribute("viewBox", `0 0 ${whole} ${whole}`);
  picture.setAttribute("class", "qr");
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", label);
  const ground = document.createElementNS(space, "rect");
  ground.setAttribute("width", whole);
  ground.setAttribute("height", whole);
  ground.setAttribute("fill", "#fff");
  const modules = document.createElementNS(space, "path");
  modules.setAttribute("d", steps.join(""));
  modules.setAttribute("fill", "#000");
  picture.append(ground, modules);
  return picture;
}
