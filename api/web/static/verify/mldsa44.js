// ML-DSA-44 signatures (FIPS 204), verified; algorithm numbers are the standard's.
//
// Loaded only where a cosignature of type 0x06 is met (lazy.js). Public values only: nothing here runs in
// constant time. Polynomials are Int32Array(256) of numbers from 0 to Q - 1.

import { concat, equalBytes } from "./bytes.js";
import { shake128, shake256 } from "./keccak.js";

const Q = 8380417;
const DROPPED_BITS = 13;
const TAU = 39;
const GAMMA1 = 2 ** 17;
const GAMMA2 = (Q - 1) / 88;
const BETA = 78;
const OMEGA = 80;
const ROWS = 4; // k and l are both 4
const N = 256;
const CHALLENGE_BYTES = 32;
const PUBLIC_BYTES = 1312;
const MLDSA_BYTES = 2420;
const Z_BYTES = 576; // of one polynomial, 18 bits a coefficient
const T1_BYTES = 320; // 10 bits a coefficient

function times(a, b) {
  return (a * b) % Q; // below 2**46: exact
}

// 1753 to the bit-reversed power, for each of 256 (appendix B).
function zetaTable() {
  const zetas = new Int32Array(N);
  for (let at = 0; at < N; at += 1) {
    const exponent = parseInt(at.toString(2).padStart(8, "0").split("").reverse().join(""), 2);
    let zeta = 1;
    for (let step = 0; step < exponent; step += 1) zeta = times(zeta, 1753);
    zetas[at] = zeta;
  }
  return zetas;
}

const ZETAS = zetaTable();

// Algorithm 41, in place.
function ntt(poly) {
  let m = 0;
  for (let length = 128; length >= 1; length >>= 1) {
    for (let start = 0; start < N; start += 2 * length) {
      m += 1;
      for (let j = start; j < start + length; j += 1) {
        const t = times(ZETAS[m], poly[j + length]);
        poly[j + length] = (poly[j] - t + Q) % Q;
        poly[j] = (poly[j] + t) % Q;
      }
    }
  }
  return poly;
}

// Algorithm 42, in place.
function inverseNtt(poly) {
  let m = N;
  for (let length = 1; length < N; length *= 2) {
    for (let start = 0; start < N; start += 2 * length) {
      m -= 1;
      for (let j = start; j < start + length; j += 1) {
        const t = poly[j];
        poly[j] = (t + poly[j + length]) % Q;
        poly[j + length] = times(Q - ZETAS[m], (t - poly[j + length] + Q) % Q);
      }
    }
  }
  return poly.map((coefficient) => times(8347681, coefficient)); // 256**-1
}

// The `bits`-bit numbers in a byte string, low bits first (algorithms 16 to 18).
function unpackBits(data, bits) {
  const numbers = new Int32Array((data.length * 8) / bits);
  let [held, count, at] = [0, 0, 0];
  for (const byte of data) {
    held |= byte << count;
    count += 8;
    while (count >= bits) {
      numbers[at] = held & ((1 << bits) - 1);
      at += 1;
      held >>>= bits;
      count -= bits;
    }
  }
  return numbers;
}

// Algorithm 21: the places of hints in each row, or null where they are not in their one form.
function unpackHints(data) {
  const hints = [];
  let index = 0;
  for (let row = 0; row < ROWS; row += 1) {
    const end = data[OMEGA + row];
    if (end < index || end > OMEGA) return null;
    const places = data.subarray(index, end);
    if (places.some((place, at) => at > 0 && places[at - 1] >= place)) return null;
    hints.push(new Set(places));
    index = end;
  }
  return data.subarray(index, OMEGA).some((byte) => byte !== 0) ? null : hints;
}

// Algorithm 30: a uniform polynomial, in NTT form.
function rejectionSampled(seed) {
  const poly = new Int32Array(N);
  const next = shake128(seed);
  for (let at = 0; at < N; ) {
    const [a, b, c] = next(3);
    const number = a | (b << 8) | ((c & 0x7f) << 16);
    if (number < Q) {
      poly[at] = number;
      at += 1;
    }
  }
  return poly;
}

