// SHAKE128 and SHAKE256 (FIPS 202): what ML-DSA hashes with, and WebCrypto lacks.
//
// The state is 25 lanes of 64 bits, kept as 50 words of 32: low halves at even places, high halves at odd ones.

const LANES = 25;

// Rotations and places of rho and pi, and iota's constants, all from their definitions (FIPS 202 section 3.2).
function keccakTables() {
  const rotations = new Uint8Array(LANES);
  const places = new Uint8Array(LANES);
  for (let x = 0; x < 5; x += 1) for (let y = 0; y < 5; y += 1) places[x + 5 * y] = y + 5 * ((2 * x + 3 * y) % 5);
  for (let [t, x, y] = [0, 1, 0]; t < 24; t += 1) {
    rotations[x + 5 * y] = (((t + 1) * (t + 2)) / 2) % 64;
    [x, y] = [y, (2 * x + 3 * y) % 5];
  }
  const constants = new Uint32Array(48);
  let register = 1;
  for (let round = 0; round < 24; round += 1) {
    for (let j = 0; j <= 6; j += 1) {
      const bit = 2 ** j - 1;
      if (register & 1) constants[2 * round + (bit >= 32 ? 1 : 0)] |= 1 << bit % 32;
      register = register & 0x80 ? (register << 1) ^ 0x171 : register << 1;
    }
  }
  return { rotations, places, constants };
}

const KECCAK = keccakTables();

function theta(state) {
  const column = new Uint32Array(10);
  for (let at = 0; at < 50; at += 1) column[at % 10] ^= state[at];
  for (let x = 0; x < 5; x += 1) {
    const [left, right] = [2 * ((x + 4) % 5), 2 * ((x + 1) % 5)];
    const low = column[left] ^ ((column[right] << 1) | (column[right + 1] >>> 31));
    const high = column[left + 1] ^ ((column[right + 1] << 1) | (column[right] >>> 31));
    for (let at = 2 * x; at < 50; at += 10) {
      state[at] ^= low;
      state[at + 1] ^= high;
    }
  }
}

function rhoAndPi(state, moved) {
  for (let lane = 0; lane < LANES; lane += 1) {
    const turn = KECCAK.rotations[lane];
    const half = turn >= 32 ? 1 : 0;
    const [low, high] = [state[2 * lane + half], state[2 * lane + 1 - half]];
    const [left, right] = [turn % 32, 32 - (turn % 32)];
    const to = 2 * KECCAK.places[lane];
    moved[to] = left === 0 ? low : (low << left) | (high >>> right);
    moved[to + 1] = left === 0 ? high : (high << left) | (low >>> right);
  }
}

function permute(state) {
  const moved = new Uint32Array(50);
  for (let round = 0; round < 24; round += 1) {
    theta(state);
    rhoAndPi(state, moved);
    for (let row = 0; row < 50; row += 10) {
      for (let at = 0; at < 10; at += 1) {
        state[row + at] = moved[row + at] ^ (~moved[row + ((at + 2) % 10)] & moved[row + ((at + 4) % 10)]);
      }
    }
    state[0] ^= KECCAK.constants[2 * round];
    state[1] ^= KECCAK.constants[2 * round + 1];
  }
}

// A function that gives the next `length` bytes of SHAKE's output at each call.
function shake(rate, data) {
  const state = new Uint32Array(50);
  const padded = new Uint8Array((Math.floor(data.length / rate) + 1) * rate);
  padded.set(data);
  padded[data.length] = 0x1f;
  padded[padded.length - 1] ^= 0x80;
  for (let block = 0; block < padded.length; block += rate) {
    for (let at = 0; at < rate; at += 1) state[at >> 2] ^= padded[block + at] << (8 * (at & 3));
    permute(state);
  }
  let at = 0;
  return (length) => {
    const output = new Uint8Array(length);
    for (let byte = 0; byte < length; byte += 1) {
      if (at === rate) {
        permute(state);
        at = 0;
      }
      output[byte] = state[at >> 2] >>> (8 * (at & 3));
      at += 1;
    }
    return output;
  };
}

// SHAKE128 of `data`: a function from a length to the next so many bytes.
export function shake128(data) {
  return shake(168, data);
}

// SHAKE256 of `data`: a function from a length to the next so many bytes.
export function shake256(data) {
  return shake(136, data);
}
