// Helpers, grants, erasure, re-issues: what the person can let others do, see, and undo.

import { box, button, field, fold, foreign, h } from "../dom.js";
import { isolated } from "../words.js";
import { sealDataKey, recipientOf } from "../verify/case.js";
import { isDidKey } from "../verify/didkey.js";
import { shownReceipt, voice } from "./acting.js";
import { shortDid } from "./since.js";

const SCOPES = ["contest", "read", "grant", "erase"];
const PURPOSES = ["help", "audit", "research"];
const DAYS = [30, 90, 365];
const DAY_MS = 86_400_000;
const LATE_MS = 2 * DAY_MS;

function isOver(one) {
  return one.endedMs !== undefined || (one.until !== undefined && Date.parse(one.until) <= Date.now());
}

// ---- helpers and grants ----------------------------------------------------------------------------------------

export function sharingPart(page) {
  const { record, words } = page;
  const helpers = [...record.since.helpers.values()];
  const grants = [...record.since.grants.values()];
  return h("section", { class: helpers.length || grants.length ? null : "screen" },
    h("h2", { id: "help" }, words.text("help.title")),
    h("p", {}, words.text("help.why")),
    helpers.length ? h("ul", { class: "items" }, helpers.map((one) => helperItem(page, one))) : null,
    h("div", { class: "screen" }, fold(words.text("help.name"), helperForm(page))),
    grants.length ? [h("h3", {}, words.text("grants.title")), h("ul", { class: "items" }, grants.map((one) => grantItem(page, one)))] : null,
    h("div", { class: "screen" }, fold(words.text("grants.give"), grantForm(page))));
}

function period(page, one) {
  const { words } = page;
  if (one.endedMs !== undefined) return words.text("until.ended", { day: words.day(one.endedMs) });
  if (one.until === undefined) return words.text("until.review");
  return words.text(isOver(one) ? "until.over" : "until.until", { day: words.day(Date.parse(one.until)) });
}

function helperItem(page, helper) {
  const { record, words } = page;
  const press = button(words.text("help.end"), () => page.busy(press, async () => {
    await page.desk.send(await voice(record), "helper.end", { decision: record.id, helper: helper.did });
    await page.done(words.text("help.ended"));
  }));
  return h("li", { "data-helper": helper.did },
    h("p", {}, words.text("help.one", { whom: isolated(shortDid(helper.did)), what: helper.scope.map((one) => words.text(`scope.${one}`)).join(", ") }), " ", period(page, helper)),
    isOver(helper) ? null : [addressPart(page), press]);
}

// What the person sends to who may act or read: it names the decision, and holds no secret.
function addressPart({ record, words }) {
  return h("p", { class: "note screen" }, words.text("help.address"), " ", h("code", {}, `${helperAddress(record)}#${record.id}`));
}

function grantItem(page, grant) {
  const { record, words } = page;
  const press = button(words.text("grants.end"), () => page.busy(press, async () => {
    await page.desk.send(await voice(record), "grant.end", { grant: grant.id });
    await page.done(words.text("grants.ended"));
  }));
  return h("li", { "data-grant": grant.id },
    h("p", {}, words.text("grants.one", { whom: isolated(shortDid(grant.to)), purpose: words.named("purpose", grant.purpose) }), " ", period(page, grant)),
    h("p", { class: "note" }, grant.reads.length ? words.text("grants.read", { n: grant.reads.length, when: grant.reads.map((one) => words.moment(one)).join("; ") }) : words.text("grants.unread")),
    isOver(grant) || grant.contest ? null : [addressPart(page), press]);
}

// The page on which somebody else acts in their own name; what they may do there, the log says.
function helperAddress(record) {
  return `${location.origin}${record.base}/help`;
}

function didField({ record, words }, id) {
  return field({ id, label: words.text("help.key"), hint: words.text("help.key_hint", { address: helperAddress(record) }), control: h("input", { type: "text", autocomplete: "off", spellcheck: "false", dir: "ltr" }) });
}

function daysField(words, id) {
  const control = h("select", {}, DAYS.map((n) => h("option", { value: n }, words.text("days", { n }))));
  return field({ id, label: words.text("help.until"), control });
}

function untilOf(days) {
  return new Date(Date.now() + Number(days.control.value) * DAY_MS).toISOString().replace(/\.\d+Z$/, "Z");
}

function readDid(did, words) {
  const text = did.control.value.trim();
  did.say(isDidKey(text) ? null : words.text("bad.did"));
  if (!isDidKey(text)) did.control.focus();
  return isDidKey(text) ? text : null;
}

function helperForm(page) {
  const { words } = page;
  const did = didField(page, "helper-did");
  const days = daysField(words, "helper-days");
  const boxes = SCOPES.map((one) => h("label", { class: "choice" }, h("input", { type: "checkbox", name: "scope", value: one, checked: one === "contest" }), words.text(`scope.${one}`)));
  const error = h("p", { class: "bad-text", hidden: true });
  const press = h("button", {}, words.text("help.do"));
  return h("form", {
    novalidate: true,
    onsubmit: (event) => {
      event.preventDefault();
      const helper = readDid(did, words);
      const scope = boxes.map((one) => one.firstChild).filter((one) => one.checked).map((one) => one.value);
      error.hidden = scope.length > 0;
      error.textContent = words.text("bad.no_scope");
      if (helper === null || !scope.length) return;
      page.busy(press, async () => {
        await nameHelper(page, helper, scope, untilOf(days));
        await page.done(words.text("help.named"));
      });
    },
  }, did.element, h("fieldset", {}, h("legend", {}, words.text("help.may")), error, boxes), days.element, h("div", { class: "buttons" }, press));
}

