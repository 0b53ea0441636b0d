// The form that ends a review: what becomes of the decision, why, and what was looked at.

import { button, field, foreign, h, writtenIn } from "../dom.js";
import { toBase64url } from "../verify/bytes.js";
import { SLOTS } from "../verify/disclosure.js";
import { Desk, shownReceipt } from "../receipt/acting.js";
import { examine } from "../receipt/checking.js";

const CONCLUSIONS = ["upheld", "changed", "withdrawn"];
const AROUND = ["statement", "attachments", "system", "rules", "person", "deployer"];

// `page` has words, source, `busy`, `done` and `show`.
export function conclusionForm(page, dossier) {
  const { words } = page;
  const choices = CONCLUSIONS.map((one) => h("label", { class: "choice" },
    h("input", { type: "radio", name: "conclusion", value: one }), words.text(`conclude.${one}`)));
  const choiceError = h("p", { class: "bad-text", hidden: true });
  const text = field({ id: "reasons", label: words.text("conclude.reasons"), hint: words.text("conclude.reasons_hint"), control: h("textarea", { rows: 8 }) });
  const link = field({ id: "corrected", label: words.text("conclude.link"), hint: words.text("conclude.link_hint"), control: h("input", { type: "text", autocomplete: "off", spellcheck: "false", dir: "ltr" }) });
  link.element.hidden = true;
  const looked = [...AROUND, ...(dossier.fields === null ? [] : SLOTS.filter((slot) => dossier.fields[slot] !== null))];
  const boxes = looked.map((one) => h("label", { class: "choice" }, h("input", { type: "checkbox", name: "looked", value: one }), words.named("looked", one)));
  const lookedError = h("p", { class: "bad-text", hidden: true });
  const press = h("button", { class: "strong" }, words.text("conclude.send"));
  const form = h("form", { class: "task", novalidate: true },
    h("h2", { id: "conclude" }, words.text("conclude.title")),
    h("fieldset", {}, h("legend", {}, words.text("conclude.what")), choiceError, choices),
    link.element, text.element,
    h("fieldset", {}, h("legend", {}, words.text("conclude.looked")), h("p", { class: "hint" }, words.text("conclude.looked_hint")), lookedError, boxes),
    h("p", {}, words.text("conclude.public")),
    h("div", { class: "buttons" }, press));
  form.addEventListener("change", () => { link.element.hidden = form.elements.conclusion.value !== "changed"; });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const told = readForm(form, { text, choiceError, lookedError }, words);
    if (told === null) return undefined;
    return page.busy(press, async () => {
      const corrected = told.conclusion === "changed" ? await readCorrected(page, dossier, link) : null;
      if (told.conclusion === "changed" && corrected === null) {
        press.disabled = false;
        press.textContent = words.text("conclude.send");
        return;
      }
      await dossier.conclude({ ...told, corrected });
      await page.done(words.text("conclude.done"));
    });
  });
  return form;
}

function say(place, message) {
  place.hidden = message === null;
  place.textContent = message ?? "";
}

// {conclusion, text, lookedAt}; null where something is missing, which is then said beside it.
function readForm(form, { text, choiceError, lookedError }, words) {
  const conclusion = form.elements.conclusion.value;
  const lookedAt = [...form.querySelectorAll("[name=looked]:checked")].map((one) => one.value);
  say(choiceError, conclusion ? null : words.text("bad.choose"));
  say(lookedError, lookedAt.length ? null : words.text("bad.looked"));
  const written = writtenIn(text, words);
  return written !== null && conclusion && lookedAt.length ? { conclusion, text: written, lookedAt } : null;
}

// The corrected decision behind a pasted link, verified as its receipt's page would; null where it does not serve.
async function readCorrected(page, dossier, link) {
  const record = await examine(link.control.value.trim().split("#").pop(), page.source);
  const holds = record.state === "holds";
  const same = holds && record.entry.statement.system === dossier.contest.system && record.view.index > dossier.contest.index;
  link.say(same ? null : page.words.text(holds ? "bad.other_decision" : "bad.link"));
  if (!same) {
    link.control.focus();
    return null;
  }
  return { desk: new Desk(record, page.source), shown: shownReceipt(record), id: record.id, secret: toBase64url(record.secret) };
}

// A button that only shows the form, so that reading comes first.
export function concludeButton(page, place, dossier) {
  const press = button(page.words.text("conclude.begin"), () => {
    press.remove();
    place.append(conclusionForm(page, dossier));
    place.querySelector("#conclude").scrollIntoView();
  }, { class: "strong" });
  return h("div", { class: "buttons" }, press);
}

// A value of the decision, in rows: names and what stands under them.
export function valueList(value) {
  if (value === null || typeof value !== "object") return foreign(String(value));
  if (Array.isArray(value)) return h("ul", {}, value.map((one) => h("li", {}, valueList(one))));
  return h("dl", { class: "facts" }, Object.entries(value).flatMap(([name, one]) => [
    h("dt", {}, foreign(name.replaceAll("_", " "))), h("dd", {}, valueList(one)),
  ]));
}
