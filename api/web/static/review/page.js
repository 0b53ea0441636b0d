// The reviewers' page: a key, the contests that wait, one case read and concluded. Everything is opened on this
// device; the ledger sees signed acts and bytes that it cannot read.

import { box, button, field, foreign, h, link, saveFile, writtenIn } from "../dom.js";
import { loadWords } from "../words.js";
import { fromBase64 } from "../verify/bytes.js";
import { MalformedError, UnsupportedError, VerificationError } from "../verify/errors.js";
import { Desk } from "../receipt/acting.js";
import { RefusedError, Source, UnreachableError } from "../receipt/source.js";
import { concludeButton, valueList } from "./conclusion.js";
import { Dossier } from "./dossier.js";
import { readIdentity } from "./identity.js";
import { newestCheckpoint, openLog } from "./log.js";

const OPEN = ["overdue", "taken", "open"];
const PAGES_MAX = 50; // pages of contests that are looked through

class ReviewPage {
  constructor(words, place, status) {
    Object.assign(this, { words, place, status });
    this.base = location.pathname.replace(/\/review$/, "");
    this.source = new Source(this.base);
    this.reader = null;
  }

  show(...children) {
    this.place.replaceChildren(...children.flat().filter(Boolean));
    this.place.querySelector("h1, h2")?.focus();
  }

  say(message) {
    this.status.textContent = message;
    this.status.hidden = message === "";
  }

  // ---- the key ---------------------------------------------------------------------------------------------------

  askKey() {
    const { words } = this;
    const file = field({ id: "identity", label: words.text("key.file"), hint: words.text("key.hint"), control: h("input", { type: "file" }) });
    const press = h("button", { class: "strong" }, words.text("key.open"));
    const open = (event) => {
      event.preventDefault();
      const [chosen] = file.control.files;
      file.say(chosen ? null : words.text("bad.no_file"));
      if (!chosen) return undefined;
      return this.busy(press, async () => {
        try {
          this.reader = await readIdentity(new Uint8Array(await chosen.arrayBuffer()));
        } catch (error) {
          if (!(error instanceof MalformedError)) throw error;
          file.say(words.text("bad.identity"));
          press.disabled = false;
          press.textContent = words.text("key.open");
          return;
        }
        await this.list();
      });
    };
    this.say("");
    this.show(h("form", { novalidate: true, onsubmit: open }, file.element, h("div", { class: "buttons" }, press)));
  }

  // ---- the contests that wait --------------------------------------------------------------------------------------

  async list() {
    const { words } = this;
    this.log = await openLog(this.source);
    this.desk = new Desk(this.log, this.source);
    const { member } = await this.source.json(`/v1/actors/${this.reader.key.did}`);
    this.member = member;
    const roles = await this.source.json("/v1/roles");
    const holds = roles.items.some((one) => one.role === "reviewer" && one.member === member && one.in_force);
    const found = await this.contests();
    document.documentElement.dataset.state = "list";
    this.show(
      h("h2", { tabindex: "-1" }, found.length ? words.text("list.title", { n: found.length }) : words.text("list.none")),
      holds ? null : box("bad", h("p", {}, words.text("list.no_reviewer"))),
      h("ul", { class: "items" }, found.map((one) => this.row(one))));
  }

  async contests() {
    const found = [];
    let cursor = "";
    for (let pages = 0; pages < PAGES_MAX && cursor !== null; pages += 1) {
      const { items, next } = await this.source.json(`/v1/contests?limit=100${cursor}`);
      found.push(...items.filter((one) => OPEN.includes(one.status)));
      cursor = next === null ? null : `&cursor=${encodeURIComponent(next)}`;
    }
    return found.sort((a, b) => a.due_ms - b.due_ms);
  }

  row(contest) {
    const { words } = this;
    const mine = contest.reviewer !== null && contest.reviewer === this.member;
    const late = contest.due_ms < Date.now();
    const due = words.text(late ? "list.late" : "list.due", { day: words.day(contest.due_ms) });
    const state = words.text(mine ? "list.mine" : contest.reviewer === null ? "list.free" : "list.taken");
    const can = contest.boxes[this.reader.key.did] !== undefined;
    const press = button(words.text(mine ? "list.open" : "list.take"), () => this.busy(press, async () => {
      if (!mine) await this.desk.send(this.reader.key, "review.take", { contest: contest.id });
      await this.open(contest.id);
    }));
    const free = mine || contest.reviewer === null || late;
    return h("li", { "data-contest": contest.id },
      h("p", {}, foreign(contest.system), " · ", h("span", { class: late ? "bad-text" : null }, due), " · ", state),
      can ? null : h("p", { class: "note" }, words.text("list.no_box")),
      free && can ? h("div", { class: "buttons" }, press) : null);
  }

  // ---- one case ------------------------------------------------------------------------------------------------------

  async open(id) {
    this.log.checkpoint = await newestCheckpoint(this.source, this.log.vkeys, this.log.genesis);
    const contest = await this.source.json(`/v1/contests/${id}`);
    const dossier = new Dossier(this.log, this.source, this.desk, this.reader, contest);
    await dossier.open();
    this.case(dossier);
  }

