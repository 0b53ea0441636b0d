// Claiming: a key of the person's own for this receipt, made here. Claims add and never exclude.

import { button, field, fold, h } from "../dom.js";
import { fromBase64url, toBase64, toBase64url } from "../verify/bytes.js";
import { deriveClaim, proveClaim } from "../verify/case.js";
import { MalformedError } from "../verify/errors.js";
import { contestKeyOf, shownReceipt } from "./acting.js";
import { keepKeys, makeKeys } from "./keys.js";

// Makes keys, records the claim, keeps the keys on the device; what `ownKeys` will give from now on.
export async function claimFirst(page) {
  const { record, desk } = page;
  const made = await makeKeys();
  const about = { decision: record.id, genesis: record.entry.statement.genesis };
  const proof = await proveClaim(made.key, made.sealKey, about);
  const body = { receipt: shownReceipt(record), key: made.key.did, seal_key: made.sealKey, proof: toBase64(proof) };
  await desk.send(await contestKeyOf(record), "receipt.claim", body);
  const kept = await keepKeys(record.id, made);
  page.sheet = { seed: toBase64url(made.seed), kept };
  record.own = { key: made.key, seal: made.seal, sealKey: made.sealKey };
  return record.own;
}

export function linkOf(record) {
  return `${location.origin}${record.base}/r#${record.id}.${toBase64url(record.secret)}`;
}

export function claimPart(page) {
  const { record, words } = page;
  if (record.own && !page.sheet) return [h("p", { class: "soft screen" }, words.text("claim.yours"))];
  if (page.sheet) return [sheet(page)];
  const press = button(words.text("claim.do"), () => page.busy(press, async () => {
    await claimFirst(page);
    await page.done(words.text("claim.done"));
  }));
  return h("div", { class: "screen" }, h("p", {}, words.text("claim.why")), h("div", { class: "buttons" }, press), record.claimedKeys.length ? restorePart(page) : null);
}

// The key again, from the letters on the sheet: only if it is one that claimed this very receipt.
function restorePart(page) {
  const { record, words } = page;
  const seed = field({ id: "restore", label: words.text("claim.restore_key"), control: h("input", { type: "text", autocomplete: "off", spellcheck: "false", dir: "ltr" }) });
  const press = h("button", {}, words.text("claim.restore_do"));
  const read = async () => {
    try {
      const made = await deriveClaim(fromBase64url(seed.control.value.trim(), 32));
      return record.claimedKeys.includes(made.key.did) ? made : null;
    } catch (error) {
      if (error instanceof MalformedError) return null;
      throw error;
    }
  };
  const restore = async (event) => {
    event.preventDefault();
    const made = await read();
    seed.say(made ? null : words.text("claim.restore_bad"));
    if (made === null) return seed.control.focus();
    await keepKeys(record.id, made);
    record.own = made;
    return page.done(words.text("claim.restored"));
  };
  return fold(words.text("claim.restore"), h("form", { novalidate: true, onsubmit: restore }, seed.element, h("div", { class: "buttons" }, press)));
}

// A picture of a text, once what draws it is loaded.
function code(page, text, label) {
  const place = h("div", {});
  page.attempt(place, async () => {
    const { qrPicture } = await import("../qr/draw.js");
    place.append(qrPicture(text, page.words.text(label)));
  });
  return place;
}

// The backup sheet: the link and the key's seed, as letters and as pictures, for a drawer at home.
function sheet(page) {
  const { record, words, sheet: { seed, kept } } = page;
  return h("section", { class: "sheet", id: "sheet" },
    h("h2", { tabindex: "-1" }, words.text("sheet.title")),
    h("p", {}, words.text(kept ? "sheet.why" : "sheet.not_kept")),
    h("h3", {}, words.text("sheet.link")), code(page, linkOf(record), "sheet.link"), h("p", {}, h("code", {}, linkOf(record))),
    h("h3", {}, words.text("sheet.key")), code(page, seed, "sheet.key"), h("p", {}, h("code", { id: "seed" }, seed)),
    h("p", { class: "note" }, words.text("sheet.note")),
    h("div", { class: "buttons" },
      button(words.text("sheet.print"), () => { document.body.classList.add("print-sheet"); window.print(); document.body.classList.remove("print-sheet"); }),
      button(words.text("sheet.hide"), () => { page.sheet = null; page.home(); })));
}
