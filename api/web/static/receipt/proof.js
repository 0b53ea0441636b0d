// The five checks, folded under one sentence; or, if one does not hold, that sentence first, in red and in words.

import { box, button, fold, h } from "../dom.js";
import { toHex } from "../verify/bytes.js";
import { CHECKS, fiveChecks } from "./checking.js";

// What a failed check means, the worst first: one of them heads the page.
const WORST = ["sealed", "id", "subject-tag", "contest-key", "founding", "checkpoint", "genesis", "signature", "leaf", "inclusion", "policy", "consistency", "older", "rules", "later"];

export function worst(record) {
  const names = record.troubles.map((trouble) => trouble.name);
  return WORST.find((name) => names.includes(name)) ?? names[0];
}

function checkItem({ name, holds, told }, record, words) {
  const sign = holds ? "✓" : "✗";
  const values = valuesOf(record, words);
  return h("li", { class: holds ? "good-check" : "bad-check" },
    h("strong", { class: holds ? "good-text" : "bad-text" }, `${sign} ${words.text(`check.${name}`)}`), " ",
    h("span", { class: "soft" }, words.text(`check.${name}.${holds ? meaning(name, record) : "broken"}`, values)),
    told.map((one) => h("code", { class: "note", lang: "en", dir: "ltr" }, `${one.name}: ${one.sentence}`)));
}

function meaning(name, record) {
  if (name === "history") return record.seen ? "means" : "first";
  if (name === "log") return record.witnesses?.length ? "witnessed" : "means";
  if (name === "content" && typeof record.sealed === "string") return "erased";
  return "means";
}

function valuesOf(record, words) {
  const { checkpoint, entry, published, rules, seen, view, witnesses } = record;
  return {
    index: words.number(view.index),
    size: checkpoint ? words.number(Number(checkpoint.size)) : "?",
    origin: published.origin,
    n: witnesses?.length ? witnesses.length : (rules?.length ?? 0),
    witnesses: (witnesses ?? []).join(", "),
    day: seen ? words.moment(seen.atMs) : "",
    hour: words.moment(Date.parse(entry.statement.time)),
  };
}

// The last part of the page: what was checked, and how to check it elsewhere.
export function proofPart(record, words, save) {
  const checks = fiveChecks(record);
  const before = record.recordedBefore ? words.moment(record.recordedBefore) : null;
  const sentence = before ? words.text("proof.before", { time: before }) : words.text("proof.unchanged");
  const root = record.checkpoint ? toHex(record.checkpoint.root) : "";
  return h("details", { class: "box good proof", id: "proof" },
    h("summary", {}, `✓ ${sentence}`),
    record.witnesses?.length ? null : h("p", {}, words.text("proof.not_witnessed")),
    h("ul", { class: "plain checks" }, checks.map((check) => checkItem(check, record, words))),
    h("h3", {}, words.text("proof.elsewhere")),
    h("p", {}, words.text("proof.elsewhere_how")),
    h("div", { class: "buttons" }, button(words.text("do.save"), save)),
    h("p", {}, h("code", {}, `counterfoil verify ${record.id}.counterfoil.json --vkey '${record.vkeys[0] ?? ""}'`)),
    h("p", { class: "note" }, words.text("proof.root"), " ", h("code", {}, root)),
    h("p", { class: "note" }, words.text("proof.limits")));
}

// The first part of the page when a check failed: what is wrong, and what to do. No word of the decision.
export function alarm(record, words, save) {
  const name = worst(record);
  const broken = fiveChecks(record);
  return box("bad",
    h("h1", { tabindex: "-1" }, h("span", { "aria-hidden": "true" }, "✗ "), words.text("trouble.title")),
    h("p", { class: "lead" }, words.text(words.has(`trouble.${name}`) ? `trouble.${name}` : "trouble.other")),
    h("h2", {}, words.text("trouble.do")),
    h("ul", {}, ["keep", "nothing", "show"].map((one) => h("li", {}, words.text(`trouble.do.${one}`)))),
    h("div", { class: "buttons" }, button(words.text("trouble.save"), save)),
    fold(words.text("trouble.checks", { n: broken.filter((one) => !one.holds).length, all: CHECKS.length }),
      h("ul", { class: "plain checks" }, broken.map((check) => checkItem(check, record, words)))));
}
