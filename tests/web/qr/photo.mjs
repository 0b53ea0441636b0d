// Pictures of QR codes as people take them: drawn by their modules, turned, seen askew, blurred, grainy, half in shadow.

const QUIET = 4;

// Numbers from 0 to 1 that are the same for the same seed.
export function random(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

// `rows` of 0 and 1 → {data, width, height}. Lengths in pixels, `module` is a module's; `turn` in degrees; `askew` is how
// much smaller the far side is, of 1; `blur` a radius; `grain` and `shadow` in gray values of 255.
export function photograph(rows, { module = 4, turn = 0, askew = 0, blur = 0, grain = 0, shadow = 0, seed = 1 }) {
  const modules = rows.length + 2 * QUIET;
  const width = Math.ceil(modules * module * 1.5);
  const next = random(seed);
  const angle = (turn * Math.PI) / 180;
  const fine = module * rows.length > 900 || Number.isInteger(module) ? 2 : 3;
  let gray = new Float32Array(width * width);
  for (let y = 0; y < width; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let sum = 0;
      for (let v = 0; v < fine; v += 1) {
        for (let u = 0; u < fine; u += 1) sum += shade(rows, modules, place(x + (u + 0.5) / fine, y + (v + 0.5) / fine));
      }
      gray[y * width + x] = sum / fine ** 2;
    }
  }
  function place(px, py) {
    const [dx, dy] = [(px - width / 2) / (modules * module), (py - width / 2) / (modules * module)];
    const [rx, ry] = [dx * Math.cos(angle) + dy * Math.sin(angle), -dx * Math.sin(angle) + dy * Math.cos(angle)];
    const depth = 1 + askew * (0.8 * rx + 0.6 * ry);
    return [(rx / depth + 0.5) * modules, (ry / depth + 0.5) * modules];
  }
  if (blur) gray = blurred(blurred(gray, width, blur), width, blur);
  const data = new Uint8ClampedArray(width * width * 4);
  gray.forEach((value, at) => {
    const darker = shadow * ((at % width) / width);
    const seen = value * (1 - darker / 255) + (next() - 0.5) * 2 * grain;
    data.set([seen, seen, seen, 255], at * 4);
  });
  return { data, width, height: width };
}

function shade(rows, modules, [mx, my]) {
  if (mx < 0 || my < 0 || mx >= modules || my >= modules) return 170; // the table below the paper
  const row = rows[Math.floor(my) - QUIET];
  return row?.[Math.floor(mx) - QUIET] === "1" ? 25 : 235;
}

function blurred(gray, width, radius) {
  const once = (from, step, line) => {
    const to = new Float32Array(from.length);
    for (let one = 0; one < width; one += 1) {
      for (let at = 0; at < width; at += 1) {
        let [sum, weight] = [0, 0];
        for (let off = -Math.ceil(radius); off <= Math.ceil(radius); off += 1) {
          if (at + off < 0 || at + off >= width) continue;
          const share = Math.min(1, radius + 0.5 - Math.abs(off));
          if (share <= 0) continue;
          sum += from[one * line + (at + off) * step] * share;
          weight += share;
        }
        to[one * line + at * step] = sum / weight;
      }
    }
    return to;
  };
  return once(once(gray, 1, width), width, 1);
}
