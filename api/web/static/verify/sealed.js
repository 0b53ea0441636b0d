// The sealed part of a decision, opened with K and held against the digests on the leaf.
//
//   sealed = nonce (12 bytes) ‖ AES-256-GCM(dek, plaintext, AAD = "counterfoil/v1/sealed" ‖ 0x00 ‖ JCS(statement))
//   plaintext = JSON list of the Disclosures, in slot order

import { concat, utf8 } from "./bytes.js";
import { digestOf, parsePlaintext } from "./disclosure.js";
import { MalformedError, VerificationError } from "./errors.js";
import { aesKey, aesOpen } from "./hpke.js";
import { SEALED_BYTES_MAX } from "./limits.js";

const SEALED_NONCE_BYTES = 12;

// The disclosures of a sealed part, in slot order, by the data key (from K, or from a grant's box); then comes
// `checkDisclosures`. Throws VerificationError.
export async function openSealed(dek, statementJcs, sealed) {
  try {
    if (sealed.length < SEALED_NONCE_BYTES + 16 || sealed.length > SEALED_BYTES_MAX) {
      throw new MalformedError("a sealed part of an impossible length");
    }
    const [nonce, data] = [sealed.subarray(0, SEALED_NONCE_BYTES), sealed.subarray(SEALED_NONCE_BYTES)];
    const aad = concat(utf8("counterfoil/v1/sealed\0"), statementJcs);
    const sentence = "the secret does not open the sealed part under this statement";
    return parsePlaintext(await aesOpen(await aesKey(dek), nonce, data, aad, sentence));
  } catch (error) {
    // It opened under this statement: what it holds is its sealer's lie, not a stranger's bytes.
    if (error instanceof MalformedError) throw new VerificationError(`the sealed part: ${error.message}`);
    throw error;
  }
}

// That each disclosure has the digest that stands on the leaf. Throws VerificationError, naming the first slot
// that has another.
export async function checkDisclosures(statement, disclosures) {
  for (const disclosure of disclosures) {
    if ((await digestOf(disclosure.text)) !== statement.sealed[disclosure.slot]) {
      throw new VerificationError(`the digest of the sealed field '${disclosure.slot}' is not the leaf's`);
    }
  }
}
