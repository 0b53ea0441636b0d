// The keys that this device made for a receipt, kept where scripts cannot read them out (IndexedDB, non-extractable).
// Some browsers empty that place after weeks without a visit: the backup sheet has the seed they came from.

import { deriveClaim, newSecret } from "../verify/case.js";

const NAME = "counterfoil";
const VERSION = 1;
export const STORES = { keys: "keys", receipts: "receipts", locks: "locks" };

let opening = null;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => Object.values(STORES).forEach((store) => request.result.createObjectStore(store));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked by another tab"));
  });
  opening.catch(() => { opening = null; });
  return opening;
}

// Runs `call(store)` in one transaction and gives its request's result once it is kept.
export async function withStore(store, mode, call) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode);
    const request = call(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

// {key, seal, sealKey} that this device holds for a decision; null where it holds none.
export async function ownKeys(decision) {
  try {
    return (await withStore(STORES.keys, "readonly", (store) => store.get(decision))) ?? null;
  } catch (error) {
    return null; // a browser that keeps nothing
  }
}

// {seed, key, seal, sealKey}, fresh; `seed` is for the backup sheet and is kept nowhere.
export async function makeKeys() {
  const seed = newSecret();
  return { seed, ...(await deriveClaim(seed)) };
}

// Whether the keys could be kept on this device.
export async function keepKeys(decision, { key, seal, sealKey }) {
  try {
    await withStore(STORES.keys, "readwrite", (store) => store.put({ key, seal, sealKey }, decision));
    await navigator.storage?.persist?.().catch(() => false);
    return true;
  } catch (error) {
    return false;
  }
}
