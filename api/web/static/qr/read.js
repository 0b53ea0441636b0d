// The text of a QR code in a picture: found by its corners, laid flat, decoded. For browsers that have no reader of their own.
//
//   readQr({ data, width, height })      pixels as a canvas gives them → the text, or null
//
// A code is laid flat by four points: the middles of its three corners, and a fourth, far from them, that perspective
// moves. It is looked for where the picture fits what every code of that version has in common, and then all four are
// moved a little until it fits best.

import { decodeModules, versionSaid } from "./decode.js";
import { darkerThan, findCorners, triples } from "./finders.js";
import { Grid, sizeOf, VERSION_MAX } from "./layout.js";

export const PIXELS_MAX = 1_600; // of the longer side: more is made smaller first
const SMALL = 500; // below this a picture is made larger: modules of a pixel or two
const REACHES = [0, 8, 24]; // parts of the longer side over which light is evened out; 0: not at all
const FOURTHS = 4; // places of the fourth point that are looked at closely
const FIT_MIN = 0.4; // of 1; below this it is no code
const TRIES_MAX = 60; // versions of corners that are laid flat, for one picture: a few seconds at most

// The text, or null where there is no code that can be read.
export function readQr({ data, width, height }) {
  const whole = grayOf(data, width, height);
  const budget = { tries: TRIES_MAX };
  for (const picture of sizes(whole)) {
    for (const reach of REACHES) {
      const even = darkerThan(picture, reach && Math.ceil(Math.max(picture.width, picture.height) / reach / 2));
      for (const three of triples(findCorners(even))) {
        const text = readThree(even, three, budget);
        if (text !== null) return text;
      }
    }
  }
  return null;
}

// What is transparent shows white, as paper would.
function grayOf(data, width, height) {
  const gray = new Uint8ClampedArray(width * height);
  for (let at = 0; at < gray.length; at += 1) {
    const [red, green, blue, alpha] = [data[at * 4], data[at * 4 + 1], data[at * 4 + 2], data[at * 4 + 3]];
    gray[at] = ((red * 299 + green * 587 + blue * 114) / 1000) * (alpha / 255) + 255 - alpha;
  }
  return { gray, width, height };
}

// The picture in the sizes that are tried: not too large, then half of that, which evens out grain.
function* sizes(picture) {
  const longer = Math.max(picture.width, picture.height);
  const first = longer > PIXELS_MAX ? resized(picture, PIXELS_MAX / longer) : longer < SMALL ? resized(picture, Math.min(4, Math.ceil(SMALL / longer))) : picture;
  yield first;
  yield resized(first, 0.5);
}

function resized(picture, scale) {
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const gray = new Uint8ClampedArray(width * height);
  const each = Math.max(1, Math.round(1 / scale)); // samples a pixel, each way
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let sum = 0;
      for (let v = 0; v < each; v += 1) {
        for (let u = 0; u < each; u += 1) {
          sum += valueAt(picture.gray, picture, (x + (u + 0.5) / each) / scale - 0.5, (y + (v + 0.5) / each) / scale - 0.5);
        }
      }
      gray[y * width + x] = sum / each ** 2;
    }
  }
  return { gray, width, height };
}

// Between four pixels.
function valueAt(values, { width, height }, x, y) {
  const cx = Math.min(width - 1, Math.max(0, x));
  const cy = Math.min(height - 1, Math.max(0, y));
  const [left, top] = [Math.floor(cx), Math.floor(cy)];
  const [right, bottom] = [Math.min(width - 1, left + 1), Math.min(height - 1, top + 1)];
  const [u, v] = [cx - left, cy - top];
  return (values[top * width + left] * (1 - u) + values[top * width + right] * u) * (1 - v)
    + (values[bottom * width + left] * (1 - u) + values[bottom * width + right] * u) * v;
}

// ---- one code ------------------------------------------------------------------------------------------------------------

function readThree(picture, { corner, right, below }, budget) {
  const module = (corner.module + right.module + below.module) / 3;
  const side = (Math.hypot(right.x - corner.x, right.y - corner.y) + Math.hypot(below.x - corner.x, below.y - corner.y)) / 2;
  // A corner's rings, measured along a line that is askew, seem larger by up to the root of 2.
  const askew = skewOf(corner, right);
  const guess = Math.round(((side / module) * askew + 7 - 17) / 4);
  const tried = new Set();
  const waiting = [0, 1, -1, 2, -2].map((off) => guess + off);
  while (waiting.length && budget.tries > 0) {
    const version = waiting.shift();
    if (version < 1 || version > VERSION_MAX || tried.has(version)) continue;
    tried.add(version);
    budget.tries -= 1;
    for (const flat of layFlat(picture, { corner, right, below }, version)) {
      const dark = (x, y) => flat.darkness(x, y) > 0;
      const text = decodeModules(version, dark);
      if (text !== null) return text;
      const said = versionSaid(sizeOf(version), dark);
      if (said !== null && !tried.has(said)) waiting.unshift(said);
    }
  }
  return null;
}

// How much longer a module is along a row of pixels than along the code's own row.
function skewOf(corner, right) {
  const [dx, dy] = [Math.abs(right.x - corner.x), Math.abs(right.y - corner.y)];
  return Math.hypot(dx, dy) / Math.max(dx, dy);
}

