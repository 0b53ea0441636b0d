// "Check a receipt": a file is dropped, read and checked here. It is sent nowhere.

import { box, button, field, foreign, h } from "../dom.js";
import { MalformedError, UnsupportedError } from "../verify/errors.js";
import { verifyReceipt } from "../verify/receipt.js";
import { listed } from "../receipt/story.js";

const FILE_BYTES_MAX = 2 * 1024 * 1024; // as the verifier's own bound of a receipt file

// Fills `place`; `known` is {genesis, vkeys} of the ledger that serves the page, or null where none does.
export function startChecker(place, words, known) {
  const result = h("div", { id: "result", role: "status" });
  const file = field({ id: "file", label: words.text("choose"), hint: words.text("choose.hint"), control: h("input", { type: "file", accept: ".json,application/json" }) });
  const vkey = field({ id: "vkey", label: words.text("vkey"), hint: words.text("vkey.hint"), control: h("input", { type: "text", autocomplete: "off", spellcheck: "false", dir: "ltr" }) });
  const drop = h("div", { class: "drop" }, h("p", {}, words.text("drop")), file.element);
  const run = async (chosen) => {
    if (!chosen) return;
    if (chosen.size > FILE_BYTES_MAX) return show(result, unusable(words));
    const data = new Uint8Array(await chosen.arrayBuffer());
    await check(result, words, data, vkey.control.value.trim(), known);
  };
  file.control.addEventListener("change", () => run(file.control.files[0]));
  for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); run(event.dataTransfer.files[0]); });
  const again = button(words.text("again"), () => run(file.control.files[0]));
  place.replaceChildren(drop, h("details", {}, h("summary", {}, words.text("whose")), vkey.element, h("div", { class: "buttons" }, again)), result);
}

function show(result, ...children) {
  result.replaceChildren(...children.flat().filter(Boolean));
}

function unusable(words) {
  return box("bad", h("p", {}, h("strong", {}, `✗ ${words.text("unusable")}`)));
}

async function check(result, words, data, vkey, known) {
  try {
    const first = await verifyReceipt(data, vkey ? { vkeys: [vkey] } : {}).catch((error) => {
      // A file without a policy can still be held against the ledger that serves this page.
      if (!(error instanceof MalformedError) || !known || vkey) throw error;
      return verifyReceipt(data, { vkeys: known.vkeys });
    });
    const same = !vkey && known !== null && first.receipt.genesis === known.genesis;
    const verification = same ? await verifyReceipt(data, { vkeys: known.vkeys }) : first;
    show(result, verdict(verification, words, vkey ? "given" : same ? "ledger" : "own"));
  } catch (error) {
    if (error instanceof UnsupportedError) show(result, box("bad", h("p", {}, words.text("unsupported"))));
    else if (error instanceof MalformedError) show(result, unusable(words));
    else throw error;
  }
}

function verdict(verification, words, trust) {
  const { receipt, checks, holds, disclosures } = verification;
  const items = checks.map((one) => h("li", {},
    h("strong", { class: one.holds ? "good-text" : "bad-text" }, `${one.holds ? "✓" : "✗"} ${words.named("check", one.name)}`),
    one.holds ? null : h("code", { lang: "en", dir: "ltr" }, one.sentence)));
  const head = holds ? words.text("holds", { index: words.number(Number(receipt.index)), origin: `\u2068${receipt.origin}\u2069` }) : words.text("broken");
  return [
    box(holds ? "good" : "bad", h("h2", {}, `${holds ? "✓" : "✗"} ${head}`), h("p", {}, words.text(`trust.${trust}`)), holds ? null : h("p", {}, words.text("broken.do"))),
    h("ul", { class: "plain checks" }, items),
    holds && disclosures ? content(disclosures, words) : null,
  ];
}

// What the private part says, field by field; only where every check holds.
function content(disclosures, words) {
  const rows = disclosures.filter((one) => one.value !== null && one.slot !== "results").flatMap((one) => listed(one.value, one.slot));
  return h("section", {}, h("h2", {}, words.text("content")),
    h("dl", { class: "facts" }, rows.flatMap(([name, value]) => [h("dt", {}, foreign(name.replaceAll("_", " "))), h("dd", {}, foreign(value))])));
}
