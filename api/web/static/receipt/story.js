// The record in plain words: the outcome, who decided, why, what would have changed it, what it knew.

import { button, foreign, fold, h } from "../dom.js";
import { isolated } from "../words.js";

const REASONS_SHOWN = 4;
const DAY_MS = 86_400_000;

// An outcome's code as words; one that no catalogue knows shows itself, without its dashes.
export function outcomeWord(words, code) {
  const key = `outcome.code.${String(code).toLowerCase()}`;
  return words.has(key) ? words.text(key) : isolated(String(code).replace(/[-_.]+/g, " "));
}

export function outcomeSentence(words, outcome) {
  return words.text(outcome.favourable ? "outcome.for" : "outcome.against", { outcome: outcomeWord(words, outcome.code) });
}

// A sentence for what holds of a record whose private part is gone: the leaf alone.
export function decidedAt(record) {
  const found = record.fields?.decided_at;
  return Date.parse(typeof found === "string" ? found : record.entry.statement.time);
}

export function who(record, words) {
  const { statement } = record.entry;
  const { human } = record.fields;
  const system = isolated(record.system?.name || statement.system);
  const when = words.day(decidedAt(record));
  const operator = record.system?.operator;
  const by = operator
    ? words.text("who.run_by", { day: when, system, operator: isolated(operator) })
    : words.text("who.program", { day: when, system });
  const looked = [words.text(`automation.${statement.automation}`)];
  if (human && typeof human === "object") {
    if (human.override) looked.push(words.text("human.override"));
    else if (human.involved) looked.push(words.text("human.involved"));
    else if (statement.automation !== "full") looked.push(words.text("human.none"));
    if (human.could_override && !human.override) looked.push(words.text("human.could"));
  }
  return h("p", { class: "lead" }, `${by} ${looked.join(" ")}`);
}

// ---- why ----------------------------------------------------------------------------------------------------

function ranked(reasons) {
  return [...reasons].sort((one, other) => (one.rank ?? Infinity) - (other.rank ?? Infinity) || 0);
}

function reasonItem(reason, words, expected) {
  const text = foreign(reason.text ?? reason.factor ?? reason.code ?? "");
  // Said only where it is not what everybody expects: a reason that helped, among those for a no.
  const known = reason.direction !== expected && words.has(`direction.${reason.direction}`);
  const way = known ? words.text(`direction.${reason.direction}`) : null;
  return h("li", {}, text, way ? h("span", { class: "soft" }, ` (${way})`) : null);
}

export function why(record, words) {
  const reasons = ranked(Array.isArray(record.fields.reasons) ? record.fields.reasons : []);
  const score = scoreSentence(record, words);
  if (!reasons.length && !score) return [h("h2", {}, words.text("why.title")), h("p", {}, words.text("why.none"))];
  const expected = record.fields.outcome?.favourable ? "for" : "against";
  const items = reasons.map((reason) => reasonItem(reason, words, expected));
  const rest = items.slice(REASONS_SHOWN);
  return [
    h("h2", {}, words.text("why.title")),
    items.length ? h("ol", {}, items.slice(0, REASONS_SHOWN)) : null,
    rest.length ? fold(words.text("why.more", { n: rest.length }), h("ol", { start: REASONS_SHOWN + 1 }, rest)) : null,
    score ? h("p", {}, score) : null,
  ];
}

function scoreSentence({ fields: { score, threshold } }, words) {
  if (typeof score !== "string") return null;
  return typeof threshold === "string"
    ? words.text("score.of", { score: isolated(score), threshold: isolated(threshold) })
    : words.text("score.alone", { score: isolated(score) });
}

export function whatIf(record, words) {
  const found = Array.isArray(record.fields.counterfactuals) ? record.fields.counterfactuals : [];
  if (!found.length) return [];
  const items = found.map((one) => h("li", {}, words.text(one.from === undefined ? "whatif.to" : "whatif.from_to", {
    factor: isolated(one.factor ?? ""),
    from: isolated(one.from ?? ""),
    to: isolated(one.to ?? ""),
    outcome: outcomeWord(words, one.outcome ?? ""),
  })));
  return [h("h2", {}, words.text("whatif.title")), h("ul", {}, items)];
}

