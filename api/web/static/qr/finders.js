// The three corners of a QR code in a picture: dark, light and dark rings, in every direction 1 : 1 : 3 : 1 : 1.

const CORNERS_MAX = 24; // candidates that are compared by threes
const TRIPLES_MAX = 8; // triples that are tried, the likeliest first

// Which pixels are darker than the picture around them; `reach` pixels each way, or all of it where that is 0.
export function darkerThan({ gray, width, height }, reach) {
  const limit = reach === 0 ? flat(gray) : around(gray, width, height, reach);
  return { width, height, gray, limit, dark: gray.map((value, at) => (value < limit[at] ? 1 : 0)) };
}

// One limit for the whole picture: that which parts its grays best into two (Otsu).
function flat(gray) {
  const counts = new Array(256).fill(0);
  for (const value of gray) counts[value] += 1;
  const all = counts.reduce((sum, count, value) => sum + count * value, 0);
  let [below, sum, best, limit] = [0, 0, -1, 128];
  for (let value = 0; value < 255; value += 1) {
    below += counts[value];
    sum += counts[value] * value;
    const above = gray.length - below;
    if (below === 0 || above === 0) continue;
    const apart = below * above * (sum / below - (all - sum) / above) ** 2;
    if (apart > best) [best, limit] = [apart, value + 1];
  }
  // Midway between the two means: a blurred edge lies where it was.
  const dark = gray.filter((value) => value < limit);
  const light = gray.filter((value) => value >= limit);
  const mean = (values) => values.reduce((total, value) => total + value, 0) / Math.max(1, values.length);
  return new Float32Array(gray.length).fill((mean(dark) + mean(light)) / 2);
}

// The mean of the square around each pixel.
function around(gray, width, height, reach) {
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y += 1) {
    let line = 0;
    for (let x = 0; x < width; x += 1) {
      line += gray[y * width + x];
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + line;
    }
  }
  const limit = new Float32Array(gray.length);
  for (let y = 0; y < height; y += 1) {
    const [top, bottom] = [Math.max(0, y - reach), Math.min(height, y + reach + 1)];
    for (let x = 0; x < width; x += 1) {
      const [left, right] = [Math.max(0, x - reach), Math.min(width, x + reach + 1)];
      const sum = sums[bottom * (width + 1) + right] - sums[top * (width + 1) + right] - sums[bottom * (width + 1) + left] + sums[top * (width + 1) + left];
      // A little below the mean, so that the grain of paper is light.
      limit[y * width + x] = (sum / ((bottom - top) * (right - left))) * 0.96;
    }
  }
  return limit;
}

// ---- corners ---------------------------------------------------------------------------------------------------------

// Whether five lengths are 1 : 1 : 3 : 1 : 1; the length of a module, or 0.
function moduleOf(runs) {
  const module = (runs[0] + runs[1] + runs[2] + runs[3] + runs[4]) / 7;
  const near = (length, times) => Math.abs(length - module * times) <= module * times * 0.55 + 0.3;
  return near(runs[0], 1) && near(runs[1], 1) && near(runs[2], 3) && near(runs[3], 1) && near(runs[4], 1) ? module : 0;
}

// From a point within the middle outwards both ways: {at: where the middle's own middle is, module}; null if no corner.
function across({ dark, width, height }, x, y, dx, dy) {
  const isDark = (step) => dark[Math.round(y + dy * step) * width + Math.round(x + dx * step)];
  const inside = (step) => {
    const [px, py] = [Math.round(x + dx * step), Math.round(y + dy * step)];
    return px >= 0 && py >= 0 && px < width && py < height;
  };
  const runs = [0, 0, 0, 0, 0];
  const edges = [];
  for (const way of [-1, 1]) {
    let step = way === 1 ? 1 : 0;
    for (const [ring, wanted] of [[0, 1], [1, 0], [2, 1]]) {
      const start = step;
      while (inside(step) && isDark(step) === wanted) step += way;
      runs[2 + way * ring] += Math.abs(step - start);
      if (ring === 0) edges.push(step);
      if (Math.abs(step - start) === 0) return null;
    }
  }
  const module = moduleOf(runs);
  return module ? { at: (edges[0] + edges[1]) / 2, module } : null;
}

export function findCorners(picture) {
  const { dark, width, height } = picture;
  const found = [];
  for (let y = 0; y < height; y += 1) {
    const ends = [0];
    for (let x = 1; x < width; x += 1) if (dark[y * width + x] !== dark[y * width + x - 1]) ends.push(x);
    ends.push(width);
    for (let at = 0; at + 5 < ends.length; at += 1) {
      if (!dark[y * width + ends[at]]) continue;
      const runs = [0, 1, 2, 3, 4].map((step) => ends[at + step + 1] - ends[at + step]);
      if (moduleOf(runs)) take(found, centred(picture, Math.floor((ends[at + 2] + ends[at + 3] - 1) / 2), y));
    }
  }
  return found.sort((one, other) => other.seen - one.seen).slice(0, CORNERS_MAX);
}

function centred(picture, x, y) {
  const down = across(picture, x, y, 0, 1);
  if (!down) return null;
  const level = across(picture, x, Math.round(y + down.at), 1, 0);
  if (!level) return null;
  const corner = { x: x + level.at, y: y + down.at, module: (level.module + down.module) / 2, seen: 1 };
  const [px, py] = [Math.round(corner.x), Math.round(corner.y)];
  return across(picture, px, py, 1, 1) && across(picture, px, py, 1, -1) ? corner : null;
}

// Seen again on the next line, a corner is the same: the mean of all.
function take(found, corner) {
  if (corner === null) return;
  const same = found.find((one) => Math.hypot(one.x - corner.x, one.y - corner.y) < one.module * 2);
  if (!same) {
    found.push(corner);
    return;
  }
  for (const name of ["x", "y", "module"]) same[name] = (same[name] * same.seen + corner[name]) / (same.seen + 1);
  same.seen += 1;
}

// ---- three of them ------------------------------------------------------------------------------------------------------

// {corner, right, below}: likely codes, the likeliest first.
export function triples(corners) {
  const found = [];
  for (let a = 0; a < corners.length; a += 1) {
    for (let b = a + 1; b < corners.length; b += 1) {
      for (let c = b + 1; c < corners.length; c += 1) found.push(arranged(corners[a], corners[b], corners[c]));
    }
  }
  return found.filter((one) => one.fault < 1.6).sort((one, other) => one.fault - other.fault).slice(0, TRIPLES_MAX);
}

function arranged(...three) {
  const far = (one, other) => Math.hypot(one.x - other.x, one.y - other.y);
  // The corner is that which is opposite the longest side.
  const [corner, one, other] = three.map((here, at) => [here, three[(at + 1) % 3], three[(at + 2) % 3]])
    .sort((first, second) => far(second[1], second[2]) - far(first[1], first[2]))[0];
  const turn = (one.x - corner.x) * (other.y - corner.y) - (one.y - corner.y) * (other.x - corner.x);
  const [right, below] = turn > 0 ? [one, other] : [other, one];
  const [across_, down] = [far(corner, right), far(corner, below)];
  const modules = three.map((here) => here.module);
  const sizes = Math.log(Math.max(...modules) / Math.min(...modules));
  const sides = Math.abs(Math.log(across_ / down));
  const square = Math.abs(Math.log((across_ ** 2 + down ** 2) / far(right, below) ** 2));
  return { corner, right, below, fault: sizes + sides + square };
}
