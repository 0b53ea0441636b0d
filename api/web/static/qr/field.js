// GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1, as QR codes count (ISO/IEC 18004 section 7.5.2).

const EXP = new Uint8Array(512);
const LOG = new Uint8Array(256);
for (let power = 0, value = 1; power < 255; power += 1) {
  EXP[power] = EXP[power + 255] = value;
  LOG[value] = power;
  value = (value << 1) ^ (value & 128 ? 0x11d : 0);
}

export function times(one, other) {
  return one && other ? EXP[LOG[one] + LOG[other]] : 0;
}

// 2 to the power of a whole number, of either sign.
export function powerOf(exponent) {
  return EXP[((exponent % 255) + 255) % 255];
}

// `one` / `other`; `other` is not 0.
export function over(one, other) {
  return one ? EXP[LOG[one] + 255 - LOG[other]] : 0;
}