// Algorithm 29: a polynomial with TAU coefficients of 1 or -1.
function sampleInBall(seed) {
  const poly = new Int32Array(N);
  const next = shake256(seed);
  const signs = next(8);
  for (let i = N - TAU; i < N; i += 1) {
    let [j] = next(1);
    while (j > i) [j] = next(1);
    poly[i] = poly[j];
    const bit = i + TAU - N;
    poly[j] = (signs[bit >> 3] >> (bit & 7)) & 1 ? Q - 1 : 1;
  }
  return poly;
}

// Algorithms 36 and 40: the high bits of a number below Q, moved by one where there is a hint.
function useHint(number, hinted) {
  let low = number % (2 * GAMMA2);
  if (low > GAMMA2) low -= 2 * GAMMA2;
  const wraps = number - low === Q - 1;
  const high = wraps ? 0 : (number - low) / (2 * GAMMA2);
  if (wraps) low -= 1;
  if (!hinted) return high;
  return low > 0 ? (high + 1) % 44 : (high + 43) % 44;
}

// Six bits a coefficient (algorithm 28).
function packW1(rows) {
  const data = new Uint8Array((ROWS * N * 6) / 8);
  let [held, count, at] = [0, 0, 0];
  for (const row of rows) {
    for (const coefficient of row) {
      held |= coefficient << count;
      count += 6;
      while (count >= 8) {
        data[at] = held & 255;
        at += 1;
        held >>>= 8;
        count -= 8;
      }
    }
  }
  return data;
}

// One row of A·z - c·t1·2^d, out of NTT form.
function approximate(rho, row, z, c, t1) {
  const sum = new Int32Array(N);
  for (let column = 0; column < ROWS; column += 1) {
    const a = rejectionSampled(concat(rho, [column, row]));
    for (let at = 0; at < N; at += 1) sum[at] = (sum[at] + times(a[at], z[column][at])) % Q;
  }
  const t = ntt(t1.map((coefficient) => times(coefficient, 2 ** DROPPED_BITS)));
  return inverseNtt(sum.map((number, at) => (number - times(c[at], t[at]) + Q) % Q));
}

// Whether an ML-DSA-44 signature holds (algorithms 3 and 8); cosignatures have no context.
export function verifyMldsa44(publicKey, message, signature, context = new Uint8Array(0)) {
  if (publicKey.length !== PUBLIC_BYTES || signature.length !== MLDSA_BYTES || context.length > 255) return false;
  const challenge = signature.subarray(0, CHALLENGE_BYTES);
  const hints = unpackHints(signature.subarray(CHALLENGE_BYTES + ROWS * Z_BYTES));
  if (hints === null) return false;
  const z = [];
  for (let row = 0; row < ROWS; row += 1) {
    const start = CHALLENGE_BYTES + row * Z_BYTES;
    const poly = unpackBits(signature.subarray(start, start + Z_BYTES), 18).map((number) => GAMMA1 - number);
    if (poly.some((number) => Math.abs(number) >= GAMMA1 - BETA)) return false;
    z.push(ntt(poly.map((number) => (number + Q) % Q)));
  }
  const rho = publicKey.subarray(0, 32);
  const c = ntt(sampleInBall(challenge));
  const w1 = hints.map((places, row) => {
    const start = 32 + row * T1_BYTES;
    const t1 = unpackBits(publicKey.subarray(start, start + T1_BYTES), 10);
    return approximate(rho, row, z, c, t1).map((number, at) => useHint(number, places.has(at)));
  });
  const digest = shake256(publicKey)(64);
  const mu = shake256(concat(digest, [0, context.length], context, message))(64);
  return equalBytes(challenge, shake256(concat(mu, packW1(w1)))(CHALLENGE_BYTES));
}
