// The page of a ledger: files are held against this ledger's own keys, if they are its own.

import { loadWords } from "../words.js";
import { startChecker } from "./checker.js";

const words = await loadWords("check");

async function ledgerKeys() {
  try {
    const answer = await fetch("v1/keys", { credentials: "omit" });
    return answer.ok ? await answer.json() : null;
  } catch (error) {
    return null; // then a file's own policy is all there is, and the page says so
  }
}

startChecker(document.getElementById("check"), words, await ledgerKeys());
document.documentElement.dataset.state = "ready";