// Ways in which the code may lie in the picture, the best first: each tells how dark a module is.
function* layFlat(picture, { corner, right, below }, version) {
  const grid = new Grid(version);
  const flat = new Flat(picture, grid, [corner, right, below].map(({ x, y }) => [x, y]));
  const found = [...flat.fourths()].sort((one, other) => other.fit - one.fit);
  for (const { point } of apart(found, flat.module * 1.5).slice(0, FOURTHS)) {
    flat.points[3] = point;
    if (flat.settle() >= FIT_MIN) yield flat;
  }
}

// The best of those that lie together.
function apart(found, distance) {
  const kept = [];
  for (const one of found) {
    if (kept.length === FOURTHS) break;
    if (kept.every((other) => Math.hypot(one.point[0] - other.point[0], one.point[1] - other.point[1]) > distance)) kept.push(one);
  }
  return kept;
}

class Flat {
  constructor(picture, grid, three) {
    Object.assign(this, { picture, grid });
    const { size, version } = grid;
    const fourth = version === 1 ? size - 3.5 : size - 6.5;
    this.from = [[3.5, 3.5], [size - 3.5, 3.5], [3.5, size - 3.5], [fourth, fourth]];
    this.points = [...three, [0, 0]];
    const [[cx, cy], [rx, ry], [bx, by]] = three;
    this.across = [(rx - cx) / (size - 7), (ry - cy) / (size - 7)]; // one module to the right, in pixels
    this.down = [(bx - cx) / (size - 7), (by - cy) / (size - 7)];
    this.module = (Math.hypot(...this.across) + Math.hypot(...this.down)) / 2;
    // What lies around the fourth point; in version 1, where nothing does, all that is known.
    this.near = version === 1 ? grid.known : grid.known.filter(([x, y]) => Math.max(Math.abs(x + 0.5 - fourth), Math.abs(y + 0.5 - fourth)) < 3);
  }

  // Where the fourth point may be: {point, fit}, on a net of half a module (one, in a large code) over what perspective may do.
  *fourths() {
    const [[cx, cy]] = this.points;
    const steps = this.from[3][0] - 3.5;
    const reach = Math.max(3, Math.ceil(this.grid.size * 0.22));
    const step = this.grid.size < 60 ? 0.5 : 1;
    for (let u = -reach; u <= reach; u += step) {
      for (let v = -reach; v <= reach; v += step) {
        const point = [0, 1].map((axis) => [cx, cy][axis] + this.across[axis] * (steps + u) + this.down[axis] * (steps + v));
        this.points[3] = point;
        if (this.look()) yield { point, fit: this.fit(this.near) - Math.hypot(u, v) / 400 };
      }
    }
  }

  // Takes the four points as they stand; false where they make no view of a square.
  look() {
    this.view = perspective(this.from, this.points);
    return this.view !== null;
  }

  // How much darker than its limit the picture is at the middle of a module, -1 to 1.
  darkness(x, y) {
    const [a, b, c, d, e, f, g, i] = this.view;
    const [mx, my] = [x + 0.5, y + 0.5];
    const depth = g * mx + i * my + 1;
    const [px, py] = [(a * mx + b * my + c) / depth, (d * mx + e * my + f) / depth];
    const { width, height, gray, limit } = this.picture;
    if (!(px > -1 && py > -1 && px < width && py < height)) return -0.5;
    const near = Math.min(height - 1, Math.max(0, Math.round(py))) * width + Math.min(width - 1, Math.max(0, Math.round(px)));
    return Math.max(-1, Math.min(1, (limit[near] - valueAt(gray, this.picture, px, py)) / 40));
  }

  // How well the picture is dark and light where it must be: 1 is perfect, 0 is chance.
  fit(known) {
    let sum = 0;
    for (const [x, y, dark] of known) sum += dark ? this.darkness(x, y) : -this.darkness(x, y);
    return sum / known.length;
  }

  // Moves each point a little while the whole fits better; how well it fits in the end.
  settle() {
    const known = this.grid.known;
    if (!this.look()) return -1;
    let best = this.fit(known);
    for (let step = this.module * 0.6; step > this.module * 0.05; step /= 2) {
      for (let better = true, rounds = 0; better && rounds < 6; rounds += 1) {
        better = false;
        for (const at of [3, 0, 1, 2]) {
          for (const [dx, dy] of [[step, 0], [-step, 0], [0, step], [0, -step]]) {
            const before = this.points[at];
            this.points[at] = [before[0] + dx, before[1] + dy];
            const fit = this.look() ? this.fit(known) : -1;
            if (fit > best + 1e-6) {
              best = fit;
              better = true;
            } else this.points[at] = before;
          }
        }
      }
    }
    this.look();
    return best;
  }
}

// The eight numbers of the projection that takes four points to four others; null where three lie on a line.
function perspective(from, to) {
  const rows = from.flatMap(([x, y], at) => {
    const [u, v] = to[at];
    return [[x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v]];
  });
  for (let column = 0; column < 8; column += 1) {
    const pivot = rows.slice(column).reduce((best, one, at) => (Math.abs(one[column]) > Math.abs(rows[best][column]) ? at + column : best), column);
    if (Math.abs(rows[pivot][column]) < 1e-9) return null;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let other = 0; other < 8; other += 1) {
      if (other === column) continue;
      const factor = rows[other][column] / rows[column][column];
      if (factor) for (let at = column; at < 9; at += 1) rows[other][at] -= factor * rows[column][at];
    }
  }
  const view = rows.map((one, at) => one[8] / one[at]);
  // A square seen from behind its horizon is none.
  return from.every(([x, y]) => view[6] * x + view[7] * y + 1 > 0.2) ? view : null;
}