// Where the deployer sealed the decision, only the person can wrap its key: then to read is a grant of its own.
async function nameHelper(page, helper, scope, until) {
  const { record } = page;
  const sealed = record.entry.signature !== null;
  const named = sealed ? scope.filter((one) => one !== "read") : scope;
  if (named.length) await page.desk.send(await voice(record), "helper.name", { receipt: shownReceipt(record), helper, scope: named, until });
  if (sealed && scope.includes("read")) await giveGrant(page, helper, "help", until);
}

async function giveGrant(page, to, purpose, until) {
  const { record } = page;
  const about = { decision: record.id, genesis: record.entry.statement.genesis, grant: null };
  const wrapped = record.entry.signature === null ? null : await sealDataKey(record.keys.dek, recipientOf(to), about);
  await page.desk.send(await voice(record), "grant.give", { receipt: shownReceipt(record), to, purpose, until, wrapped });
}

export function grantForm(page) {
  const { words } = page;
  const did = didField(page, "grant-did");
  const days = daysField(words, "grant-days");
  const purpose = field({ id: "grant-purpose", label: words.text("grants.purpose"), control: h("select", {}, PURPOSES.map((one) => h("option", { value: one }, words.named("purpose", one)))) });
  const press = h("button", {}, words.text("grants.do"));
  return h("form", {
    novalidate: true,
    onsubmit: (event) => {
      event.preventDefault();
      const to = readDid(did, words);
      if (to === null) return;
      page.busy(press, async () => {
        await giveGrant(page, to, purpose.control.value, untilOf(days));
        await page.done(words.text("grants.given"));
      });
    },
  }, h("p", {}, words.text("grants.why")), did.element, purpose.element, days.element, h("div", { class: "buttons" }, press));
}

// ---- erasure and re-issue -------------------------------------------------------------------------------------------

export function erasurePart(page) {
  const { record, words } = page;
  const { erasure } = record.since;
  if (erasure?.executedMs !== undefined || typeof record.sealed === "string") return [];
  const act = async (name, body, message) => {
    await page.desk.send(await voice(record), name, body);
    await page.done(words.text(message));
  };
  if (erasure) {
    const undo = button(words.text("erase.undo"), () => page.busy(undo, () => act("erasure.withdraw", { decision: record.id }, "erase.undone")));
    const dueMs = record.view.erasure_due_ms;
    const due = dueMs ? words.text("erase.due", { day: words.day(dueMs) }) : "";
    const late = isLate(record) ? box("bad", h("p", {}, h("strong", {}, words.text("erase.late", { day: words.day(dueMs) })))) : null;
    return [h("h2", { id: "erase" }, words.text("erase.title")), late, holdsPart(record, words),
      h("p", {}, words.text("erase.asked", { day: words.day(erasure.askedMs) }), " ", late ? null : due), h("div", { class: "buttons" }, undo)];
  }
  const ask = button(words.text("erase.do"), () => page.busy(ask, () => act("erasure.ask", { receipt: shownReceipt(record) }, "erase.done")));
  return h("section", { class: "screen" }, h("h2", { id: "erase" }, words.text("erase.title")), holdsPart(record, words),
    fold(words.text("erase.open"), h("p", {}, words.text("erase.why")), h("p", {}, words.text("erase.keeps")), h("div", { class: "buttons" }, ask)));
}

// Due for two daily sweeps, put off by nothing, and not done: what an audit finds too (ledger/governance/cases/lateness.py).
function isLate({ since, view: { erasure_due_ms: dueMs, legal_holds: holds } }) {
  const contests = [...since.contests.values()];
  if (!dueMs || holds?.length || contests.some((one) => one.endedMs === undefined)) return false;
  return Math.max(dueMs, ...contests.map((one) => one.endedMs)) + LATE_MS <= Date.now();
}

// Why the private part is kept, whoever asks: legal holds, which the community set.
function holdsPart({ view, base }, words) {
  return (view.legal_holds ?? []).map((one) => h("div", { class: "box hold" },
    h("p", {}, h("strong", {}, words.text("hold.because")), " ", foreign(one.reason)),
    h("p", {}, words.text("hold.since", { day: words.day(one.since_ms) }), " ",
      h("a", { href: `${base}/proposals/${encodeURIComponent(one.by)}${location.search}` }, words.text("rules.vote")))));
}

// Puts the button that stops a re-issue into its box.
export function reissueButton(page) {
  const { record, words } = page;
  const press = button(words.text("reissue.stop"), () => page.busy(press, async () => {
    await page.desk.send(await voice(record), "reissue.stop", { receipt: shownReceipt(record) });
    await page.done(words.text("reissue.stopped"));
  }));
  return h("div", { class: "buttons" }, press);
}

// ---- the rules it had to follow -----------------------------------------------------------------------------------------

export function rulesPart(page) {
  const { record, words } = page;
  const results = new Map([...record.entry.results, ...(record.fields?.results?.results ?? [])].map((one) => [one.id, one.outcome]));
  if (!record.rules.length) return [h("h2", {}, words.text("rules.title")), h("p", {}, words.text("rules.none"))];
  const items = record.rules.map((rule) => h("li", {},
    h("a", { href: `${record.base}/safeguards/${encodeURIComponent(rule.id)}${location.search}` }, foreign(rule.title ?? rule.id)),
    h("br"), h("span", { class: "soft" }, words.named("result", results.get(rule.id) ?? "unread")), " ",
    /^[A-Za-z0-9_-]{43}$/.test(rule.enacted_by ?? "")
      ? h("a", { href: `${record.base}/proposals/${rule.enacted_by}${location.search}` }, words.text("rules.vote")) : null));
  return [h("h2", {}, words.text("rules.title")), h("ul", { class: "items" }, items)];
}
