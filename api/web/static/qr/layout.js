// Where everything stands in a QR code (ISO/IEC 18004), for who draws one and for who reads one.

// By version, from 1: error correction bytes a block, and number of blocks.
const row = (text) => text.split(" ").map(Number);
export const LEVELS = {
  L: {
    bits: 0b01,
    correction: row("7 10 15 20 26 18 20 24 30 18 20 24 26 30 22 24 28 30 28 28 28 28 30 30 26 28 30 30 30 30 30 30 30 30 30 30 30 30 30 30"),
    blocks: row("1 1 1 1 1 2 2 2 2 4 4 4 4 4 6 6 6 6 7 8 8 9 9 10 12 12 12 13 14 15 16 17 18 19 19 20 21 22 24 25"),
  },
  M: {
    bits: 0b00,
    correction: row("10 16 26 18 24 16 18 22 22 26 30 22 22 24 24 28 28 26 26 26 26 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28"),
    blocks: row("1 1 1 2 2 4 4 4 5 5 5 8 9 9 10 10 11 13 14 16 17 17 18 20 21 23 25 26 28 29 31 33 35 37 38 40 43 45 47 49"),
  },
  Q: {
    bits: 0b11,
    correction: row("13 22 18 26 18 24 18 22 20 24 28 26 24 20 30 24 28 28 26 30 28 30 30 30 30 28 30 30 30 30 30 30 30 30 30 30 30 30 30 30"),
    blocks: row("1 1 2 2 4 4 6 6 8 8 8 10 12 16 12 17 16 18 21 20 23 23 25 27 29 34 34 35 38 40 43 45 48 51 53 56 59 62 65 68"),
  },
  H: {
    bits: 0b10,
    correction: row("17 28 22 16 22 28 26 26 24 28 24 28 22 24 24 30 28 28 26 28 30 24 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30"),
    blocks: row("1 1 2 4 4 4 5 6 8 8 11 11 16 16 18 16 19 21 25 25 25 34 30 32 35 37 40 42 45 48 51 54 57 60 63 66 70 74 77 81"),
  },
};
export const VERSION_MAX = 40;

export const MASKS = [
  (x, y) => (x + y) % 2 === 0,
  (x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

export function sizeOf(version) {
  return version * 4 + 17;
}

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

// How many bytes of correction a block has, and how many bytes of data each block, in turn.
export function blocksOf(version, level) {
  const correction = level.correction[version - 1];
  const count = level.blocks[version - 1];
  const data = bytesOf(version) - correction * count;
  const short = Math.floor(data / count);
  const longer = data % count; // so many of the last blocks have one byte more
  return { correction, lengths: Array.from({ length: count }, (_, at) => short + (at >= count - longer ? 1 : 0)), data };
}

// ---- what says which code it is ----------------------------------------------------------------------------------

// The 15 bits of level and mask, with their own correction and mask (section 7.9).
export function formatBits(level, mask) {
  const data = (level.bits << 3) | mask;
  let rest = data;
  for (let at = 0; at < 10; at += 1) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
  return ((data << 10) | rest) ^ 0x5412;
}

// Where their bits stand, both times, from the lowest: [x, y].
export function formatPlaces(size) {
  const line = (length, place) => Array.from({ length }, (_, at) => place(at));
  return [
    [...line(6, (at) => [8, at]), [8, 7], [8, 8], [7, 8], ...line(6, (at) => [5 - at, 8])],
    [...line(8, (at) => [size - 1 - at, 8]), ...line(7, (at) => [8, size - 7 + at])],
  ];
}

// The 18 bits of a version from 7 (section 7.10).
export function versionBits(version) {
  let rest = version;
  for (let at = 0; at < 12; at += 1) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
  return (version << 12) | rest;
}

export function versionPlaces(size) {
  const places = Array.from({ length: 18 }, (_, at) => [size - 11 + (at % 3), Math.floor(at / 3)]);
  return [places, places.map(([x, y]) => [y, x])];
}

// ---- the modules that are the same in every code of a version ------------------------------------------------------

export class Grid {
  constructor(version) {
    this.version = version;
    this.size = sizeOf(version);
    this.dark = Array.from({ length: this.size }, () => new Array(this.size).fill(false));
    this.fixed = Array.from({ length: this.size }, () => new Array(this.size).fill(false));
    this.drawPatterns();
    // What is known before anything is read, as [x, y, dark].
    this.known = [...this.modules()].filter(([x, y]) => this.fixed[y][x]).map(([x, y]) => [x, y, this.dark[y][x]]);
    this.drawFormat(0);
    if (version >= 7) versionPlaces(this.size).forEach((places) => this.drawBits(places, versionBits(version)));
  }

  *modules() {
    for (let y = 0; y < this.size; y += 1) for (let x = 0; x < this.size; x += 1) yield [x, y];
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
    this.fix(8, this.size - 8, true);
  }

  // Rings around a centre; those at the distances `light` are light.
  drawRings(centreX, centreY, radius, light) {
    for (let dy = -radius; dy <= radius; dy += 1) {
      for (let dx = -radius; dx <= radius; dx += 1) {
        this.fix(centreX + dx, centreY + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
      }
    }
  }

  drawBits(places, bits) {
    places.forEach(([x, y], at) => this.fix(x, y, ((bits >> at) & 1) === 1));
  }

  drawFormat(mask, level = LEVELS.M) {
    formatPlaces(this.size).forEach((places) => this.drawBits(places, formatBits(level, mask)));
  }

  // [x, y] of every module of data: two columns at a time from the right, up and down in turn, past the column of timing.
  *path() {
    for (let right = this.size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      const upward = ((right + 1) & 2) === 0;
      for (let step = 0; step < this.size; step += 1) {
        const y = upward ? this.size - 1 - step : step;
        for (const x of [right, right - 1]) if (!this.fixed[y][x]) yield [x, y];
      }
    }
  }
}
