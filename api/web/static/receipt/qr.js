// QR codes (ISO/IEC 18004), byte mode, drawn in the browser so that a secret never travels to be drawn.
//
//   const { size, dark } = qrCode("https://…")        dark(x, y) → is this module dark?
//
// Error correction M, the smallest version that holds the text (1 to 40), the mask with the lowest penalty.

// By version, from 1: error correction bytes a block, and number of blocks, at level M.
const ECC_BYTES = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49];
const LEVEL_M = 0b00;

const MASKS = [
  (x, y) => (x + y) % 2 === 0,
  (x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

// ---- GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1 --------------------------------------------------------------

const EXP = new Uint8Array(512);
const LOG = new Uint8Array(256);
for (let power = 0, value = 1; power < 255; power += 1) {
  EXP[power] = EXP[power + 255] = value;
  LOG[value] = power;
  value = (value << 1) ^ (value & 128 ? 0x11d : 0);
}

function times(one, other) {
  return one && other ? EXP[LOG[one] + LOG[other]] : 0;
}

// The generator polynomial (x - 1)(x - 2)(x - 4)…, without its leading 1.
function generator(degree) {
  let poly = [1];
  for (let root = 0; root < degree; root += 1) {
    const next = [...poly, 0];
    poly.forEach((term, at) => { next[at + 1] ^= times(term, EXP[root]); });
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

// ---- how much fits -------------------------------------------------------------------------------------------

function alignmentCentres(version) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = version === 32 ? 26 : Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  const centres = [6];
  for (let at = version * 4 + 10; centres.length < count; at -= step) centres.splice(1, 0, at);
  return centres;
}

// Modules that carry data and correction, in whole bytes.
function bytesOf(version) {
  const centres = alignmentCentres(version).length;
  let modules = (16 * version + 128) * version + 64;
  if (centres) modules -= (25 * centres - 10) * centres - 55;
  if (version >= 7) modules -= 36;
  return Math.floor(modules / 8);
}

function dataBytesOf(version) {
  return bytesOf(version) - ECC_BYTES[version - 1] * BLOCKS[version - 1];
}

// ---- from text to bytes ----------------------------------------------------------------------------------------

function encodeData(text) {
  const data = new TextEncoder().encode(text);
  const version = Array.from({ length: 40 }, (_, at) => at + 1)
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
  const count = BLOCKS[version - 1];
  const divisor = generator(ECC_BYTES[version - 1]);
  const short = Math.floor(bytes.length / count);
  const longer = bytes.length % count; // so many of the last blocks have one byte more
  const blocks = [];
  for (let at = 0, index = 0; index < count; index += 1) {
    const length = short + (index >= count - longer ? 1 : 0);
    blocks.push(bytes.slice(at, at + length));
    at += length;
  }
  const checks = blocks.map((block) => remainder(block, divisor));
  const woven = [];
  for (let at = 0; at <= short; at += 1) blocks.forEach((block) => { if (at < block.length) woven.push(block[at]); });
  for (let at = 0; at < divisor.length; at += 1) checks.forEach((check) => woven.push(check[at]));
  return woven;
}

// ---- from bytes to modules ---------------------------------------------------------------------------------------

class Grid {
  constructor(version) {
    this.version = version;
    this.size = version * 4 + 17;
    this.dark = Array.from({ length: this.size }, () => new Array(this.size).fill(false));
    this.fixed = Array.from({ length: this.size }, () => new Array(this.size).fill(false));
  }

  fix(x, y, dark) {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return;
    this.dark[y][x] = dark;
    this.fixed[y][x] = true;
  }

  drawPatterns() {
    for (let at = 0; at < this.size; at += 1) {
      this.fix(6, at, at % 2 === 0);
      this.fix(at, 6, at % 2 === 0);
    }
    for (const [x, y] of [[3, 3], [this.size - 4, 3], [3, this.size - 4]]) this.drawRings(x, y, 4, [2, 4]);
    const centres = alignmentCentres(this.version);
    const last = centres.length - 1;
    centres.forEach((x, i) => centres.forEach((y, j) => {
      const onFinder = (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0);
      if (!onFinder) this.drawRings(x, y, 2, [1]);
    }));
    this.drawFormat(0);
    if (this.version >= 7) this.drawVersion();
  }

  // Rings around a centre; those at the distances `light` are light.
  drawRings(centreX, centreY, radius, light) {
    for (let dy = -radius; dy <= radius; dy += 1) {
      for (let dx = -radius; dx <= radius; dx += 1) {
        this.fix(centreX + dx, centreY + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
      }
    }
  }

  drawFormat(mask) {
    const data = (LEVEL_M << 3) | mask;
    let rest = data;
    for (let at = 0; at < 10; at += 1) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
    const bits = ((data << 10) | rest) ^ 0x5412;
    const bit = (at) => ((bits >> at) & 1) === 1;
    for (let at = 0; at <= 5; at += 1) this.fix(8, at, bit(at));
    this.fix(8, 7, bit(6));
    this.fix(8, 8, bit(7));
    this.fix(7, 8, bit(8));
    for (let at = 9; at < 15; at += 1) this.fix(14 - at, 8, bit(at));
    for (let at = 0; at < 8; at += 1) this.fix(this.size - 1 - at, 8, bit(at));
    for (let at = 8; at < 15; at += 1) this.fix(8, this.size - 15 + at, bit(at));
    this.fix(8, this.size - 8, true);
  }

  drawVersion() {
    let rest = this.version;
    for (let at = 0; at < 12; at += 1) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
    const bits = (this.version << 12) | rest;
    for (let at = 0; at < 18; at += 1) {
      const [far, near] = [this.size - 11 + (at % 3), Math.floor(at / 3)];
      this.fix(far, near, ((bits >> at) & 1) === 1);
      this.fix(near, far, ((bits >> at) & 1) === 1);
    }
  }

  // Two columns at a time from the right, up and down in turn, past the column of timing.
  drawBytes(bytes) {
    let at = 0;
    for (let right = this.size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      const upward = ((right + 1) & 2) === 0;
      for (let step = 0; step < this.size; step += 1) {
        const y = upward ? this.size - 1 - step : step;
        for (const x of [right, right - 1]) {
          if (this.fixed[y][x]) continue;
          this.dark[y][x] = at < bytes.length * 8 && ((bytes[at >> 3] >> (7 - (at & 7))) & 1) === 1;
          at += 1;
        }
      }
    }
  }

  flip(mask) {
    for (let y = 0; y < this.size; y += 1) {
      for (let x = 0; x < this.size; x += 1) {
        if (!this.fixed[y][x] && MASKS[mask](x, y)) this.dark[y][x] = !this.dark[y][x];
      }
    }
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
  const grid = new Grid(encoded.version);
  grid.drawPatterns();
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
