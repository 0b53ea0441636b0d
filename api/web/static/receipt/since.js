// What happened since: every later entry in words, where each contest stands, and what needs to be seen first.

import { box, button, h } from "../dom.js";
import { isolated } from "../words.js";

const DAY_MS = 86_400_000;

// Where a contest has come to its end.
export const ENDED = ["upheld", "changed", "withdrawn", "settled", "withdrawn-by-opener"];

// What the later entries say, sorted out: claims, contests, grants, helpers, erasure, re-issues, holds.
export function sortOut(record) {
  const found = { claims: [], contests: new Map(), grants: new Map(), helpers: new Map(), erasure: null, reissues: [], hold: null };
  for (const { entry, about } of record.later) {
    if (entry.kind === "erasure") found.erasure = { ...found.erasure, executedMs: entry.timeMs };
    else if (entry.kind === "reissue") found.reissues.push({ timeMs: entry.timeMs, stopped: false });
    else if (entry.kind === "act") takeAct(found, entry, about);
  }
  record.claimedKeys = found.claims.map((claim) => claim.key);
  record.since = found;
  return found;
}

function takeAct(found, { act, timeMs, id }, about) {
  const { body, actor } = act;
  const contest = found.contests.get(body.contest ?? about);
  const grant = found.grants.get(body.grant ?? about);
  switch (act.act) {
    case "receipt.claim":
      found.claims.push({ key: body.key, timeMs });
      break;
    case "contest.open":
      found.contests.set(id, { id, opener: actor, openedMs: timeMs, status: "open", said: [{ by: actor, timeMs, body }], boxes: body.boxes, sealKey: body.seal_key });
      break;
    case "case.say":
      contest?.said.push({ by: actor, timeMs, body });
      break;
    case "case.share":
      if (contest) contest.boxes = [...contest.boxes, ...body.boxes];
      break;
    case "contest.withdraw":
    case "contest.settle":
      if (contest) Object.assign(contest, { status: act.act === "contest.settle" ? "settled" : "withdrawn-by-opener", endedMs: timeMs });
      break;
    case "review.take":
      if (contest) Object.assign(contest, { status: "taken", reviewer: actor, takenMs: timeMs });
      found.grants.set(id, { id, to: actor, purpose: "review", givenMs: timeMs, reads: [], contest: body.contest });
      break;
    case "review.release":
      if (contest) Object.assign(contest, { status: "open", reviewer: null });
      break;
    case "review.conclude":
      if (contest) Object.assign(contest, { status: body.conclusion, endedMs: timeMs, reasons: body.reasons, corrected: body.corrected?.id ?? null, lookedAt: body.looked_at });
      break;
    case "grant.give":
      found.grants.set(id, { id, to: body.to, purpose: body.purpose, givenMs: timeMs, until: body.until, reads: [] });
      break;
    case "grant.read":
      grant?.reads.push(timeMs);
      break;
    case "grant.end":
      if (grant) grant.endedMs = timeMs;
      break;
    case "helper.name":
      endHelper(found, body.helper, timeMs); // named anew, in the place of the former
      found.helpers.set(body.helper, { did: body.helper, act: id, scope: body.scope, until: body.until, namedMs: timeMs });
      if (body.scope.includes("read")) found.grants.set(id, { id, to: body.helper, purpose: "help", givenMs: timeMs, until: body.until, reads: [] });
      break;
    case "helper.end":
      endHelper(found, body.helper, timeMs);
      break;
    case "erasure.ask":
      found.erasure = { askedMs: timeMs };
      break;
    case "erasure.withdraw":
      found.erasure = null;
      break;
    case "reissue.stop":
      found.reissues.forEach((one) => { one.stopped = true; });
      break;
    case "hold.confirm":
      found.hold = { confirm: body.confirm === true, timeMs };
      break;
    default:
  }
}

// A helper's time ends, and with it the permission to read that came with the naming.
function endHelper(found, did, timeMs) {
  const helper = found.helpers.get(did);
  for (const one of [helper, found.grants.get(helper?.act)]) if (one && one.endedMs === undefined) one.endedMs = timeMs;
}

// Who did it, as the person would say it.
function actorWord(record, words, actor) {
  if (record.own?.key.did === actor) return words.text("who.you");
  if (actor === record.entry.statement.contest_key) return words.text("who.link");
  if (record.claimedKeys.includes(actor)) return words.text("who.claimed");
  if (record.since.helpers.has(actor)) return words.text("who.helper");
  return words.text("who.key", { key: isolated(shortDid(actor)) });
}

// The few letters of a did that a person compares.
export function shortDid(did) {
  return `…${did.slice(-8)}`;
}

function sentenceOf(record, words, { entry }) {
  if (entry.kind === "erasure") return words.text("happened.erasure");
  if (entry.kind === "reissue") return words.text("happened.reissue");
  const { act, body, actor } = entry.act;
  const suffix = { "review.conclude": body.conclusion, "hold.confirm": body.confirm ? "yes" : "no" }[act];
  const key = `happened.${act}${suffix ? `.${suffix}` : ""}`;
  if (!words.has(key)) return words.text("happened.other", { act: isolated(act) });
  return words.text(key, {
    // The claim of a key is signed by the link's, whoever made it: whose key it is says who.
    who: actorWord(record, words, body.key && record.own?.key.did === body.key ? body.key : actor),
    whom: isolated(shortDid(body.to ?? body.helper ?? body.key ?? "")),
    purpose: words.named("purpose", body.purpose ?? "help"),
  });
}

