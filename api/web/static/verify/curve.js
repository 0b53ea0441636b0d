// Points of edwards25519 (RFC 8032 section 5.1), as much as WebCrypto leaves to its callers: which encodings
// are refused before a signature is even looked at, and the X25519 form of an Ed25519 key.
//
//   u = (1 + y) / (1 - y)  mod p          RFC 7748 section 4.1
//
// Public values only: nothing here runs in constant time.

import { MalformedError } from "./errors.js";

const FIELD = 2n ** 255n - 19n;
const TOP_BIT = 2n ** 255n;
const CURVE_D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const ROOT_OF_MINUS_ONE = 19681161376707505956807079304988542015446066515923890162744021073123829784752n;

export const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

// y of every point whose order divides 8: 1, -1, 0, and the two of order 8.
const ORDER_EIGHT = 2707385501144840649318225287225658788936804267575313519463743609750303402022n;
const SMALL_ORDER = new Set([0n, 1n, FIELD - 1n, ORDER_EIGHT, FIELD - ORDER_EIGHT]);

// The number that little-endian bytes are.
export function fromLittleEndian(data) {
  let number = 0n;
  for (let at = data.length - 1; at >= 0; at -= 1) number = (number << 8n) | BigInt(data[at]);
  return number;
}

function toLittleEndian(number) {
  return Uint8Array.from({ length: 32 }, (_, at) => Number((number >> BigInt(8 * at)) & 255n));
}

function modP(number) {
  const rest = number % FIELD;
  return rest < 0n ? rest + FIELD : rest;
}

function power(base, exponent) {
  let result = 1n;
  for (let square = base, bits = exponent; bits > 0n; bits >>= 1n) {
    if (bits & 1n) result = (result * square) % FIELD;
    square = (square * square) % FIELD;
  }
  return result;
}

// Whether 32 bytes encode a point that strict verifiers take: y below p, and not of small order. Whether it is
// on the curve at all, the verification equation shows.
export function isStrictPoint(data) {
  const y = fromLittleEndian(data) % TOP_BIT;
  return y < FIELD && !SMALL_ORDER.has(y);
}

// x of the point that 32 bytes encode, of either sign; null where no point has this y.
function pointX(y) {
  const square = modP(y * y);
  const u = modP(square - 1n);
  const v = modP(CURVE_D * square + 1n);
  const x = modP(u * v ** 3n * power(modP(u * v ** 7n), (FIELD - 5n) / 8n));
  const check = modP(v * x * x);
  if (check === u) return x;
  return check === modP(-u) ? modP(x * ROOT_OF_MINUS_ONE) : null;
}

// The sum of two points in extended coordinates [X, Y, Z, T] (RFC 8032 section 5.1.4).
function addPoints([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = modP((y1 - x1) * (y2 - x2));
  const b = modP((y1 + x1) * (y2 + x2));
  const c = modP(2n * CURVE_D * t1 * t2);
  const d = modP(2n * z1 * z2);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [modP(e * f), modP(g * h), modP(f * g), modP(e * h)];
}

function isOfPrimeOrder(x, y) {
  let sum = [0n, 1n, 1n, 0n];
  let doubled = [x, y, 1n, modP(x * y)];
  for (let bits = GROUP_ORDER; bits > 0n; bits >>= 1n) {
    if (bits & 1n) sum = addPoints(sum, doubled);
    doubled = addPoints(doubled, doubled);
  }
  return sum[0] === 0n && sum[1] === sum[2];
}

// The X25519 public key of an Ed25519 one. Throws MalformedError for a point that no secret can have.
export function toMontgomery(publicKey) {
  const y = modP(fromLittleEndian(publicKey) % TOP_BIT);
  const x = pointX(y);
  if (x === null || SMALL_ORDER.has(y) || !isOfPrimeOrder(x, y)) {
    throw new MalformedError("a key that no box can be sealed to");
  }
  return toLittleEndian(modP((1n + y) * power(modP(1n - y), FIELD - 2n)));
}