  case(dossier) {
    const { words } = this;
    const { contest, entry } = dossier;
    const place = h("div", {});
    document.documentElement.dataset.state = "case";
    this.show(
      h("p", {}, button(words.text("case.back"), () => this.busy(null, () => this.list()))),
      h("h2", { tabindex: "-1" }, words.text("case.title", { system: contest.system })),
      h("p", {}, words.text("case.facts", { hour: words.moment(Date.parse(entry.statement.time)), due: words.day(contest.due_ms) }), " ",
        link(words.text("case.public"), `${this.base}/contests/${contest.id}`)),
      h("h3", {}, words.text("case.said")),
      dossier.said.map((one) => this.message(one, contest)),
      this.sayForm(dossier),
      h("h3", {}, words.text("case.fields")),
      this.fields(dossier),
      place);
    place.append(concludeButton(this, place, dossier), this.releasePart(dossier));
  }

  message({ by, atMs, parts, unread }, contest) {
    const { words } = this;
    const who = words.text(by === contest.opener ? (contest.helped ? "case.by_helper" : "case.by_person") : "case.by_reviewer");
    return h("section", { class: "box" }, h("p", { class: "note" }, `${who}, ${words.moment(atMs)}`),
      parts.map((part) => this.part(part)),
      unread ? h("p", { class: "bad-text" }, words.text("case.unread", { n: unread })) : null);
  }

  part({ slot, value }) {
    const { words } = this;
    if (slot === "attachment") {
      // The type is a stranger's word: nothing is opened in this page, only saved.
      const save = () => saveFile(value.name, fromBase64(value.data), "application/octet-stream");
      return h("p", {}, button(words.text("case.save", { name: value.name }), save));
    }
    return h("div", {},
      value.ground === undefined ? null : h("p", {}, h("strong", {}, words.named("ground", value.ground))),
      (value.fields ?? []).map((one) => h("p", {}, foreign(one.field.replaceAll("_", " ")), ": ", foreign(one.text))),
      h("p", { class: "words", dir: "auto" }, value.text));
  }

  sayForm(dossier) {
    const { words } = this;
    const text = field({ id: "say", label: words.text("say.label"), control: h("textarea", { rows: 4 }) });
    const press = h("button", {}, words.text("say.send"));
    const send = (event) => {
      event.preventDefault();
      const written = writtenIn(text, words);
      if (written === null) return undefined;
      return this.busy(press, async () => {
        await dossier.say(written);
        await this.open(dossier.contest.id);
        this.say(words.text("say.done"));
      });
    };
    return h("form", { novalidate: true, onsubmit: send }, text.element, h("div", { class: "buttons" }, press));
  }

  fields(dossier) {
    const { words } = this;
    if (dossier.fields !== null) {
      const shown = Object.entries(dossier.fields).filter(([, value]) => value !== null);
      return h("dl", { class: "facts", id: "fields" }, shown.flatMap(([slot, value]) => [h("dt", {}, words.named("looked", slot)), h("dd", {}, valueList(value))]));
    }
    const press = button(words.text("read.do"), () => this.busy(press, async () => {
      await dossier.read();
      this.case(dossier);
    }));
    return h("section", {}, h("p", {}, words.text("read.why")), h("div", { class: "buttons" }, press));
  }

  releasePart(dossier) {
    const { words } = this;
    const press = button(words.text("release.do"), () => this.busy(press, async () => {
      await this.desk.send(this.reader.key, "review.release", { contest: dossier.contest.id });
      await this.done(words.text("release.done"));
    }));
    return h("div", { class: "buttons" }, press);
  }

  // ---- doing ---------------------------------------------------------------------------------------------------------

  // One press at a time; where it fails, a sentence beside it.
  async busy(press, call) {
    const place = press?.closest("form, section, li, div") ?? this.place;
    const text = press?.textContent;
    if (press) {
      press.disabled = true;
      press.textContent = this.words.text("wait");
    }
    place.querySelector(":scope > .failed")?.remove();
    try {
      await call();
    } catch (error) {
      if (press) {
        press.disabled = false;
        press.textContent = text;
      }
      place.append(this.failed(error));
    }
  }

  failed(error) {
    const { words } = this;
    let key = "failed.other";
    if (error instanceof UnreachableError) key = "failed.unreachable";
    else if (error instanceof VerificationError || error instanceof MalformedError) key = "failed.false";
    else if (error instanceof UnsupportedError) key = "failed.unsupported";
    else if (error instanceof RefusedError) key = "failed.refused";
    else console.error(error);
    const detail = key === "failed.refused" ? h("p", { class: "note", lang: "en" }, error.message) : null;
    return h("div", { class: "failed", role: "alert" }, h("p", { class: "bad-text" }, `✗ ${words.text(key)}`), detail);
  }

  async done(message) {
    await this.list();
    this.say(message);
  }
}

const words = await loadWords("review");
const page = new ReviewPage(words, document.getElementById("review"), document.getElementById("status"));
page.askKey();
document.documentElement.dataset.state = "key";
