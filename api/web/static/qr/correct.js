// Reed–Solomon correction of one block (ISO/IEC 18004 annex B): roots 1, 2, 4, … of the field in field.js.

import { over, powerOf, times } from "./field.js";

// Of a polynomial, the lowest term first.
function valueAt(poly, x) {
  return poly.reduceRight((sum, term) => times(sum, x) ^ term, 0);
}

// `block`, data then correction, mended in place; false where it holds more errors than can be mended.
export function correctBlock(block, correction) {
  const received = [...block].reverse();
  const syndromes = Array.from({ length: correction }, (_, at) => valueAt(received, powerOf(at)));
  if (syndromes.every((one) => one === 0)) return true;
  const locator = locatorOf(syndromes);
  const errors = locator.length - 1;
  if (errors * 2 > correction) return false;
  const places = block.map((_, at) => at).filter((at) => valueAt(locator, powerOf(-at)) === 0);
  if (places.length !== errors) return false;
  const evaluator = syndromes.map((_, at) => locator.reduce((sum, term, step) => sum ^ (step <= at ? times(term, syndromes[at - step]) : 0), 0));
  const slope = locator.map((term, at) => (at % 2 ? term : 0)).slice(1);
  for (const at of places) {
    const inverse = powerOf(-at);
    received[at] ^= times(powerOf(at), over(valueAt(evaluator, inverse), valueAt(slope, inverse)));
  }
  received.reverse().forEach((byte, at) => { block[at] = byte; });
  return syndromes.every((_, at) => valueAt(received.slice().reverse(), powerOf(at)) === 0);
}

// The polynomial whose roots tell where the errors are (Berlekamp and Massey), the lowest term first.
function locatorOf(syndromes) {
  let current = [1];
  let before = [1];
  let length = 0;
  let since = 1;
  let last = 1;
  for (let at = 0; at < syndromes.length; at += 1) {
    const off = current.reduce((sum, term, step) => sum ^ (step <= length ? times(term, syndromes[at - step]) : 0), 0);
    if (off === 0) {
      since += 1;
      continue;
    }
    const factor = over(off, last);
    const next = [...current];
    before.forEach((term, step) => { next[step + since] = (next[step + since] ?? 0) ^ times(factor, term); });
    for (let step = 0; step < next.length; step += 1) next[step] ??= 0;
    if (2 * length <= at) {
      length = at + 1 - length;
      before = current;
      last = off;
      since = 1;
    } else since += 1;
    current = next;
  }
  while (current.length > 1 && current.at(-1) === 0) current.pop();
  return current;
}
