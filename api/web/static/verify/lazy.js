// The one dynamic import: ML-DSA-44 is 10 kB that only a quantum-safe witness's cosignature needs. Whoever puts
// the modules into one file leaves this one out and defines `loadMldsa44` over `verifyMldsa44` itself.

export async function loadMldsa44() {
  return (await import("./mldsa44.js")).verifyMldsa44;
}
