// Receipts kept on this device, in IndexedDB. With a lock each is sealed to a key that only a passkey brings back:
//
//   secret = HKDF(the passkey's PRF of a random salt, "counterfoil/v1/wallet")       an X25519 key
//   kept   = HPKE box of the JSON to its public half
//
// So a receipt can be put in without unlocking, and nothing that says what it is about lies open.

import { fromUtf8, utf8 } from "../verify/bytes.js";
import { hkdf } from "../verify/hkdf.js";
import { agreementKeyOfSecret, hpkeOpen, hpkeSeal } from "../verify/hpke.js";
import { STORES, withStore } from "../receipt/keys.js";

const LOCK = "lock";
const INFO = utf8("counterfoil/v1/wallet\0");

async function lockOf() {
  return (await withStore(STORES.locks, "readonly", (store) => store.get(LOCK))) ?? null;
}

export async function isLocked() {
  return (await lockOf()) !== null;
}

// Keeps {id, base, fragment, title, keptMs, later}; one of the same id is replaced.
export async function keepReceipt(receipt) {
  const lock = await lockOf();
  const value = { keptMs: Date.now(), later: null, ...receipt };
  const kept = lock === null ? value : { box: await hpkeSeal(utf8(JSON.stringify(value)), lock.publicKey, INFO) };
  await withStore(STORES.receipts, "readwrite", (store) => store.put(kept, receipt.id));
  await navigator.storage?.persist?.().catch(() => false);
}

export async function removeReceipt(id) {
  await withStore(STORES.receipts, "readwrite", (store) => store.delete(id));
  await withStore(STORES.keys, "readwrite", (store) => store.delete(id));
}

// All receipts, the newest first; `key` opens them where they are locked.
export async function keptReceipts(key = null) {
  const all = await withStore(STORES.receipts, "readonly", (store) => store.getAll());
  const opened = await Promise.all(all.map(async (one) => (one.box ? JSON.parse(fromUtf8(await hpkeOpen(one.box, key, INFO))) : one)));
  return opened.sort((one, other) => other.keptMs - one.keptMs);
}

// ---- the lock ------------------------------------------------------------------------------------------------

// Whether this browser has passkeys at all; whether they can lock shows when one is made.
export function canLock() {
  return typeof PublicKeyCredential === "function";
}

function random(bytes) {
  return crypto.getRandomValues(new Uint8Array(bytes));
}

async function askPasskey(credentialId, salt) {
  const credential = await navigator.credentials.get({
    publicKey: {
      challenge: random(32),
      allowCredentials: [{ type: "public-key", id: credentialId }],
      userVerification: "required",
      extensions: { prf: { eval: { first: salt } } },
    },
  });
  return credential.getClientExtensionResults().prf?.results?.first ?? null;
}

async function keyOf(secret) {
  return agreementKeyOfSecret(await hkdf(new Uint8Array(secret), "counterfoil/v1/wallet"));
}

// Makes a passkey and seals all receipts to it: the key that opens them; null where the passkey cannot.
export async function lockReceipts(name) {
  const salt = random(32);
  const credential = await navigator.credentials.create({
    publicKey: {
      challenge: random(32),
      rp: { name: location.hostname },
      user: { id: random(16), name, displayName: name },
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: "public-key", alg })),
      authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
      extensions: { prf: { eval: { first: salt } } },
    },
  });
  const { prf } = credential.getClientExtensionResults();
  if (!prf?.enabled) return null;
  const secret = prf.results?.first ?? (await askPasskey(credential.rawId, salt));
  if (!secret) return null;
  const key = await keyOf(secret);
  const open = await keptReceipts();
  await withStore(STORES.locks, "readwrite", (store) => store.put({ credentialId: credential.rawId, salt, publicKey: key.publicKey }, LOCK));
  for (const receipt of open) await keepReceipt(receipt);
  return key;
}

// The key that opens the receipts, by the passkey; null where the passkey did not give it.
export async function unlockReceipts() {
  const { credentialId, salt } = await lockOf();
  const secret = await askPasskey(credentialId, salt);
  return secret ? keyOf(secret) : null;
}

// Keeps all receipts open again, and forgets the passkey.
export async function removeLock(key) {
  const open = await keptReceipts(key);
  await withStore(STORES.locks, "readwrite", (store) => store.delete(LOCK));
  for (const receipt of open) await keepReceipt(receipt);
}