export function happened(record, words) {
  if (!record.later.length) return [];
  const items = record.later.map((one) => h("li", {},
    h("span", { class: "soft" }, words.moment(one.entry.timeMs ?? Date.parse(one.entry.time))), h("br"),
    sentenceOf(record, words, one)));
  return [
    h("h2", {}, words.text("happened.title")),
    record.laterCut ? h("p", {}, words.text("happened.cut")) : null,
    h("ol", { class: "steps" }, items),
  ];
}

// ---- what needs to be seen first ---------------------------------------------------------------------------------

function isHeld(record) {
  const results = [...record.entry.results, ...(record.fields?.results?.results ?? [])];
  return results.some((result) => result.outcome === "hold");
}

// By when no copy can be opened either: backups go by their keys, which live as long as a backup, and a day longer.
function cleanPart(executedMs, words) {
  const days = Number(document.querySelector("meta[name='counterfoil-backup-days']")?.content);
  if (!executedMs || !Number.isSafeInteger(days)) return null;
  const cleanMs = executedMs + (days + 1) * DAY_MS;
  return h("p", {}, words.text(cleanMs > Date.now() ? "erased.copies" : "erased.copies_gone", { day: words.day(cleanMs) }));
}

// Boxes above the story, each a state with its sentence.
export function banners(record, words) {
  const { since } = record;
  const shown = [];
  if (isHeld(record)) {
    const name = since.hold === null ? "held" : since.hold.confirm ? "confirmed" : "turned_down";
    shown.push(box(name === "confirmed" ? "" : "bad", h("p", {}, h("strong", {}, words.text(`held.${name}`)))));
  }
  if (typeof record.sealed === "string" && record.sealed === "erased") {
    const when = since.erasure?.executedMs;
    shown.push(box("", h("p", {}, h("strong", {}, when ? words.text("erased.on", { day: words.day(when) }) : words.text("erased.told"))), cleanPart(when, words)));
  }
  if (since.reissues.some((one) => !one.stopped)) shown.push(h("div", { class: "box", id: "reissue" }, h("p", {}, h("strong", {}, words.text("reissue.asked")))));
  const strangers = since.claims.filter((claim) => claim.key !== record.own?.key.did);
  if (strangers.length) {
    shown.push(h("div", { class: "box", id: "claimed" },
      h("p", {}, h("strong", {}, words.text("claimed.other", { day: words.day(strangers[0].timeMs), n: strangers.length }))),
      h("p", {}, words.text("claimed.means"))));
  }
  return shown;
}

// Where a contest stands, by when, and what its reviewer wrote.
export function contestBox(record, words, contest) {
  const { row } = contest;
  const status = row?.status === "overdue" && !contest.endedMs ? "overdue" : contest.status;
  const due = row?.due ? Date.parse(row.due) : row?.due_ms;
  const kind = status === "overdue" ? "bad" : contest.endedMs ? "good" : "";
  return h("div", { class: `box ${kind}`.trim(), "data-contest": contest.id, "data-status": status },
    h("h2", {}, words.text("contest.title")),
    h("p", {}, h("strong", {}, words.text(`contest.${status}`, { day: words.day(contest.endedMs ?? contest.takenMs ?? contest.openedMs) }))),
    due && !contest.endedMs ? h("p", {}, words.text(status === "overdue" ? "contest.was_due" : "contest.due", { day: words.day(due) })) : null,
    contest.opened?.reasons ? [h("h3", {}, words.text("contest.reasons")), h("blockquote", { class: "words", dir: "auto" }, contest.opened.reasons)] : null,
    contest.lookedAt ? h("p", { class: "note" }, words.text("contest.looked_at", { what: contest.lookedAt.map((one) => words.named("slot", one)).join(", ") })) : null,
    contest.status === "changed" ? correctedPart(record, words, contest) : null);
}

// Another receipt in this tab; its secret never stands in the address bar.
function openFragment(fragment) {
  try {
    sessionStorage.setItem(`counterfoil.link:${location.pathname}`, fragment);
    location.reload();
  } catch (error) {
    location.hash = fragment; // fragment.js takes it from there
  }
}

function correctedPart(record, words, contest) {
  const { corrected } = contest.opened ?? {};
  if (!corrected) return h("p", {}, words.text("corrected.hidden"));
  return [
    h("h3", {}, words.text("corrected.title")),
    h("dl", { class: "facts" },
      h("dt", {}, words.text("corrected.before")), h("dd", {}, corrected.before),
      h("dt", {}, words.text("corrected.after")), h("dd", {}, h("strong", {}, corrected.after))),
    h("div", { class: "buttons" }, button(words.text("corrected.open"), () => openFragment(corrected.fragment))),
  ];
}

