// What our reader finds: takes {modules: [rows], pictures: [{rows, …options of photograph}], blocks} as JSON on the standard
// input, gives {texts, found, mended}.

import { readFileSync } from "node:fs";
import { photograph, random } from "./photo.mjs";

const from = process.argv[2];
const { decodeModules } = await import(`${from}/decode.js`);
const { readQr } = await import(`${from}/read.js`);
const { correctBlock } = await import(`${from}/correct.js`);
const { modules, pictures, blocks } = JSON.parse(readFileSync(0, "utf-8"));

const texts = modules.map((rows) => decodeModules((rows.length - 17) / 4, (x, y) => rows[y][x] === "1"));
const found = pictures.map(({ rows, ...options }) => readQr(photograph(rows, options)));

// Each block [bytes] with so many bytes altered: mended as far as half its correction, and never made another.
const next = random(7);
const mended = blocks.map(({ bytes, correction, errors }) => {
  const block = [...bytes];
  const places = new Set();
  while (places.size < errors) places.add(Math.floor(next() * block.length));
  for (const at of places) block[at] ^= 1 + Math.floor(next() * 255);
  return correctBlock(block, correction) && block.every((byte, at) => byte === bytes[at]);
});
console.log(JSON.stringify({ texts, found, mended }));