// ---- what it knew ---------------------------------------------------------------------------------------------

// [path, text] of every value inside JSON of any shape, as a person would list it.
export function listed(value, path = "") {
  if (Array.isArray(value) && value.every((item) => item === null || typeof item !== "object")) {
    return [[path, value.map(String).join(", ")]];
  }
  if (value !== null && typeof value === "object" && !("text" in value && value.constructor?.name === "Decimal")) {
    return Object.entries(value).flatMap(([name, item]) => listed(item, path ? `${path} › ${name}` : name));
  }
  return value === null || value === undefined ? [] : [[path, String(value)]];
}

function plainName(path) {
  return path.replaceAll("_", " ");
}

// `wrong(ground, field)` opens the form with what the person pressed.
export function knew(record, words, wrong) {
  const { subject, inputs, protected: groups } = record.fields;
  const row = (path, value, ground, label) => h("li", {},
    h("span", { class: "pair" }, h("span", { class: "soft" }, foreign(plainName(path))), " ", foreign(value, "strong")),
    wrong ? button(label, () => wrong(ground, path), { class: "quiet screen", "aria-label": `${label}: ${path}` }) : null);
  const known = inputs === null || inputs === undefined ? [] : typeof inputs === "object" ? listed(inputs) : [[words.text("knew.value"), String(inputs)]];
  const rows = [
    ...(subject?.ref ? [row(words.text("knew.reference"), subject.ref, "not-me", words.text("knew.not_me"))] : []),
    ...known.map(([path, value]) => row(path, value, "inputs", words.text("knew.wrong"))),
  ];
  const about = listed(groups ?? {}).filter(([path]) => path !== "source");
  const source = typeof groups?.source === "string" ? words.named("knew.source", groups.source) : null;
  return [
    h("h2", {}, words.text("knew.title")),
    rows.length ? h("ul", { class: "items known" }, rows) : null,
    known.length ? null : h("p", {}, words.text("knew.no_inputs")),
    about.length ? h("h3", {}, words.text("knew.groups")) : null,
    about.length ? h("p", { class: "hint" }, words.text("knew.groups_why"), source ? ` ${words.text("knew.groups_from", { source })}` : "") : null,
    about.length ? h("ul", { class: "items known" }, about.map(([path, value]) => row(path, value, "inputs", words.text("knew.wrong")))) : null,
  ];
}

// ---- by when ---------------------------------------------------------------------------------------------------

// The last day of the deployer's own recourse; null where none was named.
export function recourseUntil(record) {
  const days = record.fields.recourse?.deadline_days;
  return Number.isSafeInteger(days) ? decidedAt(record) + days * DAY_MS : null;
}

export function recourse(record, words) {
  const { how, authority } = record.fields.recourse ?? {};
  const until = recourseUntil(record);
  return [
    how ? h("p", {}, words.text("recourse.how"), " ", foreign(how)) : null,
    authority ? h("p", {}, words.text("recourse.authority", { authority: isolated(authority) })) : null,
    until !== null && until < Date.now() ? h("p", {}, words.text("recourse.over", { day: words.day(until) })) : null,
  ];
}

// ---- everything else ----------------------------------------------------------------------------------------------

export function others(record, words) {
  const { footprint, legal_basis: basis, extension } = record.fields;
  const { statement } = record.entry;
  const facts = [
    [words.text("other.id"), record.id],
    [words.text("other.index"), words.number(record.view.index)],
    [words.text("other.system"), statement.system],
    [words.text("other.version"), statement.version],
    [words.text("other.basis"), basis],
    ...listed({ footprint, extension }),
  ].filter(([, value]) => value !== null && value !== undefined);
  const rows = facts.flatMap(([name, value]) => [h("dt", {}, foreign(plainName(name))), h("dd", {}, foreign(value))]);
  return fold(words.text("other.title"), h("dl", { class: "facts" }, rows));
}
