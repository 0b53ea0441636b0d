// The wallet: the receipts kept on this device, what is new about them, and how more come in.

import { button, field, h, link } from "../dom.js";
import { loadWords } from "../words.js";
import { parseReceipt } from "../verify/receipt.js";
import { parseFragment } from "../verify/secret.js";
import { toBase64url } from "../verify/bytes.js";
import { Source } from "../receipt/source.js";
import { canLock, isLocked, keepReceipt, keptReceipts, lockReceipts, removeLock, removeReceipt, unlockReceipts } from "./keeping.js";

const words = await loadWords("wallet");
const place = document.getElementById("wallet");
const status = document.getElementById("status");
const base = location.pathname.replace(/\/wallet$/, "");
let key = null; // opens the receipts, while the page is open

function say(message) {
  status.textContent = message;
}

async function show() {
  const locked = await isLocked();
  if (locked && key === null) return place.replaceChildren(unlocking());
  const receipts = await keptReceipts(key);
  const list = receipts.length ? h("ul", { class: "items" }, receipts.map(item)) : h("p", {}, words.text("none"));
  const news = button(words.text("news"), () => lookForNews(news, receipts));
  return place.replaceChildren(
    list,
    ...(receipts.length ? [h("p", { class: "hint" }, words.text("news.hint")), h("div", { class: "buttons" }, news)] : []),
    importing(),
    locking(locked),
  );
}

function item(receipt) {
  const open = button(words.text("open"), () => openReceipt(receipt));
  const remove = button(words.text("remove"), async () => {
    if (remove.dataset.sure) {
      await removeReceipt(receipt.id);
      await show();
      say(words.text("removed"));
      return;
    }
    remove.dataset.sure = "yes"; // a second press, on a button that says what it does
    remove.textContent = words.text("remove.sure");
  }, { class: "quiet" });
  return h("li", { "data-receipt": receipt.id },
    h("p", {}, h("strong", { dir: "auto" }, receipt.title ?? words.text("unread")), h("br"),
      h("span", { class: "soft" }, words.text("kept", { day: words.day(receipt.keptMs) }))),
    receipt.fresh ? h("p", { class: "good-text" }, words.text("fresh", { n: receipt.fresh })) : null,
    h("div", { class: "buttons" }, open, remove));
}

// To the page of the receipt, with its secret in this tab only.
function openReceipt({ base: where, fragment }) {
  try {
    sessionStorage.setItem(`counterfoil.link:${where}/r`, fragment);
    location.href = `${where}/r${location.search}`;
  } catch (error) {
    location.href = `${where}/r${location.search}#${fragment}`;
  }
}

// Asks for the public view of each: the server sees that one device asked for these, and the page says so.
async function lookForNews(press, receipts) {
  press.disabled = true;
  let found = 0;
  let failed = 0;
  for (const receipt of receipts) {
    try {
      const { later } = await new Source(receipt.base).json(`/v1/decisions/${receipt.id}`);
      const fresh = receipt.later === null ? 0 : later.length - receipt.later;
      found += Math.max(0, fresh);
      await keepReceipt({ ...receipt, later: later.length, fresh: Math.max(0, fresh) || undefined });
    } catch (error) {
      failed += 1;
    }
  }
  await show();
  say(failed ? words.text("news.failed", { n: failed }) : words.text("news.found", { n: found }));
}

// ---- what comes in ---------------------------------------------------------------------------------------------

function importing() {
  const text = field({ id: "import", label: words.text("import.link"), hint: words.text("import.link_hint"), control: h("input", { type: "text", autocomplete: "off", spellcheck: "false", dir: "ltr" }) });
  const file = field({ id: "import-file", label: words.text("import.file"), hint: words.text("import.file_hint"), control: h("input", { type: "file", accept: ".json,application/json,image/*" }) });
  const form = h("form", { novalidate: true, onsubmit: (event) => { event.preventDefault(); takeIn(text, file); } },
    h("h2", {}, words.text("import.title")), text.element, file.element, h("div", { class: "buttons" }, h("button", {}, words.text("import.do"))));
  return form;
}

async function takeIn(text, file) {
  const [chosen] = file.control.files;
  try {
    const receipt = chosen ? await ofFile(chosen) : ofText(text.control.value);
    await keepReceipt(receipt);
    await show();
    say(words.text("import.done"));
  } catch (error) {
    (chosen ? file : text).say(words.text(words.has(`import.bad.${error.message}`) ? `import.bad.${error.message}` : "import.bad.text"));
  }
}

function ofText(pasted) {
  const written = pasted.trim();
  const [address, fragment = ""] = written.includes("#") ? written.split("#") : ["", written];
  const { id } = parseFragment(fragment);
  if (!address) return { id, base, fragment };
  const where = new URL(address, location.href);
  if (where.origin !== location.origin) throw new Error("elsewhere");
  return { id, base: where.pathname.replace(/\/r$/, ""), fragment };
}

async function ofFile(file) {
  if (file.type.startsWith("image/")) return ofText(await readCode(file));
  const receipt = parseReceipt(new Uint8Array(await file.arrayBuffer()));
  if (receipt.secret === null) throw new Error("no_secret");
  const { genesis } = await new Source(base).json("/v1/keys");
  if (genesis !== receipt.genesis) throw new Error("elsewhere");
  return { id: receipt.id, base, fragment: `${receipt.id}.${toBase64url(receipt.secret)}` };
}

// The text of the code in a picture. The browser's own reader is asked first, where it has one; ours is loaded only now.
async function readCode(file) {
  const picture = await createImageBitmap(file).catch(() => { throw new Error("no_picture"); });
  const text = (await ownReader(picture)) ?? (await ourReader(picture));
  if (text === null) throw new Error("no_code");
  return text;
}

async function ownReader(picture) {
  if (!("BarcodeDetector" in globalThis)) return null;
  try {
    const [found] = await new globalThis.BarcodeDetector({ formats: ["qr_code"] }).detect(picture);
    return found?.rawValue ?? null;
  } catch (error) {
    return null; // there in name only, as on some desks
  }
}

async function ourReader(picture) {
  const { readQr, PIXELS_MAX } = await import("../qr/read.js");
  const scale = Math.min(1, PIXELS_MAX / Math.max(picture.width, picture.height));
  const canvas = h("canvas", { width: Math.max(1, Math.round(picture.width * scale)), height: Math.max(1, Math.round(picture.height * scale)) });
  const pencil = canvas.getContext("2d", { willReadFrequently: true });
  pencil.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return readQr(pencil.getImageData(0, 0, canvas.width, canvas.height));
}

// ---- the lock ----------------------------------------------------------------------------------------------------

function unlocking() {
  const press = button(words.text("lock.unlock"), async () => {
    try {
      key = await unlockReceipts();
    } catch (error) {
      key = null; // cancelled, or another passkey
    }
    if (key === null) return say(words.text("lock.failed"));
    say("");
    return show();
  }, { class: "strong" });
  return h("section", {}, h("p", {}, words.text("lock.locked")), h("div", { class: "buttons" }, press));
}

function locking(locked) {
  if (locked) {
    return h("section", {}, h("h2", {}, words.text("lock.title")), h("p", {}, words.text("lock.is")),
      h("div", { class: "buttons" }, button(words.text("lock.remove"), async () => { await removeLock(key); await show(); say(words.text("lock.removed")); })));
  }
  if (!canLock()) return h("section", {}, h("h2", {}, words.text("lock.title")), h("p", {}, words.text("lock.cannot")));
  const press = button(words.text("lock.do"), async () => {
    try {
      key = await lockReceipts(words.text("title"));
    } catch (error) {
      return say(words.text("lock.failed"));
    }
    await show();
    return say(words.text(key === null ? "lock.cannot" : "lock.done"));
  });
  return h("section", {}, h("h2", {}, words.text("lock.title")), h("p", {}, words.text("lock.open")), h("div", { class: "buttons" }, press));
}

try {
  await show();
  say("");
} catch (error) {
  say(words.text("cannot"));
  place.replaceChildren(h("p", {}, link(words.text("import.elsewhere"), `${base}/r`)));
}
document.documentElement.dataset.state = "ready";
